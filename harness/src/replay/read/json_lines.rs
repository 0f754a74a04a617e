//! Recorded exchanges as JSON Lines: a row an exchange, the sessions by `cassette`.

use serde_json::Value;

use super::{Fault, base64, header_object, status, text};
use crate::replay::operations::operation_of;
use crate::replay::recording::{Body, Headers, Recorded, Recording};

/// Whether an object is such a row.
pub(super) fn is(row: &Value) -> bool {
    ["cassette", "method", "path", "status", "response_body_kind"].iter().all(|name| row.get(*name).is_some())
}

/// A recording for each cassette, in the order of the file.
pub(super) fn read(name: &str, text: &str) -> Result<Vec<Recording>, Fault> {
    let mut recordings: Vec<Recording> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = format!("line {}", at + 1);
        let row: Value = serde_json::from_str(line).map_err(|error| Fault::json_line(&place, &error))?;
        let cassette = row["cassette"].as_str().unwrap_or(name).to_owned();
        let at = *places.entry(cassette.clone()).or_insert_with(|| {
            recordings.push(Recording { name: cassette, exchanges: Vec::new() });
            recordings.len() - 1
        });
        recordings[at].exchanges.push(exchange(&row, &place)?);
    }
    Ok(recordings)
}

fn exchange(row: &Value, place: &str) -> Result<Recorded, Fault> {
    let plain = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let (method, path) = (text(row, place, "method")?.to_owned(), text(row, place, "path")?.to_owned());
    let lost = row["request_body_source"] == "lost?" && row["spec_body"] == "required";
    Ok(Recorded {
        number: row["seq"].as_u64().and_then(|seq| usize::try_from(seq).ok()).unwrap_or_default(),
        host: plain("host"),
        operation: match row.get("operation") {
            Some(operation) => operation.as_str().map(ToOwned::to_owned),
            None => operation_of(&method, &path),
        },
        method,
        path,
        query: plain("query"),
        request_headers: headers(&row["request_headers"]),
        request: body(row, place, "request_body", "request_body_kind")?,
        status: status(row, place, "status")?,
        response_headers: headers(&row["response_headers"]),
        response: body(row, place, "response_body", "response_body_kind")?,
        unusable: lost.then_some("the recording lost the request's body"),
    })
}

fn headers(value: &Value) -> Headers {
    header_object(Some(value))
}

fn body(row: &Value, place: &str, member: &str, kind: &str) -> Result<Body, Fault> {
    let value = &row[member];
    if value.is_null() && row[kind] != "json" {
        return Ok(Body::None);
    }
    let plain = || value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    Ok(match text(row, place, kind)? {
        "none" => Body::None,
        "json" => Body::Json(value.clone()),
        "form" => Body::Form(plain()),
        "xml" => Body::Xml(plain()),
        "binary" => Body::Binary(base64(&plain()).unwrap_or_default()),
        _ => Body::Text(plain()),
    })
}
