//! Whether a body has what its schema requires, of the types that it names. What real orgs take beyond the document
//! (`fixtures/schema-exceptions.toml`) is no fault: null and an empty string are nothing, objects inside a body require
//! nothing, the kind of a polymorphic body may be missing.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::{Map, Value};

static BODIES: &str = include_str!("../../../../../fixtures/bodies.jsonl");
static SCHEMAS: &str = include_str!("../../../../../fixtures/schemas.jsonl");
static EXCEPTIONS: &str = include_str!("../../../../../fixtures/schema-exceptions.toml");

/// A schema may lead to itself; nobody nests deeper.
const DEEPEST: usize = 16;

type Node = Map<String, Value>;

/// What an operation takes, and whether it must be there.
static REQUESTS: LazyLock<HashMap<String, (Value, bool)>> = LazyLock::new(|| {
    let rows = super::rows::<Value>(BODIES).filter_map(|row| {
        let required = row["required"] == true;
        Some((row["operation"].as_str()?.to_owned(), (row.get("request")?.clone(), required)))
    });
    rows.collect()
});

static NAMED: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    super::rows::<Value>(SCHEMAS).filter_map(|row| Some((row["schema"].as_str()?.to_owned(), row))).collect()
});

#[derive(Deserialize)]
struct Exceptions {
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    schemas: Vec<String>,
    property: String,
    change: toml::Value,
}

/// Schema and property of which neither presence nor type is asked: the document gets them wrong.
static LENIENT: LazyLock<BTreeSet<(String, String)>> = LazyLock::new(|| {
    let rows = toml::from_str::<Exceptions>(EXCEPTIONS).map(|file| file.exception).unwrap_or_default();
    let wrong = rows.into_iter().filter(|row| {
        row.change.as_str().is_some_and(|change| ["any_type", "any_value", "optional"].contains(&change))
    });
    wrong
        .flat_map(|row| {
            let property = row.property.split('/').next().unwrap_or_default().to_owned();
            row.schemas.into_iter().map(move |schema| (schema, property.clone()))
        })
        .collect()
});

/// What is wrong with a body; `partial`: it says only what it changes.
pub(super) fn fault(operation: &str, body: &str, partial: bool) -> Option<String> {
    let (schema, required) = REQUESTS.get(operation)?;
    if body.trim().is_empty() {
        return (*required && !partial).then(|| "it has no body".to_owned());
    }
    match serde_json::from_str::<Value>(body) {
        Ok(body) => judged(schema, &body, "", !partial, 0),
        Err(_) => Some("its body is no JSON".to_owned()),
    }
}

/// What is wrong at a place of a body.
fn judged(schema: &Value, value: &Value, place: &str, whole: bool, depth: usize) -> Option<String> {
    let schema = schema.as_object()?;
    if value.is_null() || value == "" || depth > DEEPEST {
        return None;
    }
    if let Some(name) = schema.get("ref").and_then(Value::as_str) {
        return judged(NAMED.get(name)?, value, place, whole, depth + 1);
    }
    if let Some(kind) = kind_of(schema, value) {
        return judged(NAMED.get(&kind)?, value, place, whole, depth + 1);
    }
    if let Some(options) = schema.get("oneOf").and_then(Value::as_array) {
        let faults: Option<Vec<String>> =
            options.iter().map(|option| judged(option, value, place, whole, depth + 1)).collect();
        return faults?.into_iter().next();
    }
    let wanted = schema.get("type").and_then(Value::as_str);
    if let Some(wanted) = wanted.filter(|wanted| !is(wanted, value)) {
        return Some(format!("{} is no {wanted}", named(place)));
    }
    match value {
        Value::Object(members) => object(schema, members, place, whole, depth),
        Value::Array(elements) => {
            let items = schema.get("items")?;
            elements
                .iter()
                .find_map(|element| judged(items, element, &format!("{place}[]"), false, depth + 1))
        }
        _ => None,
    }
}

fn object(
    schema: &Node,
    members: &Map<String, Value>,
    place: &str,
    whole: bool,
    depth: usize,
) -> Option<String> {
    let of = schema.get("schema").and_then(Value::as_str).unwrap_or_default();
    let lenient = |name: &str| LENIENT.contains(&(of.to_owned(), name.to_owned()));
    let properties = schema.get("properties").and_then(Value::as_object);
    let property = |name: &str| properties.and_then(|properties| properties.get(name));
    let read_only = |name: &str| property(name).is_some_and(|property| property["readOnly"] == true);
    if whole {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut missing = required
            .filter_map(Value::as_str)
            .filter(|name| !members.contains_key(*name) && !read_only(name) && !lenient(name));
        if let Some(name) = missing.next() {
            return Some(format!("{} is missing", named(&joined(place, name))));
        }
    }
    members
        .iter()
        .filter(|(name, _)| !read_only(name) && !lenient(name))
        .find_map(|(name, member)| judged(property(name)?, member, &joined(place, name), false, depth + 1))
}

/// The schema that a discriminator picks, when the body names one that is not the schema itself.
fn kind_of(schema: &Node, value: &Value) -> Option<String> {
    let discriminator = schema.get("discriminator")?;
    let property = discriminator["property"].as_str()?;
    let kind = discriminator["mapping"].get(value.get(property)?.as_str()?)?.as_str()?;
    (schema.get("schema").and_then(Value::as_str) != Some(kind)).then(|| kind.to_owned())
}

fn is(wanted: &str, value: &Value) -> bool {
    match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        // Orgs send 20.0 themselves.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

fn joined(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn named(place: &str) -> &str {
    if place.is_empty() { "the body" } else { place }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_judged_by_the_schema_of_its_operation() {
        let user = "createUser";
        let table = [
            (user, r#"{"profile":{"login":"a","email":"a"}}"#, false, None),
            (user, r#"{"profile":{"login":"a","title":null,"nickName":""}}"#, false, None),
            (user, "", false, Some("it has no body")),
            (user, "{", false, Some("no JSON")),
            (user, "[]", false, Some("the body is no object")),
            (user, "{}", false, Some("profile is missing")),
            (user, r#"{"profile":"{}"}"#, false, Some("profile is no object")),
            (user, r#"{"profile":{"login":7}}"#, false, Some("profile.login is no string")),
            (user, r#"{"profile":{},"groupIds":"a"}"#, false, Some("groupIds is no array")),
            (user, r#"{"profile":{},"groupIds":[7]}"#, false, Some("groupIds[] is no string")),
            (user, "{}", true, None),
            ("listUsers", "{}", false, None),
            // The kind of an app picks its schema.
            ("createApplication", r#"{"label":"a","signOnMode":"BOOKMARK","settings":{}}"#, false, None),
            ("createApplication", r#"{"signOnMode":"BOOKMARK"}"#, false, Some("label is missing")),
        ];
        for (operation, body, partial, expected) in table {
            let found = fault(operation, body, partial);
            match expected {
                None => assert_eq!(found, None, "{operation} {body}"),
                Some(words) => {
                    assert!(found.clone().is_some_and(|found| found.contains(words)), "{body}: {found:?}");
                }
            }
        }
        assert!(!LENIENT.is_empty(), "the exceptions are read");
    }
}
