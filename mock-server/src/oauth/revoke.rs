//! `POST …/v1/revoke`: a client gives a token back (token-facts §12, revoke.*).

use http::StatusCode;

use super::access_token;
use super::admission::{self, Door};
use super::errors::Refusal;
use super::server::Known;
use super::store::{refresh_tokens, revoked_tokens};
use super::told::Teller;
use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;

const STEP: &str = "revoke";

/// Answers: 200 and nothing, whatever the token is, so that nobody learns about tokens of others. A refresh token takes
/// the access tokens of its family with it; an access token goes alone.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let (client, token) = admission::about_token(Door::Revoke, server, org, state, request, trace)?;
    let token = token.as_str();
    let now = request.now.as_second();
    let known = access_token::known(org, token);
    trace.learnt.token = Some(org.tokens().tag(token));
    if state.settings.mutations.has(Mutation::Revocation) {
        return Ok(Reply::empty(StatusCode::OK));
    }
    let teller = Teller { server, org, state, request };
    let own = |owner: &str| *owner == *client.id;
    let reason = match (known, refresh_tokens::owner(state, token)) {
        (Some(access), _) if own(&access.client_id) => {
            revoked_tokens::revoke(org, now, &access);
            teller.revoked(trace, &client.id, "access_token", access.user.as_deref());
            format!("the access token {} is revoked", access.tag())
        }
        (None, Some(family)) if own(&family.allowed.client_id) => {
            refresh_tokens::revoke_family(org, now, &family.id);
            teller.revoked(trace, &client.id, "refresh_token", Some(&family.allowed.user_id));
            "the refresh token is revoked, and the access tokens beside it".to_owned()
        }
        (None, None) => "nobody knows the token".to_owned(),
        _ => "the token is another client's and stays".to_owned(),
    };
    trace.note(STEP, reason);
    Ok(Reply::empty(StatusCode::OK))
}
