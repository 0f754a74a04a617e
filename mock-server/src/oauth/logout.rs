//! `GET` and `POST …/v1/logout`: ends the browser's session and goes back to the app (token-facts §12, logout.*).

use http::{StatusCode, header};
use serde::Deserialize;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::access_token;
use super::admission::{Door, admit};
use super::authorize::{admin_page, refused};
use super::cookies;
use super::errors::Refusal;
use super::form::Parameters;
use super::server::Known;
use super::store::sessions;
use super::told::Teller;
use crate::exchange::{Reply, Request, Trace};
use crate::facts::dialects::Switch;
use crate::facts::errors::fill;
use crate::facts::facts;
use crate::org::Org;
use crate::org::client::Client;
use crate::org::state::OrgState;
use crate::pages::SignedOutPage;

/// What a hint says; whether it has expired does not matter.
#[derive(Deserialize)]
struct Hint {
    sub: String,
    aud: String,
    iss: String,
    jti: String,
}

/// A refusal on a page: a row of the catalogue and what stands for `{0}`.
struct OnPage(&'static str, String);

/// Answers.
pub(super) fn answer(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<Reply, Refusal> {
    let parameters = Parameters::read(request)?;
    let names_client = request.headers.contains_key(header::AUTHORIZATION)
        || ["client_secret", "client_assertion"].iter().any(|name| parameters.get(name).is_some());
    if request.method == http::Method::POST && names_client {
        admit(Door::Logout, server, org, state, request, &parameters, trace)?;
    }
    Ok(signed_out(server, org, state, request, &parameters, trace).unwrap_or_else(|OnPage(row, argument)| {
        let told = facts().oauth_errors.get(row);
        let (error, text) =
            told.map_or(("server_error", row), |row| (row.error.as_str(), row.description.as_str()));
        trace.note("refuse", format!("{error}, told on a page: {text}"));
        refused(org, state, request, error, &fill(text, &[&argument]))
    }))
}

fn signed_out(
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    parameters: &Parameters,
    trace: &mut Trace,
) -> Result<Reply, OnPage> {
    let invalid = || OnPage("id_token_invalid", String::new());
    let hint = parameters.get("id_token_hint").and_then(|hint| read(org, hint)).ok_or_else(invalid)?;
    let client = state.derived.client(&hint.aud).ok_or_else(invalid)?;
    if hint.iss != server.issuer(&request.base_url) || state.get("users", &hint.sub).is_none() {
        return Err(invalid());
    }
    trace.learnt.client_id = Some(client.id.to_string());
    trace.learnt.user = Some(hint.sub.clone());
    let target = target(client, parameters, state, &request.base_url)?;
    let session = cookies::session(state, request);
    if let Some(session) = &session {
        if *session.user_id != *hint.sub {
            return Err(OnPage("id_token_does_not_match_session", String::new()));
        }
        sessions::end(org, request.now.as_second(), &session.id);
        Teller { server, org, state, request }.signed_out(trace, session);
    }
    trace.note("sign_out", if session.is_some() { "the session is ended" } else { "there is no session" });
    let (name, value) = cookies::clear_session();
    let reply = match target {
        Some(location) => Reply::empty(StatusCode::FOUND).with_text(header::LOCATION, &location),
        None => SignedOutPage { org: &state.settings.name }.render(),
    };
    Ok(reply.with(name, value))
}

/// Where to go on: a URI that is the app's, with the state that the app sent.
fn target(
    client: &Client,
    parameters: &Parameters,
    state: &OrgState,
    base_url: &str,
) -> Result<Option<String>, OnPage> {
    let Some(uri) = parameters.get("post_logout_redirect_uri") else { return Ok(None) };
    if !client.sign_in.post_logout_redirect_uris.iter().any(|one| one == uri) {
        if state.settings.dialect.is(Switch::RedirectUriLink, "absent") {
            return Err(OnPage("illegal_post_logout_redirect_uri", String::new()));
        }
        return Err(OnPage("illegal_post_logout_redirect_uri_enhanced", admin_page(base_url, client)));
    }
    let Some(state) = parameters.get("state") else { return Ok(Some(uri.to_owned())) };
    let mark = if uri.contains('?') { '&' } else { '?' };
    let state = form_urlencoded::byte_serialize(state.as_bytes()).collect::<String>();
    Ok(Some(format!("{uri}{mark}state={state}")))
}

/// An ID token with a good signature of this org. The header must be one that this org writes, letter for letter.
fn read(org: &Org, token: &str) -> Option<Hint> {
    let claims = access_token::signed_claims(org, token)?;
    let hint: Hint = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    hint.jti.starts_with("ID.").then_some(hint)
}
