//! The org's own record of the wire, as our own types: what verdicts rest on.

use serde::Deserialize;
use serde_json::Value;

use super::bystander;

/// One request and its response, as they were (contracts §2).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Exchange {
    /// The order, from 1.
    pub(crate) seq: u64,
    /// The org's time, RFC 3339.
    pub(crate) time: String,
    /// The operation id, when the route is known.
    #[serde(default)]
    pub(crate) operation: Option<String>,
    /// What the org learnt about the client.
    #[serde(default)]
    pub(crate) client: Learnt,
    /// As received.
    pub(crate) request: Request,
    /// As sent.
    pub(crate) response: Response,
    /// The steps that decided, with their reasons.
    #[serde(default)]
    pub(crate) decided: Vec<Decided>,
    /// The faults that touched it, by their ids.
    #[serde(default)]
    pub(crate) faults: Vec<String>,
    /// `part` or `nothing` where a fault kept the rest of the response back.
    #[serde(default)]
    pub(crate) sent: Option<String>,
}

/// What an exchange taught about its client.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Learnt {
    /// The OAuth client id.
    #[serde(default)]
    pub(crate) client_id: Option<String>,
    /// `private_key_jwt`, `Bearer`, …
    #[serde(default)]
    pub(crate) auth_method: Option<String>,
    /// The tag of the presented token: `T1`.
    #[serde(default)]
    pub(crate) token: Option<String>,
    /// The client assertion's header and claims.
    #[serde(default)]
    pub(crate) assertion: Option<Assertion>,
    /// The header and the claims of a proof of possession; of its key only the thumbprint (`jkt`).
    #[serde(default)]
    pub(crate) dpop: Option<Assertion>,
    /// The scopes asked for.
    #[serde(default)]
    pub(crate) scopes_asked: Option<Vec<String>>,
    /// The token that was issued.
    #[serde(default)]
    pub(crate) issued: Option<Issued>,
}

/// A client assertion or a proof, taken apart.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Assertion {
    /// The JOSE header.
    #[serde(default)]
    pub(crate) header: Value,
    /// The claims.
    #[serde(default)]
    pub(crate) claims: Value,
}

/// A token that the org issued.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Issued {
    /// Its tag: `T1`.
    pub(crate) token: String,
    /// The scopes that it has.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

/// A request as received.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Request {
    /// `GET`.
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// In order, with their case and duplicates.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub(crate) body: String,
}

/// A response as sent.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Response {
    /// The status.
    pub(crate) status: u16,
    /// In order.
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub(crate) body: String,
    /// The ledger kept only the beginning of the body.
    #[serde(default)]
    pub(crate) body_truncated: bool,
}

/// One step of the org's decision.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Decided {
    /// Which: `limit`, `scope`, `role`, …
    pub(crate) step: String,
    /// What it found.
    #[serde(default)]
    pub(crate) reason: String,
}

