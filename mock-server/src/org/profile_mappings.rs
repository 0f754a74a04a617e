//! The profile mappings of apps and identity providers, two for each: from its users to the org's and back. Their ids
//! follow from its id, so that they come and go with it at no cost.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::change::Change;
use crate::facts::resources::BASE_MARK;

/// The kind.
const KIND: &str = "profile_mappings";

/// What providers' users are mapped to at first, by the name of the provider's kind (recorded).
static DEFAULTS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../fixtures/profile-mappings.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// The ids of the mappings of an app or provider: from it, and to it.
fn ids(of: &str) -> [String; 2] {
    let own = of.get(3..).unwrap_or_default();
    // The tail that all ids of an org share stays at the end.
    let (random, tail) = own.split_at(own.len().saturating_sub(3));
    [format!("prm{own}"), format!("prm{}{tail}", random.chars().rev().collect::<String>())]
}

/// What is mapped: the app's or provider's kind, whether it is a provider, its id.
fn named(kind: &str, value: &Value) -> Option<String> {
    match kind {
        "apps" => Some(value.get("name")?.as_str()?.to_owned()),
        "idps" => Some(match value.get("type")?.as_str()? {
            "SAML2" => "saml_idp".to_owned(),
            other => format!("{}_idp", other.to_lowercase()),
        }),
        _ => None,
    }
}

/// The mappings that a new app or provider has, to and from the users of a type.
pub fn of_new(kind: &str, id: &str, value: &Value, user_type: &str) -> Vec<Change> {
    let Some(name) = named(kind, value) else { return Vec::new() };
    let href = |path: String| json!({ "href": format!("{BASE_MARK}{path}") });
    let app = json!({
        "id": id,
        "name": name,
        "type": "appuser",
        "_links": {
            "self": href(format!("/api/v1/apps/{id}")),
            "schema": href(format!("/api/v1/meta/schemas/apps/{id}/default")),
        },
    });
    let user = json!({
        "id": user_type,
        "name": "user",
        "type": "user",
        "_links": {
            "self": href(format!("/api/v1/meta/types/user/{user_type}")),
            "schema": href(format!("/api/v1/meta/schemas/user/{}", schema_of_type(user_type))),
        },
    });
    let expressions = match kind {
        "idps" => DEFAULTS.get(&name).or_else(|| DEFAULTS.get("*_idp")),
        _ => None,
    };
    let mut properties = Map::new();
    for (property, expression) in expressions.and_then(Value::as_object).into_iter().flatten() {
        let mapping = json!({ "expression": expression, "pushStatus": "DONT_PUSH" });
        properties.insert(property.clone(), mapping);
    }
    let [from, to] = ids(id);
    let mapping = |id: String, source: &Value, target: &Value, properties: Map<String, Value>| {
        let value = json!({ "id": id, "source": source, "target": target, "properties": properties });
        Change::put(KIND, id, value, Value::Null)
    };
    vec![mapping(from, &app, &user, properties), mapping(to, &user, &app, Map::new())]
}

/// The removal of the mappings of an app or provider that goes.
pub fn of_gone(id: &str) -> impl Iterator<Item = Change> {
    ids(id).into_iter().map(|id| Change::remove(KIND, id))
}

/// The id of the schema of a user type, which goes with the type's.
pub fn schema_of_type(type_id: &str) -> String {
    format!("osc{}", type_id.get(3..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_ids_differ_and_end_alike() {
        let [from, to] = ids("0oakwuqd5tELITmq01d7");
        assert_eq!(from, "prmkwuqd5tELITmq01d7");
        assert_eq!(to, "prm0qmTILEt5dquwk1d7");
        assert_eq!((from.len(), to.len()), (20, 20));
    }
}
