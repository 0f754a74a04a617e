//! The settings of an authenticator enrolment policy: every active authenticator of the org stands in them (recorded).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::draft::{Draft, set};
use crate::org::document::Document;

/// Keys of which an org may have several: only the id says which is meant.
const MANY: [&str; 3] = ["custom_app", "custom_otp", "external_idp"];

/// Completes the settings.
pub(super) fn complete(draft: &mut Draft<'_>) {
    if draft.value.pointer("/settings/factors").is_some_and(Value::is_object) {
        return;
    }
    let asked = draft.value.pointer("/settings/authenticators").and_then(Value::as_array);
    let asked = asked.cloned().unwrap_or_default();
    let mut authenticators: Vec<Value> = draft
        .state
        .all("authenticators")
        .after(None)
        .filter(|authenticator| authenticator.is("/status", "ACTIVE"))
        .map(|authenticator| {
            let key = authenticator.text("/key").unwrap_or_default();
            let found = asked.iter().find(|entry| means(entry, &key, &authenticator.id));
            found.cloned().unwrap_or_else(|| unasked(authenticator))
        })
        .collect();
    let others = asked.into_iter().filter(|entry| !authenticators.contains(entry)).collect::<Vec<_>>();
    authenticators.extend(others);
    set(&mut draft.value, "/settings/type", "AUTHENTICATORS".into());
    set(&mut draft.value, "/settings/authenticators", authenticators.into());
}

/// Whether an entry of the settings means the authenticator with a key and an id.
pub(in crate::api::special) fn means(entry: &Value, key: &str, id: &str) -> bool {
    let is = |member: &str, text: &str| entry.get(member).and_then(Value::as_str) == Some(text);
    is("key", key) && (!MANY.contains(&key) || is("id", id))
}

/// The entry of an authenticator that nobody asked for; a password is always enrolled.
fn unasked(authenticator: &Arc<Document>) -> Value {
    let key = authenticator.text("/key").unwrap_or_default();
    let enrols = if key == "okta_password" { "REQUIRED" } else { "NOT_ALLOWED" };
    entry(&key, &authenticator.id, enrols)
}

/// An entry of the settings.
pub(in crate::api::special) fn entry(key: &str, id: &str, enrols: &str) -> Value {
    if MANY.contains(&key) {
        json!({ "key": key, "id": id, "enroll": { "self": enrols } })
    } else {
        json!({ "key": key, "enroll": { "self": enrols } })
    }
}
