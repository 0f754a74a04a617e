//! Where real orgs differ from Okta's OpenAPI document (`fixtures/schema-exceptions.toml`).

use serde::Deserialize;
use serde_json::Value;

use super::schemas::{Additional, Schema};

/// The exceptions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exceptions {
    /// Constraints that do not hold anywhere as the document states them.
    #[serde(rename = "class", default)]
    pub classes: Vec<ClassRow>,
    /// Single properties.
    #[serde(rename = "exception", default)]
    pub rows: Vec<Exception>,
}

/// A kind of constraint that does not hold as the document states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// null is the same as not given.
    NullIsAbsent,
    /// An empty string is no value of an optional property.
    EmptyIsAbsent,
    /// The property that tells kinds apart may be missing.
    DiscriminatorOptional,
    /// Objects inside a body may lack what they require.
    NestedRequired,
    /// PATCH, and POST to an object's own path, need no more than what they change.
    PartialUpdate,
    /// Enumerations are read without regard to case and separators.
    CaseOfValues,
    /// An integer may be written with a fraction of zero.
    WholeNumbers,
}

/// A class and its reasons.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRow {
    /// Which.
    pub name: Class,
    /// What it means.
    pub why: String,
    /// Tests of the recordings.
    pub evidence: Vec<String>,
    /// Where the evidence is.
    #[serde(default)]
    pub found_in: FoundIn,
}

/// Where a recording contradicts the document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundIn {
    /// In a request that was accepted.
    #[default]
    Requests,
    /// In an answer, which clients send back when they update.
    Responses,
    /// In a refusal, or in the fate of a value: the row is no relaxation of a check.
    Outcome,
}

/// An exception for a property of one or more schemas.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The schemas.
    pub schemas: Vec<String>,
    /// The property: names with `/` between them, `[]` for items, `*` for properties of any name.
    pub property: String,
    /// What is different.
    pub change: ChangeOfSchema,
    /// Tests of the recordings, or a fact.
    pub evidence: Vec<String>,
    /// Where the evidence is.
    #[serde(default)]
    pub found_in: FoundIn,
}

/// What is different about a property.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeOfSchema {
    /// It may be missing.
    Optional,
    /// It may not be missing.
    Required,
    /// There are more values than the enumeration has.
    MoreValues(Vec<String>),
    /// Any value of its type.
    AnyValue,
    /// Any type.
    AnyType,
    /// It is not only the org that sets it.
    Writable,
}

impl Exceptions {
    /// The embedded table.
    ///
    /// # Panics
    /// When it cannot be read; a test makes sure that it can.
    pub(crate) fn load() -> Self {
        match toml::from_str(include_str!("../../../fixtures/schema-exceptions.toml")) {
            Ok(exceptions) => exceptions,
            Err(error) => panic!("fixtures/schema-exceptions.toml: {error}"),
        }
    }

    /// Whether a class of constraints is relaxed.
    pub fn relaxes(&self, class: Class) -> bool {
        self.classes.iter().any(|row| row.name == class)
    }

    /// Changes a schema as its exceptions say.
    pub(super) fn apply(&self, schema: &mut Schema) {
        let own = schema.name;
        for row in self.rows.iter().filter(|row| row.schemas.iter().any(|name| name == own)) {
            let (parent, name) = row.property.rsplit_once('/').unwrap_or(("", row.property.as_str()));
            match &row.change {
                ChangeOfSchema::Optional => {
                    if let Some(parent) = at(schema, parent) {
                        parent.required.retain(|required| *required != name);
                    }
                }
                ChangeOfSchema::Required => {
                    if let Some(parent) = at(schema, parent) {
                        parent.also_required.push(name.to_owned());
                    }
                }
                ChangeOfSchema::MoreValues(values) => {
                    if let Some(property) = at(schema, &row.property) {
                        property.values.extend(values.iter().map(|value| Value::from(value.as_str())));
                    }
                }
                ChangeOfSchema::AnyValue => {
                    if let Some(property) = at(schema, &row.property) {
                        property.values.clear();
                    }
                }
                ChangeOfSchema::AnyType => {
                    if let Some(property) = at(schema, &row.property) {
                        *property = Schema::default();
                    }
                }
                ChangeOfSchema::Writable => {
                    if let Some(property) = at(schema, &row.property) {
                        property.read_only = false;
                    }
                }
            }
        }
    }
}

/// A part of a schema.
pub(super) fn at<'s>(schema: &'s mut Schema, path: &str) -> Option<&'s mut Schema> {
    let steps = path.split('/').filter(|step| !step.is_empty());
    let mut found = schema;
    for step in steps {
        found = match (step, &mut found.additional_properties) {
            ("[]", _) => found.items.as_deref_mut()?,
            ("*", Some(Additional::Is(inner))) => inner,
            _ => found.properties.get_mut(step)?,
        };
    }
    Some(found)
}
