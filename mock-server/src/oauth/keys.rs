//! `GET …/v1/keys`: the public keys of the org, rendered when they were made (token-facts keys.ok).

use http::header;

use super::errors::{OAuthError, Place, Refusal};
use crate::exchange::{Form, Reply, Request};
use crate::org::Org;
use crate::org::state::OrgState;

/// Answers. All servers of an org sign with the same keys, which may be kept until the next rotation (token-facts §13).
pub(super) fn answer(org: &Org, state: &OrgState, request: &Request) -> Result<Reply, Refusal> {
    check_client(state, request)?;
    let kept = format!("max-age={}, must-revalidate", org.keys().fresh_for(request.now.as_second()));
    Ok(Reply::json(http::StatusCode::OK, org.keys().document()).with_text(header::CACHE_CONTROL, &kept))
}

/// A `client_id` in the query must be a client's (token-facts keys.ok, wk.oidc.bad_client).
pub(super) fn check_client(state: &OrgState, request: &Request) -> Result<(), Refusal> {
    let query = request.query();
    if query.is_empty() {
        return Ok(());
    }
    match Form::parse(query.as_bytes()).get("client_id") {
        Some(id) if !state.derived.client(id).is_some_and(|client| client.active) => {
            let reason = format!("the org has no active client {id:?}");
            Err(Refusal::new("client", OAuthError::UnknownClient(Place::Body), reason))
        }
        _ => Ok(()),
    }
}
