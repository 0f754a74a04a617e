//! A token and its proof at an API (token-facts §8 rs.dpop*, mgmt-facts §1.2).

use super::proof::{Faulty, Moment, Proof, ProofFault};
use crate::exchange::Request;
use crate::limits::Counters;
use crate::oauth::errors::{REASON, clip};
use crate::org::tokens::AccessToken;
use crate::wire::Scheme;

/// Why a good token is not taken as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceFault {
    /// A bound token without a proof, under either scheme (rs.dpop_as_bearer).
    NoProof(Scheme),
    /// A bound token with a proof, as `Bearer` (rs.dpop_scheme).
    WrongScheme,
    /// A token that is not bound, as `DPoP` (rs.not_dpop_bound).
    NotBound,
    /// The proof is not good: what, and why in words for a person.
    Proof(ProofFault, String),
}

impl ResourceFault {
    /// The name of its row in `fixtures/oauth-errors.jsonl`.
    pub fn row(&self) -> &'static str {
        match self {
            Self::NoProof(_) => "dpop_proof_required_for_token",
            Self::WrongScheme => "dpop_authentication_scheme_required",
            Self::NotBound => "access_token_not_dpop_bound",
            Self::Proof(fault, _) => fault.row(),
        }
    }

    /// The scheme of the challenge. That of a wrong scheme is not evidenced: it is the one to use.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::NoProof(scheme) => *scheme,
            Self::WrongScheme | Self::NotBound | Self::Proof(..) => Scheme::DPoP,
        }
    }

    /// Why, in words for a person.
    pub fn reason(&self) -> String {
        match self {
            Self::NoProof(_) => "the access token is bound to a key, and there is no proof".to_owned(),
            Self::WrongScheme => "the access token is bound to a key, and the scheme is Bearer".to_owned(),
            Self::NotBound => "the access token is not bound to a key, and the scheme is DPoP".to_owned(),
            Self::Proof(_, reason) => format!("the proof is refused: {reason}"),
        }
    }
}

/// Whether a token that is good in itself may be used as it is shown. No nonce is asked for here (mgmt-facts §1.2). A
/// proof beside a token that is not bound is ignored, as at the token endpoint.
///
/// # Errors
/// [`ResourceFault`]: scheme and presence first, then the proof, then whether it is about this token.
pub fn at_resource(
    counters: &dyn Counters,
    request: &Request,
    scheme: Scheme,
    token: &str,
    access: &AccessToken,
) -> Result<(), ResourceFault> {
    let Some(bound) = &access.jkt else {
        return if scheme == Scheme::DPoP { Err(ResourceFault::NotBound) } else { Ok(()) };
    };
    if !request.headers.contains_key("dpop") {
        return Err(ResourceFault::NoProof(scheme));
    }
    if scheme == Scheme::Bearer {
        return Err(ResourceFault::WrongScheme);
    }
    let refuse = |(fault, mut reason): Faulty| {
        clip(&mut reason, REASON);
        ResourceFault::Proof(fault, reason)
    };
    let proof = Proof::read(super::lines(&request.headers)).map_err(refuse)?;
    let url = format!("{}{}", request.base_url, request.path());
    let moment =
        Moment { method: request.method.as_str(), url: &url, now: request.now, counters, nonces: None };
    let jkt = proof.check(moment).map_err(refuse)?;
    proof.check_token(token, &jkt, bound).map_err(refuse)
}
