//! What is judged in every scenario from the ledger (harness-anchors §4.3). A monitor speaks only when something is
//! wrong, so that a scenario's own checks stay what it is about.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    client::protocol::{Op, Outcome},
    suite::{
        outcome::{Check, Level, Verdict, Witness},
        world::Doing,
    },
    target::ledger::{Assertion, Ledger},
};

type Monitor = fn(&[Doing], &Ledger) -> Option<Finding>;

/// What a monitor found wrong.
struct Finding {
    expected: &'static str,
    observed: String,
    exchange: Option<u64>,
}

/// All monitors: the check's slug, the requirement, how much it binds, and the judgement.
const MONITORS: &[(&str, &str, Level, Monitor)] = &[
    ("claims-match-the-wire", "CLIENT-TRUTHFUL", Level::Must, claims_match_the_wire),
    ("no-secret-in-a-query", "OKTA-SECRETS-IN-URLS", Level::Must, no_secret_in_a_query),
    ("org-authorization-server", "OKTA-ORG-AUTHORIZATION-SERVER", Level::Must, org_authorization_server),
    ("fresh-jti", "RFC7523-3-jti", Level::Must, fresh_jti),
    ("asymmetric-assertion", "OKTA-ASSERTION-ALG", Level::Must, asymmetric_assertion),
    ("scopes-asked", "OIN-SCOPE-IN-REQUEST", Level::Must, scopes_asked),
    ("own-token", "OIN-TENANTS-APART", Level::Must, own_token),
    ("user-agent", "OIN-USER-AGENT", Level::Should, user_agent),
];

/// The requirement that a monitor's check is about.
pub(crate) fn requirement(slug: &str) -> Option<&'static str> {
    MONITORS.iter().find(|(name, ..)| *name == slug).map(|(_, requirement, ..)| *requirement)
}

/// The monitors that judge a requirement.
pub(crate) fn about(requirement: &str) -> impl Iterator<Item = &'static str> {
    MONITORS.iter().filter(move |(_, about, ..)| *about == requirement).map(|(slug, ..)| *slug)
}

/// The findings of all monitors as checks of the scenario.
pub(crate) fn judge(id: &str, doings: &[Doing], ledger: &Ledger) -> Vec<Check> {
    MONITORS
        .iter()
        .filter_map(|(slug, _, level, monitor)| {
            let finding = monitor(doings, ledger)?;
            Some(Check {
                id: format!("{id}:{slug}"),
                level: *level,
                verdict: if *level == Level::Must { Verdict::Fail } else { Verdict::Warn },
                expected: finding.expected.to_owned(),
                observed: finding.observed,
                witness: Witness::Ledger,
                exchange: finding.exchange,
            })
        })
        .collect()
}

/// A client that says it did something must have asked the org for it.
fn claims_match_the_wire(doings: &[Doing], ledger: &Ledger) -> Option<Finding> {
    doings.iter().find_map(|doing| {
        if !matches!(doing.outcome, Outcome::Ok(_)) {
            return None;
        }
        let after = ledger.after(doing.after);
        let seen = match &doing.op {
            // A token from the cache needs no request, but some request must have brought it.
            Op::GetToken => !ledger.token_requests().is_empty(),
            Op::Call { path, .. } | Op::ListAll { path, .. } => {
                let path = path.split('?').next().unwrap_or_default();
                after.iter().any(|exchange| exchange.request.path() == path)
            }
            _ => true,
        };
        (!seen).then(|| Finding {
            expected: "a request on the wire for everything that the client reports as done",
            observed: format!(
                "the client reports `{}` as done, and the org saw no request for it",
                doing.op.name()
            ),
            exchange: None,
        })
    })
}

/// Secrets in a URL end up in logs.
fn no_secret_in_a_query(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    ledger.0.iter().find_map(|exchange| {
        let name = ["client_secret", "client_assertion", "access_token", "password"]
            .into_iter()
            .find(|name| exchange.request.query(name).is_some())?;
        Some(Finding {
            expected: "credentials only in headers and bodies",
            observed: format!("{name} in the query of {}", exchange.request.path()),
            exchange: Some(exchange.seq),
        })
    })
}

/// Only the org authorization server mints tokens for the Management API (product, behaviour 1).
fn org_authorization_server(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    let elsewhere =
        ledger.token_requests().into_iter().find(|request| request.request.path() != "/oauth2/v1/token")?;
    Some(Finding {
        expected: "tokens asked for at /oauth2/v1/token of the org",
        observed: format!("a token was asked for at {}", elsewhere.request.path()),
        exchange: Some(elsewhere.seq),
    })
}

/// An assertion is good for one request (RFC 7523 §3, claim `jti`).
fn fresh_jti(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    let mut seen = BTreeSet::new();
    assertions(ledger).find_map(|(seq, assertion)| {
        let jti = assertion.claims.get("jti").and_then(Value::as_str)?;
        (!seen.insert(jti)).then(|| Finding {
            expected: "a jti of its own in each client assertion",
            observed: format!("the jti {jti} was sent before"),
            exchange: Some(seq),
        })
    })
}

/// An assertion is signed with the private key, not with a shared secret and not at all.
fn asymmetric_assertion(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    assertions(ledger).find_map(|(seq, assertion)| {
        let algorithm = assertion.header.get("alg").and_then(Value::as_str).unwrap_or("none");
        (!algorithm.starts_with("RS") && !algorithm.starts_with("ES")).then(|| Finding {
            expected: "an assertion signed with RS256, RS384, RS512, ES256, ES384 or ES512",
            observed: format!("alg {algorithm}"),
            exchange: Some(seq),
        })
    })
}

