//! How people sign in to an app: names, passwords that the org fills in for them.

use serde_json::{Value, json};

use super::text;

/// Completes `credentials`. A password goes to the hidden part.
pub(super) fn complete(value: &mut Value, hidden: &mut Value) {
    let template = text(value, "/credentials/userNameTemplate/type").to_owned();
    let scheme = text(value, "/credentials/scheme").to_owned();
    let Some(credentials) = value.get_mut("credentials").and_then(Value::as_object_mut) else { return };
    if let Some(names) = credentials.get_mut("userNameTemplate").and_then(Value::as_object_mut) {
        // Recorded: custom templates say whether they are pushed, built-in ones do not.
        if template == "CUSTOM" {
            names.entry("pushStatus").or_insert_with(|| json!("DONT_PUSH"));
        }
        names.retain(|_, value| !value.is_null() && *value != "");
    }
    let password = credentials.shift_remove("password");
    if let Some(secret) =
        password.as_ref().and_then(|password| password.get("value")).filter(|one| one.is_string())
    {
        hidden["password"] = secret.clone();
    }
    // One user name and password for all: shown, the password without its value (recorded).
    if scheme == "SHARED_USERNAME_AND_PASSWORD" {
        credentials.entry("userName").or_insert(Value::Null);
        credentials.insert("password".to_owned(), json!({}));
    } else {
        credentials.shift_remove("userName");
    }
    let signing = credentials.entry("signing").or_insert_with(|| json!({}));
    if let Some(signing) = signing.as_object_mut() {
        signing.retain(|name, value| name == "kid" && value.is_string());
    }
}
