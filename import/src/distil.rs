//! `fixtures/schemas.jsonl` (a named schema a line, by name) and `fixtures/bodies.jsonl` (what an operation takes and
//! gives, in the order of the document). Only schemas that some operation reaches are kept.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::document::{Document, Operation};
use crate::flatten::Flattener;
use crate::keywords::{BODY, MEDIA, RESPONSE};

/// The two tables.
pub(crate) struct Distilled {
    pub(crate) schemas: String,
    pub(crate) bodies: String,
}

pub(crate) fn distil(document: &Document) -> Result<Distilled> {
    let flattener = Flattener { document };
    let mut bodies = String::new();
    let mut wanted = BTreeSet::new();
    for operation in document.operations()? {
        let row = body_row(document, &flattener, &operation)?;
        for body in ["request", "response"] {
            references(row.get(body).unwrap_or(&Value::Null), &mut wanted);
        }
        bodies.push_str(&Value::from(row).to_string());
        bodies.push('\n');
    }
    let mut named = BTreeMap::new();
    while let Some(name) = wanted.pop_first() {
        if named.contains_key(&name) {
            continue;
        }
        let node = Value::from(flattener.named(&name, "bodies")?);
        references(&node, &mut wanted);
        named.insert(name, node);
    }
    let mut schemas = String::new();
    for (name, node) in named {
        let mut row = Map::from_iter([("schema".to_owned(), json!(name))]);
        row.extend(node.as_object().cloned().unwrap_or_default());
        schemas.push_str(&Value::from(row).to_string());
        schemas.push('\n');
    }
    Ok(Distilled { schemas, bodies })
}

fn body_row(
    document: &Document,
    flattener: &Flattener<'_>,
    operation: &Operation<'_>,
) -> Result<Map<String, Value>> {
    let Operation { id, object, place, .. } = operation;
    let mut row = Map::from_iter([("operation".to_owned(), json!(id))]);
    if let Some(body) = object.get("requestBody") {
        let place = format!("{place}: requestBody");
        let body = document.resolve(body, &place)?;
        BODY.check(body, &place)?;
        if let Some(node) = json_schema(flattener, body, &place)? {
            row.insert("request".to_owned(), Value::from(node));
            row.insert("required".to_owned(), body.get("required").cloned().unwrap_or(Value::Bool(false)));
        }
    }
    let success =
        object["responses"].as_object().into_iter().flatten().find(|(code, _)| code.starts_with('2'));
    if let Some((code, response)) = success {
        let place = format!("{place}: response {code}");
        let response = document.resolve(response, &place)?;
        RESPONSE.check(response, &place)?;
        row.insert("success".to_owned(), json!(code.parse::<u16>()?));
        if let Some(node) = json_schema(flattener, response, &place)? {
            row.insert("response".to_owned(), Value::from(node));
        }
    }
    Ok(row)
}

/// The schema of the JSON form of a body, if it has one.
fn json_schema(
    flattener: &Flattener<'_>,
    body: &Map<String, Value>,
    place: &str,
) -> Result<Option<Map<String, Value>>> {
    for (kind, media) in body.get("content").and_then(Value::as_object).into_iter().flatten() {
        let place = format!("{place}, {kind}");
        let media = crate::document::object(media, &place)?;
        MEDIA.check(media, &place)?;
        if kind == "application/json" || kind.ends_with("+json") {
            let schema = media.get("schema").and_then(Value::as_object);
            return schema.map(|schema| flattener.node(schema, &place)).transpose();
        }
    }
    Ok(None)
}

/// The names that a node refers to.
fn references(node: &Value, found: &mut BTreeSet<String>) {
    let names = node["discriminator"]["mapping"].as_object().into_iter().flat_map(Map::values);
    found.extend(names.chain(node.get("ref")).filter_map(Value::as_str).map(str::to_owned));
    let members = node["properties"].as_object().into_iter().flat_map(Map::values);
    let options = node["oneOf"].as_array().into_iter().flatten();
    for inner in members.chain(options).chain(node.get("items")).chain(node.get("additionalProperties")) {
        references(inner, found);
    }
}
