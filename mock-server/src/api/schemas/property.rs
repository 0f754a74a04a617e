//! One property of a schema: what a request says of it, and what Okta makes of that (recorded).

use serde_json::{Map, Value, json};

use crate::wire::ApiError;

/// Whose profiles a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    User,
    Group,
    App,
}

/// The rules that a schema may hold, in Okta's order.
const RULES: [&str; 20] = [
    "title",
    "description",
    "type",
    "required",
    "format",
    "pattern",
    "unique",
    "externalName",
    "externalNamespace",
    "mutability",
    "scope",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "enum",
    "items",
    "oneOf",
    "union",
    "permissions",
];

const TYPES: [&str; 5] = ["string", "boolean", "number", "integer", "array"];

/// A property as Okta states it. `known`: the base property that changes.
pub(super) fn stated(
    name: &str,
    given: &Value,
    known: Option<&Value>,
    owner: Owner,
) -> Result<Value, ApiError> {
    let Some(given) = given.as_object() else {
        return Err(ApiError::invalid(name, format!("{name}: The property must be an object.")));
    };
    let kind = given.get("type").or_else(|| known?.get("type")).and_then(Value::as_str).unwrap_or("string");
    if !TYPES.contains(&kind) {
        return Err(ApiError::invalid(name, format!("{name}: The type {kind} is not supported.")));
    }
    if known.is_none()
        && (name.is_empty() || !name.bytes().all(|one| one.is_ascii_alphanumeric() || one == b'_'))
    {
        let cause = format!("{name}: Property names hold letters, digits and underscores.");
        return Err(ApiError::invalid(name, cause));
    }
    if known.is_none() && given.get("title").and_then(Value::as_str).unwrap_or_default().is_empty() {
        return Err(ApiError::invalid(name, format!("{name}: The title cannot be left blank")));
    }
    let mut rules: Map<String, Value> = known.and_then(Value::as_object).cloned().unwrap_or_default();
    for (rule, value) in given {
        if RULES.contains(&rule.as_str()) || rule == "master" {
            rules.insert(rule.clone(), value.clone());
        }
    }
    if rules.get("required") != Some(&Value::Bool(true)) {
        rules.shift_remove("required");
    }
    if kind != "array" {
        rules.shift_remove("union");
    }
    if rules.get("unique").is_some_and(|unique| unique == "NOT_UNIQUE") {
        rules.shift_remove("unique");
    }
    rules.entry("type").or_insert_with(|| json!(kind));
    rules.entry("scope").or_insert_with(|| json!("NONE"));
    if owner == Owner::App {
        for rule in ["mutability", "permissions", "master"] {
            rules.shift_remove(rule);
        }
    } else {
        rules.entry("mutability").or_insert_with(|| json!("READ_WRITE"));
        rules.entry("permissions").or_insert_with(|| json!([{ "principal": "SELF", "action": "READ_ONLY" }]));
        rules.entry("master").or_insert_with(|| json!({ "type": "PROFILE_MASTER" }));
        if rules.get("union").is_some_and(|union| union == "DISABLE") {
            rules.shift_remove("union");
        }
    }
    rules.retain(|_, value| !value.is_null());
    let mut ordered = Map::new();
    for rule in RULES.iter().copied().chain(["master"]) {
        if let Some(value) = rules.shift_remove(rule) {
            ordered.insert(rule.to_owned(), value);
        }
    }
    ordered.extend(rules);
    Ok(Value::Object(ordered))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_completed_by_whose_it_is() {
        let given = json!({ "title": "t", "type": "string", "required": false, "union": "DISABLE",
            "master": { "type": "PROFILE_MASTER" },
            "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }] });
        assert_eq!(
            stated("x", &given, None, Owner::App).unwrap(),
            json!({ "title": "t", "type": "string", "scope": "NONE" })
        );
        assert_eq!(
            stated("x", &given, None, Owner::User).unwrap(),
            json!({ "title": "t", "type": "string", "mutability": "READ_WRITE", "scope": "NONE",
                "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }],
                "master": { "type": "PROFILE_MASTER" } })
        );
        for (name, wrong) in [
            ("x", json!({ "type": "string" })),
            ("x", json!({ "title": "t", "type": "date" })),
            ("x y", json!({ "title": "t" })),
            ("x", json!([])),
        ] {
            assert!(stated(name, &wrong, None, Owner::User).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_base_property_keeps_what_the_request_does_not_say() {
        let known = json!({ "title": "Name", "description": "d", "type": "string", "scope": "SELF" });
        let given = json!({ "title": "Name", "type": "string", "required": true });
        assert_eq!(
            stated("name", &given, Some(&known), Owner::App).unwrap(),
            json!({ "title": "Name", "description": "d", "type": "string", "required": true, "scope": "SELF" })
        );
    }
}
