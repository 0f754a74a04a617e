//! An exchange as the ledger keeps it: written from where its parts are, without a copy in between, and read from its
//! bytes when somebody asks.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, Method, StatusCode, Version};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::BODY_CAP;
use crate::exchange::framing::{content_length, is_framing};
use crate::exchange::{HeaderLines, Reply, Request, Sent, Trace, usual};

/// An exchange that is read.
#[derive(Debug, Deserialize)]
pub(crate) struct Exchange<'a> {
    /// Its number, from 1; the ledger knows it, the bytes do not.
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
#[derive(Debug, Serialize, Deserialize)]
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
#[derive(Debug, Deserialize)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    /// `scheme://host[:port]` as the caller wrote it.
    pub(super) base_url: &'a str,
    pub(super) version: &'a str,
    /// The header lines, as [`HeaderLines`] keeps them.
    lines: &'a str,
    #[serde(borrow)]
    pub(super) body: Body<'a>,
}

/// The response of an exchange.
#[derive(Debug, Deserialize)]
pub(super) struct Answered<'a> {
    status: u16,
    #[serde(borrow)]
    headers: Vec<Line<'a>>,
    /// The length of the body of which `body` is the beginning.
    pub(super) length: usize,
    #[serde(borrow)]
    pub(super) body: Body<'a>,
}

/// A body, cut to what the ledger keeps.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body<'a> {
    #[serde(borrow)]
    kept: Raw<'a>,
    truncated: bool,
}

/// Bytes, written in one piece.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Raw<'a>(&'a [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// An exchange that is written: its parts in the order of the fields of [`Exchange`].
pub(super) struct Fresh<'a> {
    /// What came.
    pub(super) request: &'a Request,
    /// Over which version of HTTP.
    pub(super) version: Version,
    /// Why it is answered so.
    pub(super) trace: &'a Trace,
    /// What goes over the wire.
    pub(super) reply: &'a Reply,
}

impl Serialize for Fresh<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { request, version, trace, reply } = self;
        let asked = (
            request.method.as_str(),
            &request.target,
            &*request.base_url,
            named(*version),
            request.raw_headers.text(),
            Body::of(&request.body),
        );
        let sent: &[u8] = if request.method == Method::HEAD { &[] } else { &reply.body };
        let lines = numbered(&reply.headers);
        let answered = (reply.status.as_u16(), Each(lines), reply.body.len(), Body::of(sent));
        (
            (request.now.as_second(), request.now.subsec_nanosecond()),
            trace.operation,
            Learnt::of(trace),
            Each(trace.steps.iter().map(|step| (step.step, &*step.reason))),
            &trace.faults,
            trace.sent,
            asked,
            answered,
        )
            .serialize(serializer)
    }
}

/// A list that is not made.
struct Each<I>(I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// A header line of a reply; those that most replies have, by their number.
#[derive(Debug, Serialize, Deserialize)]
enum Line<'a> {
    Usual(usize),
    Own(&'a str, #[serde(borrow)] Raw<'a>),
}

fn numbered(lines: &[(HeaderName, HeaderValue)]) -> impl Iterator<Item = Line<'_>> + Clone {
    let mut next = 0;
    lines.iter().map(move |line| match usual::number(line, next) {
        Some(number) => {
            next = number + 1;
            Line::Usual(number)
        }
        None => Line::Own(line.0.as_str(), Raw(line.1.as_bytes())),
    })
}

impl<'a> Line<'a> {
    fn parts(&self) -> (&'a str, &'a [u8]) {
        match self {
            Self::Usual(number) => {
                usual::line(*number).map_or(("", b""), |(name, value)| (name.as_str(), value.as_bytes()))
            }
            Self::Own(name, Raw(value)) => (name, value),
        }
    }
}

impl Exchange<'_> {
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

impl<'a> Asked<'a> {
    /// The header lines as they came.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        HeaderLines::of(self.lines)
    }

    /// The path of the target.
    pub(super) fn path(&self) -> &'a str {
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
        let written = self.headers.iter().map(Line::parts).filter(|(name, _)| !is_framing(name));
        let length = content_length(self.status(), self.length);
        written
            .map(|(name, value)| (name, String::from_utf8_lossy(value)))
            .chain(length.map(|length| ("content-length", Cow::Owned(length.to_string()))))
    }

    /// The first value of a header that is text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        let found = self.headers.iter().map(Line::parts).find(|(known, _)| *known == name.as_str());
        found.and_then(|(_, value)| std::str::from_utf8(value).ok())
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read_again(
            target in "/\\PC{0,40}",
            asked in prop::collection::vec(("[a-zA-Z-]{1,12}", "\\PC{0,20}"), 0..6),
            own in prop::collection::vec(prop::collection::vec(32_u8..=126, 0..20), 0..4),
            usual in prop::collection::vec(0..usual::USUAL.len(), 0..24),
            body in prop::collection::vec(any::<u8>(), 0..200),
            reason in "\\PC{0,40}",
            second in -1_000_000_000_i64..4_000_000_000,
        ) {
            let request = Request {
                method: Method::POST,
                target: target.clone(),
                headers: HeaderMap::new(),
                raw_headers: asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
                body: Bytes::from(body.clone()),
                base_url: "http://h".into(),
                peer: [127, 0, 0, 1].into(),
                now: Timestamp::from_second(second).unwrap(),
            };
            let mut reply = Reply::json(StatusCode::OK, body.clone());
            for value in &own {
                reply = reply.with(HeaderName::from_static("x-a"), HeaderValue::from_bytes(value).unwrap());
            }
            reply.headers.extend(usual.iter().map(|number| usual::USUAL[*number].clone()));
            let mut trace = Trace::default();
            trace.learnt.assertion = Some(json!({ "claims": { "sub": reason } }));
            trace.note("role", reason.clone());
            trace.faults.push("f1".to_owned());
            let fresh = Fresh { request: &request, version: Version::HTTP_11, trace: &trace, reply: &reply };
            let packed = postcard::to_allocvec(&fresh).unwrap();
            let exchange: Exchange<'_> = postcard::from_bytes(&packed).unwrap();
            prop_assert_eq!(exchange.time(), request.now);
            prop_assert_eq!(exchange.steps, [("role", reason.as_str())]);
            prop_assert_eq!(exchange.faults, ["f1"]);
            prop_assert_eq!(exchange.learnt.assertion, trace.learnt.assertion.map(|claims| claims.to_string()));
            prop_assert_eq!((exchange.request.method, exchange.request.target), ("POST", target.as_str()));
            prop_assert!(exchange.request.headers().eq(request.raw_headers.iter()));
            prop_assert_eq!(exchange.request.body.text(), String::from_utf8_lossy(&body));
            prop_assert_eq!((exchange.response.status(), exchange.response.length), (StatusCode::OK, body.len()));
            let lines: Vec<_> = exchange.response.headers.iter().map(Line::parts).collect();
            let expected: Vec<_> = reply.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
            prop_assert_eq!(lines, expected);
        }
    }
}
