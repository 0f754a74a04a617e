//! What the bodies of requests and answers look like: `fixtures/schemas.jsonl` and `fixtures/bodies.jsonl`, distilled
//! from Okta's OpenAPI document by `cargo run -p import`, with the exceptions of `fixtures/schema-exceptions.toml`.
//!
//! Nothing is read before the first write; then a schema is parsed when it is met, so that a process keeps those that
//! its clients use.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;

use super::schema_exceptions::Exceptions;

/// All schemas, by name and by operation.
#[derive(Debug)]
pub struct Schemas {
    named: HashMap<&'static str, Row<Schema>>,
    bodies: HashMap<&'static str, Row<Bodies>>,
    exceptions: Exceptions,
}

/// A line of a table, parsed when it is asked for.
#[derive(Debug)]
struct Row<T> {
    line: &'static str,
    parsed: OnceLock<T>,
}

/// What an operation takes and gives, as JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bodies {
    #[serde(borrow)]
    operation: &'static str,
    /// The body of the request; none where the operation takes no JSON.
    pub request: Option<Schema>,
    /// Whether a request has to have a body.
    pub required: bool,
    /// The success code of the document.
    pub success: Option<u16>,
    /// The body of a successful answer.
    pub response: Option<Schema>,
}

/// A schema. `allOf` is written out; references stay names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Schema {
    /// The name; empty for one inside another.
    #[serde(borrow, rename = "schema")]
    pub name: &'static str,
    /// The name of the schema that it is.
    #[serde(borrow, rename = "ref")]
    pub reference: Option<&'static str>,
    /// The type.
    #[serde(rename = "type")]
    pub kind: Option<Kind>,
    /// Whether null is a value.
    pub nullable: bool,
    /// Whether only the org sets it.
    pub read_only: bool,
    /// `date-time`, `uri`, `email`, …
    #[serde(borrow)]
    pub format: Option<&'static str>,
    /// The values that there are; none said where it is empty.
    #[serde(rename = "enum")]
    pub values: Vec<Value>,
    /// Length in characters.
    pub min_length: Option<usize>,
    /// Length in characters.
    pub max_length: Option<usize>,
    /// The properties that have to be there.
    #[serde(borrow)]
    pub required: Vec<&'static str>,
    /// The properties that real orgs ask for although the document does not.
    #[serde(skip)]
    pub also_required: Vec<String>,
    /// The properties, in the order of the document.
    pub properties: Properties,
    /// What properties of other names may be.
    pub additional_properties: Option<Additional>,
    /// What the items of an array are.
    pub items: Option<Box<Schema>>,
    /// How its kinds are told apart.
    pub discriminator: Option<Box<Discriminator>>,
    /// What it may be instead; `anyOf` of the document too.
    pub one_of: Vec<Schema>,
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Object,
    Array,
    String,
    Boolean,
    Integer,
    Number,
}

/// Properties in the order of the document.
#[derive(Debug, Default)]
pub struct Properties(pub Vec<(&'static str, Schema)>);

/// What properties without a name in the document may be.
#[derive(Debug, Deserialize)]
#[serde(untagged, bound(deserialize = "'de: 'static"))]
pub enum Additional {
    /// Anything, or nothing.
    Any(bool),
    /// This.
    Is(Box<Schema>),
}

/// How kinds are told apart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discriminator {
    /// The property.
    #[serde(borrow)]
    pub property: &'static str,
    /// The schema for each of its values.
    #[serde(borrow)]
    pub mapping: HashMap<&'static str, &'static str>,
}

/// The schemas. The tables are cut into lines at the first call.
///
/// # Panics
/// When a table contradicts itself; a test of this module makes sure that none does.
pub fn schemas() -> &'static Schemas {
    static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::load(Exceptions::load()));
    &SCHEMAS
}

