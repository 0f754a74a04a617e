//! What others may do to the authorization servers without asking an endpoint: withdraw a token, read who asks.

use jiff::Timestamp;

use super::access_token;
use super::assertion::Assertion;
use super::client_auth::claimed;
use super::dpop;
use super::form::Parameters;
use super::store::{refresh_tokens, revoked_tokens};
use crate::exchange::{Learnt, Request};
use crate::org::Org;
use crate::org::client::AuthMethod;

/// The ledger does not show longer assertions taken apart.
const SHOWN: usize = 16 * 1024;

/// Revokes a token: an access token alone, a refresh token with its family. What is neither stays.
pub fn withdraw(org: &Org, now: Timestamp, token: &str) {
    let now = now.as_second();
    if let Some(access) = access_token::known(org, token) {
        revoked_tokens::revoke(org, now, &access);
    } else if let Some(family) = refresh_tokens::owner(&org.state(), token) {
        refresh_tokens::revoke_family(org, now, &family.id);
    }
}

/// Learns what a request for an endpoint claims, unproven: who asks, how, and for which scopes.
pub fn learn(request: &Request, learnt: &mut Learnt) {
    dpop::note(&request.headers, learnt);
    let Ok(parameters) = Parameters::read(request) else { return };
    learnt.client_id = claimed(&request.headers, &parameters);
    learnt.scopes_asked =
        parameters.get("scope").map(|scope| scope.split_whitespace().map(str::to_owned).collect());
    if let Some(jwt) = parameters.get("client_assertion").filter(|jwt| jwt.len() <= SHOWN) {
        learnt.assertion = Assertion::parse(jwt).ok().map(|assertion| assertion.shown());
        learnt.auth_method = Some(AuthMethod::PrivateKeyJwt.as_str());
    } else if request.headers.contains_key(http::header::AUTHORIZATION) {
        learnt.auth_method = Some(AuthMethod::ClientSecretBasic.as_str());
    } else if parameters.get("client_secret").is_some() {
        learnt.auth_method = Some(AuthMethod::ClientSecretPost.as_str());
    }
}
