//! "Public client app admins" (mgmt-facts §1.4): a service app that is created while the setting is on is a super
//! administrator from its first grant on.

use serde_json::{Value, json};

use crate::client::{BASE, Client, SUPER};

const SETTING: &str = "/api/v1/org/settings/clientPrivilegesSetting";

fn set(client: &Client, on: bool) {
    let set = client.json("PUT", SUPER, SETTING, &json!({ "clientPrivilegesSetting": on }));
    assert_eq!((set.status, set.json()), (200, json!({ "clientPrivilegesSetting": on })));
}

fn app(client: &Client, kind: &str) -> String {
    let service = kind == "service";
    let (grant, response) =
        if service { ("client_credentials", "token") } else { ("authorization_code", "code") };
    let method = if service { "private_key_jwt" } else { "client_secret_basic" };
    let mut app = json!({
        "name": "oidc_client", "label": format!("{kind} app"), "signOnMode": "OPENID_CONNECT",
        "credentials": { "oauthClient": { "token_endpoint_auth_method": method } },
        "settings": { "oauthClient": {
            "application_type": kind, "grant_types": [grant], "response_types": [response],
            "redirect_uris": ["https://acme.example/callback"],
        } },
    });
    if service {
        app["settings"]["oauthClient"]["jwks"] = json!({ "keys": [jwk(client)] });
    }
    let made = client.json("POST", SUPER, "/api/v1/apps", &app);
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}

/// The public key of the dev org's service app.
fn jwk(client: &Client) -> Value {
    let apps = client.get(SUPER, "/api/v1/apps?limit=50").json();
    let keys = apps
        .as_array()
        .unwrap()
        .iter()
        .find_map(|app| Some(app.pointer("/settings/oauthClient/jwks/keys/0")?.clone()));
    let key = keys.unwrap();
    json!({ "kty": key["kty"], "n": key["n"], "e": key["e"], "kid": "its-own" })
}

fn grant(client: &Client, app: &str, scope: &str) {
    let body = json!({ "scopeId": scope, "issuer": BASE });
    let granted = client.json("POST", SUPER, &format!("/api/v1/apps/{app}/grants"), &body);
    assert_eq!(granted.status, 200, "{}", granted.text());
}

fn roles(client: &Client, app: &str) -> Vec<(String, String)> {
    let held = client.get(SUPER, &format!("/oauth2/v1/clients/{app}/roles")).json();
    let text = |role: &Value, member: &str| role[member].as_str().unwrap().to_owned();
    held.as_array().unwrap().iter().map(|role| (text(role, "type"), text(role, "id"))).collect()
}

fn types(client: &Client, app: &str) -> Vec<String> {
    roles(client, app).into_iter().map(|(role, _)| role).collect()
}

#[test]
fn a_service_app_that_is_new_is_a_super_administrator() {
    let client = Client::dev();
    let before = app(&client, "service");
    set(&client, true);
    let new = app(&client, "service");
    assert_eq!(types(&client, &new), [""; 0], "not before a scope is granted");
    for app in [&before, &new] {
        grant(&client, app, "okta.users.read");
    }
    assert_eq!(types(&client, &new), ["SUPER_ADMIN"]);
    assert_eq!(types(&client, &before), [""; 0], "an app of before stays as it is");
    // What was taken back stays away; an app that was given another role keeps that alone.
    let (_, role) = roles(&client, &new).remove(0);
    assert_eq!(client.delete(SUPER, &format!("/oauth2/v1/clients/{new}/roles/{role}")).status, 204);
    grant(&client, &new, "okta.groups.read");
    assert_eq!(types(&client, &new), [""; 0]);
    let limited = app(&client, "service");
    let path = format!("/oauth2/v1/clients/{limited}/roles");
    assert_eq!(client.json("POST", SUPER, &path, &json!({ "type": "READ_ONLY_ADMIN" })).status, 201);
    grant(&client, &limited, "okta.users.read");
    assert_eq!(types(&client, &limited), ["READ_ONLY_ADMIN"]);
    let events = client
        .get(SUPER, "/api/v1/logs?filter=eventType%20eq%20%22app.oauth2.client.privilege.grant%22")
        .json();
    assert_eq!(events.as_array().unwrap().len(), 2, "{events}");
}

#[test]
fn others_are_not() {
    let client = Client::dev();
    set(&client, true);
    let web = app(&client, "web");
    grant(&client, &web, "okta.users.read");
    let wanted = json!({ "type": "acmesync", "grantedScopes": ["okta.users.read"] });
    let installed = client.json("POST", SUPER, "/integrations/api/v1/api-services", &wanted).json();
    assert_eq!(types(&client, installed["id"].as_str().unwrap()), [""; 0]);
    set(&client, false);
    let late = app(&client, "service");
    grant(&client, &late, "okta.users.read");
    assert_eq!(types(&client, &late), [""; 0]);
    assert_eq!(client.get(SUPER, &format!("/oauth2/v1/clients/{web}/roles")).json(), json!([]));
}
