//! `/api/v1/apps`: what an app becomes by its sign-on mode and its name, its credentials, and who may use it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use serde_json::{Value, json};

use crate::client::{BASE, Client, SUPER};

fn create(client: &Client, body: Value) -> Value {
    let answer = client.json("POST", SUPER, "/api/v1/apps", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn id(app: &Value) -> &str {
    app["id"].as_str().unwrap()
}

fn service(label: &str, method: &str) -> Value {
    json!({
        "name": "oidc_client",
        "label": label,
        "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "token_endpoint_auth_method": method } },
        "settings": { "oauthClient": {
            "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"],
        } },
    })
}

fn saml(label: &str) -> Value {
    json!({
        "label": label,
        "signOnMode": "SAML_2_0",
        "settings": { "signOn": {
            "ssoAcsUrl": "https://sp.example.com/acs", "audience": "sp", "recipient": "https://sp.example.com/acs",
            "destination": "https://sp.example.com/acs", "audienceOverride": "", "defaultRelayState": "",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        } },
    })
}

#[test]
fn an_app_is_what_its_sign_on_mode_and_its_name_say() {
    let client = Client::dev();
    for (body, name, mode, link, scheme) in [
        (json!({ "label": "B", "name": "bookmark" }), "bookmark", "BOOKMARK", "login", None),
        (
            json!({ "label": "W", "name": "template_swa", "signOnMode": "BROWSER_PLUGIN", "settings": { "app": {} } }),
            "template_swa",
            "BROWSER_PLUGIN",
            "login",
            Some("EDIT_USERNAME_AND_PASSWORD"),
        ),
        (
            json!({ "label": "A", "name": "aws_console", "signOnMode": "AUTO_LOGIN", "settings": { "app": {} } }),
            "aws_console",
            "BROWSER_PLUGIN",
            "aws_console_login",
            Some("EDIT_USERNAME_AND_PASSWORD"),
        ),
        (
            json!({ "label": "My Form", "signOnMode": "AUTO_LOGIN", "settings": { "signOn": { "loginUrl": "https://x" } } }),
            "default_myform_1",
            "AUTO_LOGIN",
            "default_myform_1_link",
            Some("EDIT_USERNAME_AND_PASSWORD"),
        ),
        (saml("My SP"), "default_mysp_1", "SAML_2_0", "default_mysp_1_link", None),
        (saml("My SP"), "default_mysp_2", "SAML_2_0", "default_mysp_2_link", None),
        (
            json!({ "label": "S", "name": "StrongDM", "signOnMode": "OPENID_CONNECT", "settings": { "oauthClient": {} } }),
            "strongdm",
            "OPENID_CONNECT",
            "strongdm_link",
            None,
        ),
    ] {
        let app = create(&client, body);
        assert_eq!((&app["name"], &app["signOnMode"]), (&json!(name), &json!(mode)));
        assert_eq!(app["visibility"]["appLinks"], json!({ link: true }), "{name}");
        assert_eq!(app["credentials"].get("scheme"), scheme.map(Value::from).as_ref(), "{name}");
        let home = app["_links"]["appLinks"][0]["href"].as_str().unwrap();
        assert!(home.contains(&format!("/home/{name}/{}/", id(&app))), "{home}");
        assert_eq!(client.get(SUPER, &format!("/api/v1/apps/{}", id(&app))).json(), app);
    }
}

#[test]
fn a_new_service_app_is_a_client_at_once() {
    let client = Client::dev();
    let mut body = service("Sync", "private_key_jwt");
    let mut key = Value::Object(jwk_from_pem(fixture_pem("client-rsa").unwrap()).unwrap());
    key["kid"] = json!("one");
    body["settings"]["oauthClient"]["jwks"] = json!({ "keys": [key] });
    let app = create(&client, body);
    assert!(app["credentials"]["oauthClient"].get("client_secret").is_none());
    let grant = json!({ "issuer": BASE, "scopeId": "okta.users.read" });
    assert_eq!(client.json("POST", SUPER, &format!("/api/v1/apps/{}/grants", id(&app)), &grant).status, 200);
    let token = client.bearer(id(&app), "client-rsa", "okta.users.read");
    assert_eq!(client.get(&token, "/api/v1/users?limit=1").status, 200);
}

#[test]
fn a_client_may_have_an_id_of_its_own() {
    let client = Client::dev();
    let mut body = service("Sync", "private_key_jwt");
    let mut key = Value::Object(jwk_from_pem(fixture_pem("client-rsa").unwrap()).unwrap());
    key["kid"] = json!("one");
    body["settings"]["oauthClient"]["jwks"] = json!({ "keys": [key] });
    body["credentials"]["oauthClient"]["client_id"] = json!("sync-client");
    let app = create(&client, body);
    assert!(id(&app).starts_with("0oa"));
    assert_eq!(client.get(SUPER, "/api/v1/apps/sync-client").status, 404);
    let grants = format!("/api/v1/apps/{}/grants", id(&app));
    let grant = json!({ "issuer": BASE, "scopeId": "okta.users.read" });
    assert_eq!(client.json("POST", SUPER, &grants, &grant).json()["clientId"], "sync-client");
    let token = client.bearer("sync-client", "client-rsa", "okta.users.read");
    assert_eq!(client.get(&token, "/api/v1/users?limit=1").status, 200);
    let off = format!("/api/v1/apps/{}/lifecycle/deactivate", id(&app));
    assert_eq!(client.send("POST", &off, &[("Authorization", SUPER)], "").status, 200);
    assert_eq!(client.delete(SUPER, &format!("/api/v1/apps/{}", id(&app))).status, 204);
    assert_eq!(client.get(&token, "/api/v1/users?limit=1").status, 401, "the client went with the app");
}

#[test]
fn a_client_has_two_secrets_at_most() {
    let client = Client::dev();
    let app = create(&client, service("Sync", "client_secret_basic"));
    let oauth = &app["credentials"]["oauthClient"];
    let secret = oauth["client_secret"].as_str().unwrap();
    assert_eq!((secret.len(), &oauth["client_id"]), (64, &app["id"]));
    // The org's own server takes keys only, and says so to whoever has the right secret.
    let ask = |secret: &str| {
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", id(&app))));
        let headers =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", basic.as_str())];
        let body = "grant_type=client_credentials&scope=okta.users.read";
        client
            .send("POST", "/oauth2/v1/token", &headers, body)
            .text()
            .contains("must use the private_key_jwt")
    };
    assert!(ask(secret) && !ask("another-secret-another-secret"));

    // A second secret works beside the first; then only it does.
    let secrets = format!("/api/v1/apps/{}/credentials/secrets", id(&app));
    let second = client.json("POST", SUPER, &secrets, &json!({}));
    assert_eq!(second.status, 201, "{}", second.text());
    let second = second.json();
    let full = client.json("POST", SUPER, &secrets, &json!({}));
    assert_eq!(full.error(), "400 E0000001 Api validation failed: OAuth2ClientSecretMediated");
    assert!(ask(second["client_secret"].as_str().unwrap()));
    let listed = client.get(SUPER, &secrets).json();
    let first = listed[0]["id"].as_str().unwrap();
    let off = client.send(
        "POST",
        &format!("{secrets}/{first}/lifecycle/deactivate"),
        &[("Authorization", SUPER)],
        "",
    );
    assert_eq!((off.status, &off.json()["status"]), (200, &json!("INACTIVE")));
    assert_eq!((ask(secret), ask(second["client_secret"].as_str().unwrap())), (false, true));
    let shown = client.get(SUPER, &format!("/api/v1/apps/{}", id(&app))).json();
    assert_eq!(shown["credentials"]["oauthClient"]["client_secret"], second["client_secret"]);
    let only = second["id"].as_str().unwrap();
    let refused = client.send(
        "POST",
        &format!("{secrets}/{only}/lifecycle/deactivate"),
        &[("Authorization", SUPER)],
        "",
    );
    assert_eq!(refused.status, 400, "the only active secret stays");
    assert_eq!(client.delete(SUPER, &format!("{secrets}/{only}")).status, 400, "an active secret stays");
    assert_eq!(client.delete(SUPER, &format!("{secrets}/{first}")).status, 204);
}

#[test]
fn a_replacement_keeps_name_secret_and_signing_key() {
    let client = Client::dev();
    let app = create(&client, service("Sync", "client_secret_basic"));
    let path = format!("/api/v1/apps/{}", id(&app));
    let mut changed = service("Sync 2", "client_secret_basic");
    changed["credentials"]["oauthClient"]["client_secret"] = json!("");
    let replaced = client.json("PUT", SUPER, &path, &changed).json();
    assert_eq!(replaced["label"], "Sync 2");
    assert_eq!(
        replaced["credentials"]["oauthClient"]["client_secret"],
        app["credentials"]["oauthClient"]["client_secret"]
    );
    let by_key = client.json("PUT", SUPER, &path, &service("Sync 2", "private_key_jwt")).json();
    assert!(by_key["credentials"]["oauthClient"].get("client_secret").is_none());
    assert_eq!(by_key["_links"]["clientCredentials"][0]["name"], "jwks");

    let app = create(&client, saml("SP"));
    let path = format!("/api/v1/apps/{}", id(&app));
    let replaced = client.json("PUT", SUPER, &path, &saml("SP, renamed")).json();
    assert_eq!((&replaced["name"], &replaced["credentials"]), (&app["name"], &app["credentials"]));
    let mut foreign = saml("SP");
    foreign["credentials"] = json!({ "signing": { "kid": "unknown" } });
    assert_eq!(client.json("PUT", SUPER, &path, &foreign).status, 400);
}

#[test]
fn an_active_app_cannot_be_deleted() {
    let client = Client::dev();
    let app = create(&client, json!({ "label": "B", "name": "bookmark" }));
    let path = format!("/api/v1/apps/{}", id(&app));
    let refused = client.delete(SUPER, &path);
    assert_eq!(refused.error(), "403 E0000056 Delete application forbidden.");
    let off = client.send("POST", &format!("{path}/lifecycle/deactivate"), &[("Authorization", SUPER)], "");
    assert_eq!((off.status, off.text()), (200, "{}"));
    let shown = client.get(SUPER, &path).json();
    assert!(shown["_links"].get("activate").is_some() && shown["_links"].get("deactivate").is_none());
    assert_eq!(client.delete(SUPER, &path).status, 204);
    assert_eq!(client.get(SUPER, &path).status, 404);

    let answer = client.json(
        "POST",
        SUPER,
        "/api/v1/apps?activate=false",
        &json!({ "label": "B", "name": "bookmark" }),
    );
    assert_eq!(answer.json()["status"], "INACTIVE");
}

#[test]
fn a_saml_app_has_a_certificate_and_metadata() {
    let client = Client::dev();
    let app = create(&client, saml("SP"));
    let base = format!("/api/v1/apps/{}", id(&app));
    let sign_on = &app["settings"]["signOn"];
    assert!(sign_on.get("audienceOverride").is_none(), "an empty override is none");
    assert_eq!(sign_on["defaultRelayState"], Value::Null);

    let keys = client.get(SUPER, &format!("{base}/credentials/keys")).json();
    assert_eq!(keys.as_array().unwrap().len(), 1);
    assert_eq!(keys[0]["kid"], app["credentials"]["signing"]["kid"]);
    let names: Vec<_> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["kty", "created", "lastUpdated", "expiresAt", "kid", "use", "x5c", "x5t#S256", "e", "n"]
    );
    let xml = |accept: &str| {
        let headers = [("Authorization", SUPER), ("Accept", accept)];
        client.send("GET", &format!("{base}/sso/saml/metadata"), &headers, "")
    };
    let metadata = xml("application/xml");
    assert_eq!(metadata.header("content-type"), Some("application/xml;charset=ISO-8859-1"));
    let text = metadata.text().replace('\n', "");
    assert!(text.contains(keys[0]["x5c"][0].as_str().unwrap()));
    assert!(text.contains("entityID=\"http://www.okta.com/exk"), "{text}");
    assert_eq!(text.matches("<md:NameIDFormat>").count(), 1);
    assert!(!text.contains("SingleLogoutService"));
    assert!(xml("application/json").error().starts_with("400 E0000019"));

    let generate = |years: &str| {
        client.json(
            "POST",
            SUPER,
            &format!("{base}/credentials/keys/generate?validityYears={years}"),
            &json!({}),
        )
    };
    assert_eq!((generate("1").status, generate("11").status), (400, 400));
    let made = generate("2");
    assert_eq!(made.status, 201);
    let kid = made.json()["kid"].as_str().unwrap().to_owned();
    let other = create(&client, saml("Other"));
    let clone = format!("{base}/credentials/keys/{kid}/clone?targetAid={}", id(&other));
    assert_eq!(client.json("POST", SUPER, &clone, &json!({})).json()["kid"], kid);
    assert_eq!(client.json("POST", SUPER, &clone, &json!({})).status, 400, "the target has it already");
    let mut rotated = saml("SP");
    rotated["credentials"] = json!({ "signing": { "kid": kid } });
    let rotated = client.json("PUT", SUPER, &base, &rotated).json();
    assert_eq!(rotated["credentials"]["signing"]["kid"], kid);
}

