//! A device without a browser: `/oauth2/v1/device/authorize` and the page `/activate` (token-facts §12
//! device.authorize.*).

use mock_server::oauth::store::device_codes::{Answer as Asked, ask};
use serde_json::{Value, json};

use crate::client::{Answer, BASE, Client};

const TV: &str = "0oatv000000000000001";

fn org() -> Client {
    Client::of(include_str!("devices.toml"))
}

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn authorize(org: &Client, path: &str, body: &str) -> Answer {
    org.send("POST", path, &[FORM], body)
}

fn code(org: &Client, scope: &str) -> Value {
    let answer = authorize(org, "/oauth2/v1/device/authorize", &format!("client_id={TV}&scope={scope}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn activate(org: &Client, cookie: &str, body: &str) -> Answer {
    org.send("POST", "/activate", &[FORM, ("Cookie", cookie)], body)
}

fn now(org: &Client) -> i64 {
    org.org.clock().now().as_second()
}

/// Key order as recorded.
#[test]
fn a_device_gets_a_code() {
    let org = org();
    let answer = code(&org, "openid+okta.users.read+okta.groups.read");
    let (device, user) = (answer["device_code"].as_str().unwrap(), answer["user_code"].as_str().unwrap());
    assert_eq!((device.len(), user.len()), (36, 8));
    let expected = json!({
        "device_code": device,
        "user_code": user,
        "verification_uri": format!("{BASE}/activate"),
        "verification_uri_complete": format!("{BASE}/activate?user_code={user}"),
        "expires_in": 600,
        "interval": 5,
    });
    assert_eq!(answer.to_string(), expected.to_string());
}

#[test]
fn what_a_device_cannot_have() {
    let org = org();
    let client = |rest: &str| format!("client_id={TV}{rest}");
    for (body, status, error, description) in [
        (client(""), 400, "invalid_scope", "No scopes were requested."),
        (client("&scope=email"), 400, "invalid_scope", OPENID),
        (client("&scope=openid+okta.nothing"), 400, "invalid_scope", UNKNOWN),
        (client("&scope=okta.groups.read"), 400, "consent_required", NONE_GRANTED),
        ("scope=openid".to_owned(), 401, "invalid_client", "No client credentials found."),
        (
            "client_id=0oaweb00000000000001&client_secret=web-secret-0123456789abcdefghijklmnopqrstuvwxyz&scope=openid"
                .to_owned(),
            400,
            "unauthorized_client",
            "The client is not authorized to use the provided grant type. Configured grant types: [authorization_code, refresh_token].",
        ),
    ] {
        let answer = authorize(&org, "/oauth2/v1/device/authorize", &body);
        let expected = json!({ "error": error, "error_description": description }).to_string();
        assert_eq!((answer.status, answer.text()), (status, expected.as_str()), "{body}");
    }
    let unknown = authorize(&org, "/oauth2/v1/device/authorize", "client_id=0oanothing&scope=openid");
    assert_eq!(unknown.json()["errorCode"], "invalid_client");
    let elsewhere = authorize(&org, "/oauth2/aus1/v1/device/authorize", &client("&scope=openid+items.read"));
    assert_eq!(elsewhere.status, 200, "{}", elsewhere.text());
    let policy = authorize(&org, "/oauth2/aus2/v1/device/authorize", &client("&scope=openid"));
    assert_eq!(policy.json()["error"], "access_denied");
}

/// By the dialect: how many is documented nowhere.
#[test]
fn an_app_has_so_many_codes_at_a_time() {
    let ask =
        |org: &Client| authorize(org, "/oauth2/v1/device/authorize", &format!("client_id={TV}&scope=openid"));
    let few = Client::of(&format!("dialect = {{ user_codes = \"5\" }}\n{}", include_str!("devices.toml")));
    let codes: Vec<Value> = (0..5).map(|_| ask(&few).json()).collect();
    let told = r#"{"error":"too_many_user_codes","error_description":"Too many user codes generated. Please try again later."}"#;
    let answer = ask(&few);
    assert_eq!((answer.status, answer.text()), (429, told));
    // A code that its user has decided on waits no more.
    let user = codes[0]["user_code"].as_str().unwrap();
    let body = format!("user_code={user}&username=ada@example.com&password=ada-password&decision=deny");
    assert_eq!(activate(&few, "", &body).status, 200);
    assert_eq!(ask(&few).status, 200);
    assert_eq!(ask(&few).status, 429);
    let many = org();
    assert!((0..6).all(|_| ask(&many).status == 200));
}

const OPENID: &str = "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.";
const UNKNOWN: &str = "One or more scopes are not configured for the authorization server resource.";
const NONE_GRANTED: &str = "You are not allowed any of the requested scopes.";

#[test]
fn a_user_allows_a_device_in_one_post() {
    let org = org();
    let code = code(&org, "openid+okta.users.read+okta.groups.read");
    let (device, user) = (code["device_code"].as_str().unwrap(), code["user_code"].as_str().unwrap());
    assert_eq!(ask(&org.org, now(&org), TV, None, device), Asked::Pending);
    let typed = format!("{}-{}", &user[..4].to_lowercase(), &user[4..]);
    let body = format!("user_code={typed}&username=ada@example.com&password=ada-password&decision=allow");
    let done = activate(&org, "", &body);
    assert_eq!(done.status, 200);
    assert!(done.text().contains("<h1>Device activated</h1>"), "{}", done.text());
    let Asked::Approved(code, approval) = ask(&org.org, now(&org), TV, None, device) else { panic!() };
    let scopes: Vec<_> = code.scopes.iter().map(|scope| &**scope).collect();
    assert_eq!(scopes, ["openid", "okta.users.read"], "what is not granted to the app is left out");
    let ada = org.org.state().all("users").by_alias("ada@example.com").unwrap().id.clone();
    assert_eq!((approval.user_id, approval.amr), (ada, vec!["pwd".to_owned()]));
    assert_eq!(ask(&org.org, now(&org), TV, None, device), Asked::Unknown, "a code is good for once");
    assert!(activate(&org, "", &body).text().contains("Invalid code. Try again."));
}

/// The whole flow over the wire, with the recorded answers (token-facts §10, device.*).
#[test]
fn a_device_gets_its_token_when_the_user_has_allowed_it() {
    let org = org();
    let code = code(&org, "openid+okta.users.read");
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let device = code["device_code"].as_str().unwrap();
    let poll = || {
        let body = format!("grant_type={grant}&client_id={TV}&device_code={device}");
        org.send("POST", "/oauth2/v1/token", &[FORM], &body).json()
    };
    assert_eq!(poll()["error"], "authorization_pending");
    assert_eq!(poll()["error"], "slow_down");
    let user = code["user_code"].as_str().unwrap();
    activate(
        &org,
        "",
        &format!("user_code={user}&username=ada@example.com&password=ada-password&decision=allow"),
    );
    let token = poll();
    let keys: Vec<_> = token.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["token_type", "expires_in", "access_token", "scope", "id_token"]);
    assert_eq!(token["scope"], "openid okta.users.read");
    assert_eq!(poll()["error"], "invalid_grant");
}

#[test]
fn a_user_who_is_signed_in_is_asked_and_may_say_no() {
    let org = org();
    let first = code(&org, "openid");
    let user = first["user_code"].as_str().unwrap();
    let page = org.send("GET", &format!("/activate?user_code={user}"), &[], "");
    assert_eq!(page.header("content-type"), Some("text/html;charset=utf-8"));
    assert!(page.text().contains(&format!("value=\"{user}\"")) && page.text().contains("type=\"password\""));

    let asked =
        activate(&org, "", &format!("user_code={user}&username=ada@example.com&password=ada-password"));
    assert!(asked.text().contains("<h1>Allow TV &lt;1&gt;?</h1>"), "{}", asked.text());
    let cookies: Vec<_> = asked.headers("set-cookie").filter(|line| line.starts_with("sid=")).collect();
    assert_eq!(cookies.len(), 1, "the session is set and not cleared: {cookies:?}");
    let cookie = cookies[0].split(';').next().unwrap();
    assert!(
        org.send("GET", "/activate", &[("Cookie", cookie)], "")
            .headers("set-cookie")
            .all(|line| !line.starts_with("sid="))
    );

    // A session alone decides nothing: another site could have sent the form.
    let forged = activate(&org, cookie, &format!("user_code={user}&decision=allow"));
    assert!(forged.text().contains("<h1>Allow"));
    let device = first["device_code"].as_str().unwrap();
    assert_eq!(ask(&org.org, now(&org), TV, None, device), Asked::Pending);

    let proof = asked.text().split("name=\"proof\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let no = activate(&org, cookie, &format!("user_code={user}&decision=deny&proof={proof}"));
    assert!(no.text().contains("<h1>Device not activated</h1>"));
    assert_eq!(ask(&org.org, now(&org), TV, None, device), Asked::Denied);

    // The proof of one code is none for another.
    let second = code(&org, "openid");
    let user = second["user_code"].as_str().unwrap();
    let other = activate(&org, cookie, &format!("user_code={user}&decision=allow&proof={proof}"));
    assert!(other.text().contains("<h1>Allow"));
}

#[test]
fn who_cannot_sign_in_activates_nothing() {
    let org = org();
    let code = code(&org, "openid");
    let user = code["user_code"].as_str().unwrap();
    for (login, password) in [
        ("ada@example.com", "wrong"),
        ("nobody@example.com", "ada-password"),
        ("susan@example.com", "susan-password"),
        ("ada@example.com", ""),
    ] {
        let body = format!("user_code={user}&username={login}&password={password}&decision=allow");
        let refused = activate(&org, "", &body);
        assert_eq!(refused.status, 200);
        assert!(refused.text().contains("Unable to sign in"), "{login}: {}", refused.text());
    }
    let guest = format!("user_code={user}&username=guest@example.com&password=guest-password&decision=allow");
    assert!(activate(&org, "", &guest).text().contains("User is not assigned to the client application."));
    let wrong = activate(&org, "", "user_code=BBBBBBBB&username=ada@example.com&password=ada-password");
    assert!(wrong.text().contains("Invalid code. Try again."));
    let script = activate(&org, "", "user_code=%22%3E%3Cscript%3E&decision=allow");
    assert!(!script.text().contains("<script>"));
}
