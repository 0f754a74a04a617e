//! A request as it came.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use jiff::Timestamp;

use super::HeaderLines;

/// A request, read whole from the socket.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The request target as sent: path and query, percent-encoding untouched.
    pub target: String,
    /// The headers for look-ups (names in lower case).
    pub headers: HeaderMap,
    /// The header lines as they were on the wire: order, case and duplicates kept (lower case under HTTP/2).
    pub raw_headers: HeaderLines,
    /// The body, at most the size that the listener allows.
    pub body: Bytes,
    /// `scheme://host[:port]` as the caller wrote it, without a trailing slash.
    pub base_url: Arc<str>,
    /// The peer's address.
    pub peer: IpAddr,
    /// The org's time when the request was read. The only clock that the layers below may use.
    pub now: Timestamp,
}

impl Request {
    /// The path of the target, percent-encoding untouched.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The query of the target without its question mark; empty when there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// A header's value as text, if there is exactly such a header and it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body says that it is a form.
    pub fn has_form(&self) -> bool {
        let value = self.headers.get(http::header::CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        let essence = value.unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    }

    /// Whether the body is a form that holds an access token (RFC 6750 §2.2).
    pub fn holds_access_token(&self) -> bool {
        self.has_form() && Form::parse(&self.body).get("access_token").is_some()
    }
}

/// The parameters of a query or an `application/x-www-form-urlencoded` body, in order, duplicates kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// Decodes `a=b&c=d`. Never fails: whatever is not valid UTF-8 becomes the replacement character.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The names that occur more than once, each once, in the order of their first occurrence.
    pub fn duplicates(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for (at, (name, _)) in self.0.iter().enumerate() {
            if !found.contains(&name.as_str()) && self.0[at + 1..].iter().any(|(other, _)| other == name) {
                found.push(name);
            }
        }
        found
    }
}
