//! The client assertions of token requests and their like (RFC 7523 §3, token-facts `tok.assert`).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Finding, Scene};
use crate::target::{
    ledger::{Assertion, Exchange},
    second_address,
};

/// What Okta takes of a client that has a key (token-facts `tok.assert.alg`).
const ALGORITHMS: &[&str] = &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

fn assertions<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (&'a Exchange, &'a Assertion)> + use<'a> {
    scene.exchanges().filter_map(|exchange| Some((exchange, exchange.client.assertion.as_ref()?)))
}

/// An assertion is good for one request. A jti is optional at Okta (token-facts `tok.assert.replay`): who sends none has
/// nothing to repeat.
pub(super) fn fresh_jti(scene: &Scene<'_>) -> Option<Finding> {
    let mut seen = BTreeSet::new();
    assertions(scene).find_map(|(exchange, assertion)| {
        let jti = assertion.claims.get("jti").and_then(Value::as_str)?;
        (!seen.insert(jti)).then(|| {
            let observed = format!("the jti {jti} was sent before");
            Finding::at(exchange, "a jti of its own in each client assertion", observed)
        })
    })
}

/// An assertion is signed with the private key, not with a shared secret and not at all.
pub(super) fn asymmetric(scene: &Scene<'_>) -> Option<Finding> {
    assertions(scene).find_map(|(exchange, assertion)| {
        let algorithm = assertion.header.get("alg").and_then(Value::as_str).unwrap_or("none");
        (!ALGORITHMS.contains(&algorithm)).then(|| {
            let expected = format!("an assertion signed with one of {}", ALGORITHMS.join(", "));
            Finding::at(exchange, expected, format!("alg {algorithm}"))
        })
    })
}

/// `aud` is the absolute URL of the endpoint that was called, alone or in a list.
pub(super) fn audience(scene: &Scene<'_>) -> Option<Finding> {
    // Somebody between client and org has an address that the org knows nothing of.
    let (name, _) = second_address::VIA;
    assertions(scene).filter(|(exchange, _)| exchange.request.headers(name).next().is_none()).find_map(
        |(exchange, assertion)| {
            let endpoint = format!("{}{}", scene.own, exchange.request.path());
            let aud = assertion.claims.get("aud").unwrap_or(&Value::Null);
            let mut named = aud.as_array().map_or_else(|| vec![aud], |all| all.iter().collect()).into_iter();
            (!named.any(|one| one == endpoint.as_str()))
                .then(|| Finding::at(exchange, format!("aud {endpoint}"), format!("aud {aud}")))
        },
    )
}

/// `iss` and `sub` are both the client id.
pub(super) fn issuer_and_subject(scene: &Scene<'_>) -> Option<Finding> {
    if scene.client_id.is_empty() {
        return None;
    }
    assertions(scene).find_map(|(exchange, assertion)| {
        let claim = |name: &str| assertion.claims.get(name).unwrap_or(&Value::Null);
        let (iss, sub) = (claim("iss"), claim("sub"));
        (iss != scene.client_id || sub != scene.client_id).then(|| {
            let expected = format!("iss and sub {}", scene.client_id);
            Finding::at(exchange, expected, format!("iss {iss}, sub {sub}"))
        })
    })
}

/// `exp` is at most an hour ahead (token-facts `tok.assert.exp_far`): by the org's clock or by the client's own, since a
/// client is not to blame for a clock that a scenario has put wrong.
pub(super) fn an_hour_at_most(scene: &Scene<'_>) -> Option<Finding> {
    assertions(scene).find_map(|(exchange, assertion)| {
        let seconds = |name: &str| assertion.claims.get(name).and_then(Value::as_i64);
        let exp = seconds("exp");
        let from = [exchange.at_s(), seconds("iat")];
        let hour = |from: Option<i64>| {
            exp.zip(from).is_some_and(|(exp, from)| (1..=3600).contains(&exp.saturating_sub(from)))
        };
        (!from.into_iter().any(hour)).then(|| {
            let observed = match exp.zip(exchange.at_s()) {
                Some((exp, now)) => format!("exp {} s ahead", exp.saturating_sub(now)),
                None => format!("exp {}", assertion.claims.get("exp").unwrap_or(&Value::Null)),
            };
            Finding::at(exchange, "exp 1 to 3600 s ahead", observed)
        })
    })
}
