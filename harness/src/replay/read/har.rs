//! HAR 1.2: browsers, mitmproxy, the ledger of a twin (`?format=har`).

use serde_json::Value;

use super::{Fault, Found, base64, member, status, text};
use crate::replay::recording::{Headers, Recording};

/// Whether a file is one.
pub(super) fn is(value: &Value) -> bool {
    member(value, "log.entries").is_some_and(Value::is_array)
}

/// Its entries as one recording.
pub(super) fn read(name: &str, value: &Value) -> Result<Vec<Recording>, Fault> {
    let entries = member(value, "log.entries").and_then(Value::as_array).into_iter().flatten();
    let mut exchanges = Vec::new();
    for (at, entry) in entries.enumerate() {
        let place = format!("log.entries[{at}]");
        let content = member(entry, "response.content").unwrap_or(&Value::Null);
        let response = bytes(content, &place, "response.content.text")?;
        let request = request_body(entry, &place)?;
        let lost = response.is_empty()
            && content["size"].as_i64().is_some_and(|size| size > 0)
            && content.get("text").is_none();
        let found = Found {
            place: &place,
            number: at,
            method: text(entry, &place, "request.method")?,
            address: text(entry, &place, "request.url")?,
            request_headers: headers(member(entry, "request.headers")),
            request,
            status: status(entry, &place, "response.status")?,
            response_headers: headers(member(entry, "response.headers")),
            response,
        };
        let mut recorded = found.recorded()?;
        if lost && recorded.unusable.is_none() {
            recorded.unusable = Some("the recording lost the answer's body");
        }
        exchanges.push(recorded);
    }
    Ok(vec![Recording { name: name.to_owned(), exchanges }])
}

/// The text as it was sent, or the fields of a form.
fn request_body(entry: &Value, place: &str) -> Result<Vec<u8>, Fault> {
    let data = member(entry, "request.postData").unwrap_or(&Value::Null);
    let body = bytes(data, place, "request.postData.text")?;
    let fields = data["params"].as_array().filter(|fields| body.is_empty() && !fields.is_empty());
    let Some(fields) = fields else { return Ok(body) };
    let mut form = form_urlencoded::Serializer::new(String::new());
    for field in fields {
        form.append_pair(
            field["name"].as_str().unwrap_or_default(),
            field["value"].as_str().unwrap_or_default(),
        );
    }
    Ok(form.finish().into_bytes())
}

fn bytes(content: &Value, place: &str, path: &str) -> Result<Vec<u8>, Fault> {
    let text = content["text"].as_str().unwrap_or_default();
    if content["encoding"] == "base64" {
        base64(text).ok_or_else(|| Fault::missing(place, path, "base64, as its `encoding` says"))
    } else {
        Ok(text.as_bytes().to_owned())
    }
}

fn headers(lines: Option<&Value>) -> Headers {
    let mut headers = Headers::default();
    for line in lines.and_then(Value::as_array).into_iter().flatten() {
        if let (Some(name), Some(value)) = (line["name"].as_str(), line["value"].as_str())
            // HTTP/2 has the request line among its headers.
            && !name.starts_with(':')
        {
            // Browsers join repeated lines by a line feed.
            value.split('\n').for_each(|value| headers.add(name, value));
        }
    }
    headers
}
