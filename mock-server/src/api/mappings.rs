//! Profile mappings: an app and an identity provider have two, from its users to the org's and back. They come and
//! go with it.

use serde_json::{Value, json};

use super::draft::{Action, Draft};
use super::schemas;
use super::special::Special;
use crate::org::profile_mappings;
use crate::wire::ApiError;

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

/// Adds what an app's or provider's coming and going means for its mappings.
pub(super) fn follow(draft: &mut Draft<'_>) {
    let kind = draft.target.resource.kind.as_str();
    if !matches!(kind, "apps" | "idps") {
        return;
    }
    match draft.action {
        Action::Create => {
            let user_type = super::users::default_type(draft.state).map(|kind| kind.id.to_string());
            let new = profile_mappings::of_new(kind, &draft.id, &draft.value, &user_type.unwrap_or_default());
            draft.also.extend(new);
        }
        Action::Delete => draft.also.extend(profile_mappings::of_gone(&draft.id)),
        _ => {}
    }
}
