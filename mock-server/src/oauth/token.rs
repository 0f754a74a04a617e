//! `POST …/v1/token`: one request's way, in Okta's order (token-facts §1.3).

use std::sync::Arc;

use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;

use super::client_auth::{self, Credentials, Moment};
use super::dpop;
use super::errors::{OAuthError, ROBOTS, Refusal};
use super::form::Parameters;
use super::grants::{self, CLIENT_CREDENTIALS};
use super::mint::{LIFETIME, Mint, Minted};
use super::scopes;
use super::server::Known;
use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::client::Client;
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
    let scope = parameters.get("scope");
    trace.learnt.scopes_asked = scope
        .filter(|scope| scope.len() <= scopes::MAX_LENGTH)
        .map(|scope| scopes::words(scope).into_iter().map(str::to_owned).collect());

    let client = authenticated(server, org, state, request, &parameters, trace)?;

    let grant = grants::check(&client, parameters.get("grant_type"))?;
    if grant != CLIENT_CREDENTIALS {
        trace.gap = true;
        trace.note("grant", format!("{grant} is not implemented"));
        return Ok(not_implemented(org.ids(), &format!("token ({grant})")));
    }
    grants::client_credentials(&client, server)?;
    trace.note("grant", "client_credentials is among the app's grant types");

    // Before the scopes: an app that needs a proof and sends none is told so, whatever it asks for (token-facts §1.3).
    let endpoint = server.token_endpoint(&request.base_url);
    let proven = dpop::at_token_endpoint(org, &state.settings.dialect, request, &endpoint, &client, trace)?;

    let asked = scope.unwrap_or_default();
    let granted = match server {
        Known::Org => {
            scopes::of_org_server(asked, state.derived.grants(&client.id), &state.settings.dialect)?
        }
        Known::Custom(server) => scopes::of_custom_server(asked, server, &client)?,
    };
    trace.note("scope", granted.reason);

    let now = request.now.as_second();
    let mint = Mint { org, state, server, base_url: &request.base_url, now };
    let jkt = proven.as_ref().map(|proven| proven.jkt.clone());
    let minted = mint
        .bound_access_token(&client, None, granted.scopes, jkt)
        .map_err(|error| Refusal::new("issue", OAuthError::NotGenerated, error.to_string()))?;
    let reply = issued(&minted, trace);
    Ok(match proven {
        Some(proven) => reply.with_text(dpop::NONCE, &proven.nonce),
        None => reply,
    })
}

/// The client, authenticated and admitted from where it calls.
fn authenticated(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    parameters: &Parameters,
    trace: &mut Trace,
) -> Result<Arc<Client>, Refusal> {
    let credentials = client_auth::presented(&request.headers, parameters, &state.settings.dialect)?;
    if request.headers.contains_key("origin") && parameters.get("code_verifier").is_none() {
        let reason = "there is an Origin header and no code_verifier: a browser may not hold credentials";
        return Err(Refusal::new("client_auth", OAuthError::BrowserWithoutPkce, reason));
    }
    let endpoint = server.token_endpoint(&request.base_url);
    let moment = Moment { endpoint: &endpoint, now: request.now.as_second(), counters: org.counters() };
    let (client, reason) = client_auth::authenticate(&credentials, state, moment, &mut trace.learnt)?;
    if matches!(credentials, Credentials::Assertion { .. }) {
        trace.note("assertion", "the assertion is good");
    }
    trace.note("client_auth", reason);

    if !client.allowed_ips.is_empty()
        && !client.allowed_ips.iter().any(|network| network.contains(request.peer))
    {
        let reason = format!("{} is outside the networks of {}", request.peer, client.id);
        return Err(Refusal::new("network_zone", OAuthError::OutsideNetworkZone, reason));
    }
    if client.integration && matches!(server, Known::Custom(_)) {
        let reason = format!("{} is an integration: it has the org authorization server only", client.id);
        return Err(Refusal::new("grant", OAuthError::OrgServerOnly, reason));
    }
    Ok(client)
}

#[derive(Serialize)]
struct Body<'a> {
    token_type: &'a str,
    expires_in: i64,
    access_token: &'a str,
    scope: &'a str,
}

/// The success (token-facts §2: key order as recorded).
fn issued(minted: &Minted, trace: &mut Trace) -> Reply {
    let access = &minted.access;
    let scope = access.scopes.join(" ");
    trace.note("issue", format!("{} for {scope}", access.tag()));
    trace.learnt.issued = Some(json!({
        "token": access.tag(),
        "scopes": access.scopes,
        "expires_at": access.expires_at,
    }));
    let token_type = if access.jkt.is_some() { "DPoP" } else { "Bearer" };
    let body = Body { token_type, expires_in: LIFETIME, access_token: &minted.token, scope: &scope };
    Reply::json(StatusCode::OK, serde_json::to_vec(&body).unwrap_or_default())
        .with(ROBOTS, HeaderValue::from_static("noindex,nofollow"))
}
