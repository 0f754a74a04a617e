//! What the proxy saw of a client's traffic, in the form of a twin's ledger, so that the same checks judge it. An org's
//! own reasons are not in it: nobody outside knows them.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use crate::target::ledger::{Assertion, Exchange, Issued, Learnt, Ledger, Request, Response};

/// The record of one scenario.
#[derive(Debug, Default)]
pub(crate) struct Record {
    kept: Mutex<Kept>,
    in_flight: AtomicU64,
    touched: AtomicBool,
}

/// An access token that the org issued, and to which client.
pub(super) struct NewToken {
    pub(super) value: String,
    pub(super) client_id: String,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: Vec<Exchange>,
    /// The tokens in the order in which they were issued: the first is `T1`.
    tokens: Vec<String>,
    troubles: Vec<String>,
}

/// An exchange under way; over when dropped.
pub(super) struct UnderWay<'r>(&'r Record);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Record {
    /// The exchanges after `seq`.
    pub(crate) fn since(&self, seq: u64) -> Ledger {
        let kept = self.kept();
        Ledger(kept.exchanges.iter().filter(|exchange| exchange.seq > seq).cloned().collect())
    }

    /// How many requests are under way.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// The client came through the proxy.
    pub(crate) fn is_touched(&self) -> bool {
        self.touched.load(Ordering::Relaxed)
    }

    pub(super) fn touch(&self) {
        self.touched.store(true, Ordering::Relaxed);
    }

    /// What went wrong between client and org that neither can tell: a request that is not allowed, an org that cannot
    /// be reached.
    pub(crate) fn troubles(&self) -> Vec<String> {
        self.kept().troubles.clone()
    }

    pub(super) fn begin(&self) -> UnderWay<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    pub(super) fn trouble(&self, words: String) {
        self.kept().troubles.push(words);
    }

