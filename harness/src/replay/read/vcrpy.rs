//! Cassettes of vcrpy, YAML and JSON: `request.uri`, `response.status.code`, bodies as text or bytes.

use serde_json::Value;

use super::{Fault, Found, base64, header_object, member, status, text};
use crate::replay::recording::Recorded;

/// Whether an interaction is of this library.
pub(super) fn is(interaction: &Value) -> bool {
    member(interaction, "request.uri").is_some()
}

/// An interaction; `number` counts from 1.
pub(super) fn read(number: usize, interaction: &Value) -> Result<Recorded, Fault> {
    let place = format!("interaction {number}");
    let found = Found {
        place: &place,
        number,
        method: text(interaction, &place, "request.method")?,
        address: text(interaction, &place, "request.uri")?,
        request_headers: header_object(member(interaction, "request.headers")),
        request: bytes(&place, "request.body", member(interaction, "request.body"))?,
        status: status(interaction, &place, "response.status.code")?,
        response_headers: header_object(member(interaction, "response.headers")),
        response: bytes(&place, "response.body", member(interaction, "response.body"))?,
    };
    found.recorded()
}

/// How gzip begins in base64.
const PACKED: &str = "H4sI";

/// Text, or an object that holds it.
fn bytes(place: &str, path: &str, body: Option<&Value>) -> Result<Vec<u8>, Fault> {
    let wrong = || Fault::missing(place, path, "a text, `string` or `base64_string`");
    match body {
        None | Some(Value::Null) => Ok(Vec::new()),
        // `!!binary`, which the YAML reader leaves as it is; what is stored so is packed.
        Some(Value::String(text)) if text.starts_with(PACKED) => {
            Ok(base64(text).unwrap_or_else(|| text.as_bytes().to_owned()))
        }
        Some(Value::String(text)) => Ok(text.as_bytes().to_owned()),
        Some(Value::Object(object)) => match (object.get("base64_string"), object.get("string")) {
            (Some(Value::String(text)), _) => base64(text).ok_or_else(wrong),
            (_, string) => bytes(place, path, string),
        },
        Some(_) => Err(wrong()),
    }
}
