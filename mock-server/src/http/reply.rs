//! From a [`Reply`] to what hyper writes.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::{Either, Full};

use crate::exchange::Reply;
use crate::exchange::framing::{content_length, is_framing};

/// The body of a response: bytes at hand, or what the control API streams.
pub(super) type ReplyBody = Either<Full<Bytes>, Body>;

/// Writes a reply. Lines of the same name stay separate lines; HEAD has the headers of GET and no body.
pub(super) fn write(reply: Reply, method: &Method) -> Response<ReplyBody> {
    let Reply { status, headers: lines, body } = reply;
    let mut headers = HeaderMap::with_capacity(lines.len() + 1);
    for (name, value) in lines {
        if !is_framing(name.as_str()) {
            headers.append(name, value);
        }
    }
    let length = content_length(status, body.len());
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let body = if length.is_none() || method == Method::HEAD { Bytes::new() } else { body };
    let mut response = Response::new(Either::Left(Full::new(body)));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// An answer of the listener itself, for requests that never reach an org. The connection ends with it.
pub(super) fn refusal(status: StatusCode, reason: &str) -> Reply {
    let body = serde_json::json!({ "error": reason }).to_string();
    Reply::json(status, body).with(header::CONNECTION, HeaderValue::from_static("close"))
}
