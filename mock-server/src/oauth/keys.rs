//! `GET …/v1/keys`: the public keys of the org, rendered when they were made (token-facts keys.ok).

use http::header;

use serde_json::{Value, json};

use super::errors::{OAuthError, Place, Refusal};
use super::server::Known;
use crate::exchange::{Form, Reply, Request};
use crate::org::Org;
use crate::org::authorization_server::AuthorizationServer;
use crate::org::keys::{KeyError, PERIOD};
use crate::org::state::OrgState;

/// Answers. Each server signs with its own keys, which may be kept until the next rotation (token-facts §13).
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
) -> Result<Reply, Refusal> {
    check_client(state, request)?;
    let now = request.now.as_second();
    let (fresh, document) = match server {
        Known::Org => (org.keys().fresh_for(now), org.keys().document()),
        Known::Custom(server) => {
            let fresh = PERIOD - now.saturating_sub(server.rotated_at).rem_euclid(PERIOD);
            let keys = published(org, server)
                .map_err(|error| Refusal::new("keys", OAuthError::NotGenerated, error.to_string()))?;
            (fresh, json!({ "keys": keys }).to_string().into())
        }
    };
    let kept = format!("max-age={fresh}, must-revalidate");
    Ok(Reply::json(http::StatusCode::OK, document).with_text(header::CACHE_CONTROL, &kept))
}

/// The keys that a custom server publishes: the one that signs, the next one, the latest former one.
fn published(org: &Org, server: &AuthorizationServer) -> Result<Vec<Value>, KeyError> {
    server.keys.iter().take(3).map(|kid| Ok(org.key_ring().key(kid)?.jwk().clone())).collect()
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
