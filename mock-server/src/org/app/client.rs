//! The OAuth client that an app with sign-on mode `OPENID_CONNECT` is.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{Around, fill, remove, text};
use crate::facts::facts;
use crate::org::client::AuthMethod;

/// A new secret with this value, as the org keeps it.
pub fn new_secret(value: &str, around: &Around<'_>) -> Value {
    let mut secret = json!({ "value": value, "status": "ACTIVE" });
    complete_secret(&mut secret, around);
    secret
}

/// Gives a secret the id and the times that it lacks.
fn complete_secret(secret: &mut Value, around: &Around<'_>) {
    if text(secret, "/id").is_empty() {
        secret["id"] = json!(around.ids.next("ocs"));
        secret["created"] = json!(around.now);
        secret["lastUpdated"] = json!(around.now);
    }
}

/// How Okta shows that it knows a secret: the first half of its digest (mgmt-facts §7.4).
pub fn secret_hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, secret.as_bytes()).as_ref()[..16])
}

/// The secret that a client is shown with: its first active one.
pub fn active_secret(hidden: &Value) -> Option<&str> {
    let secrets = hidden.get("secrets").and_then(Value::as_array)?;
    secrets.iter().find(|secret| secret["status"] == "ACTIVE").and_then(|secret| secret["value"].as_str())
}

/// The settings of the client; those of an app of the OIN are hidden.
pub fn oauth_settings<'v>(value: &'v Value, hidden: &'v Value) -> Option<&'v Value> {
    value.pointer("/settings/oauthClient").or_else(|| hidden.pointer("/client/settings"))
}

/// The public keys of a client.
pub fn keys_of<'v>(value: &'v Value, hidden: &'v Value) -> &'v [Value] {
    let keys = oauth_settings(value, hidden).and_then(|settings| settings.pointer("/jwks/keys"));
    keys.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Completes the credentials and the settings of the client. What an app of the OIN is as a client is hidden (recorded).
pub(super) fn complete(value: &mut Value, hidden: &mut Value, shown: bool, around: &Around<'_>) {
    let mut credentials = taken(value, "credentials");
    let mut settings = taken(value, "settings");
    if let Some(template) = facts().apps.mode("OPENID_CONNECT") {
        fill(&mut credentials, &template["credentials"]["oauthClient"]);
        fill(&mut settings, &template["settings"]["oauthClient"]);
    }
    fill_credentials(&mut credentials, &settings, text(value, "/id"), hidden, around);
    fill_settings(&mut settings, around);
    value["credentials"]["signing"] = json!({ "kid": around.signing_kid });
    if shown {
        value["credentials"]["oauthClient"] = credentials;
        value["settings"]["oauthClient"] = settings;
        if let Some(hidden) = hidden.as_object_mut() {
            hidden.shift_remove("client");
        }
    } else {
        hidden["client"] = json!({ "credentials": credentials, "settings": settings });
    }
}

fn taken(value: &mut Value, above: &str) -> Value {
    let found = value.get_mut(above).and_then(|above| above.get_mut("oauthClient")).map(Value::take);
    remove(value, &format!("/{above}"), "oauthClient");
    found.filter(Value::is_object).unwrap_or_else(|| json!({}))
}

fn fill_credentials(
    credentials: &mut Value,
    settings: &Value,
    id: &str,
    hidden: &mut Value,
    around: &Around<'_>,
) {
    if text(credentials, "/client_id").is_empty() {
        credentials["client_id"] = json!(id);
    }
    if !credentials["pkce_required"].is_boolean() {
        // A client that cannot keep a secret needs PKCE.
        let public = matches!(text(settings, "/application_type"), "native" | "browser");
        credentials["pkce_required"] = json!(public);
    }
    let given = credentials.get_mut("client_secret").map(Value::take);
    let method = AuthMethod::parse(text(credentials, "/token_endpoint_auth_method"));
    remove(credentials, "", "client_secret");
    let mut secrets = hidden.get("secrets").and_then(Value::as_array).cloned().unwrap_or_default();
    if method.is_some_and(AuthMethod::uses_secret) {
        match given.as_ref().and_then(Value::as_str).filter(|secret| !secret.is_empty()) {
            Some(given) if secrets.iter().all(|secret| secret["value"] != *given) => {
                secrets = vec![new_secret(given, around)];
            }
            None if secrets.is_empty() => secrets.push(new_secret(&around.ids.word(64), around)),
            _ => {}
        }
    }
    secrets.iter_mut().for_each(|secret| complete_secret(secret, around));
    hidden["secrets"] = Value::Array(secrets);
    if method.is_some_and(AuthMethod::uses_secret)
        && let Some(secret) = active_secret(hidden)
    {
        credentials["client_secret"] = json!(secret);
    }
}

fn fill_settings(settings: &mut Value, around: &Around<'_>) {
    let grants = |name: &str| {
        let types = settings.get("grant_types").and_then(Value::as_array);
        types.is_some_and(|types| types.iter().any(|one| one == name))
    };
    if grants("refresh_token") && settings.get("refresh_token").is_none_or(Value::is_null) {
        // token-facts §10: single-page apps rotate.
        settings["refresh_token"] = match text(settings, "/application_type") {
            "browser" => json!({ "rotation_type": "ROTATE", "leeway": 30 }),
            _ => json!({ "rotation_type": "STATIC" }),
        };
    }
    match settings.pointer_mut("/jwks/keys").and_then(Value::as_array_mut) {
        Some(keys) if !keys.is_empty() => {
            for key in keys.iter_mut() {
                *key = stored_key(key, around);
            }
        }
        _ => remove(settings, "", "jwks"),
    }
    if let Some(members) = settings.as_object_mut() {
        let optional = |name: &str| !matches!(name, "client_uri" | "logo_uri");
        members.retain(|name, value| !(optional(name) && value.is_null()));
    }
}

/// A public key as a client shows it (recorded members and order; mgmt-facts §7.3). Private members are dropped.
pub fn stored_key(key: &Value, around: &Around<'_>) -> Value {
    let mut stored = Map::new();
    let given = |name: &str| key.get(name).filter(|value| !value.is_null() && **value != "");
    stored.insert("kty".to_owned(), key.get("kty").cloned().unwrap_or_default());
    stored.insert("id".to_owned(), given("id").cloned().unwrap_or_else(|| json!(around.ids.next("pks"))));
    stored.insert("status".to_owned(), given("status").cloned().unwrap_or_else(|| json!("ACTIVE")));
    stored.insert("kid".to_owned(), key.get("kid").cloned().unwrap_or_default());
    if let Some(algorithm) = given("alg") {
        stored.insert("alg".to_owned(), algorithm.clone());
    }
    stored.insert("use".to_owned(), key.get("use").cloned().unwrap_or_default());
    for name in ["e", "n", "x", "y", "crv"] {
        if let Some(value) = given(name) {
            stored.insert(name.to_owned(), value.clone());
        }
    }
    Value::Object(stored)
}