impl Request {
    /// The target without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The values of a header, whatever its case.
    pub(crate) fn headers<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        values(&self.headers, name)
    }

    /// A parameter of the form body, decoded.
    pub(crate) fn form(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.body.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A parameter of the query, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

impl Response {
    /// The first value of a header, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        values(&self.headers, name).next()
    }

    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// When the bucket resets, in seconds since the epoch.
    pub(crate) fn reset_s(&self) -> Option<i64> {
        self.header("x-rate-limit-reset")?.trim().parse().ok()
    }

    /// A parameter of the address that a redirect leads to, decoded.
    pub(crate) fn redirect(&self, name: &str) -> Option<String> {
        let (_, query) = self.header("location")?.split_once('?')?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The org refused: by its status, or by an error in a redirect.
    pub(crate) fn is_refusal(&self) -> bool {
        self.status >= 400 || self.redirect("error").is_some()
    }

    /// The code of a refusal, in whichever of its shapes it came.
    pub(crate) fn error_code(&self) -> Option<String> {
        let body = self.json();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        text("errorCode").or_else(|| text("error")).or_else(|| self.redirect("error")).or_else(|| {
            let (_, rest) = self.header("www-authenticate")?.split_once(" error=\"")?;
            rest.split_once('"').map(|(code, _)| code.to_owned())
        })
    }

    /// The target of `rel="next"`: what the org handed out.
    pub(crate) fn next_page(&self) -> Option<&str> {
        let link = values(&self.headers, "link").find(|line| line.contains("rel=\"next\""))?;
        let before = link.split("rel=\"next\"").next()?;
        let (_, target) = before.rsplit_once('<')?;
        target.split_once('>').map(|(url, _)| url)
    }
}

fn values<'a, 'n>(
    headers: &'a [(String, String)],
    name: &'n str,
) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
    headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Exchange {
    /// A request for a token, at whichever authorization server.
    pub(crate) fn is_token_request(&self) -> bool {
        self.request.method == "POST" && self.request.path().ends_with("/v1/token")
    }

    /// A call of the Management API; a person's sign-in is none.
    pub(crate) fn is_api_call(&self) -> bool {
        self.request.path().starts_with("/api/") && !self.is_sign_in()
    }

    /// A request to sign a person in by their password.
    pub(crate) fn is_sign_in(&self) -> bool {
        self.request.path() == "/api/v1/authn"
    }

    /// An authorization request: a browser that asks for a code.
    pub(crate) fn is_authorization(&self) -> bool {
        self.request.path().ends_with("/v1/authorize")
    }

    /// Somebody beside the client did this: the harness, in a part that a scenario gave it.
    pub(crate) fn is_bystander(&self) -> bool {
        self.request.headers(bystander::MARK.0).any(|value| value == bystander::MARK.1)
    }

    /// Seconds since the epoch by the org's clock.
    pub(crate) fn at_s(&self) -> Option<i64> {
        self.time.parse::<jiff::Timestamp>().ok().map(|time| time.as_second())
    }

    /// The step and the reason that decided, in words.
    pub(crate) fn decision(&self) -> Option<String> {
        self.decided.last().map(|decided| format!("{}: {}", decided.step, decided.reason))
    }

    /// For a 429: milliseconds by the org's clock from this response until the retry is due (reset − Date + 1 s).
    pub(crate) fn retry_due_ms(&self) -> Option<u64> {
        if self.response.status != 429 {
            return None;
        }
        let reset = self.response.reset_s()?;
        let date = jiff::fmt::rfc2822::parse(self.response.header("date")?).ok()?.timestamp().as_second();
        u64::try_from((reset - date).max(0) + 1).ok().map(|seconds| seconds * 1000)
    }
}

/// What steps ask of a record of the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(pub(crate) Vec<Exchange>);

impl Ledger {
    /// What the client did, and nobody else.
    pub(crate) fn own(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.0.iter().filter(|exchange| !exchange.is_bystander())
    }

    /// Answers that a fault was made to.
    pub(crate) fn ill(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.0.iter().filter(|exchange| !exchange.faults.is_empty())
    }

    /// Requests that were one too many.
    pub(crate) fn limited(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.0.iter().filter(|exchange| exchange.response.status == 429)
    }

    /// Token requests in order.
    pub(crate) fn token_requests(&self) -> Vec<&Exchange> {
        self.0.iter().filter(|exchange| exchange.is_token_request()).collect()
    }

    /// The client's own token requests of a grant, in order.
    pub(crate) fn grants(&self, grant_type: &str) -> Vec<&Exchange> {
        let wanted = |exchange: &&Exchange| {
            exchange.is_token_request() && exchange.request.form("grant_type").as_deref() == Some(grant_type)
        };
        self.own().filter(wanted).collect()
    }

    /// Authorization requests in order.
    pub(crate) fn authorizations(&self) -> Vec<&Exchange> {
        self.0.iter().filter(|exchange| exchange.is_authorization()).collect()
    }

    /// The client's calls of the Management API in order.
    pub(crate) fn api_calls(&self) -> Vec<&Exchange> {
        self.own().filter(|exchange| exchange.is_api_call()).collect()
    }

    /// The client's calls of one path of the Management API, whatever the query.
    pub(crate) fn calls_of(&self, path: &str) -> Vec<&Exchange> {
        self.own().filter(|exchange| exchange.request.path().trim_end_matches('/') == path).collect()
    }

    /// Those of them that came after an exchange.
    pub(crate) fn calls_after(&self, path: &str, seq: u64) -> Vec<&Exchange> {
        self.calls_of(path).into_iter().filter(|call| call.seq > seq).collect()
    }

    /// What came after an exchange.
    pub(crate) fn after(&self, seq: u64) -> Vec<&Exchange> {
        self.0.iter().filter(|exchange| exchange.seq > seq).collect()
    }

    /// The number of the last exchange, 0 before the first.
    pub(crate) fn last_seq(&self) -> u64 {
        self.0.last().map_or(0, |exchange| exchange.seq)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn exchange() -> Exchange {
        serde_json::from_str(
            r#"{"seq":7,"time":"2026-11-24T10:00:00Z","operation":"listUsers","client":{"token":"T1"},
                "request":{"method":"GET","target":"/api/v1/users?limit=2&q=a%20b","http_version":"1.1",
                           "headers":[["Authorization","Bearer x"]],"body":""},
                "response":{"status":429,"headers":[["date","Tue, 24 Nov 2026 10:00:00 GMT"],
                   ["x-rate-limit-reset","1795514430"],["link","<http://o/a>; rel=\"self\""],
                   ["link","<http://o/b?after=1>; rel=\"next\""]],"body":"{}"},
                "decided":[{"step":"route","reason":"listUsers"},{"step":"limit","reason":"empty"}],"faults":[]}"#,
        )
        .unwrap()
    }

    #[test]
    fn an_exchange_of_the_contract_is_read_and_asked() {
        let exchange = exchange();
        assert_eq!(exchange.request.path(), "/api/v1/users");
        assert_eq!(exchange.request.query("q").as_deref(), Some("a b"));
        assert_eq!(exchange.response.next_page(), Some("http://o/b?after=1"));
        assert_eq!(exchange.decision().as_deref(), Some("limit: empty"));
        assert_eq!(exchange.at_s(), Some(1_795_514_400));
        assert_eq!(exchange.retry_due_ms(), Some(31_000));
    }
}
