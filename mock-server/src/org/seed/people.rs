//! Users as Okta shows them.

use serde_json::{Map, Value, json};

use super::SeedError;
use super::document::UserEntry;

const STATUSES: [&str; 8] = [
    "STAGED",
    "PROVISIONED",
    "ACTIVE",
    "RECOVERY",
    "PASSWORD_EXPIRED",
    "LOCKED_OUT",
    "SUSPENDED",
    "DEPROVISIONED",
];

/// A user document (recorded shape and key order), of a type and in a realm.
pub(super) fn document(
    entry: &UserEntry,
    place: &str,
    id: &str,
    (type_id, realm_id): (&str, &str),
    created: &str,
) -> Result<Value, SeedError> {
    let status = entry.status.as_deref().unwrap_or("ACTIVE");
    if !STATUSES.contains(&status) {
        return Err(SeedError::unknown(format!("{place}.status"), "user status", status, STATUSES));
    }
    let profile = profile(&entry.profile, place)?;
    let activated = if status == "STAGED" { Value::Null } else { json!(created) };
    let password_changed = if entry.password.is_some() { json!(created) } else { Value::Null };
    let mut credentials = Map::new();
    if entry.password.is_some() {
        credentials.insert("password".into(), json!({}));
    }
    credentials.insert(
        "emails".into(),
        json!([{ "value": profile["email"], "status": "VERIFIED", "type": "PRIMARY" }]),
    );
    credentials.insert("provider".into(), json!({ "type": "OKTA", "name": "OKTA" }));
    Ok(json!({
        "id": id,
        "status": status,
        "created": created,
        "activated": activated,
        "statusChanged": activated,
        "lastLogin": null,
        "lastUpdated": created,
        "passwordChanged": password_changed,
        "realmId": realm_id,
        "type": { "id": type_id },
        "profile": profile,
        "credentials": credentials,
    }))
}

/// The profile in Okta's key order; the lengths are those that Okta's SDKs check on answers
/// (real-clients §2.36).
fn profile(given: &Map<String, Value>, place: &str) -> Result<Map<String, Value>, SeedError> {
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let login = text("login")
        .ok_or_else(|| SeedError::invalid(format!("{place}.profile.login"), "every user needs a login"))?;
    let email = text("email").unwrap_or(login);
    let first = text("firstName").unwrap_or("Test");
    let last = text("lastName").unwrap_or("User");
    for (name, value, shortest, longest) in [
        ("login", login, 5, 100),
        ("email", email, 5, 100),
        ("firstName", first, 1, 50),
        ("lastName", last, 1, 50),
    ] {
        let length = value.chars().count();
        if length < shortest || length > longest {
            return Err(SeedError::invalid(
                format!("{place}.profile.{name}"),
                format!("{value:?} has {length} characters; Okta takes {shortest} to {longest}"),
            ));
        }
    }
    let mut profile = Map::new();
    profile.insert("firstName".into(), json!(first));
    profile.insert("lastName".into(), json!(last));
    profile.insert("mobilePhone".into(), given.get("mobilePhone").cloned().unwrap_or_default());
    for (name, value) in given {
        let fixed = ["firstName", "lastName", "mobilePhone", "secondEmail", "login", "email"];
        if !fixed.contains(&name.as_str()) {
            profile.insert(name.clone(), value.clone());
        }
    }
    profile.insert("secondEmail".into(), given.get("secondEmail").cloned().unwrap_or_default());
    profile.insert("login".into(), json!(login));
    profile.insert("email".into(), json!(email));
    Ok(profile)
}
