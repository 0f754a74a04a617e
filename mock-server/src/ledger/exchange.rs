//! An exchange as the ledger keeps it: borrowed from the request and the reply when it is packed, and from its bytes
//! when somebody reads.

use std::borrow::Cow;

use http::{HeaderName, Method, StatusCode, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::BODY_CAP;
use crate::exchange::framing::{content_length, is_framing};
use crate::exchange::{Reply, Request, Sent, Trace};

/// An exchange.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exchange<'a> {
    /// Its number, from 1; given by the ledger, and not among the bytes.
    #[serde(skip)]
    pub(crate) seq: u64,
    /// The org's time when the request was read: seconds and nanoseconds since the epoch.
    at: (i64, i32),
    /// The operation, where the route is known.
    pub(super) operation: Option<&'a str>,
    /// What was learnt about the client.
    #[serde(borrow)]
    pub(super) learnt: Learnt<'a>,
    /// Steps and reasons.
    pub(super) steps: Vec<(&'a str, &'a str)>,
    /// The ids of the faults that touched it.
    pub(super) faults: Vec<&'a str>,
    /// How much of the response went over the wire.
    pub(super) sent: Sent,
    /// What came.
    pub(super) request: Asked<'a>,
    /// What went.
    pub(super) response: Answered<'a>,
}

/// What an exchange taught about its client; objects as JSON.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Learnt<'a> {
    pub(super) client_id: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    pub(super) auth_method: Option<&'a str>,
    pub(super) token: Option<&'a str>,
    pub(super) assertion: Option<String>,
    pub(super) dpop: Option<String>,
    #[serde(borrow)]
    pub(super) scopes_asked: Option<Vec<&'a str>>,
    pub(super) issued: Option<String>,
    pub(super) scope: Option<&'a str>,
    pub(super) role: Option<&'a str>,
}

/// The request of an exchange.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    /// `scheme://host[:port]` as the caller wrote it.
    pub(super) base_url: &'a str,
    pub(super) version: &'a str,
    pub(super) headers: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    pub(super) body: Body<'a>,
}

/// The response of an exchange.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answered<'a> {
    status: u16,
    headers: Vec<(&'a str, Raw<'a>)>,
    /// The length of the body of which `body` is the beginning.
    pub(super) length: usize,
    #[serde(borrow)]
    pub(super) body: Body<'a>,
}

/// A body, cut to what the ledger keeps.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    kept: Raw<'a>,
    truncated: bool,
}

/// Bytes, written in one piece.
#[derive(Debug, PartialEq, Deserialize)]
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'a> Exchange<'a> {
    /// A request, the reply as it goes over the wire, and why.
    pub(super) fn of(request: &'a Request, version: Version, trace: &'a Trace, reply: &'a Reply) -> Self {
        let sent: &[u8] = if request.method == Method::HEAD { &[] } else { &reply.body };
        Self {
            seq: 0,
            at: (request.now.as_second(), request.now.subsec_nanosecond()),
            operation: trace.operation,
            learnt: Learnt::of(trace),
            steps: trace.steps.iter().map(|step| (step.step, &*step.reason)).collect(),
            faults: trace.faults.iter().map(String::as_str).collect(),
            sent: trace.sent,
            request: Asked {
                method: request.method.as_str(),
                target: &request.target,
                base_url: &request.base_url,
                version: named(version),
                headers: request.raw_headers.iter().collect(),
                body: Body::of(&request.body),
            },
            response: Answered {
                status: reply.status.as_u16(),
                headers: reply
                    .headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), Raw(value.as_bytes())))
                    .collect(),
                length: reply.body.len(),
                body: Body::of(sent),
            },
        }
    }

    /// The org's time when the request was read.
    pub(super) fn time(&self) -> Timestamp {
        Timestamp::new(self.at.0, self.at.1).unwrap_or_default()
    }
}

impl<'a> Learnt<'a> {
    fn of(trace: &'a Trace) -> Self {
        let learnt = &trace.learnt;
        Self {
            client_id: learnt.client_id.as_deref(),
            user: learnt.user.as_deref(),
            auth_method: learnt.auth_method,
            token: learnt.token.as_deref(),
            assertion: learnt.assertion.as_ref().map(ToString::to_string),
            dpop: learnt.dpop.as_ref().map(ToString::to_string),
            scopes_asked: learnt
                .scopes_asked
                .as_ref()
                .map(|scopes| scopes.iter().map(String::as_str).collect()),
            issued: learnt.issued.as_ref().map(ToString::to_string),
            scope: learnt.decided_by.scope.as_deref(),
            role: learnt.decided_by.role.as_deref(),
        }
    }
}

impl Asked<'_> {
    /// The path of the target.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target, |(path, _)| path)
    }
}

impl<'a> Body<'a> {
    fn of(whole: &'a [u8]) -> Self {
        Self { kept: Raw(&whole[..whole.len().min(BODY_CAP)]), truncated: whole.len() > BODY_CAP }
    }

    /// Bodies are text in the ledger; bytes that are not UTF-8 become the replacement character.
    pub(super) fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.kept.0)
    }

    /// Whether only the beginning is kept.
    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }
}

impl Answered<'_> {
    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or_default()
    }

    /// The header lines as the socket writes them.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let written = self.headers.iter().filter(|(name, _)| !is_framing(name));
        let length = content_length(self.status(), self.length);
        written
            .map(|(name, value)| (*name, String::from_utf8_lossy(value.0)))
            .chain(length.map(|length| ("content-length", Cow::Owned(length.to_string()))))
    }

    /// The first value of a header that is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| *known == name.as_str());
        found.and_then(|(_, value)| std::str::from_utf8(value.0).ok())
    }
}

/// `HTTP/1.1`
fn named(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}
