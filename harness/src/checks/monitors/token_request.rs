//! Requests for tokens: where, in which form, with which credential, for what.

use super::{Finding, Scene};
use crate::target::ledger::Exchange;

/// What a token request may have: the properties that Okta's document of its authorization servers names for any grant
/// (2026.06.3, `TokenRequest`), and the ways for a client to say who it is (token-facts §3).
const KNOWN: &[&str] = &[
    "actor_token",
    "actor_token_type",
    "assertion",
    "audience",
    "auth_req_id",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_verifier",
    "device_code",
    "grant_type",
    "grant_types_supported",
    "login_hint",
    "mfa_token",
    "oob_code",
    "otp",
    "password",
    "redirect_uri",
    "refresh_token",
    "requested_token_type",
    "resource",
    "scope",
    "subject_token",
    "subject_token_type",
    "username",
];

/// A parameter wherever it stands: clients that put it into the query are another monitor's.
fn parameter(exchange: &Exchange, name: &str) -> Option<String> {
    exchange.request.form(name).or_else(|| exchange.request.query(name))
}

/// Only the org authorization server mints tokens for the Management API (product, behaviour 1).
pub(super) fn org_server(scene: &Scene<'_>) -> Option<Finding> {
    let elsewhere = scene.token_requests().find(|request| request.request.path() != "/oauth2/v1/token")?;
    let observed = format!("a token was asked for at {}", elsewhere.request.path());
    Some(Finding::at(elsewhere, "tokens asked for at /oauth2/v1/token of the org", observed))
}

/// The body says that it is a form.
pub(super) fn is_a_form(scene: &Scene<'_>) -> Option<Finding> {
    let wanted = "application/x-www-form-urlencoded";
    scene.token_requests().find_map(|request| {
        let kind = request.request.headers("content-type").next().unwrap_or("none");
        let essence = kind.split(';').next().unwrap_or_default().trim();
        (!essence.eq_ignore_ascii_case(wanted))
            .then(|| Finding::at(request, format!("Content-Type: {wanted}"), format!("Content-Type: {kind}")))
    })
}

/// One way to say who it is. A client id beside an assertion is allowed, beside Basic it is not (token-facts
/// `tok.auth.multiple`).
pub(super) fn one_credential(scene: &Scene<'_>) -> Option<Finding> {
    scene.token_requests().find_map(|request| {
        let basic = request
            .request
            .headers("authorization")
            .any(|value| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
        let mut ways: Vec<&str> = basic.then_some("Basic").into_iter().collect();
        let named = ["client_secret", "client_assertion"];
        ways.extend(named.into_iter().filter(|name| parameter(request, name).is_some()));
        if basic && ways.len() == 1 && parameter(request, "client_id").is_some() {
            ways.push("client_id");
        }
        (ways.len() > 1).then(|| Finding::at(request, "one client authentication", ways.join(" and ")))
    })
}

/// Least privilege begins with asking for something. A code and a refresh token bring their scopes with them.
pub(super) fn scopes_asked(scene: &Scene<'_>) -> Option<Finding> {
    let silent = scene.token_requests().find(|request| {
        let grant = parameter(request, "grant_type");
        !matches!(grant.as_deref(), Some("authorization_code" | "refresh_token"))
            && request.client.scopes_asked.as_ref().is_none_or(Vec::is_empty)
            && parameter(request, "scope").is_none_or(|scope| scope.trim().is_empty())
    })?;
    Some(Finding::at(silent, "a scope in every token request", "a token request without a scope"))
}

/// There is no refresh token for who acts for itself (token-facts, `offline_access` by client credentials).
pub(super) fn no_offline_access(scene: &Scene<'_>) -> Option<Finding> {
    if scene.wrong_request {
        return None;
    }
    let asking = scene.token_requests().find(|request| {
        parameter(request, "grant_type").as_deref() == Some("client_credentials")
            && parameter(request, "scope")
                .is_some_and(|scope| scope.split_whitespace().any(|one| one == "offline_access"))
    })?;
    let observed = "offline_access asked for by client credentials";
    Some(Finding::at(asking, "scopes of the Management API only", observed))
}

/// What is not known is ignored at best.
pub(super) fn known_parameters(scene: &Scene<'_>) -> Option<Finding> {
    scene.token_requests().find_map(|request| {
        let mut names = form_urlencoded::parse(request.request.body.as_bytes()).map(|(name, _)| name);
        let stranger = names.find(|name| !KNOWN.contains(&&**name))?;
        Some(Finding::at(request, "parameters that Okta's token endpoint has", format!("{stranger:?}")))
    })
}
