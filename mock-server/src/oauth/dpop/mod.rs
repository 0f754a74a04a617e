//! Tokens bound to a key of the client (DPoP, RFC 9449; token-facts §7 and §8, mgmt-facts §1.2).

mod proof;
mod resource;

pub use proof::{Faulty, Moment, NonceRule, Proof, ProofFault, thumbprint};
pub use resource::{ResourceFault, at_resource};

use std::sync::Arc;

use http::{HeaderMap, HeaderName};

use super::errors::{OAuthError, Refusal};
use crate::exchange::{Learnt, Request, Trace};
use crate::facts::dialects::{Dialect, Switch};
use crate::limits::Spending;
use crate::org::Org;
use crate::org::client::Client;
use crate::org::mutation::Mutation;

/// Carries the nonce to a client that has shown a proof.
pub(super) const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

const STEP: &str = "dpop";

/// What a client has proven at the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proven {
    /// The thumbprint of its key: the token's `cnf.jkt`.
    pub(super) jkt: Arc<str>,
    /// The nonce for its next proof.
    pub(super) nonce: String,
}

/// What a token request proves. An app whose tokens are not bound ignores a proof, whatever is in it: the Node SDK sends
/// one always (real-clients §2, 6).
///
/// # Errors
/// [`OAuthError::Proof`] and [`OAuthError::UseNonce`] for an app whose tokens are bound.
pub(super) fn at_token_endpoint(
    org: &Org,
    dialect: &Dialect,
    request: &Request,
    endpoint: &str,
    client: &Client,
    trace: &mut Trace,
) -> Result<Option<Proven>, Refusal> {
    note(&request.headers, &mut trace.learnt);
    if !client.dpop {
        if request.headers.contains_key("dpop") {
            trace.note(STEP, "the app's tokens are not bound to a key: the proof is ignored");
        }
        return Ok(None);
    }
    let (ids, now) = (org.ids(), request.now);
    let refuse = |(fault, reason): Faulty| {
        let error = match fault {
            ProofFault::Nonce => OAuthError::UseNonce(org.nonces().current(ids, now)),
            fault => OAuthError::Proof(fault),
        };
        Refusal::new(STEP, error, reason)
    };
    let takes = |nonce: &str| org.nonces().takes(ids, now, nonce);
    let counters = Spending::new(org.counters(), &mut trace.spent);
    let moment = Moment {
        method: request.method.as_str(),
        url: endpoint,
        now,
        counters: &counters,
        nonces: (!org.state().settings.mutations.has(Mutation::ProofNonce))
            .then(|| NonceRule { takes: &takes, first: dialect.is(Switch::DpopNonce, "before_claims") }),
    };
    let jkt = Proof::read(lines(&request.headers)).and_then(|proof| proof.check(moment)).map_err(refuse)?;
    trace.note(STEP, format!("the proof is good, its key is {jkt}"));
    Ok(Some(Proven { jkt: jkt.into(), nonce: org.nonces().current(ids, now) }))
}

/// Keeps for the ledger what a proof says, whether or not anybody looks at it.
pub fn note(headers: &HeaderMap, learnt: &mut Learnt) {
    if headers.contains_key("dpop") {
        learnt.dpop = Proof::read(lines(headers)).ok().as_ref().and_then(Proof::shown);
    }
}

/// The header lines that may hold a proof.
fn lines(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all("dpop").iter().map(http::HeaderValue::as_bytes)
}
