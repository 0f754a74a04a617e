//! An app under the names of RFC 7591 (OpenAPI `Client`, order of its examples).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::org::client::AuthMethod;
use crate::org::document::Document;

/// The client object. The secret is part of it only after registration, replacement and renewal.
pub(super) fn shown(app: &Document, with_secret: bool) -> Value {
    let value = app.value();
    let at = |pointer: &str| value.pointer(pointer).filter(|value| !value.is_null());
    let setting = |name: &str| at(&format!("/settings/oauthClient/{name}"));
    let method = app
        .text("/credentials/oauthClient/token_endpoint_auth_method")
        .or_else(|| {
            app.hidden
                .pointer("/token_endpoint_auth_method")
                .and_then(Value::as_str)
                .map(std::borrow::Cow::Borrowed)
        })
        .unwrap_or_default();
    let secret = active_secret(&app.hidden)
        .filter(|_| AuthMethod::parse(&method).is_some_and(AuthMethod::uses_secret));
    let created = app.text("/created").or_else(|| app.text("/createdAt")).unwrap_or_default();
    let issued = created.parse::<Timestamp>().map_or(0, Timestamp::as_second);

    let mut client = Map::new();
    let mut put = |name: &str, value: Value| {
        client.insert(name.to_owned(), value);
    };
    put("client_id", json!(app.id));
    if let Some(secret) = secret.filter(|_| with_secret) {
        put("client_secret", json!(secret));
    }
    put("client_id_issued_at", json!(issued));
    if secret.is_some() {
        put("client_secret_expires_at", json!(0));
    }
    put("client_name", at("/label").or_else(|| at("/name")).cloned().unwrap_or_default());
    for name in ["client_uri", "logo_uri"] {
        put(name, setting(name).cloned().unwrap_or_default());
    }
    put("redirect_uris", setting("redirect_uris").cloned().unwrap_or_else(|| json!([])));
    for name in ["post_logout_redirect_uris", "policy_uri", "tos_uri"] {
        if let Some(value) = setting(name) {
            put(name, value.clone());
        }
    }
    put("response_types", setting("response_types").cloned().unwrap_or_else(|| json!(["token"])));
    put("grant_types", setting("grant_types").cloned().unwrap_or_else(|| json!(["client_credentials"])));
    if let Some(value) = setting("initiate_login_uri") {
        put("initiate_login_uri", value.clone());
    }
    put("token_endpoint_auth_method", json!(method));
    put("application_type", setting("application_type").cloned().unwrap_or_else(|| json!("service")));
    for name in [
        "jwks_uri",
        "request_object_signing_alg",
        "id_token_encrypted_response_alg",
        "frontchannel_logout_uri",
        "frontchannel_logout_session_required",
    ] {
        if let Some(value) = setting(name) {
            put(name, value.clone());
        }
    }
    if let Some(keys) = at("/settings/oauthClient/jwks/keys").and_then(Value::as_array) {
        put("jwks", json!({ "keys": keys.iter().map(key).collect::<Vec<_>>() }));
    }
    if setting("dpop_bound_access_tokens") == Some(&json!(true)) {
        put("dpop_bound_access_tokens", json!(true));
    }
    Value::Object(client)
}

/// The secret that a client may use now, the newest of two.
pub(super) fn active_secret(hidden: &Value) -> Option<&str> {
    let secrets = hidden.get("secrets").and_then(Value::as_array)?;
    secrets
        .iter()
        .rev()
        .find(|secret| secret["status"] == "ACTIVE")
        .and_then(|secret| secret["value"].as_str())
}

/// A key: the members of its kind, `use` also when it says nothing.
fn key(stored: &Value) -> Value {
    let mut key = Map::new();
    for name in ["kty", "kid", "use", "alg", "crv", "x", "y", "e", "n"] {
        match stored.get(name) {
            Some(value) => key.insert(name.to_owned(), value.clone()),
            None if name == "use" => key.insert(name.to_owned(), Value::Null),
            None => None,
        };
    }
    Value::Object(key)
}
