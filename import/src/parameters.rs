//! `fixtures/parameters.jsonl`: what an operation may be asked in its query, a row for each operation that takes something
//! there, in the order of the document.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::document::{Document, Operation};
use crate::flatten::Flattener;
use crate::keywords::PARAMETER;

pub(crate) fn parameters(document: &Document) -> Result<String> {
    let flattener = Flattener { document };
    let mut text = String::new();
    for operation in document.operations()? {
        let query = query(document, &flattener, &operation)?;
        if !query.is_empty() {
            text.push_str(&json!({ "operation": operation.id, "query": query }).to_string());
            text.push('\n');
        }
    }
    Ok(text)
}

/// The parameters by name: those of the path, then those of the operation, which replace them.
fn query(
    document: &Document,
    flattener: &Flattener<'_>,
    operation: &Operation<'_>,
) -> Result<Map<String, Value>> {
    let mut query = Map::new();
    let own = operation.object.get("parameters").unwrap_or(&Value::Null);
    let both = [operation.shared, own].into_iter().flat_map(Value::as_array).flatten();
    for parameter in both {
        let place = format!("{}: parameters", operation.place);
        let parameter = document.resolve(parameter, &place)?;
        PARAMETER.check(parameter, &place)?;
        if parameter.get("in").is_none_or(|place| place != "query") {
            continue;
        }
        let name = parameter.get("name").and_then(Value::as_str);
        let name = name.with_context(|| format!("{place}: one has no name"))?;
        let mut row = Map::new();
        if let Some(schema) = parameter.get("schema").and_then(Value::as_object) {
            let mut node = flattener.node(schema, &place)?;
            if let Some(named) = node.get("ref").and_then(Value::as_str) {
                node = flattener.named(named, &place)?;
            }
            row.extend(["type", "enum"].into_iter().filter_map(|key| node.remove_entry(key)));
        }
        if parameter.get("required") == Some(&Value::Bool(true)) {
            row.insert("required".to_owned(), Value::Bool(true));
        }
        query.insert(name.to_owned(), Value::from(row));
    }
    Ok(query)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_a_query_may_have_is_taken_from_path_operation_and_references() {
        let document = r##"
openapi: 3.0.3
paths:
  /api/v1/things:
    parameters: [{ in: query, name: q, schema: { type: string } }, { in: path, name: id, required: true }]
    get:
      operationId: listThings
      parameters:
        - $ref: '#/components/parameters/limit'
        - { in: query, name: kind, required: true, schema: { $ref: '#/components/schemas/Kind' } }
      responses: {}
    post: { operationId: createThing, responses: {} }
components:
  parameters: { limit: { in: query, name: limit, schema: { type: integer, minimum: 1 } } }
  schemas: { Kind: { type: string, enum: [A, B] } }
"##;
        let first = r#"{"operation":"listThings","query":{"q":{"type":"string"},"limit":{"type":"integer"},"kind":{"type":"string","enum":["A","B"],"required":true}}}"#;
        let second = r#"{"operation":"createThing","query":{"q":{"type":"string"}}}"#;
        let text = parameters(&Document::parse(document).unwrap()).unwrap();
        assert_eq!(text, format!("{first}\n{second}\n"));
    }
}
