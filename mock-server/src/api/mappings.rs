//! Profile mappings: an app and an identity provider have two, from its users to the org's and back. Their ids follow
//! from its id, so that they come and go with it at no cost.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::draft::{Action, Draft};
use super::schemas;
use super::special::Special;
use crate::facts::resources::BASE_MARK;
use crate::org::change::Change;
use crate::wire::ApiError;

/// The kind.
const KIND: &str = "profile_mappings";

/// What providers' users are mapped to at first, by the name of the provider's kind (recorded).
static DEFAULTS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../fixtures/profile-mappings.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// Mappings.
pub(super) struct ProfileMappings;

impl Special for ProfileMappings {
    /// Null takes a property's mapping away; the target must have the property.
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action != Action::Update {
            return Ok(());
        }
        let given = draft.body.get("properties").and_then(Value::as_object);
        for (name, mapping) in given.into_iter().flatten() {
            if !mapping.is_null() && !has_property(draft, name) {
                return Err(ApiError::invalid("updateMapping", format!("Invalid target field {name}")));
            }
            if mapping.get("expression").is_none() && !mapping.is_null() {
                return Err(ApiError::invalid("updateMapping", format!("No expression for {name}")));
            }
        }
        if let Some(properties) = draft.value.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|_, mapping| !mapping.is_null());
            for mapping in properties.values_mut().filter_map(Value::as_object_mut) {
                mapping.entry("pushStatus").or_insert_with(|| json!("PUSH"));
            }
        }
        Ok(())
    }
}

fn has_property(draft: &Draft<'_>, name: &str) -> bool {
    let text = |pointer: &str| draft.value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let id = text("/target/id");
    if text("/target/type") == "user" {
        return schemas::of_type(draft.state, id).property(name).is_some();
    }
    match draft.state.get("apps", id) {
        Some(app) => schemas::of_app(draft.state, app).property(name).is_some(),
        // A provider's users have what users have, and their name there.
        None => name == "userName" || schemas::of_type(draft.state, "").property(name).is_some(),
    }
}

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
pub(crate) fn of_new(kind: &str, id: &str, value: &Value, user_type: &str) -> Vec<Change> {
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
            "schema": href(format!("/api/v1/meta/schemas/user/{}", schemas::id_of_type(user_type))),
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

/// Adds what an app's or provider's coming, going and being named anew means for its mappings.
pub(super) fn follow(draft: &mut Draft<'_>) {
    let kind = draft.target.resource.kind.as_str();
    if !matches!(kind, "apps" | "idps") {
        return;
    }
    match draft.action {
        Action::Create => {
            let user_type = super::users::default_type(draft.state).map(|kind| kind.id.to_string());
            let new = of_new(kind, &draft.id, &draft.value, &user_type.unwrap_or_default());
            draft.also.extend(new);
        }
        Action::Delete => draft.also.extend(ids(&draft.id).map(|id| Change::remove(KIND, id))),
        _ => {}
    }
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
