//! `POST …/v1/device/authorize`: a device without a browser asks for a code that its user enters elsewhere (token-facts
//! §12 device.authorize.*).

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use super::admission::{Door, admit};
use super::errors::{OAuthError, Refusal};
use super::form::Parameters;
use super::scopes;
use super::server::Known;
use super::store::device_codes;
use crate::exchange::{Reply, Request, Trace};
use crate::facts::facts;
use crate::org::Org;
use crate::org::client::Client;
use crate::org::state::OrgState;

/// The grant type that an app needs.
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

#[derive(Serialize)]
struct Body<'a> {
    device_code: &'a str,
    user_code: &'a str,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: i64,
    interval: i64,
}

/// Answers.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = Parameters::read(request)?;
    let client = admit(Door::DeviceAuthorize, server, org, state, request, &parameters, trace)?;
    let now = request.now.as_second();
    if !client.grant_types.iter().any(|grant| grant == DEVICE_CODE) {
        let reason = format!("{} has not the grant type {DEVICE_CODE}", client.id);
        return Err(Refusal::new(
            "grant",
            OAuthError::UnauthorizedClient(client.grant_types.clone()),
            reason,
        ));
    }
    let asked = parameters.get("scope").unwrap_or_default();
    let words = scopes::words(asked);
    trace.learnt.scopes_asked = Some(words.iter().map(|word| (*word).to_owned()).collect());
    let granted = granted(server, state, &client, asked)?;

    let custom = match server {
        Known::Org => None,
        Known::Custom(server) => Some(Arc::from(&*server.id)),
    };
    let code = device_codes::issue(org, now, client.id.clone(), custom, granted);
    trace.note("issue", "a device code, which waits for its user at /activate");
    let verification_uri = format!("{}/activate", request.base_url);
    let body = Body {
        device_code: &code.device_code,
        user_code: &code.user_code,
        verification_uri_complete: format!("{verification_uri}?user_code={}", code.user_code),
        verification_uri,
        expires_in: device_codes::LIFETIME,
        interval: device_codes::INTERVAL,
    };
    Ok(Reply::json(StatusCode::OK, serde_json::to_vec(&body).unwrap_or_default()))
}

/// The scopes that the token will have: whether they exist comes before what they need, and both before the app's
/// grants (as at the authorize endpoint, token-facts §11).
fn granted(server: &Known, state: &OrgState, client: &Client, asked: &str) -> Result<Vec<Arc<str>>, Refusal> {
    let refuse = |error, reason: String| Err(Refusal::new("scope", error, reason));
    if asked.len() > scopes::MAX_LENGTH {
        return refuse(OAuthError::MalformedScope, format!("scope has {} characters", asked.len()));
    }
    let words = scopes::words(asked);
    if words.is_empty() {
        return refuse(OAuthError::NoScopes, "the request names no scope".to_owned());
    }
    let known = &facts().scopes;
    let own = |word: &str| match server {
        Known::Org => known.knows(word),
        Known::Custom(server) => known.is_openid(word) || server.scope(word).is_some(),
    };
    if let Some(unknown) = words.iter().find(|word| !own(word)) {
        let error = match server {
            Known::Org if !unknown.starts_with("okta.") => OAuthError::CustomScope,
            _ => OAuthError::UnknownScope,
        };
        return refuse(error, format!("there is no scope {unknown}"));
    }
    let openid = |word: &&&str| known.is_openid(word) && !matches!(**word, "openid" | "offline_access");
    if let Some(word) = words.iter().find(openid)
        && !words.contains(&"openid")
    {
        return refuse(OAuthError::OpenIdScopeRequired, format!("{word} comes with openid only"));
    }
    if let Known::Custom(server) = server {
        if !server.admits(&client.id) {
            return refuse(OAuthError::NoPolicy, format!("no policy of {} names {}", server.id, client.id));
        }
        return Ok(words.into_iter().map(Arc::from).collect());
    }
    let grants = state.derived.grants(&client.id);
    let okta = words.iter().filter(|word| !known.is_openid(word));
    let (wanted, held) = okta.fold((0, 0), |(wanted, held), word| {
        (wanted + 1, held + usize::from(grants.iter().any(|grant| **grant == **word)))
    });
    if wanted > 0 && held == 0 {
        return refuse(OAuthError::NoneGranted, "none of Okta's scopes is granted to the app".to_owned());
    }
    let kept =
        words.into_iter().filter(|word| known.is_openid(word) || grants.iter().any(|one| **one == **word));
    Ok(kept.map(Arc::from).collect())
}