#[test]
fn apps_of_the_oin_have_few_settings() {
    let client = Client::dev();
    let mut body = saml("Pager");
    body["name"] = json!("pagerduty");
    body["settings"]["app"] = json!({ "subdomain": "acme" });
    let app = create(&client, body);
    let names: Vec<_> = app["settings"]["signOn"].as_object().unwrap().keys().cloned().collect();
    assert!(!names.contains(&"ssoAcsUrl".to_owned()), "{names:?}");
    assert_eq!(app["settings"]["app"], json!({ "subdomain": "acme", "adminUserId": null, "baseUrl": null }));
    let keys = client.get(SUPER, &format!("/api/v1/apps/{}/credentials/keys", id(&app))).json();
    assert_eq!(keys.as_array().unwrap().len(), 2, "the org's key and its own");

    let strong = create(
        &client,
        json!({ "label": "S", "name": "strongdm", "signOnMode": "OPENID_CONNECT", "settings": { "oauthClient": {} } }),
    );
    assert!(
        strong["settings"].get("oauthClient").is_none() && strong["credentials"].get("oauthClient").is_none()
    );
    let secrets = client.get(SUPER, &format!("/api/v1/apps/{}/credentials/secrets", id(&strong))).json();
    assert_eq!(secrets.as_array().unwrap().len(), 1, "it is a client all the same");

    let mut office = saml("Office");
    office["name"] = json!("office365");
    office["signOnMode"] = json!("SAML_1_1");
    office["settings"]["app"] = json!({ "wsFedConfigureType": "AUTO", "requireAdminConsent": false });
    let refused = client.json("POST", SUPER, "/api/v1/apps", &office);
    assert_eq!(refused.error(), "400 E0000001 Api validation failed: settings");
}

