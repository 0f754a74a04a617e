//! The rows of `fixtures/operations.jsonl` and `oauth-operations.jsonl`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::document::{Document, Operation};

type Row = Map<String, Value>;

/// The rows of a document, in its order. Members that were added to a row by hand (names that the document does not
/// fill) are kept; a row whose operation is gone goes.
pub(crate) fn merge(document: &Document, written: &str) -> Result<String> {
    let by_id = rows(written)?.into_iter().map(|row| (id(&row), row)).collect::<BTreeMap<_, _>>();
    let mut text = String::new();
    for operation in document.operations()? {
        let mut row = row(&operation)?;
        for (name, value) in by_id.get(operation.id).into_iter().flatten() {
            row.entry(name).or_insert_with(|| value.clone());
        }
        push(&mut text, row);
    }
    Ok(text)
}

/// The written rows, which are kept as they are (tags, scopes and codes of the authorization servers are by hand: the
/// document says less than Okta does), and behind them those of operations that are new in the document.
pub(crate) fn add_new(document: &Document, written: &str) -> Result<String> {
    let known = rows(written)?;
    let mut text = written.to_owned();
    for operation in document.operations()? {
        let same = |row: &&Row| row["method"] == operation.method && row["path"] == operation.path;
        match known.iter().find(same) {
            Some(row) if id(row) != operation.id => bail!(
                "{} is {} in the document and {} in oauth-operations.jsonl",
                operation.place,
                operation.id,
                id(row)
            ),
            Some(_) => {}
            None => push(&mut text, row(&operation)?),
        }
    }
    Ok(text)
}

fn id(row: &Row) -> String {
    row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn rows(text: &str) -> Result<Vec<Row>> {
    let read = |(nth, line)| serde_json::from_str(line).with_context(|| format!("line {}", nth + 1));
    text.lines().enumerate().map(read).collect()
}

fn push(text: &mut String, row: Row) {
    text.push_str(&Value::from(row).to_string());
    text.push('\n');
}

/// What the document says of an operation.
fn row(operation: &Operation<'_>) -> Result<Row> {
    let Operation { id, method, path, object, place, .. } = operation;
    let (mut scopes, mut api_token) = (Vec::new(), false);
    for (scheme, wanted) in
        object["security"].as_array().into_iter().flatten().flat_map(Value::as_object).flatten()
    {
        match scheme.as_str() {
            "apiToken" => api_token = true,
            "oauth2" => scopes.extend(wanted.as_array().into_iter().flatten().cloned()),
            // How a client authenticates at an authorization server is decided there.
            "Basic" | "basicAuth" | "bearer" | "httpBearer" => {}
            other => bail!("{place}: the security scheme `{other}` is not known"),
        }
    }
    let stage =
        object.get("x-okta-lifecycle").and_then(|stage| stage["lifecycle"].as_str()).unwrap_or_default();
    let deprecated = object.get("deprecated") == Some(&Value::Bool(true));
    let lifecycle =
        if deprecated { format!("{stage} deprecated").trim().to_owned() } else { stage.to_owned() };
    let codes = object["responses"].as_object().into_iter().flat_map(Map::keys);
    let status = codes.filter_map(|code| code.parse::<u16>().ok()).filter(|code| (200..400).contains(code));
    let row = json!({
        "id": id,
        "method": method,
        "path": path,
        "tag": object["tags"][0],
        "scopes": scopes,
        "api_token": api_token,
        "lifecycle": lifecycle,
        "status": status.collect::<Vec<_>>(),
    });
    row.as_object().cloned().context("a row is an object")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"
openapi: 3.0.3
paths:
  /api/v1/things/{id}:
    parameters: []
    get:
      operationId: getThing
      tags: [Thing]
      deprecated: true
      x-okta-lifecycle: { lifecycle: GA }
      security: [{ apiToken: [] }, { oauth2: [okta.things.read] }]
      responses: { '200': { description: Success }, '404': { description: None } }
"#;
    const ROW: &str = r#"{"id":"getThing","method":"GET","path":"/api/v1/things/{id}","tag":"Thing","scopes":["okta.things.read"],"api_token":true,"lifecycle":"GA deprecated","status":[200]"#;

    #[test]
    fn what_was_added_by_hand_stays_and_the_document_s_own_words_change() {
        let document = Document::parse(DOCUMENT).unwrap();
        assert_eq!(merge(&document, "").unwrap(), format!("{ROW}}}\n"));
        let written = r#"{"id":"getThing","status":[204],"recorded":201}
{"id":"goneThing","status":[200]}
"#;
        assert_eq!(merge(&document, written).unwrap(), format!("{ROW},\"recorded\":201}}\n"));
    }

    #[test]
    fn rows_by_hand_are_kept_and_new_operations_come_behind_them() {
        let document = Document::parse(DOCUMENT).unwrap();
        let other = "{\"id\":\"other\",\"method\":\"GET\",\"path\":\"/other\"}\n";
        assert_eq!(add_new(&document, other).unwrap(), format!("{other}{ROW}}}\n"));
        let renamed = "{\"id\":\"readThing\",\"method\":\"GET\",\"path\":\"/api/v1/things/{id}\"}\n";
        let error = add_new(&document, renamed).unwrap_err().to_string();
        assert!(error.contains("is getThing in the document and readThing"), "{error}");
    }

    #[test]
    fn an_unknown_keyword_of_an_operation_stops_with_its_place() {
        let text = DOCUMENT.replace("deprecated: true", "callbacks: {}");
        let error = merge(&Document::parse(&text).unwrap(), "").unwrap_err().to_string();
        assert!(
            error.starts_with("GET /api/v1/things/{id}: an operation has the keyword `callbacks`"),
            "{error}"
        );
    }
}
