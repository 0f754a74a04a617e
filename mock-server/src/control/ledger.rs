//! Reading and emptying an org's ledger.

use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::Value;

use super::answer::{ControlError, Named};
use crate::directory::Hosted;
use crate::ledger::{Format, Packed, Reading};

/// How many exchanges were pushed out by newer ones.
const DROPPED: HeaderName = HeaderName::from_static("x-orgtwin-dropped");
const NDJSON: &str = "application/x-ndjson";
const HAR: &str = "application/har+json";

/// An exchange as the console shows it.
pub(super) fn shown(hosted: &Hosted, exchange: &Packed) -> Value {
    let written = hosted.ledger().write(exchange, false);
    written.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

pub(super) async fn read(
    Named(hosted): Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ControlError> {
    let Reading { filter, format, plain, .. } = reading(query.as_deref())?;
    let format = format.unwrap_or_else(|| accepted(&headers));
    // A full ledger takes a moment to write: too long for a thread that serves sockets.
    let write = move || {
        let page = hosted.ledger().read(&filter);
        (hosted.ledger().write_page(&page, format, plain), page.dropped)
    };
    let failed = |error: String| ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, error);
    let (written, dropped) =
        tokio::task::spawn_blocking(write).await.map_err(|error| failed(error.to_string()))?;
    let body = written.map_err(|error| failed(error.to_string()))?;
    let media_type = match format {
        Format::Json => "application/json",
        Format::Ndjson => NDJSON,
        Format::Har => HAR,
    };
    let mut response = ([(header::CONTENT_TYPE, media_type)], body).into_response();
    response.headers_mut().insert(DROPPED, dropped.into());
    Ok(response)
}

pub(super) fn reading(query: Option<&str>) -> Result<Reading, ControlError> {
    Reading::from_query(query.unwrap_or_default()).map_err(|error| ControlError::bad(error.to_string()))
}

fn accepted(headers: &HeaderMap) -> Format {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let lines: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
    let says = |media_type| lines.iter().any(|line| line.contains(media_type));
    if says(NDJSON) {
        Format::Ndjson
    } else if says(HAR) {
        Format::Har
    } else {
        Format::Json
    }
}

pub(super) async fn clear(Named(hosted): Named) -> StatusCode {
    hosted.ledger().clear();
    StatusCode::NO_CONTENT
}