#[test]
fn public_keys_come_and_go() {
    let client = Client::dev();
    let mut body = service("Keys", "private_key_jwt");
    let key = json!({ "kty": "EC", "crv": "P-256", "kid": "one", "x": "a".repeat(43), "y": "b".repeat(43) });
    body["settings"]["oauthClient"]["jwks"] = json!({ "keys": [key] });
    let app = create(&client, body.clone());
    let stored = &app["settings"]["oauthClient"]["jwks"]["keys"][0];
    let names: Vec<_> = stored.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["kty", "id", "status", "kid", "use", "x", "y", "crv"]);

    let base = format!("/api/v1/apps/{}/credentials/jwks", id(&app));
    let short = json!({ "kty": "RSA", "kid": "short", "e": "AQAB", "n": "x".repeat(100) });
    let refused = client.json("POST", SUPER, &base, &short);
    assert_eq!(refused.error(), "400 E0000001 Api validation failed: JsonWebKey");
    assert_eq!(client.json("POST", SUPER, &base, &key).status, 400, "the kid is taken");
    let mut second = key;
    second["kid"] = json!("two");
    let added = client.json("POST", SUPER, &base, &second);
    assert_eq!(added.status, 201, "{}", added.text());
    let added = added.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(client.get(SUPER, &base).json().as_array().unwrap().len(), 2);
    let step =
        |path: &str| client.send("POST", &format!("{base}/{path}"), &[("Authorization", SUPER)], "").status;
    assert_eq!(client.delete(SUPER, &format!("{base}/{added}")).status, 400, "an active key stays");
    assert_eq!(step(&format!("{added}/lifecycle/deactivate")), 200);
    let first = app["settings"]["oauthClient"]["jwks"]["keys"][0]["id"].as_str().unwrap();
    assert_eq!(step(&format!("{first}/lifecycle/deactivate")), 400, "the only active key stays");
    assert_eq!(client.delete(SUPER, &format!("{base}/{added}")).status, 204);
    assert_eq!(client.get(SUPER, &format!("{base}/{added}")).status, 404);

    body["settings"]["oauthClient"]["jwks"] = json!({ "keys": [short] });
    assert_eq!(client.json("POST", SUPER, "/api/v1/apps", &body).status, 400);
}

