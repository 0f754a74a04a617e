//! Event hooks, inline hooks, their keys, trusted origins, devices: what is stored, shown and refused. What hooks send is
//! tested over sockets (`tests/hooks.rs`).

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mock_server::exchange::Answered;
use mock_server::org::change::{Change, Shelf};
use serde_json::{Value, json};

use crate::client::{Client, SUPER};

fn event_hook(uri: &str) -> Value {
    json!({
        "name": "tell me",
        "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create", "user.lifecycle.activate"] },
        "channel": { "type": "HTTP", "version": "1.0.0", "config": {
            "uri": uri,
            "headers": [{ "key": "X-Mine", "value": "1" }],
            "authScheme": { "type": "HEADER", "key": "Authorization", "value": "very secret" },
        } },
    })
}

fn create(client: &Client, path: &str, body: &Value) -> Value {
    let answer = client.json("POST", SUPER, path, body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains("very secret"), "{}", answer.text());
    answer.json()
}

fn path_of(collection: &str, object: &Value) -> String {
    format!("{collection}/{}", object["id"].as_str().unwrap())
}

fn post(client: &Client, path: &str) -> (u16, Value) {
    let answer = client.send("POST", path, &[("Authorization", SUPER)], "");
    (answer.status, serde_json::from_str(answer.text()).unwrap_or_default())
}

