//! Taking out what only the org sets.

use serde_json::Value;

use super::check::{Asked, problems};
use crate::facts::schemas::{Additional, Schema, Schemas};

/// Takes the properties of a value that are read-only, at any depth.
pub(super) fn strip(schemas: &Schemas, schema: &Schema, value: &mut Value) {
    let schema = schemas.resolve(schema);
    if let Some(kind) = picked(schemas, schema, value) {
        return strip(schemas, kind, value);
    }
    match value {
        Value::Object(members) => {
            for (name, property) in &schema.properties.0 {
                if property.read_only || schemas.resolve(property).read_only {
                    members.shift_remove(*name);
                } else if let Some(value) = members.get_mut(*name) {
                    strip(schemas, property, value);
                }
            }
            if let Some(Additional::Is(others)) = &schema.additional_properties {
                let other = members.iter_mut().filter(|(name, _)| schema.properties.get(name).is_none());
                other.for_each(|(_, value)| strip(schemas, others, value));
            }
        }
        Value::Array(items) => {
            let Some(schema) = &schema.items else { return };
            items.iter_mut().for_each(|item| strip(schemas, schema, item));
        }
        _ => {}
    }
}

/// The kind that a value is: by its discriminator, or the first alternative that it fits.
fn picked<'s>(schemas: &'s Schemas, schema: &'s Schema, value: &Value) -> Option<&'s Schema> {
    if let Some(discriminator) = &schema.discriminator {
        let said = value.get(discriminator.property)?.as_str()?;
        return schemas.get(discriminator.mapping.get(said)?);
    }
    schema.one_of.iter().find(|option| problems(schemas, option, value, Asked::OfTheBody).is_empty())
}
