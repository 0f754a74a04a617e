//! Reading and emptying an org's ledger.

use axum::extract::RawQuery;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::Value;

use super::answer::{ControlError, Named};
use crate::directory::Hosted;
use crate::ledger::{Exchange, Filter, Page};

/// How many exchanges were pushed out by newer ones, on an answer that may lack them.
const DROPPED: HeaderName = HeaderName::from_static("x-orgtwin-dropped");
const NDJSON: &str = "application/x-ndjson";

/// An exchange as the console shows it.
pub(super) fn shown(_hosted: &Hosted, exchange: &Exchange) -> Value {
    serde_json::to_value(exchange).unwrap_or_default()
}

pub(super) async fn read(
    Named(hosted): Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ControlError> {
    let filter = Filter::from_query(query.as_deref().unwrap_or_default())
        .map_err(|error| ControlError::bad(error.to_string()))?;
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let by_line = accepted.into_iter().any(|value| value.to_ascii_lowercase().contains(NDJSON));
    // A full ledger takes a moment to write: too long for a thread that serves sockets.
    let write = move || {
        let page = hosted.ledger().read(&filter);
        let written = if by_line { lines(&page) } else { serde_json::to_vec(&page.exchanges) };
        (written, page.dropped)
    };
    let failed = |error: String| ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, error);
    let (written, dropped) =
        tokio::task::spawn_blocking(write).await.map_err(|error| failed(error.to_string()))?;
    let body = written.map_err(|error| failed(error.to_string()))?;
    let media_type = if by_line { NDJSON } else { "application/json" };
    let mut response = ([(header::CONTENT_TYPE, media_type)], body).into_response();
    if dropped > 0 {
        response.headers_mut().insert(DROPPED, dropped.into());
    }
    Ok(response)
}

fn lines(page: &Page) -> serde_json::Result<Vec<u8>> {
    let mut body = Vec::new();
    for exchange in &page.exchanges {
        serde_json::to_writer(&mut body, exchange)?;
        body.push(b'\n');
    }
    Ok(body)
}

pub(super) async fn clear(Named(hosted): Named) -> StatusCode {
    hosted.ledger().clear();
    StatusCode::NO_CONTENT
}