#[test]
fn users_have_an_app_by_themselves_or_by_a_group() {
    let client = Client::dev();
    let app = create(&client, json!({ "label": "B", "name": "bookmark" }));
    let base = format!("/api/v1/apps/{}", id(&app));
    let groups = client.get(SUPER, "/api/v1/groups").json();
    let sales = groups.as_array().unwrap().iter().find(|group| group["profile"]["name"] == "Sales").unwrap();
    let group = sales["id"].as_str().unwrap();
    let members = client.get(SUPER, &format!("/api/v1/groups/{group}/users")).json();
    let (first, second) = (members[0]["id"].as_str().unwrap(), members[1]["id"].as_str().unwrap());

    let assigned = client.json("POST", SUPER, &format!("{base}/users"), &json!({ "id": first }));
    assert_eq!((assigned.status, &assigned.json()["scope"]), (200, &json!("USER")), "{}", assigned.text());
    assert_eq!(assigned.json()["credentials"]["userName"], members[0]["profile"]["login"]);
    let put = client.json("PUT", SUPER, &format!("{base}/groups/{group}"), &json!({ "profile": {} }));
    assert_eq!((put.status, &put.json()["priority"]), (200, &json!(0)), "{}", put.text());
    let users = client.get(SUPER, &format!("{base}/users?limit=500")).json();
    assert_eq!(users.as_array().unwrap().len(), 50);
    let held = client.get(SUPER, &format!("{base}/users/{second}?expand=user")).json();
    assert_eq!((&held["scope"], &held["_embedded"]["user"]["id"]), (&json!("GROUP"), &json!(second)));
    assert!(held["_links"]["group"]["href"].as_str().unwrap().ends_with(group));
    let support =
        groups.as_array().unwrap().iter().find(|group| group["profile"]["name"] == "Support").unwrap();
    let other = format!("{base}/groups/{}", support["id"].as_str().unwrap());
    assert_eq!(client.json("PUT", SUPER, &other, &json!({ "priority": 0 })).json()["priority"], 0);
    let moved = client.get(SUPER, &format!("{base}/groups/{group}")).json();
    assert_eq!(moved["priority"], 1, "the priority is taken");
    let patch = json!([{ "op": "replace", "path": "/priority", "value": 5 }]);
    let patched = client.json("PATCH", SUPER, &format!("{base}/groups/{group}"), &patch);
    assert_eq!((patched.status, &patched.json()["priority"]), (200, &json!(5)), "{}", patched.text());
    assert_eq!(client.delete(SUPER, &other).status, 204);
    let unknown = client.json("PUT", SUPER, &format!("{base}/groups/00gnone"), &json!({}));
    assert_eq!(unknown.error(), "404 E0000007 Not found: Resource not found: 00gnone (UserGroup)");

    assert_eq!(client.delete(SUPER, &format!("{base}/groups/{group}")).status, 204);
    let users = client.get(SUPER, &format!("{base}/users")).json();
    let left: Vec<_> = users.as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(left, [first], "who has the app in person keeps it");
    assert_eq!(client.delete(SUPER, &format!("{base}/users/{first}")).status, 204);
    let gone = client.get(SUPER, &format!("{base}/users/{first}"));
    assert_eq!(gone.error(), format!("404 E0000007 Not found: Resource not found: {first} (AppUser)"));
}

