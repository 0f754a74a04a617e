//! An exchange as the ledger keeps it, and its JSON (contracts §2).

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use jiff::Timestamp;
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use super::BODY_CAP;
use crate::exchange::framing::{content_length, is_framing};
use crate::exchange::{HeaderLines, Reply, Request, Sent, Trace};

/// An exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// Its number, from 1; given by the ledger.
    pub(crate) seq: u64,
    /// The org's time when the request was read.
    pub(crate) time: Timestamp,
    /// What decided it, and what was learnt.
    pub(crate) trace: Trace,
    /// What came.
    pub(crate) request: Asked,
    /// What went.
    pub(crate) response: Answered,
}

/// The request of an exchange.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderLines,
    pub(crate) body: Body,
}

/// The response of an exchange.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The length of the body of which `body` is the beginning.
    pub(crate) length: usize,
    pub(crate) body: Body,
}

/// A body, cut to what the ledger keeps.
#[derive(Debug)]
pub(crate) struct Body {
    kept: Bytes,
    truncated: bool,
}

impl Exchange {
    /// Keeps a request, the reply as it goes over the wire, and why.
    pub(crate) fn new(request: Request, version: Version, trace: Trace, reply: &Reply) -> Self {
        let Request { method, target, raw_headers, body, now, .. } = request;
        let sent = if method == Method::HEAD { Bytes::new() } else { reply.body.clone() };
        Self {
            seq: 0,
            time: now,
            trace,
            response: Answered {
                status: reply.status,
                headers: reply.headers.clone(),
                length: reply.body.len(),
                body: Body::new(sent),
            },
            request: Asked { method, target, version, headers: raw_headers, body: Body::new(body) },
        }
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let asked = self.request.headers.size();
        // Names of response headers are mostly shared.
        let answered = self.response.headers.iter().map(|(_, value)| 72 + value.len()).sum::<usize>();
        let bodies = self.request.body.kept.len() + self.response.body.kept.len();
        512 + self.request.target.len() + asked + answered + bodies
    }
}

impl Asked {
    /// The path of the target.
    pub(crate) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }
}

impl Body {
    /// A small body is shared; of a large one the beginning is copied, so that the rest is freed.
    fn new(whole: Bytes) -> Self {
        match whole.get(..BODY_CAP) {
            Some(beginning) if whole.len() > BODY_CAP => {
                Self { kept: Bytes::copy_from_slice(beginning), truncated: true }
            }
            _ => Self { kept: whole, truncated: false },
        }
    }

    /// Bodies are text in the ledger; bytes that are not UTF-8 become the replacement character.
    fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.kept)
    }
}

impl Serialize for Exchange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut exchange = serializer.serialize_struct("Exchange", 9)?;
        exchange.serialize_field("seq", &self.seq)?;
        exchange.serialize_field("time", &self.time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())?;
        exchange.serialize_field("operation", &self.trace.operation)?;
        exchange.serialize_field("client", &self.trace.learnt)?;
        exchange.serialize_field("request", &self.request)?;
        exchange.serialize_field("response", &self.response)?;
        if self.trace.sent != Sent::Whole {
            exchange.serialize_field("sent", &self.trace.sent)?;
        }
        exchange.serialize_field("decided", &self.trace.steps)?;
        exchange.serialize_field("faults", &self.trace.faults)?;
        exchange.end()
    }
}

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut asked = serializer.serialize_struct("Asked", 6)?;
        asked.serialize_field("method", self.method.as_str())?;
        asked.serialize_field("target", &self.target)?;
        asked.serialize_field("http_version", version(self.version))?;
        asked.serialize_field("headers", &self.headers)?;
        asked.serialize_field("body", &self.body.text())?;
        if self.body.truncated {
            asked.serialize_field("body_truncated", &true)?;
        }
        asked.end()
    }
}

impl Serialize for Answered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut answered = serializer.serialize_struct("Answered", 4)?;
        answered.serialize_field("status", &self.status.as_u16())?;
        answered.serialize_field("headers", &Lines(self))?;
        answered.serialize_field("body", &self.body.text())?;
        if self.body.truncated {
            answered.serialize_field("body_truncated", &true)?;
        }
        answered.end()
    }
}

/// The header lines of a response as the socket writes them.
struct Lines<'a>(&'a Answered);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lines = serializer.serialize_seq(None)?;
        for (name, value) in self.0.headers.iter().filter(|(name, _)| !is_framing(name)) {
            lines.serialize_element(&(name.as_str(), String::from_utf8_lossy(value.as_bytes())))?;
        }
        if let Some(length) = content_length(self.0.status, self.0.length) {
            lines.serialize_element(&("content-length", length.to_string()))?;
        }
        lines.end()
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}
