//! What comes back from an org, and the client's own negative result.

use std::error::Error as _;

use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap, LINK, WWW_AUTHENTICATE},
};
use serde_json::{Value, json};

/// What the caller of an SDK would see as its error.
#[derive(Debug)]
pub(crate) struct Refused {
    /// A word of the protocol: `http_status`, `transport`, `tls`, `validation`, `retries_exhausted`, `config`.
    reason: &'static str,
    message: String,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
}

impl Refused {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), status: None, code: None }
    }

    pub(crate) fn with_code(self, code: Option<&str>) -> Self {
        Self { code: code.map(str::to_owned), ..self }
    }

    /// As the protocol says it.
    pub(crate) fn reply(&self) -> Value {
        let mut reply =
            json!({ "outcome": "refused", "reason": self.reason, "error": { "message": self.message } });
        if let Some(code) = &self.code {
            reply["error"]["code"] = json!(code);
        }
        if let Some(status) = self.status {
            reply["status"] = json!(status);
        }
        reply
    }
}

/// What the org sent must not be used.
pub(crate) fn untrusted(message: impl Into<String>) -> Refused {
    Refused::new("validation", message)
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Sends a request and reads its answer to the end.
    ///
    /// # Errors
    /// `tls` when the org's certificate is not trusted, `transport` for everything else that is no answer.
    pub(crate) async fn of(request: RequestBuilder) -> Result<Self, Refused> {
        let lost = |error: reqwest::Error| {
            let words = chain(&error);
            Refused::new(if words.contains("certificate") { "tls" } else { "transport" }, words)
        };
        let response = request.send().await.map_err(lost)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await.map_err(lost)?.to_vec() })
    }

    /// The first line of that name; an empty text if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Result<Value, Refused> {
        let kind = self.header(CONTENT_TYPE.as_str()).split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(untrusted("the answer is not application/json"));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| untrusted(format!("the answer is not JSON: {error}")))
    }

    /// Okta's error, OAuth's, or what the challenge says when the body is empty.
    pub(crate) fn refusal(&self, reason: &'static str) -> Refused {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let challenge = self.header(WWW_AUTHENTICATE.as_str());
        let said = |okta: &str, oauth: &str| {
            let found = body[okta].as_str().or(body[oauth].as_str());
            found.or_else(|| quoted(challenge, oauth)).map(str::to_owned)
        };
        let message = said("errorSummary", "error_description").unwrap_or_default();
        Refused { reason, message, status: Some(self.status), code: said("errorCode", "error") }
    }

    /// Seconds until the bucket has its requests again. Both times are the org's own: the clock of this machine does not
    /// matter.
    pub(crate) fn reset(&self) -> Option<i64> {
        let reset: i64 = self.header("x-rate-limit-reset").trim().parse().ok()?;
        let date = jiff::fmt::rfc2822::parse(self.header("date")).ok()?.timestamp().as_second();
        Some((reset - date).max(0) + 1)
    }

    /// The address of the next page, as the org gave it.
    pub(crate) fn next_page(&self) -> Option<&str> {
        self.headers.get_all(LINK).iter().filter_map(|line| line.to_str().ok()).find_map(next_in)
    }
}

fn next_in(mut rest: &str) -> Option<&str> {
    while let Some((target, after)) = rest.split_once('<').and_then(|(_, after)| after.split_once('>')) {
        let mut within = false;
        let comma = |character| {
            within ^= character == '"';
            character == ',' && !within
        };
        let (parameters, others) = after.split_at(after.find(comma).unwrap_or(after.len()));
        let next = |parameter: &str| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        };
        if parameters.split(';').any(next) {
            return Some(target);
        }
        rest = others;
    }
    None
}

/// `name="value"` of a challenge.
fn quoted<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// An error with its causes, outermost first.
fn chain(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_in_every_form_of_a_link() {
        let table = [
            (r#"<https://o/a?x=1,2>; rel="self", <https://o/b>; rel="next""#, Some("https://o/b")),
            (r#"<https://o/b>;title="a, b";rel=next"#, Some("https://o/b")),
            (r#"<https://o/a>; rel="self""#, None),
            (r#"<https://o/a>; title="rel=next, <https://o/c>""#, None),
            ("", None),
        ];
        for (line, next) in table {
            assert_eq!(next_in(line), next, "{line}");
        }
    }
}