impl Schemas {
    /// The embedded tables with these exceptions.
    pub(crate) fn load(exceptions: Exceptions) -> Self {
        Self {
            named: rows(include_str!("../../../fixtures/schemas.jsonl"), r#"{"schema":""#),
            bodies: rows(include_str!("../../../fixtures/bodies.jsonl"), r#"{"operation":""#),
            exceptions,
        }
    }

    /// A schema by its name.
    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.named.get(name).map(|row| {
            row.parsed.get_or_init(|| {
                let mut schema = parse::<Schema>(row.line);
                self.exceptions.apply(&mut schema);
                schema
            })
        })
    }

    /// What an operation takes and gives.
    pub fn bodies(&self, operation: &str) -> Option<&Bodies> {
        self.bodies.get(operation).map(|row| row.parsed.get_or_init(|| parse(row.line)))
    }

    /// The exceptions that are applied.
    pub fn exceptions(&self) -> &Exceptions {
        &self.exceptions
    }

    /// The schema that a schema is: itself, or what it refers to.
    pub fn resolve<'s>(&'s self, schema: &'s Schema) -> &'s Schema {
        let mut found = schema;
        while let Some(next) = found.reference.and_then(|name| self.get(name)) {
            found = next;
        }
        found
    }
}

/// Cuts a table into lines, by the name that each begins with.
fn rows<T>(text: &'static str, begin: &str) -> HashMap<&'static str, Row<T>> {
    let name = |line: &'static str| line.strip_prefix(begin)?.split('"').next();
    let row = |line: &'static str| Some((name(line)?, Row { line, parsed: OnceLock::new() }));
    text.lines().filter_map(row).collect()
}

fn parse<T: Deserialize<'static>>(line: &'static str) -> T {
    match serde_json::from_str(line) {
        Ok(row) => row,
        Err(error) => panic!("fixtures: {error}: {line}"),
    }
}

impl Properties {
    /// The schema of a property.
    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, schema)| schema)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Schema> {
        self.0.iter_mut().find(|(known, _)| *known == name).map(|(_, schema)| schema)
    }
}

impl Deserialize<'static> for Properties {
    fn deserialize<D: serde::Deserializer<'static>>(from: D) -> Result<Self, D::Error> {
        struct InOrder(PhantomData<Properties>);
        impl Visitor<'static> for InOrder {
            type Value = Properties;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("properties")
            }

            fn visit_map<A: MapAccess<'static>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut found = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    found.push(entry);
                }
                Ok(Properties(found))
            }
        }
        from.deserialize_map(InOrder(PhantomData))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::facts;
    use crate::facts::schema_exceptions::{ChangeOfSchema, at};

    fn names_of(schema: &Schema, found: &mut Vec<&'static str>) {
        found.extend(schema.reference);
        found.extend(schema.discriminator.iter().flat_map(|kinds| kinds.mapping.values().copied()));
        let properties = schema.properties.0.iter().map(|(_, property)| property);
        let items = schema.items.iter().map(Box::as_ref);
        let others = match &schema.additional_properties {
            Some(Additional::Is(inner)) => Some(inner.as_ref()),
            _ => None,
        };
        for inner in properties.chain(items).chain(others).chain(&schema.one_of) {
            names_of(inner, found);
        }
    }

    #[test]
    fn every_row_parses_and_every_name_is_there() {
        let schemas = Schemas::load(Exceptions::load());
        assert_eq!(schemas.named.len(), include_str!("../../../fixtures/schemas.jsonl").lines().count());
        let mut names = Vec::new();
        for name in schemas.named.keys() {
            names_of(schemas.get(name).unwrap(), &mut names);
        }
        for operation in facts().operations.all() {
            let bodies = schemas.bodies(&operation.id).unwrap();
            assert_eq!(bodies.operation, operation.id);
            names.extend(
                [&bodies.request, &bodies.response].into_iter().flatten().filter_map(|body| body.reference),
            );
            if let Some(success) = bodies.success {
                assert!(operation.status.contains(&success), "{}: {success}", operation.id);
            }
        }
        for name in names {
            assert!(schemas.get(name).is_some(), "{name}");
        }
        for row in &schemas.exceptions.rows {
            for name in &row.schemas {
                let mut schema = parse::<Schema>(schemas.named[name.as_str()].line);
                let asked_for = matches!(row.change, ChangeOfSchema::Required);
                let place = if asked_for { "" } else { &row.property };
                assert!(
                    at(&mut schema, place).is_some(),
                    "schema-exceptions.toml: {name} has no {}",
                    row.property
                );
            }
        }
    }
}
