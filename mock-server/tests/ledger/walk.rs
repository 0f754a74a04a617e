//! A walk over an org that leaves secrets in every place that there is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_server::{MockOrg, OrgDocument};
use serde_json::{Value, json};

use crate::wire::{Answer, json as send_json, send};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const TOKEN: &str = "00walkSuperAdminToken00000000000000000000A";
const CLIENT_SECRET: &str = "walk-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK";
const PASSWORD: &str = "Walk-password-1";

const ORG: &str = r#"
name = "walk"
[[users]]
profile = { login = "ada@walk.example", firstName = "Ada", lastName = "Walk", email = "ada@walk.example" }
password = "Walk-password-1"
admin_roles = ["SUPER_ADMIN"]
[[apps]]
name = "web"
label = "Web"
client_id = "0oawalkweb000000001d7"
kind = "web"
secrets = ["walk-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK"]
redirect_uris = ["http://localhost:8090/callback"]
grants = ["okta.users.read.self"]
refresh_token = { rotation_type = "STATIC" }
[[apps]]
name = "posting"
label = "Posting"
client_id = "0oawalkpost00000001d7"
kind = "web"
auth_method = "client_secret_post"
secrets = ["walk-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK"]
redirect_uris = ["http://localhost:8090/callback"]
[[apps]]
name = "service"
label = "Service"
client_id = "0oawalksvc000000001d7"
keys = [{ kid = "k", pem_file = "fixture:client-rsa" }]
grants = ["okta.users.read"]
[[api_tokens]]
name = "all"
owner = "ada@walk.example"
token = "00walkSuperAdminToken00000000000000000000A"
"#;

pub(crate) async fn org() -> MockOrg {
    let document = OrgDocument::from_toml(ORG).unwrap();
    MockOrg::builder().org(document).rate_limits("off").start().await.unwrap()
}

