//! Whether a client may use a grant type (token-facts §4, and the rows of §3 that are about client credentials).

use super::errors::{OAuthError, Refusal};
use super::server::Known;
use crate::org::client::{AuthMethod, Client};

const STEP: &str = "grant";

/// Grant types that Okta's token endpoints know (token-facts §9.1, §10).
const KNOWN: [&str; 12] = [
    CLIENT_CREDENTIALS,
    "authorization_code",
    "refresh_token",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:openid:params:grant-type:ciba",
    "urn:okta:params:oauth:grant-type:otp",
    "urn:okta:params:oauth:grant-type:oob",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-oob",
];

/// The grant type of service apps.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

/// Whether a client may use the grant type that it asks for.
///
/// # Errors
/// Missing, unknown and unconfigured grant types, each with the client's own list.
pub fn check<'r>(client: &Client, asked: Option<&'r str>) -> Result<&'r str, Refusal> {
    let own = || client.grant_types.clone();
    let Some(asked) = asked else {
        return Err(Refusal::new(STEP, OAuthError::MissingGrantType(own()), "there is no grant_type"));
    };
    if !KNOWN.contains(&asked) {
        let reason = format!("Okta knows no grant type {asked:?}");
        return Err(Refusal::new(STEP, OAuthError::UnsupportedGrantType(own()), reason));
    }
    if !client.grant_types.iter().any(|grant| grant == asked) {
        let reason = format!("{asked} is not among the app's grant types");
        return Err(Refusal::new(STEP, OAuthError::UnauthorizedClient(own()), reason));
    }
    Ok(asked)
}

/// Whether a client may use client credentials with this server. Asked after the grant type was found among the app's,
/// because an app without it is told that (token-facts tok.auth.cc_app_not_service).
///
/// # Errors
/// On the org server: the app must be a service app and sign with a private key; an integration may send its secret.
pub(super) fn client_credentials(client: &Client, server: &Known) -> Result<(), Refusal> {
    if !matches!(server, Known::Org) {
        return Ok(());
    }
    if client.application_type != "service" {
        let reason = format!("{} is a {} app, not a service app", client.id, client.application_type);
        return Err(Refusal::new(STEP, OAuthError::NotAServiceApp, reason));
    }
    let method = client.auth_method;
    let (fine, error) = if client.integration {
        let fine = matches!(method, AuthMethod::ClientSecretBasic | AuthMethod::PrivateKeyJwt);
        (fine, OAuthError::IntegrationMethod)
    } else {
        (method == AuthMethod::PrivateKeyJwt, OAuthError::PrivateKeyRequired)
    };
    if fine {
        return Ok(());
    }
    let reason = format!("{} is configured for {}", client.id, method.as_str());
    Err(Refusal::new(STEP, error, reason))
}
