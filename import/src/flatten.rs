//! A schema in its distilled form: the keywords that are taken, `allOf` laid over each other, references by name.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::document::{Document, object, schema_name};
use crate::keywords::SCHEMA;

/// The members of a distilled schema, in the order in which they are written.
const ORDER: [&str; 14] = [
    "ref",
    "type",
    "nullable",
    "readOnly",
    "format",
    "enum",
    "minLength",
    "maxLength",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "discriminator",
    "oneOf",
];

/// Members that say nothing of the shape: they stand beside a reference.
const BESIDE: [&str; 2] = ["nullable", "readOnly"];

type Node = Map<String, Value>;

/// Distils schemas of a document.
pub(crate) struct Flattener<'d> {
    pub(crate) document: &'d Document,
}

impl Flattener<'_> {
    /// A named schema. One that only inherits is written out: what it inherits may pick it by a discriminator.
    pub(crate) fn named(&self, name: &str, place: &str) -> Result<Node> {
        self.inherited(name, place, 0)
    }

    fn inherited(&self, name: &str, place: &str, depth: usize) -> Result<Node> {
        let place_of_it = format!("components/schemas/{name}");
        let node = self.node(self.document.schema(name, place)?, &place_of_it)?;
        Ok(ordered(self.expanded(node, &place_of_it, depth)?))
    }

    /// A schema.
    pub(crate) fn node(&self, schema: &Node, place: &str) -> Result<Node> {
        SCHEMA.check(schema, place)?;
        let mut node = Node::new();
        for (keyword, value) in schema {
            match keyword.as_str() {
                "$ref" => {
                    let name = schema_name(value.as_str().unwrap_or_default(), place)?;
                    self.document.schema(name, place)?;
                    node.insert("ref".to_owned(), json!(name));
                }
                "type" | "format" | "minLength" | "maxLength" | "enum" | "required" => {
                    node.insert(keyword.clone(), value.clone());
                }
                // Said by most schemas, and the same as not said.
                "nullable" | "readOnly" if value == &Value::Bool(true) => {
                    node.insert(keyword.clone(), value.clone());
                }
                "properties" => {
                    let mut properties = Node::new();
                    for (name, property) in object(value, place)? {
                        let place = format!("{place}/{name}");
                        let property = self.node(object(property, &place)?, &place)?;
                        properties.insert(name.clone(), Value::from(property));
                    }
                    node.insert(keyword.clone(), Value::from(properties));
                }
                "items" => {
                    let place = format!("{place}[]");
                    node.insert(keyword.clone(), Value::from(self.node(object(value, &place)?, &place)?));
                }
                "additionalProperties" => {
                    let place = format!("{place}/*");
                    let value = match value {
                        Value::Bool(_) => value.clone(),
                        value => Value::from(self.node(object(value, &place)?, &place)?),
                    };
                    node.insert(keyword.clone(), value);
                }
                "oneOf" | "anyOf" => {
                    let mut options = Vec::new();
                    for (nth, option) in value.as_array().into_iter().flatten().enumerate() {
                        let place = format!("{place}, {keyword} {nth}");
                        options.push(Value::from(self.node(object(option, &place)?, &place)?));
                    }
                    node.insert("oneOf".to_owned(), Value::from(options));
                }
                "discriminator" => {
                    node.insert(keyword.clone(), discriminator(object(value, place)?, place)?);
                }
                _ => {}
            }
        }
        // One reference and words beside it is how 3.0 writes a description of a reference.
        let parts = schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let parts = parts.iter().enumerate().map(|(nth, part)| {
            let place = format!("{place}, allOf {nth}");
            self.node(object(part, &place)?, &place)
        });
        let mut parts = parts.collect::<Result<Vec<_>>>()?;
        if !parts.is_empty() {
            parts.push(node);
            let with_shape =
                parts.iter().filter(|part| part.keys().any(|key| !BESIDE.contains(&key.as_str())));
            let alone = with_shape.count() <= 1;
            node = Node::new();
            for part in parts {
                let part = if alone { part } else { self.expanded(part, place, 0)? };
                self.lay_over(&mut node, part, place)?;
            }
        }
        Ok(ordered(node))
    }

    /// A schema with its own reference replaced by what it refers to. A discriminator of it is left behind: it picked
    /// the schema that is being made.
    fn expanded(&self, mut node: Node, place: &str, depth: usize) -> Result<Node> {
        if depth > 16 {
            bail!("{place}: schemas are made of each other in a circle");
        }
        let Some(name) = node.remove("ref") else { return Ok(node) };
        let mut whole = self.inherited(name.as_str().unwrap_or_default(), place, depth + 1)?;
        whole.remove("discriminator");
        self.lay_over(&mut whole, node, place)?;
        Ok(whole)
    }

    /// Lays a schema over another: properties add up, the later word about the same thing counts.
    fn lay_over(&self, under: &mut Node, over: Node, place: &str) -> Result<()> {
        for (keyword, value) in over {
            match (keyword.as_str(), under.get_mut(&keyword)) {
                ("required", Some(Value::Array(names))) => {
                    for name in value.as_array().into_iter().flatten() {
                        if !names.contains(name) {
                            names.push(name.clone());
                        }
                    }
                }
                ("properties", Some(Value::Object(properties))) => {
                    for (name, property) in object(&value, place)? {
                        let property = object(property, place)?.clone();
                        let place = format!("{place}/{name}");
                        let merged = match properties.get(name).and_then(Value::as_object) {
                            Some(before)
                                if !property.contains_key("ref") && !property.contains_key("oneOf") =>
                            {
                                // Words alone stand beside a reference; a shape is laid over what it means.
                                let words = property.keys().all(|key| BESIDE.contains(&key.as_str()));
                                let mut before = if words {
                                    before.clone()
                                } else {
                                    self.expanded(before.clone(), &place, 0)?
                                };
                                self.lay_over(&mut before, property, &place)?;
                                ordered(before)
                            }
                            _ => property,
                        };
                        properties.insert(name.clone(), Value::from(merged));
                    }
                }
                _ => {
                    under.insert(keyword, value);
                }
            }
        }
        Ok(())
    }
}