    /// Keeps an exchange, at the org's time; the token that it brought.
    pub(super) fn keep(&self, request: Request, response: Response) -> Option<NewToken> {
        let mut kept = self.kept();
        let client = learn(&request, &response, &mut kept.tokens);
        let token = client.issued.as_ref().and(kept.tokens.last()).zip(client.client_id.as_ref());
        let token = token.map(|(value, id)| NewToken { value: value.clone(), client_id: id.clone() });
        let seq = kept.exchanges.len() as u64 + 1;
        kept.exchanges.push(Exchange {
            seq,
            time: time_of(&response),
            operation: None,
            client,
            request,
            response,
            decided: Vec::new(),
            faults: Vec::new(),
            sent: None,
        });
        token
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The org's time of an answer, by its Date header.
#[expect(clippy::disallowed_methods, reason = "an answer without a Date came when it was seen")]
fn time_of(response: &Response) -> String {
    let date = response.header("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    date.map_or_else(jiff::Timestamp::now, |date| date.timestamp()).to_string()
}

/// What an exchange shows of its client.
fn learn(request: &Request, response: &Response, tokens: &mut Vec<String>) -> Learnt {
    let dpop = request.headers("dpop").next().and_then(taken_apart);
    let mut learnt = Learnt { dpop, ..Learnt::default() };
    let authorization = request.headers("authorization").next();
    if request.method == "POST" && request.path().ends_with("/v1/token") {
        credentials(request, authorization, &mut learnt);
        let words = |text: &str| text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
        learnt.scopes_asked = request.form("scope").map(|scope| words(&scope));
        let body = response.json();
        if let (200, Some(token)) = (response.status, body["access_token"].as_str()) {
            tokens.push(token.to_owned());
            let scopes = body["scope"].as_str().map(words).unwrap_or_default();
            learnt.issued = Some(Issued { token: format!("T{}", tokens.len()), scopes });
        }
    } else if let Some((scheme, token)) = authorization.and_then(|value| value.split_once(' ')) {
        learnt.auth_method = Some(scheme.to_owned());
        let place = tokens.iter().position(|issued| issued == token.trim());
        learnt.token =
            Some(place.map_or_else(|| "of another org or run".to_owned(), |at| format!("T{}", at + 1)));
    }
    learnt
}

/// Who a token request says that it is, and how.
fn credentials(request: &Request, authorization: Option<&str>, learnt: &mut Learnt) {
    learnt.assertion = request.form("client_assertion").as_deref().and_then(taken_apart);
    let basic = authorization.and_then(|value| value.split_once(' ')).and_then(|(scheme, value)| {
        let text = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
        let (id, _) = text.split_once(':')?;
        let decoded =
            form_urlencoded::parse(format!("id={id}").as_bytes()).next().map(|(_, id)| id.into_owned());
        scheme.eq_ignore_ascii_case("basic").then_some(decoded).flatten()
    });
    let in_form = request.form("client_id");
    let claimed = learnt.assertion.as_ref().and_then(|assertion| assertion.claims["sub"].as_str());
    let (method, id) = match (claimed, basic, request.form("client_secret")) {
        (Some(id), ..) => ("private_key_jwt", Some(id.to_owned())),
        (None, Some(id), _) => ("client_secret_basic", Some(id)),
        (None, None, Some(_)) => ("client_secret_post", in_form),
        (None, None, None) => ("none", in_form),
    };
    learnt.auth_method = Some(method.to_owned());
    learnt.client_id = id;
}

/// The header and the claims of a JWT; a proof's key is left out.
fn taken_apart(jwt: &str) -> Option<Assertion> {
    let mut parts = jwt.split('.').map(|part| {
        URL_SAFE_NO_PAD.decode(part).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    });
    let mut header = parts.next()??;
    let claims = parts.next()??;
    if let Some(header) = header.as_object_mut() {
        header.shift_remove("jwk");
    }
    Some(Assertion { header, claims })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, authorization: &str, body: &str) -> Request {
        let headers = vec![("authorization".to_owned(), authorization.to_owned())];
        let headers = if authorization.is_empty() { Vec::new() } else { headers };
        Request { method: method.to_owned(), target: target.to_owned(), headers, body: body.to_owned() }
    }

    fn response(body: &str) -> Response {
        let headers = vec![("date".to_owned(), "Tue, 24 Nov 2026 10:00:00 GMT".to_owned())];
        Response { status: 200, headers, body: body.to_owned(), body_truncated: false }
    }

    #[test]
    fn a_record_tells_what_a_ledger_would() {
        let record = Record::default();
        let jwt = |value: &str| URL_SAFE_NO_PAD.encode(value);
        let assertion = format!("{}.{}.x", jwt(r#"{"alg":"RS256"}"#), jwt(r#"{"sub":"0oa1","jti":"j"}"#));
        let answer = response(r#"{"access_token":"secret-1","scope":"okta.users.read"}"#);
        let form = format!("grant_type=client_credentials&scope=a+b&client_assertion={assertion}");
        record.keep(request("POST", "/oauth2/v1/token", "", &form), answer.clone());
        let basic = format!("Basic {}", STANDARD.encode("0oa%2D2:s"));
        record.keep(request("POST", "/oauth2/v1/token", &basic, "scope=a"), response("{}"));
        record.keep(request("GET", "/api/v1/users", "Bearer secret-1", ""), response("[]"));
        record.keep(request("GET", "/api/v1/users", "Bearer stranger", ""), response("[]"));

        let ledger = record.since(0);
        let [token, basic, call, stranger] = ledger.0.as_slice() else { unreachable!() };
        assert_eq!(token.client.client_id.as_deref(), Some("0oa1"));
        assert_eq!(token.client.auth_method.as_deref(), Some("private_key_jwt"));
        assert_eq!(token.client.assertion.as_ref().unwrap().header["alg"], "RS256");
        assert_eq!(token.client.scopes_asked.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
        assert_eq!(token.client.issued.as_ref().unwrap().scopes, ["okta.users.read"]);
        assert_eq!((basic.client.client_id.as_deref(), basic.client.issued.is_none()), (Some("0oa-2"), true));
        assert_eq!(call.client.token.as_deref(), Some("T1"));
        assert!(stranger.client.token.as_deref() != Some("T1"));
        assert_eq!((call.seq, call.at_s()), (3, Some(1_795_514_400)));
        assert_eq!(record.since(3).0.len(), 1);
    }
}
