//! From what hyper read to a [`Request`].

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, Version, header, request};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use jiff::Timestamp;

use super::Policy;
use super::heads::{Head, Heads};
use crate::exchange::{HeaderLines, Request};

/// A body this much too large is still read to its end, so that the peer gets to read the answer.
const DRAINED: usize = 64 * 1024 * 1024;

/// A body that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyError {
    /// It has more bytes than allowed.
    #[error("the body has more than {0} bytes; send less")]
    TooLarge(usize),
    /// It did not come in time.
    #[error("the body did not come within {0} seconds")]
    Late(u64),
    /// It ended before its length, or its framing is broken.
    #[error("the body could not be read: {0}")]
    Broken(String),
}

impl BodyError {
    /// The status that says so.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Reads a body whole. An empty one costs nothing.
///
/// # Errors
/// [`BodyError`] when it is too large, too slow or broken.
pub(super) async fn body(
    incoming: Incoming,
    headers: &HeaderMap,
    policy: &Policy,
) -> Result<Bytes, BodyError> {
    if incoming.is_end_stream() {
        return Ok(Bytes::new());
    }
    let too_large = BodyError::TooLarge(policy.max_body);
    if incoming.size_hint().lower() > policy.max_body as u64 && headers.contains_key(header::EXPECT) {
        return Err(too_large);
    }
    match tokio::time::timeout(policy.patience, collect(incoming, policy.max_body)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(BodyError::Late(policy.patience.as_secs())),
    }
}

async fn collect(mut incoming: Incoming, max_body: usize) -> Result<Bytes, BodyError> {
    let mut whole = Bytes::new();
    let mut joined: Vec<u8> = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| BodyError::Broken(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > DRAINED {
            break;
        }
        if length > max_body {
            (whole, joined) = (Bytes::new(), Vec::new());
        } else if whole.is_empty() && joined.is_empty() {
            whole = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut whole));
            joined.extend_from_slice(&data);
        }
    }
    match length {
        length if length > max_body => Err(BodyError::TooLarge(max_body)),
        _ if joined.is_empty() => Ok(whole),
        _ => Ok(joined.into()),
    }
}

/// What surrounds a request.
pub(super) struct Around {
    /// The peer's address.
    pub(super) peer: IpAddr,
    /// The URL that the caller called.
    pub(super) base_url: Arc<str>,
    /// The org's time.
    pub(super) now: Timestamp,
}

/// Puts a request together.
pub(super) fn assemble(parts: request::Parts, head: Option<Head>, body: Bytes, around: Around) -> Request {
    let request::Parts { method, uri, headers, .. } = parts;
    let (target, raw_headers) = match head {
        Some(Head { target, lines }) if target.starts_with('/') => (target, lines),
        Some(Head { lines, .. }) => (target(&uri), lines),
        None => (target(&uri), lines(&headers)),
    };
    let Around { peer, base_url, now } = around;
    Request { method, target, headers, raw_headers, body, base_url, peer, now }
}

/// The head as it was on the wire, if the connection is HTTP/1 and both readers read the same.
pub(super) fn raw_head(
    heads: &Heads,
    version: Version,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<Head> {
    if version > Version::HTTP_11 {
        return None;
    }
    let head = heads.next()?;
    // A fragment and the host of an absolute target are in the head and not in the path.
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let same_target = head.target == path || head.target.contains('#') || !head.target.starts_with('/');
    // hyper drops a Content-Length beside chunks.
    if same_target && head.lines.len() >= headers.len() {
        return Some(head);
    }
    tracing::debug!(%method, path, "the head as read does not fit the request");
    heads.give_up();
    None
}

fn target(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| uri.to_string(), |path| path.as_str().to_owned())
}

fn lines(headers: &HeaderMap) -> HeaderLines {
    let mut lines = HeaderLines::default();
    headers
        .iter()
        .for_each(|(name, value)| lines.push(name.as_str(), &String::from_utf8_lossy(value.as_bytes())));
    lines
}
