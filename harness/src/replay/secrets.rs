//! The secrets of a recording: learnt before anything of it is written.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::report::taint::Taint;

use super::expected::expected;
use super::recording::{Body, Headers, Recorded};

/// Learns what an exchange carries: credentials, tokens, passwords, keys.
pub(crate) fn learn(taint: &Taint, exchange: &Recorded) {
    learn_headers(taint, &exchange.request_headers);
    learn_headers(taint, &exchange.response_headers);
    learn_pairs(taint, &exchange.query);
    learn_body(taint, &exchange.request);
    learn_body(taint, &exchange.response);
}

fn learn_headers(taint: &Taint, headers: &Headers) {
    for value in headers.all("authorization").chain(headers.all("proxy-authorization")) {
        let Some((_, credential)) = value.split_once(' ') else { continue };
        taint.learn(credential);
        let pair = STANDARD.decode(credential).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((_, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':')) {
            taint.learn(secret);
        }
    }
    for value in headers.all("cookie").flat_map(|line| line.split(';')).chain(headers.all("set-cookie")) {
        if let Some((_, value)) = value.split(';').next().and_then(|pair| pair.split_once('=')) {
            taint.learn(value);
        }
    }
    headers.all("dpop").for_each(|proof| taint.learn(proof));
    for location in headers.all("location") {
        learn_pairs(taint, location.split_once('?').map_or("", |(_, query)| query));
    }
}

fn learn_pairs(taint: &Taint, pairs: &str) {
    for (name, value) in form_urlencoded::parse(pairs.as_bytes()) {
        if name == "code" || expected().secrets.contains(name.as_ref()) {
            taint.learn(&value);
        }
    }
}

fn learn_body(taint: &Taint, body: &Body) {
    match body {
        Body::Json(value) => learn_json(taint, value),
        Body::Form(text) => learn_pairs(taint, text),
        _ => {}
    }
}

fn learn_json(taint: &Taint, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if expected().secrets.contains(name) {
                    for secret in [member, &member["value"]].into_iter().filter_map(Value::as_str) {
                        taint.learn(secret);
                    }
                }
                learn_json(taint, member);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| learn_json(taint, element)),
        Value::String(text) if text.contains("PRIVATE KEY") => taint.learn(text),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whatever_opens_something_is_learnt() {
        let taint = Taint::default();
        let mut exchange = Recorded {
            query: "token=in-the-query".to_owned(),
            request: Body::Json(json!({"credentials": {"password": {"value": "pass-word-1"}}})),
            response: Body::Json(json!([{"sessionToken": "session-1"}])),
            ..Recorded::default()
        };
        exchange.request_headers.add("Authorization", "SSWS api-token-1");
        exchange.request_headers.add("Cookie", "sid=cookie-1; lang=en");
        learn(&taint, &exchange);
        for secret in ["in-the-query", "pass-word-1", "session-1", "api-token-1", "cookie-1"] {
            assert!(taint.search(secret).is_err(), "{secret}");
        }
        assert!(taint.search("ACTIVE credentials").is_ok());
    }
}
