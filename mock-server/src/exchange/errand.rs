//! A call that the org has to make before it can answer: a hook is verified or executed, a client's keys are fetched.
//!
//! The layers that decide never wait. Whoever needs a call asks for it ([`Errand::Wanted`]) and gives up for now; whoever
//! serves the socket makes the call and lets the request be decided again, with [`Errand::Done`].

use std::fmt;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

/// A call and how far it is.
#[derive(Debug, Clone)]
pub enum Errand {
    /// It has to be made.
    Wanted(Call),
    /// It was made: this came back.
    Done(Call, Result<Answered, CallFailure>),
}

/// A call to somebody else's endpoint.
#[derive(Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: String,
    /// The header lines; they may be secrets.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body; empty for none.
    pub body: Bytes,
}

/// What an endpoint answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// Nobody made the call: the request did not come over a socket.
    #[error("the call was not made")]
    NotMade,
    /// It took too long.
    #[error("no answer came within {0} seconds")]
    TimedOut(u64),
    /// There was no connection, or it broke.
    #[error("{0}")]
    Broken(String),
}

impl Call {
    /// A call with a header line for each pair that can be one.
    pub fn new(
        method: Method,
        url: impl Into<String>,
        lines: impl IntoIterator<Item = (String, String)>,
        body: impl Into<Bytes>,
    ) -> Self {
        let headers = lines.into_iter().filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        });
        Self { method, url: url.into(), headers: headers.collect(), body: body.into() }
    }

    /// The value of a header line that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.and_then(|(_, value)| value.to_str().ok())
    }
}

/// Without headers and body: they may be secrets.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}
