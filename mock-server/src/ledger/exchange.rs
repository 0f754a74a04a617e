//! An exchange as the ledger keeps it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use jiff::Timestamp;

use super::BODY_CAP;
use crate::exchange::framing::{content_length, is_framing};
use crate::exchange::{HeaderLines, Reply, Request, Trace};

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
    /// `scheme://host[:port]` as the caller wrote it.
    pub(crate) base_url: Arc<str>,
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
        let Request { method, target, raw_headers, body, base_url, now, .. } = request;
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
            request: Asked { method, target, base_url, version, headers: raw_headers, body: Body::new(body) },
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

impl Exchange {
    /// The ids of the faults that touched it.
    pub(super) fn faults(&self) -> &[String] {
        &self.trace.faults
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
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.kept)
    }

    /// Whether only the beginning is kept.
    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }
}

impl Answered {
    /// The header lines as the socket writes them.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let written = self.headers.iter().filter(|(name, _)| !is_framing(name));
        let length = content_length(self.status, self.length);
        written
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
            .chain(length.map(|length| ("content-length", Cow::Owned(length.to_string()))))
    }

    /// The first value of a header that is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.to_str().ok())
    }
}