/// Least privilege begins with asking for something. A code and a refresh token bring their scopes with them.
fn scopes_asked(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    let carried =
        |grant: Option<String>| matches!(grant.as_deref(), Some("authorization_code" | "refresh_token"));
    let silent = ledger.token_requests().into_iter().find(|request| {
        !carried(request.request.form("grant_type"))
            && request.client.scopes_asked.as_ref().is_none_or(Vec::is_empty)
            && request.request.form("scope").or_else(|| request.request.query("scope")).is_none()
    })?;
    Some(Finding {
        expected: "a scope in every token request",
        observed: "a token request without a scope".to_owned(),
        exchange: Some(silent.seq),
    })
}

/// A token of another scenario's org must not turn up: each client begins with nothing.
fn own_token(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    let issued: BTreeSet<&str> = ledger
        .token_requests()
        .into_iter()
        .filter_map(|request| request.client.issued.as_ref().map(|issued| issued.token.as_str()))
        .collect();
    ledger.api_calls().into_iter().find_map(|call| {
        let tag = call.client.token.as_deref()?;
        let schemes = ["Bearer", "DPoP"];
        let access = call
            .request
            .headers("authorization")
            .any(|value| schemes.iter().any(|scheme| value.starts_with(scheme)));
        (access && !issued.contains(tag)).then(|| Finding {
            expected: "calls with tokens that this org issued",
            observed: format!("a call with the token {tag}, which this org has not issued"),
            exchange: Some(call.seq),
        })
    })
}

/// Okta's support finds an integration by its user agent.
fn user_agent(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    let nameless =
        ledger.0.iter().find(|exchange| exchange.request.headers("user-agent").next().is_none())?;
    Some(Finding {
        expected: "a User-Agent header in every request",
        observed: format!("{} {} without one", nameless.request.method, nameless.request.path()),
        exchange: Some(nameless.seq),
    })
}

fn assertions(ledger: &Ledger) -> impl Iterator<Item = (u64, &Assertion)> {
    ledger
        .0
        .iter()
        .filter(|exchange| !exchange.is_bystander())
        .filter_map(|exchange| exchange.client.assertion.as_ref().map(|assertion| (exchange.seq, assertion)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::protocol::Achieved;

    fn ledger(exchanges: &[Value]) -> Ledger {
        let whole = |(at, exchange): (usize, &Value)| {
            let mut exchange = exchange.clone();
            exchange["seq"] = json!(at + 1);
            exchange["time"] = json!("2026-11-24T10:00:00Z");
            exchange["response"] = json!({"status": 200});
            if exchange["request"].get("headers").is_none() {
                exchange["request"]["headers"] = json!([["User-Agent", "a"], ["Authorization", "Bearer b"]]);
            }
            serde_json::from_value(exchange).unwrap()
        };
        Ledger(exchanges.iter().enumerate().map(whole).collect())
    }

    fn slugs(doings: &[Doing], exchanges: &[Value]) -> Vec<String> {
        let checks = judge("X-001", doings, &ledger(exchanges));
        checks.into_iter().map(|check| check.id.trim_start_matches("X-001:").to_owned()).collect()
    }

    fn token_request(path: &str, body: &str, alg: &str, jti: &str) -> Value {
        json!({"client": {"assertion": {"header": {"alg": alg}, "claims": {"jti": jti}}, "issued": {"token": "T1"}},
               "request": {"method": "POST", "target": path, "body": body}})
    }

    #[test]
    fn each_monitor_speaks_when_its_rule_is_broken_and_only_then() {
        let token = |jti| token_request("/oauth2/v1/token", "scope=okta.users.read", "RS256", jti);
        let call = |tag: &str| json!({"client": {"token": tag}, "request": {"method": "GET", "target": "/api/v1/users"}});
        let nameless =
            json!({"request": {"method": "GET", "target": "/api/v1/users", "headers": [["Host", "h"]]}});
        let table: Vec<(Vec<Value>, &[&str])> = vec![
            (vec![token("a"), token("b"), call("T1")], &[]),
            (vec![token("a"), token("a")], &["fresh-jti"]),
            (vec![token("a"), call("T9")], &["own-token"]),
            (vec![nameless], &["user-agent"]),
            (
                vec![token_request("/oauth2/default/v1/token", "scope=x", "RS256", "a")],
                &["org-authorization-server"],
            ),
            (vec![token_request("/oauth2/v1/token", "", "RS256", "a")], &["scopes-asked"]),
            (vec![token_request("/oauth2/v1/token", "grant_type=refresh_token", "RS256", "a")], &[]),
            (vec![token_request("/oauth2/v1/token", "scope=x", "HS256", "a")], &["asymmetric-assertion"]),
            (
                vec![token_request("/oauth2/v1/token?client_secret=s", "scope=x", "RS256", "a")],
                &["no-secret-in-a-query"],
            ),
        ];
        for (exchanges, expected) in table {
            assert_eq!(slugs(&[], &exchanges), *expected, "{exchanges:?}");
        }
    }

    #[test]
    fn a_claim_without_a_request_is_found() {
        let doing = |op: Op, after| Doing { op, after, outcome: Outcome::Ok(Achieved::default()) };
        let call = json!({"request": {"method": "GET", "target": "/api/v1/users?limit=2"}});
        let list = Op::list_all("/api/v1/users");
        assert_eq!(slugs(&[doing(list.clone(), 0)], std::slice::from_ref(&call)), Vec::<String>::new());
        assert_eq!(slugs(&[doing(list, 1)], std::slice::from_ref(&call)), ["claims-match-the-wire"]);
        assert_eq!(slugs(&[doing(Op::GetToken, 0)], &[call]), ["claims-match-the-wire"]);
    }
}