#[test]
fn provisioning_needs_an_app_that_can_and_a_connection() {
    let client = Client::dev();
    let bookmark = create(&client, json!({ "label": "B", "name": "bookmark" }));
    let base = format!("/api/v1/apps/{}", id(&bookmark));
    let features = client.get(SUPER, &format!("{base}/features"));
    assert_eq!(features.error(), "400 E0000001 Api validation failed: feature");
    let unknown = client.get(SUPER, &format!("{base}/features/NONE"));
    assert_eq!(unknown.error(), "404 E0000007 Not found: Resource not found: NONE (PublicAppFeatureSetName)");
    let connection = client.get(SUPER, &format!("{base}/connections/default")).json();
    assert_eq!(connection, json!({ "status": "UNKNOWN", "profile": { "authScheme": "UNKNOWN" } }));

    let mut body = saml("Org2Org");
    body["name"] = json!("okta_org2org");
    let app = create(&client, body);
    let base = format!("/api/v1/apps/{}", id(&app));
    assert_eq!(client.get(SUPER, &format!("{base}/features")).status, 400, "it is not connected");
    let wanted =
        json!({ "baseUrl": "https://other.okta.com", "profile": { "authScheme": "TOKEN", "token": "t" } });
    let made = client.json("POST", SUPER, &format!("{base}/connections/default?activate=true"), &wanted);
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.json()["profile"], json!({ "authScheme": "TOKEN" }), "the token is not shown");
    let features = client.get(SUPER, &format!("{base}/features")).json();
    assert_eq!(features.as_array().unwrap().len(), 2);
    let path = format!("{base}/features/USER_PROVISIONING");
    let change = json!({ "create": { "lifecycleCreate": { "status": "ENABLED" } } });
    let changed = client.json("PUT", SUPER, &path, &change).json();
    assert_eq!(changed["capabilities"]["create"], change["create"]);
    assert_eq!(changed["capabilities"]["update"]["profile"]["status"], "DISABLED");
    assert_eq!(client.get(SUPER, &path).json(), changed);
}

