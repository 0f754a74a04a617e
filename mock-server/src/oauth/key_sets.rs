//! The keys of a client that publishes them at its `jwks_uri` (token-facts tok.assert.jwks_uri_*). They are fetched when an
//! assertion needs them, kept for a while, and fetched once more when an assertion names a key that is not among them.

use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value};

use super::assertion::{Assertion, AssertionFault};
use super::errors::{OAuthError, Refusal};
use crate::exchange::{Answered, Call, CallFailure, Trace};
use crate::org::Org;
use crate::org::client::ClientKey;
use crate::org::key_sets::KeySet;
use crate::org::state::OrgState;

/// So long a set is good, in seconds. Okta does not say for how long it keeps one.
const LIFETIME: i64 = 300;

/// The keys behind the client of an assertion, where it has a `jwks_uri`. A set that has to be fetched first is asked for
/// on the trace, and the request is decided again when it is there.
///
/// # Errors
/// The set cannot be fetched or read, is empty, or has two keys of one name.
pub(super) fn of_assertion(
    org: &Org,
    state: &OrgState,
    jwt: &str,
    now: i64,
    trace: &mut Trace,
) -> Result<Option<Arc<KeySet>>, Refusal> {
    // What cannot be read is told by those who read it.
    let Ok(assertion) = Assertion::parse(jwt) else { return Ok(None) };
    let client = assertion.text("iss").and_then(|id| state.derived.client(id)).filter(|client| client.active);
    let Some(uri) = client.and_then(|client| client.jwks_uri.as_deref()) else { return Ok(None) };
    if let Some(outcome) = trace.done_at(uri) {
        let keys = read(outcome).map_err(|(fault, reason)| refuse(fault, format!("{uri}: {reason}")))?;
        trace.note("jwks_uri", format!("{uri} has {} key(s)", keys.len()));
        return Ok(Some(org.key_sets().keep(uri, KeySet { keys, fetched_at: now })));
    }
    let known =
        org.key_sets().get(uri).filter(|set| (0..LIFETIME).contains(&now.saturating_sub(set.fetched_at)));
    if let Some(known) = known.filter(|set| assertion.kid().is_none_or(|kid| has(set, kid))) {
        return Ok(Some(known));
    }
    trace.want(Call::new(Method::GET, uri, [("accept".to_owned(), "application/json".to_owned())], ""));
    Err(refuse(AssertionFault::KeySet, format!("{uri} has to be fetched first")))
}

fn has(set: &KeySet, kid: &str) -> bool {
    set.keys.iter().any(|key| key.kid.as_deref() == Some(kid))
}

fn refuse(fault: AssertionFault, reason: String) -> Refusal {
    Refusal::new("jwks_uri", OAuthError::Assertion(fault), reason)
}

/// The keys that an address has answered with.
fn read(outcome: Result<Answered, CallFailure>) -> Result<Vec<ClientKey>, (AssertionFault, String)> {
    let broken = |reason: String| (AssertionFault::KeySet, reason);
    let answered = outcome.map_err(|failure| broken(failure.to_string()))?;
    if answered.status != 200 {
        return Err(broken(format!("the status is {}", answered.status)));
    }
    let set: Map<String, Value> = serde_json::from_slice(&answered.body)
        .map_err(|error| broken(format!("the body is no JSON object: {error}")))?;
    let Some(keys) = set.get("keys").and_then(Value::as_array) else {
        return Err(broken("there is no list of keys".to_owned()));
    };
    let keys: Vec<ClientKey> = keys.iter().map(ClientKey::from_jwk).collect();
    if keys.is_empty() {
        return Err((AssertionFault::EmptyKeySet, "the list of keys is empty".to_owned()));
    }
    // With one key its name does not matter.
    let twice = keys.len() > 1
        && keys
            .iter()
            .enumerate()
            .any(|(nth, key)| key.kid.is_none() || keys[..nth].iter().any(|other| other.kid == key.kid));
    if twice {
        return Err((AssertionFault::AmbiguousKeySet, "two keys have one kid, or none".to_owned()));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_or_its_fault_is_told() {
        let answered = |status: u16, body: &str| Ok(Answered { status, body: body.to_owned().into() });
        for (outcome, expected) in [
            (answered(200, r#"{"keys":[{"kty":"RSA"}]}"#), Ok(1)),
            (answered(200, r#"{"keys":[{"kid":"a"},{"kid":"b"}]}"#), Ok(2)),
            (answered(200, r#"{"keys":[]}"#), Err(AssertionFault::EmptyKeySet)),
            (answered(200, r#"{"keys":[{"kid":"a"},{"kid":"a"}]}"#), Err(AssertionFault::AmbiguousKeySet)),
            (answered(200, r#"{"keys":[{"kid":"a"},{}]}"#), Err(AssertionFault::AmbiguousKeySet)),
            (answered(404, r#"{"keys":[]}"#), Err(AssertionFault::KeySet)),
            (answered(200, "[]"), Err(AssertionFault::KeySet)),
            (answered(200, "{}"), Err(AssertionFault::KeySet)),
            (Err(CallFailure::TimedOut(3)), Err(AssertionFault::KeySet)),
        ] {
            let found = read(outcome).map(|keys| keys.len()).map_err(|(fault, _)| fault);
            assert_eq!(found, expected);
        }
    }
}
