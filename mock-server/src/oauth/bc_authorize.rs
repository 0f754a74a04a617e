//! `POST …/v1/bc/authorize`: a client asks for a user who is elsewhere (CIBA; token-facts §12, ciba.*). The feature takes a
//! licence: apps of an org without it do not have the grant, and that is what they are told.

use super::admission::{Door, admit};
use super::errors::{OAuthError, Refusal};
use super::form::Parameters;
use super::grants::CIBA;
use super::server::Known;
use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::state::OrgState;
use crate::wire::not_implemented;

/// Answers.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = Parameters::read(request)?;
    let client = admit(Door::BcAuthorize, server, org, state, request, &parameters, trace)?;
    if !client.grant_types.iter().any(|grant| grant == CIBA) {
        let reason = format!("{} has not the grant type {CIBA}", client.id);
        return Err(Refusal::new("grant", OAuthError::CibaNotConfigured, reason));
    }
    trace.gap = true;
    trace.note("operation", "asking users who are elsewhere is not implemented");
    Ok(not_implemented(org.ids(), "bcAuthorize"))
}