#[test]
fn a_request_for_a_certificate_is_answered_with_a_key() {
    let client = Client::dev();
    let app = create(&client, saml("SP"));
    let base = format!("/api/v1/apps/{}/credentials/csrs", id(&app));
    let subject = json!({ "subject": { "commonName": "SP Issuer", "countryName": "US" } });
    let made = client.json("POST", SUPER, &base, &subject);
    assert_eq!(made.status, 201, "{}", made.text());
    let csr = made.json();
    assert!(made.header("location").unwrap().ends_with(id(&csr)));
    assert_eq!(client.get(SUPER, &base).json(), json!([csr]));
    let keys = client.get(SUPER, &format!("/api/v1/apps/{}/credentials/keys", id(&app))).json();
    let foreign = keys[0]["x5c"][0].as_str().unwrap();
    let publish = format!("{base}/{}/lifecycle/publish", id(&csr));
    let headers = [("Authorization", SUPER), ("Content-Type", "application/x-pem-file")];
    let refused = client.send("POST", &publish, &headers, foreign);
    assert_eq!(refused.error(), "400 E0000001 Api validation failed: certificate");
    assert_eq!(client.delete(SUPER, &format!("{base}/{}", id(&csr))).status, 204);
    let gone = client.get(SUPER, &format!("{base}/{}", id(&csr)));
    assert_eq!(
        gone.error(),
        format!("404 E0000007 Not found: Resource not found: {} (CertificateSigningRequest)", id(&csr))
    );
}