/// Walks with secrets of the walker's own; gives all secrets that were sent or received.
pub(crate) async fn walk(org: &MockOrg, own: &[String; 4]) -> Vec<String> {
    let [password, answer, state, hook] = own;
    let mut secrets: Vec<String> = own.to_vec();
    secrets.extend([TOKEN, CLIENT_SECRET, PASSWORD].map(str::to_owned));
    let base = org.base_url();
    let ssws = format!("SSWS {TOKEN}");
    let api = [("Authorization", ssws.as_str()), JSON];
    let url = |path: &str| format!("{base}{path}");
    let mut learn = |answer: &Answer, members: &[&str]| {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        for member in members {
            let value = body.pointer(member).and_then(Value::as_str);
            let value = value.unwrap_or_else(|| panic!("{member}: {answer:?}"));
            secrets.push(value.to_owned());
        }
        body
    };

    // Sign-in, a code, tokens.
    let body = json!({ "username": "ada@walk.example", "password": PASSWORD }).to_string();
    let signed_in = send_json("POST", &url("/api/v1/authn"), &body).await;
    let session = learn(&signed_in, &["/sessionToken"])["sessionToken"].as_str().unwrap().to_owned();
    let redirect = "redirect_uri=http%3A%2F%2Flocalhost%3A8090%2Fcallback";
    let query = format!(
        "client_id=0oawalkweb000000001d7&response_type=code&scope=openid+offline_access&state=s&{redirect}&sessionToken={session}"
    );
    let landed = send("GET", &url(&format!("/oauth2/v1/authorize?{query}")), &[], "").await;
    let location = landed.header("location").unwrap_or_else(|| panic!("{landed:?}")).to_owned();
    let code = location.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
    let cookie = landed.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let basic = format!("Basic {}", STANDARD.encode(format!("0oawalkweb000000001d7:{CLIENT_SECRET}")));
    let redeem = format!("grant_type=authorization_code&code={code}&{redirect}");
    let token = send("POST", &url("/oauth2/v1/token"), &[FORM, ("Authorization", &basic)], &redeem).await;
    let tokens = learn(&token, &["/access_token", "/id_token", "/refresh_token"]);
    let (access, refresh) =
        (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let again = format!("grant_type=refresh_token&refresh_token={refresh}");
    let refreshed = send("POST", &url("/oauth2/v1/token"), &[FORM, ("Authorization", &basic)], &again).await;
    learn(&refreshed, &["/access_token"]);
    let bearer = format!("Bearer {access}");
    send("GET", &url("/oauth2/v1/userinfo"), &[("Authorization", &bearer)], "").await;
    send("GET", &url("/oauth2/v1/userinfo"), &[("Authorization", &bearer.to_lowercase())], "").await;
    let asked = format!("token={access}&client_id=0oawalkpost00000001d7&client_secret={CLIENT_SECRET}");
    send("POST", &url("/oauth2/v1/introspect"), &[FORM], &asked).await;
    send("POST", &url("/oauth2/v1/revoke"), &[FORM], &asked).await;
    let hint = tokens["id_token"].as_str().unwrap();
    send("GET", &url(&format!("/oauth2/v1/logout?id_token_hint={hint}")), &[("Cookie", &cookie)], "").await;

    // The mode that travels in a page.
    let session = learn(&send_json("POST", &url("/api/v1/authn"), &body).await, &["/sessionToken"]);
    let session = session["sessionToken"].as_str().unwrap();
    let query = format!(
        "client_id=0oawalkweb000000001d7&response_type=code&response_mode=form_post&scope=openid&state={state}&{redirect}&sessionToken={session}"
    );
    let page = send("GET", &url(&format!("/oauth2/v1/authorize?{query}")), &[], "").await;
    let code_in_page = page.body.split_once("name=\"code\" value=\"").unwrap().1;
    let code_in_page = code_in_page.split('"').next().unwrap().to_owned();

    // Sessions.
    let session = learn(&send_json("POST", &url("/api/v1/authn"), &body).await, &["/sessionToken"]);
    let body = json!({ "sessionToken": session["sessionToken"] }).to_string();
    let made = send("POST", &url("/api/v1/sessions"), &api, &body).await;
    let id = learn(&made, &["/id"])["id"].as_str().unwrap().to_owned();
    send("GET", &url(&format!("/api/v1/sessions/{id}")), &api, "").await;

    // People, their passwords and factors.
    let person = json!({
        "profile": { "login": "new@walk.example", "email": "new@walk.example", "firstName": "N", "lastName": "W" },
        "credentials": { "password": { "value": password },
                         "recovery_question": { "question": "Which?", "answer": answer } },
    });
    let made = send("POST", &url("/api/v1/users?activate=true"), &api, &person.to_string()).await;
    assert_eq!(made.status, 200, "{made:?}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let user = |path: &str| url(&format!("/api/v1/users/{id}/{path}"));
    let body =
        json!({ "oldPassword": { "value": password }, "newPassword": { "value": format!("{password}-2") } });
    send("POST", &user("credentials/change_password"), &api, &body.to_string()).await;
    let factor = json!({ "factorType": "token:software:totp", "provider": "OKTA" }).to_string();
    let enrolled = send("POST", &user("factors"), &api, &factor).await;
    learn(&enrolled, &["/_embedded/activation/sharedSecret"]);
    let forgot = send("POST", &user("lifecycle/reset_password?sendEmail=false"), &api, "").await;
    let link = learn(&forgot, &[])["resetPasswordUrl"].as_str().unwrap().to_owned();
    let recovery = link.rsplit('/').next().unwrap().to_owned();
    send("GET", &link, &[], "").await;

    // Secrets and keys of apps and hooks.
    let app = "0oawalksvc000000001d7";
    let made = send("POST", &url(&format!("/api/v1/apps/{app}/credentials/secrets")), &api, "{}").await;
    if made.status == 201 {
        learn(&made, &["/client_secret"]);
    }
    let event_hook = json!({ "name": "h", "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create"] },
        "channel": { "type": "HTTP", "version": "1.0.0", "config": { "uri": "https://hook.example/",
        "headers": [{ "key": "X-Key", "value": hook }],
        "authScheme": { "type": "HEADER", "key": "authorization", "value": hook } } } });
    send("POST", &url("/api/v1/eventHooks"), &api, &event_hook.to_string()).await;

    // What a clumsy client does.
    send("GET", &url(&format!("/api/v1/users?access_token={access}&client_secret={CLIENT_SECRET}")), &[], "")
        .await;
    send(
        "POST",
        &url("/oauth2/v1/token"),
        &[JSON],
        &json!({ "client_secret": CLIENT_SECRET, "code": code }).to_string(),
    )
    .await;
    send("GET", &url("/api/v1/users"), &[("Authorization", &format!("Bearer{access}"))], "").await;
    send("GET", &url("/oauth2/v1/keys"), &[("Referer", &location), ("X-Api-Token", TOKEN)], "").await;
    send("POST", &url("/oauth2/v1/token"), &[FORM], &format!("password={}", "x".repeat(20_000))).await;

    let cookie = cookie.split_once('=').unwrap().1.to_owned();
    let basic = basic.split_once(' ').unwrap().1.to_owned();
    secrets.extend([code, code_in_page, cookie, basic, recovery, "x".repeat(64)]);
    // `state` is the app's own and stays readable; what was made of the password is one as well.
    secrets.retain(|secret| secret != state);
    secrets
}