#[test]
fn an_event_hook_sorts_its_events_and_keeps_its_secret() {
    let client = Client::dev();
    let hook = create(&client, "/api/v1/eventHooks", &event_hook("https://hooks.example.com/a"));
    assert_eq!(hook["events"]["items"], json!(["user.lifecycle.activate", "user.lifecycle.create"]));
    assert_eq!(hook["channel"]["config"]["authScheme"], json!({ "type": "HEADER", "key": "Authorization" }));
    assert_eq!((&hook["status"], &hook["verificationStatus"]), (&json!("ACTIVE"), &json!("UNVERIFIED")));
    let path = path_of("/api/v1/eventHooks", &hook);
    assert_eq!(client.delete(SUPER, &path).status, 400, "an active hook stays");
    let (status, hook) = post(&client, &format!("{path}/lifecycle/deactivate"));
    assert_eq!((status, &hook["status"]), (200, &json!("INACTIVE")));
    assert_eq!(
        hook["_links"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["activate", "self", "delete"]
    );
    assert_eq!(client.delete(SUPER, &path).status, 204);
    assert!(client.get(SUPER, &path).error().ends_with("(Webhook)"));
}

#[test]
fn a_filter_of_an_event_hook_is_kept_if_it_can_be_evaluated() {
    let client = Client::dev();
    let filtered = |expression: &str| {
        let mut hook = event_hook("https://hooks.example.com/a");
        let condition = json!({ "expression": expression });
        let map = json!([{ "event": "user.lifecycle.create", "condition": condition }]);
        hook["events"]["filter"] = json!({ "eventFilterMap": map });
        hook
    };
    let hook = create(&client, "/api/v1/eventHooks", &filtered("event.actor.id != null"));
    let filter = &hook["events"]["filter"];
    assert_eq!(filter["type"], "EXPRESSION_LANGUAGE");
    let condition = json!({ "expression": "event.actor.id != null", "version": null });
    assert_eq!(filter["eventFilterMap"][0]["condition"], condition);
    let refused = client.json("POST", SUPER, "/api/v1/eventHooks", &filtered("event.client.zone eq 'x'"));
    assert_eq!(refused.error(), "400 E0000001 Api validation failed: expression");
    let cause = &refused.json()["errorCauses"][0]["errorSummary"];
    assert_eq!(cause, "expression: event.client.zone is no field that events are filtered by");
    let path = path_of("/api/v1/eventHooks", &hook);
    let refused = client.json("PUT", SUPER, &path, &filtered("event.target.?["));
    assert_eq!(refused.status, 400);
    let plain = client.json("PUT", SUPER, &path, &event_hook("https://hooks.example.com/a")).json();
    assert_eq!(plain["events"]["filter"], Value::Null);
}

#[test]
fn hooks_call_web_addresses_only() {
    let client = Client::dev();
    for (uri, status) in [
        ("https://hooks.example.com", 200),
        ("http://127.0.0.1:9/x", 200),
        ("http://localhost/x", 200),
        ("http://hooks.example.com", 400),
        ("https://", 400),
        ("https://user@hooks.example.com", 400),
        ("ftp://hooks.example.com", 400),
        ("", 400),
    ] {
        let answer = client.json("POST", SUPER, "/api/v1/eventHooks", &event_hook(uri));
        assert_eq!(answer.status, status, "{uri}: {}", answer.text());
    }
}

#[test]
fn nobody_is_verified_without_being_asked() {
    let client = Client::dev();
    let hook = create(&client, "/api/v1/eventHooks", &event_hook("https://hooks.example.com/a"));
    let path = path_of("/api/v1/eventHooks", &hook);
    let (status, error) = post(&client, &format!("{path}/lifecycle/verify"));
    assert_eq!((status, &error["errorCode"]), (400, &json!("E0000001")));
    assert_eq!(client.get(SUPER, &path).json()["verificationStatus"], "UNVERIFIED");
}

#[test]
fn an_inline_hook_of_each_channel() {
    let client = Client::dev();
    let http = json!({
        "name": "h", "type": "com.okta.oauth2.tokens.transform", "version": "1.0.0",
        "channel": { "type": "HTTP", "version": "1.0.0", "config": {
            "uri": "https://hooks.example.com/a",
            "authScheme": { "type": "HEADER", "key": "Authorization", "value": "very secret" },
        } },
    });
    let hook = create(&client, "/api/v1/inlineHooks", &http);
    assert_eq!(hook["channel"]["config"]["headers"], json!([]));
    assert_eq!(hook["channel"]["config"]["method"], "POST");
    let path = path_of("/api/v1/inlineHooks", &hook);
    let answer = client.json("POST", SUPER, &path, &json!({ "name": "renamed" }));
    assert_eq!(answer.json()["name"], "renamed", "{}", answer.text());
    assert_eq!(answer.json()["channel"], hook["channel"]);
    assert_eq!(client.delete(SUPER, &path).status, 400, "an active hook stays");

    let oauth = json!({
        "name": "o", "type": "com.okta.saml.tokens.transform", "version": "1.0.2",
        "channel": { "type": "OAUTH", "version": "1.0.0", "config": {
            "uri": "https://hooks.example.com/b", "method": "POST", "authType": "client_secret_post",
            "clientId": "abc", "clientSecret": "very secret", "tokenUrl": "https://hooks.example.com/token",
            "scope": "api", "headers": [{ "key": "Field 1", "value": "Value 1" }],
        } },
    });
    let hook = create(&client, "/api/v1/inlineHooks", &oauth);
    let config = &hook["channel"]["config"];
    assert_eq!((&config["authType"], &config["scope"]), (&json!("client_secret_post"), &json!("api")));
    let listed = client.get(SUPER, "/api/v1/inlineHooks?type=com.okta.saml.tokens.transform").json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[test]
fn a_hook_key_shows_its_public_part_when_it_is_asked_for() {
    let client = Client::dev();
    let key = create(&client, "/api/v1/hook-keys", &json!({ "name": "mine" }));
    assert_eq!(key["isUsed"], false);
    assert_eq!(key["_embedded"]["kid"], key["keyId"]);
    let path = path_of("/api/v1/hook-keys", &key);
    assert_eq!(client.get(SUPER, &path).json().get("_embedded"), None);
    assert_eq!(client.get(SUPER, &format!("{path}?expand=publickey")).json(), key);
    let public = client.get(SUPER, &format!("/api/v1/hook-keys/public/{}", key["keyId"].as_str().unwrap()));
    assert_eq!(public.json(), key["_embedded"]);
    assert_eq!(client.json("POST", SUPER, "/api/v1/hook-keys", &json!({ "name": "mine" })).status, 400);
    let hook = json!({
        "name": "o", "type": "com.okta.oauth2.tokens.transform", "version": "1.0.0",
        "channel": { "type": "OAUTH", "version": "1.0.0", "config": {
            "uri": "https://hooks.example.com/b", "authType": "private_key_jwt", "clientId": "abc",
            "tokenUrl": "https://hooks.example.com/token", "hookKeyId": key["id"],
        } },
    });
    create(&client, "/api/v1/inlineHooks", &hook);
    assert_eq!(client.get(SUPER, "/api/v1/hook-keys").json()[0]["isUsed"], true);
    assert_eq!(client.delete(SUPER, &path).status, 400, "a key that is used stays");
}

#[test]
fn a_hook_may_get_its_token_by_a_key() {
    let client = Client::dev();
    let key = create(&client, "/api/v1/hook-keys", &json!({ "name": "mine" }));
    let hook = json!({
        "name": "o", "type": "com.okta.oauth2.tokens.transform", "version": "1.0.0",
        "channel": { "type": "OAUTH", "version": "1.0.0", "config": {
            "uri": "https://hooks.example.com/b", "authType": "private_key_jwt", "clientId": "abc",
            "tokenUrl": "https://hooks.example.com/token", "hookKeyId": key["id"],
        } },
    });
    let hook = create(&client, "/api/v1/inlineHooks", &hook);
    let path = format!("{}/execute", path_of("/api/v1/inlineHooks", &hook));
    let headers = [("Authorization", SUPER), ("Content-Type", "application/json")];
    let asked = parking_lot::Mutex::new(None);
    client.send_with(("POST", &path), &headers, "{}", |call| {
        let form: std::collections::HashMap<_, _> = form_urlencoded::parse(&call.body).into_owned().collect();
        *asked.lock() = Some((call.url.clone(), form));
        Ok(Answered { status: 200, body: r#"{"access_token":"t"}"#.into() })
    });
    let (url, form) = asked.lock().take().unwrap();
    assert_eq!((url.as_str(), form.get("client_secret")), ("https://hooks.example.com/token", None));
    let public = &key["_embedded"];
    let member = |name: &str| public[name].as_str().unwrap();
    let verifies = DecodingKey::from_rsa_components(member("n"), member("e")).unwrap();
    let mut expected = Validation::new(Algorithm::RS256);
    expected.set_audience(&[&url]);
    expected.validate_exp = false;
    let assertion = jsonwebtoken::decode::<Value>(&form["client_assertion"], &verifies, &expected).unwrap();
    assert_eq!(assertion.header.kid.as_deref(), key["keyId"].as_str());
    assert_eq!((&assertion.claims["iss"], &assertion.claims["sub"]), (&json!("abc"), &json!("abc")));
}

#[test]
fn a_trusted_origin_says_who_made_it() {
    let client = Client::dev();
    let body = json!({ "name": "o", "origin": "http://example.com", "scopes": [{ "type": "CORS" }] });
    let origin = create(&client, "/api/v1/trustedOrigins", &body);
    let me = client.get(SUPER, "/api/v1/users/me").json();
    assert_eq!((&origin["createdBy"], &origin["lastUpdatedBy"]), (&me["id"], &me["id"]));
    let path = path_of("/api/v1/trustedOrigins", &origin);
    let (_, off) = post(&client, &format!("{path}/lifecycle/deactivate"));
    assert_eq!(off["status"], "INACTIVE");
    let query = "/api/v1/trustedOrigins?filter=status%20eq%20%22INACTIVE%22";
    assert_eq!(client.get(SUPER, query).json().as_array().unwrap().len(), 1);
}

/// Enrolments make devices, no operation does.
fn device(client: &Client) -> (String, String) {
    let user = client.get(SUPER, "/api/v1/users/me").json()["id"].as_str().unwrap().to_owned();
    let value = json!({
        "id": "guo00000000000001", "status": "ACTIVE", "created": "2026-01-01T00:00:00.000Z",
        "lastUpdated": "2026-01-01T00:00:00.000Z", "profile": { "displayName": "Phone", "platform": "ANDROID" },
    });
    let link = json!({ "created": "2026-01-01T00:00:00.000Z", "managementStatus": "NOT_MANAGED", "screenLockType": "BIOMETRIC" });
    let shelf = Shelf::below("device_users", &["guo00000000000001"]);
    let (now, who) = (client.org.clock().now(), user.clone());
    let done: Result<_, std::convert::Infallible> = client.org.commit(now, |_| {
        Ok(vec![
            Change::put("devices", "guo00000000000001", value.clone(), Value::Null),
            Change::put(shelf.clone(), who.as_str(), link.clone(), Value::Null),
        ])
    });
    done.unwrap();
    ("/api/v1/devices/guo00000000000001".to_owned(), user)
}

#[test]
fn a_device_loses_its_users_when_it_is_deactivated() {
    let client = Client::dev();
    let (path, user) = device(&client);
    let of_user = format!("/api/v1/users/{user}/devices");
    assert_eq!(client.get(SUPER, &of_user).json().as_array().unwrap().len(), 1);
    let users = client.get(SUPER, &format!("{path}/users")).json();
    assert_eq!(users[0]["user"]["id"], json!(user));
    assert_eq!(users[0]["managementStatus"], "NOT_MANAGED");
    let listed = client.get(SUPER, "/api/v1/devices?expand=userSummary").json();
    assert_eq!(listed[0]["_embedded"]["users"][0]["user"]["id"], json!(user));
    assert_eq!(
        client.delete(SUPER, &path).error(),
        "403 E0000152 Illegal device status, cannot perform action."
    );
    assert_eq!(post(&client, &format!("{path}/lifecycle/unsuspend")).0, 204, "it is active already");
    assert_eq!(post(&client, &format!("{path}/lifecycle/suspend")).0, 204);
    assert_eq!(post(&client, &format!("{path}/lifecycle/deactivate")).0, 204);
    assert_eq!(client.get(SUPER, &format!("{path}/users")).json(), json!([]));
    assert_eq!(client.delete(SUPER, &path).status, 204);
    assert!(client.get(SUPER, &path).error().ends_with("(Device)"));
    assert!(client.get(SUPER, &format!("{path}/users")).error().ends_with("(GenericUDObject)"));
}