#[test]
fn an_installed_integration_has_its_scopes_and_shows_its_secret_once() {
    let client = Client::dev();
    let wanted = json!({ "type": "anzennaapiservice", "grantedScopes": ["okta.users.read"] });
    let made = client.json("POST", SUPER, "/integrations/api/v1/api-services", &wanted);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made["name"], "Anzenna");
    let secret = made["clientSecret"].as_str().unwrap();
    let path = format!("/integrations/api/v1/api-services/{}", id(&made));
    assert!(client.get(SUPER, &path).json().get("clientSecret").is_none());
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", id(&made))));
    let token =
        client.token(&[("Authorization", &basic)], "grant_type=client_credentials&scope=okta.users.read");
    assert_eq!(client.get(&token, "/api/v1/users?limit=1").status, 200);
    let secrets = client.get(SUPER, &format!("{path}/credentials/secrets")).json();
    assert_eq!(secrets[0]["client_secret"], format!("***{}", &secret[60..]));
    let roles = format!("/oauth2/v1/clients/{}/roles", id(&made));
    assert_eq!(client.json("POST", SUPER, &roles, &json!({ "type": "READ_ONLY_ADMIN" })).status, 201);
    assert_eq!(client.delete(SUPER, &path).status, 204);
    assert_eq!(client.get(SUPER, &path).status, 404);
    let refused = client.get(&token, "/api/v1/users?limit=1");
    assert_eq!((refused.status, client.get(SUPER, &roles).status), (401, 404));
    let state = client.org.state();
    assert!(!state.all("grants").after(None).any(|grant| grant.is("/clientId", id(&made))));
    assert!(state.derived.grants(id(&made)).is_empty() && state.derived.roles(id(&made)).next().is_none());
    let again = client.send(
        "POST",
        "/oauth2/v1/token",
        &[("Authorization", &basic), ("Content-Type", "application/x-www-form-urlencoded")],
        "grant_type=client_credentials&scope=okta.users.read",
    );
    assert_eq!(again.status, 401);
}

#[test]
fn a_list_embeds_users_only() {
    let client = Client::dev();
    let refused = client.get(SUPER, "/api/v1/apps?expand=everything");
    assert_eq!(refused.error(), "400 E0000001 Api validation failed: RequestParams");
    let app = create(&client, json!({ "label": "B", "name": "bookmark" }));
    let user = client.get(SUPER, "/api/v1/users?limit=1").json()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/apps/{}/users", id(&app));
    assert_eq!(client.json("POST", SUPER, &path, &json!({ "id": user })).status, 200);
    let apps = client.get(SUPER, &format!("/api/v1/apps?expand=user%2F{user}")).json();
    let embedding = |app: &&Value| app["_embedded"]["user"]["id"] == *user;
    assert_eq!(apps.as_array().unwrap().iter().filter(embedding).count(), 1);
}

#[test]
fn who_joins_a_group_has_its_apps() {
    let client = Client::dev();
    let app = create(&client, json!({ "label": "B", "name": "bookmark" }));
    let groups = client.get(SUPER, "/api/v1/groups").json();
    let named = |name: &str| {
        let group = groups.as_array().unwrap().iter().find(|group| group["profile"]["name"] == name).unwrap();
        group["id"].as_str().unwrap().to_owned()
    };
    let base = format!("/api/v1/apps/{}", id(&app));
    let empty = named("Empty");
    assert_eq!(client.json("PUT", SUPER, &format!("{base}/groups/{empty}"), &json!({})).status, 200);
    let user = client.get(SUPER, "/api/v1/users?limit=1").json()[0]["id"].as_str().unwrap().to_owned();
    let held = || client.get(SUPER, &format!("{base}/users/{user}")).status;
    let member = format!("/api/v1/groups/{empty}/users/{user}");
    assert_eq!(held(), 404);
    let joined = client.send("PUT", &member, &[("Authorization", SUPER)], "").status;
    assert_eq!((joined, held()), (204, 200));
    assert_eq!((client.delete(SUPER, &member).status, held()), (204, 404));
}

#[test]
fn a_new_org_has_okta_s_own_apps() {
    let client = Client::of(
        "[[users]]\nprofile = { login = \"admin@example.com\" }\nadmin_roles = [\"SUPER_ADMIN\"]\n\
         [[api_tokens]]\ntoken = \"00t\"\nowner = \"admin@example.com\"\n",
    );
    let apps = client.get("SSWS 00t", "/api/v1/apps").json();
    let names: Vec<_> = apps.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["saasure", "okta_enduser", "okta_browser_plugin"]);
    for app in apps.as_array().unwrap() {
        assert!(app["credentials"].get("oauthClient").is_none() && app["settings"].get("notes").is_none());
    }
}