fn discriminator(value: &Node, place: &str) -> Result<Value> {
    if let Some(unknown) = value.keys().find(|key| !matches!(key.as_str(), "propertyName" | "mapping")) {
        bail!("{place}: a discriminator has the keyword `{unknown}`");
    }
    let property =
        value.get("propertyName").with_context(|| format!("{place}: a discriminator without a property"))?;
    let mut mapping = Node::new();
    for (name, reference) in value.get("mapping").and_then(Value::as_object).into_iter().flatten() {
        mapping.insert(name.clone(), json!(schema_name(reference.as_str().unwrap_or_default(), place)?));
    }
    Ok(json!({ "property": property, "mapping": mapping }))
}

fn ordered(mut node: Node) -> Node {
    ORDER.iter().filter_map(|key| Some(((*key).to_owned(), node.remove(*key)?))).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"
openapi: 3.0.3
paths: {}
components:
  schemas:
    Base:
      type: object
      required: [kind]
      properties:
        kind: { type: string, description: words }
        settings: { $ref: '#/components/schemas/Settings' }
      discriminator: { propertyName: kind, mapping: { A: '#/components/schemas/Derived' } }
    Settings:
      type: object
      properties: { one: { type: string, nullable: false } }
    Derived:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          required: [label]
          properties:
            label: { type: string, maxLength: 10 }
            settings: { properties: { two: { type: integer } } }
    Plain:
      allOf: [{ $ref: '#/components/schemas/Base' }]
    Circle:
      allOf: [{ $ref: '#/components/schemas/Circle' }]
    Said:
      properties:
        base: { description: words, readOnly: true, allOf: [{ $ref: '#/components/schemas/Base' }] }
    Odd:
      properties: { inner: { items: { type: string, contentEncoding: base64 } } }
"#;

    fn named(name: &str) -> Result<Value> {
        let document = Document::parse(DOCUMENT).unwrap();
        Flattener { document: &document }.named(name, "test").map(Value::from)
    }

    #[test]
    fn what_is_inherited_is_written_out() {
        let settings = json!({ "type": "object", "properties": { "one": { "type": "string" }, "two": { "type": "integer" } } });
        let derived = json!({
            "type": "object",
            "required": ["kind", "label"],
            "properties": {
                "kind": { "type": "string" },
                "settings": settings,
                "label": { "type": "string", "maxLength": 10 },
            },
        });
        assert_eq!(named("Derived").unwrap(), derived);
        assert_eq!(named("Plain").unwrap()["discriminator"], Value::Null);
        assert_eq!(
            named("Base").unwrap()["discriminator"],
            json!({ "property": "kind", "mapping": { "A": "Derived" } })
        );
    }

    #[test]
    fn words_beside_a_reference_leave_it_a_reference() {
        assert_eq!(
            named("Said").unwrap(),
            json!({ "properties": { "base": { "ref": "Base", "readOnly": true } } })
        );
    }

    #[test]
    fn an_unknown_keyword_stops_with_its_place() {
        let error = named("Odd").unwrap_err().to_string();
        assert!(
            error.starts_with("components/schemas/Odd/inner[]: a schema has the keyword `contentEncoding`"),
            "{error}"
        );
    }

    #[test]
    fn a_circle_is_refused() {
        let error = named("Circle").unwrap_err().to_string();
        assert!(error.contains("in a circle"), "{error}");
    }
}
