//! `client_credentials`: a service app acts for itself (the rows of token-facts §3 that are about it, and §5).

use std::sync::Arc;

use super::fault::GrantFault;
use super::{Asked, Issued, STEP, refuse};
use crate::exchange::Trace;
use crate::facts::dialects::{Dialect, Switch};
use crate::oauth::errors::{OAuthError, Refusal};
use crate::oauth::scopes;
use crate::oauth::server::Known;
use crate::org::client::{AuthMethod, Client};
use crate::org::mutation::Mutation;

/// Whether a client may use client credentials with this server. Asked after the grant type was found among the app's,
/// because an app without it is told that (token-facts tok.auth.cc_app_not_service).
///
/// # Errors
/// On the org server: the app must be a service app and sign with a private key; an integration may send its secret. On a
/// custom one: the client must authenticate at all (RFC 6749 §4.4).
pub(super) fn admit(client: &Client, server: &Known, dialect: &Dialect) -> Result<(), Refusal> {
    if !matches!(server, Known::Org) {
        if client.auth_method == AuthMethod::None {
            return Err(refuse(GrantFault::Confidential, format!("{} is a public client", client.id)));
        }
        return Ok(());
    }
    if dialect.is(Switch::ClientCredentialsOnOrg, "legacy") {
        let reason = "the org is one of those that know the grant on custom servers only";
        return Err(refuse(GrantFault::ClientCredentialsOnOrg, reason));
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

/// The tokens.
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Issued, Refusal> {
    let (client, state) = (asked.client, asked.mint.state);
    let scope = asked.parameters.get("scope").unwrap_or_default();
    let granted = match asked.mint.server {
        Known::Org if state.settings.mutations.has(Mutation::Grants) => {
            let all: Vec<Arc<str>> = scopes::words(scope).into_iter().map(Into::into).collect();
            scopes::of_org_server(scope, &all, &state.settings.dialect)?
        }
        Known::Org => {
            scopes::of_org_server(scope, state.derived.grants(&client.id), &state.settings.dialect)?
        }
        Known::Custom(server) => scopes::of_custom_server(scope, server, client)?,
    };
    trace.note("scope", granted.reason);
    let terms = asked.terms(super::CLIENT_CREDENTIALS, None, &granted.scopes)?;
    let access = asked.access_token(None, granted.scopes, terms)?;
    Ok(Issued::of_access(access))
}
