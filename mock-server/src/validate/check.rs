//! One walk over a value and its schema.

use serde_json::{Map, Value};

use super::formats;
use crate::facts::schema_exceptions::Class;
use crate::facts::schemas::{Additional, Discriminator, Kind, Schema, Schemas};
use crate::facts::words::Problem;

/// A value that does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) problem: Problem,
    /// The named schema that says so.
    pub(super) schema: &'static str,
    /// The property, or the one that has the array.
    pub(super) property: String,
    /// The length that it may have; 0 for other problems.
    pub(super) limit: usize,
}

/// Which required properties are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Those of the body, and by the class those of the objects inside it.
    OfTheBody,
    /// None but those that real orgs are known to ask for.
    OnlyOfItself,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    schema: &'static str,
    property: &'p str,
    required: bool,
    asked: Asked,
}

/// What does not fit, in the order of the document's properties.
pub(super) fn problems(schemas: &Schemas, schema: &Schema, value: &Value, asked: Asked) -> Vec<Found> {
    let mut found = Vec::new();
    let place = Place { schema: "", property: "request", required: true, asked };
    Walk { schemas }.value(schema, value, place, &mut found);
    found
}

struct Walk<'s> {
    schemas: &'s Schemas,
}

impl Walk<'_> {
    fn relaxes(&self, class: Class) -> bool {
        self.schemas.exceptions().relaxes(class)
    }

    fn value(&self, schema: &Schema, value: &Value, place: Place<'_>, found: &mut Vec<Found>) {
        if schema.read_only {
            return;
        }
        let nullable = schema.nullable;
        let schema = self.schemas.resolve(schema);
        if schema.read_only {
            return;
        }
        let place = if schema.name.is_empty() { place } else { Place { schema: schema.name, ..place } };
        if value.is_null() {
            if !nullable && !schema.nullable && !self.relaxes(Class::NullIsAbsent) {
                found.push(place.found(Problem::Kind, 0));
            }
            return;
        }
        if let Some(kind) = self.kind_of(schema, value) {
            return self.value(kind, value, place, found);
        }
        if schema.kind.is_some_and(|kind| !self.is(value, kind)) {
            return found.push(place.found(Problem::Kind, 0));
        }
        if let (Some(kinds), Some(members)) = (schema.discriminator.as_deref(), value.as_object()) {
            self.of_any_kind(kinds, members, place, found);
        }
        if !schema.one_of.is_empty() {
            found.extend(self.nearest(schema, value, place));
        }
        match value {
            Value::String(text) => self.text(schema, text, place, found),
            Value::Object(members) => self.object(schema, members, place, found),
            Value::Array(items) => {
                let Some(schema) = &schema.items else { return };
                for item in items {
                    self.value(schema, item, self.nested(place, place.property), found);
                }
            }
            _ if !schema.values.is_empty() && !schema.values.contains(value) => {
                found.push(place.found(Problem::Value, 0));
            }
            _ => {}
        }
    }

    /// The kind that a value says it is.
    fn kind_of(&self, schema: &Schema, value: &Value) -> Option<&Schema> {
        let discriminator = schema.discriminator.as_deref()?;
        let said = value.get(discriminator.property)?.as_str()?;
        self.schemas.get(discriminator.mapping.get(said)?)
    }

    /// What is wrong in a value of an untold kind, whatever its kind is: members that are an object in every kind that
    /// has them.
    fn of_any_kind(
        &self,
        kinds: &Discriminator,
        members: &Map<String, Value>,
        place: Place<'_>,
        found: &mut Vec<Found>,
    ) {
        for (name, _) in members.iter().filter(|(_, value)| !value.is_null() && !value.is_object()) {
            let schemas = kinds.mapping.values().filter_map(|kind| self.schemas.get(kind));
            let mut said = schemas.filter_map(|kind| kind.properties.get(name)).peekable();
            let object = |property: &Schema| {
                let schema = self.schemas.resolve(property);
                schema.kind == Some(Kind::Object) && !property.read_only && !schema.read_only
            };
            if said.peek().is_some() && said.all(object) {
                let (schema, property) = (place.schema, name.clone());
                found.push(Found { problem: Problem::Kind, schema, property, limit: 0 });
            }
        }
    }

    /// What is wrong by the alternative that fits best; nothing where one fits. Alternatives of a kind that a
    /// discriminator would pick are not tried when the value does not say which it is.
    fn nearest(&self, schema: &Schema, value: &Value, place: Place<'_>) -> Vec<Found> {
        if let Some(discriminator) = &schema.discriminator {
            return self.kindless(discriminator.property, value, place);
        }
        let tried = schema.one_of.iter().map(|option| {
            let mut found = Vec::new();
            self.value(option, value, place, &mut found);
            found
        });
        tried.min_by_key(Vec::len).unwrap_or_default()
    }

    /// What is wrong with a value that does not say of which kind it is.
    fn kindless(&self, property: &'static str, value: &Value, place: Place<'_>) -> Vec<Found> {
        // The document gives alternatives no type; that they have kinds says that they are objects.
        if !value.is_object() {
            return vec![place.found(Problem::Kind, 0)];
        }
        let said = value.get(property).filter(|said| !said.is_null());
        let problem = match said {
            Some(_) => Problem::Value,
            None if self.relaxes(Class::DiscriminatorOptional) => return Vec::new(),
            None => Problem::Missing,
        };
        vec![Found { problem, schema: place.schema, property: property.to_owned(), limit: 0 }]
    }

    fn is(&self, value: &Value, kind: Kind) -> bool {
        match kind {
            Kind::Object => value.is_object(),
            Kind::Array => value.is_array(),
            Kind::String => value.is_string(),
            Kind::Boolean => value.is_boolean(),
            Kind::Number => value.is_number(),
            Kind::Integer => {
                let whole = |number: f64| number.fract() == 0.0 && self.relaxes(Class::WholeNumbers);
                value.is_i64() || value.is_u64() || value.as_f64().is_some_and(whole)
            }
        }
    }

    fn text(&self, schema: &Schema, text: &str, place: Place<'_>, found: &mut Vec<Found>) {
        if text.is_empty() && !place.required && self.relaxes(Class::EmptyIsAbsent) {
            return;
        }
        let (longest, shortest) = (schema.max_length.unwrap_or(usize::MAX), schema.min_length.unwrap_or(0));
        let length = text.chars().count();
        if !schema.values.is_empty() && !self.among(&schema.values, text) {
            found.push(place.found(Problem::Value, 0));
        } else if length > longest {
            found.push(place.found(Problem::TooLong, longest));
        } else if length < shortest {
            found.push(place.found(Problem::TooShort, shortest));
        } else if schema.format.is_some_and(|format| !formats::has(text, format)) {
            found.push(place.found(Problem::Format, 0));
        }
    }

    fn among(&self, values: &[Value], text: &str) -> bool {
        let bare = |text: &str| -> String {
            text.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect()
        };
        let mut known = values.iter().filter_map(Value::as_str);
        known.clone().any(|value| value == text)
            || (self.relaxes(Class::CaseOfValues) && known.any(|value| bare(value) == bare(text)))
    }

    fn object(
        &self,
        schema: &Schema,
        members: &Map<String, Value>,
        place: Place<'_>,
        found: &mut Vec<Found>,
    ) {
        let missing = |name: &str| match members.get(name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        let mut lacks = |name: &str| {
            if missing(name) {
                let (schema, property) = (place.schema, name.to_owned());
                found.push(Found { problem: Problem::Missing, schema, property, limit: 0 });
            }
        };
        schema.also_required.iter().for_each(|name| lacks(name));
        let kinds = schema.discriminator.as_deref().map(|kinds| kinds.property);
        for name in &schema.required {
            // Links are the org's to give, whether or not the document says so (log streams).
            let read_only =
                *name == "_links" || schema.properties.get(name).is_some_and(|property| property.read_only);
            let told_elsewhere = kinds == Some(name) && self.relaxes(Class::DiscriminatorOptional);
            let told = schema.also_required.iter().any(|other| other == name);
            if place.asked == Asked::OfTheBody && !read_only && !told_elsewhere && !told {
                lacks(name);
            }
        }
        let required = |name: &str| {
            schema.required.contains(&name) || schema.also_required.iter().any(|one| one == name)
        };
        for (name, property) in &schema.properties.0 {
            // What is required and blank is told already.
            if let Some(value) = members.get(*name).filter(|_| !(required(name) && missing(name))) {
                self.value(
                    property,
                    value,
                    Place { required: required(name), ..self.nested(place, name) },
                    found,
                );
            }
        }
        if let Some(Additional::Is(others)) = &schema.additional_properties {
            for (name, value) in members.iter().filter(|(name, _)| schema.properties.get(name).is_none()) {
                self.value(others, value, self.nested(place, name), found);
            }
        }
    }

    fn nested<'p>(&self, place: Place<'_>, property: &'p str) -> Place<'p> {
        let asked = if self.relaxes(Class::NestedRequired) { Asked::OnlyOfItself } else { place.asked };
        Place { schema: place.schema, property, required: false, asked }
    }
}

impl Place<'_> {
    fn found(&self, problem: Problem, limit: usize) -> Found {
        Found { problem, schema: self.schema, property: self.property.to_owned(), limit }
    }
}
