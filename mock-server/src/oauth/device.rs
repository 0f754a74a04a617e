//! `POST …/v1/device/authorize`: a device without a browser asks for a code that its user enters elsewhere (token-facts
//! §12 device.authorize.*).

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use super::admission::{Door, admit};
use super::authorize::user_scopes;
use super::errors::{OAuthError, Refusal};
use super::form::Parameters;
use super::grants;
use super::scopes;
use super::server::Known;
use super::store::device_codes;
use crate::exchange::{Reply, Request, Trace};
use crate::facts::dialects::Switch;
use crate::org::Org;
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
    let words = scopes::words(asked).into_iter().filter(|_| asked.len() <= scopes::MAX_LENGTH);
    trace.learnt.scopes_asked = Some(words.map(str::to_owned).collect());
    // Who enters the code consents to what the page names.
    let granted = user_scopes(asked, server, &client, state, grants::DEVICE_CODE)?;
    trace.note("scope", granted.reason);

    let waiting = device_codes::waiting(state, now, &client.id);
    let limit = state.settings.dialect.get(Switch::UserCodes);
    if limit.parse().is_ok_and(|limit: usize| waiting >= limit) {
        let reason = format!("{waiting} user codes of {} wait for their users", client.id);
        return Err(Refusal::new("issue", OAuthError::TooManyUserCodes, reason));
    }
    let custom = match server {
        Known::Org => None,
        Known::Custom(server) => Some(Arc::from(&*server.id)),
    };
    let code = device_codes::issue(org, now, client.id.clone(), custom, granted.scopes);
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
