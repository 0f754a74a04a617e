//! Cassettes of go-vcr, all versions: `request.url`, `response.code`, bodies as text.

use serde_json::Value;

use super::{Fault, Found, header_object, member, status, text};
use crate::replay::recording::Recorded;

/// Whether an interaction is of this library.
pub(super) fn is(interaction: &Value) -> bool {
    member(interaction, "request.url").is_some()
}

/// An interaction; `number` counts from 1 and is overruled by its `id`, which later versions write.
pub(super) fn read(number: usize, interaction: &Value) -> Result<Recorded, Fault> {
    let place = format!("interaction {number}");
    let id = interaction["id"].as_u64().and_then(|id| usize::try_from(id).ok());
    let request = match (body(interaction, "request.body"), member(interaction, "request.form")) {
        (body, Some(Value::Object(form))) if body.is_empty() && !form.is_empty() => {
            let mut fields = form_urlencoded::Serializer::new(String::new());
            for (name, values) in form {
                for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    fields.append_pair(name, value);
                }
            }
            let form = fields.finish();
            // The query of a request without a body is written as its form, too.
            let address = text(interaction, &place, "request.url")?;
            if address.contains('?') { Vec::new() } else { form.into_bytes() }
        }
        (body, _) => body.as_bytes().to_owned(),
    };
    let found = Found {
        place: &place,
        number: id.unwrap_or(number),
        // A request without a method is a GET in Go.
        method: Some(text(interaction, &place, "request.method")?).filter(|m| !m.is_empty()).unwrap_or("GET"),
        address: text(interaction, &place, "request.url")?,
        request_headers: header_object(member(interaction, "request.headers")),
        request,
        status: status(interaction, &place, "response.code")?,
        response_headers: header_object(member(interaction, "response.headers")),
        response: body(interaction, "response.body").as_bytes().to_owned(),
    };
    found.recorded()
}

fn body<'v>(interaction: &'v Value, path: &str) -> &'v str {
    member(interaction, path).and_then(Value::as_str).unwrap_or_default()
}
