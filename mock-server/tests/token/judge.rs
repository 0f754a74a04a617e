//! Whether an answer is what its row says, and whether the table is complete.

use std::collections::BTreeSet;

use mock_server::exchange::{Reply, Trace};
use serde_json::Value;

use crate::ask::json_of;
use crate::table::{Expect, ROWS, Row};
use crate::{completeness, token_facts};

/// Sends a row's request and compares everything that its answer is.
pub(crate) fn judge(row: &Row) {
    let ask = (row.ask)();
    let org = ask.org();
    let (reply, trace) = ask.send(&org);
    let found = read(&reply);
    assert_eq!(found, told(row.expect), "{}: {:?}", row.fact, trace.steps);
    assert_eq!(reply.headers[0].1, "application/json");
    let robots = reply.headers.iter().any(|(name, _)| name == "x-robots-tag");
    assert_eq!(robots, reply.status == 200, "X-Robots-Tag is on 200 only");
    let challenged = reply.headers.iter().any(|(name, _)| name == "www-authenticate");
    assert_eq!(challenged, ask.dialect.contains(&("token_challenge", "basic")));
    assert!(!trace.steps.is_empty(), "no reason is given");
    assert_eq!(trace.gap, row.expect == Expect::Gap);
    assert_eq!(trace.learnt.issued.is_some(), matches!(row.expect, Expect::Token(_)));
    keeps_secrets(&trace, &org);
}

fn keeps_secrets(trace: &Trace, org: &mock_server::org::Org) {
    let told = format!("{:?} {:?}", trace.steps, trace.learnt);
    for client in &org.credentials().clients {
        if let Some(secret) = &client.client_secret {
            assert!(!told.contains(secret), "the trace tells a secret: {told}");
        }
    }
}

/// Status, the two words, and the scopes; the exact members of the body are checked on the way.
fn read(reply: &Reply) -> (u16, String, String) {
    let body = json_of(reply);
    let members: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let words = match members.as_slice() {
        ["error", "error_description"] => (text("error"), text("error_description")),
        ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"] => {
            assert_eq!(body["errorLink"], body["errorCode"]);
            assert!(text("errorId").starts_with("oae"));
            assert!(reply.status == 501 || body["errorCauses"] == Value::Array(Vec::new()));
            (text("errorCode"), text("errorSummary"))
        }
        ["token_type", "expires_in", "access_token", "scope"] => {
            assert_eq!((text("token_type").as_str(), body["expires_in"].as_i64()), ("Bearer", Some(3600)));
            ("token".to_owned(), text("scope"))
        }
        other => panic!("members {other:?}"),
    };
    (reply.status.as_u16(), words.0, words.1)
}

fn told(expect: Expect) -> (u16, String, String) {
    match expect {
        Expect::Token(scope) => (200, "token".to_owned(), scope.to_owned()),
        Expect::OAuth(status, error, text) | Expect::Envelope(status, error, text) => {
            (status, error.to_owned(), text.to_owned())
        }
        Expect::Gap => (501, "E0000060".to_owned(), "Unsupported operation.".to_owned()),
    }
}

/// Facts of §2 to §6 that the table leaves out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("tok.cc.ok.dpop", "the table of proofs shows it (dpop.rs)"),
    (
        "tok.assert.jwks_uri_empty",
        "it takes a call: registration.rs shows it (keys_behind_a_url_are_fetched)",
    ),
    ("tok.assert.jwks_uri_dup", "as jwks_uri_empty"),
    ("tok.assert.jwks_uri_error", "as jwks_uri_empty"),
    ("tok.grant.browser", "a legacy rule: the table of grants shows it (exchange.rs)"),
    ("tok.method.get", "the gateway answers it, for all endpoints alike"),
    ("tok.rate", "the gateway answers it, for all endpoints alike"),
    ("tok.server_error", "nothing that a caller sends makes signing fail"),
];

/// The table has every fact, says of each what the facts say, and names what it leaves out.
#[test]
fn the_table_has_every_fact() {
    let Some(known) = token_facts::known() else { return };
    let shown: BTreeSet<&str> = ROWS.iter().map(|row| row.fact).collect();
    completeness::assert_complete(&known, |id| id.starts_with("tok."), &shown, LEFT_OUT);
    let mut told_once = BTreeSet::new();
    for row in ROWS {
        let (status, error, text) = told(row.expect);
        // The first row of a fact without a dialect is the fact itself; the others are its neighbours.
        if (row.ask)().dialect.is_empty() && told_once.insert(row.fact) && status != 200 {
            let fact = &known[row.fact];
            assert_eq!(fact["status"], status, "{}", row.fact);
            assert_eq!(fact["error"], error.as_str(), "{}", row.fact);
            let fits = like(fact["error_description"].as_str().unwrap(), &text);
            assert!(fits, "{}: {text:?} is not {}", row.fact, fact["error_description"]);
        }
    }
}

/// Whether a text is a template with its placeholders filled.
fn like(template: &str, text: &str) -> bool {
    let mut rest = text;
    for (nth, piece) in template.split("{0}").flat_map(|piece| piece.split("{asId}")).enumerate() {
        match rest.find(piece) {
            Some(at) if nth > 0 || at == 0 => rest = &rest[at + piece.len()..],
            _ => return false,
        }
    }
    rest.is_empty()
}
