//! The scopes of a user's request where there is no browser to send back: the password grant, devices.

use std::sync::Arc;

use super::fault::Fault;
use super::scopes;
use crate::oauth::errors::{OAuthError, Refusal};
use crate::oauth::grants::fault::GrantFault;
use crate::oauth::server::Known;
use crate::org::client::Client;
use crate::org::state::OrgState;

/// What a request gets.
#[derive(Debug)]
pub(in crate::oauth) struct UserScopes {
    /// The scopes.
    pub(in crate::oauth) scopes: Vec<Arc<str>>,
    /// Why, in words for a person.
    pub(in crate::oauth) reason: String,
    /// Those of them that a user must consent to.
    pub(in crate::oauth) to_consent: Vec<String>,
}

/// The scopes of a user's request, by the same rules as at `/authorize`.
///
/// # Errors
/// Those of `scopes`, in the words of the token endpoint.
pub(in crate::oauth) fn user_scopes(
    asked: &str,
    server: &Known,
    client: &Client,
    state: &OrgState,
    grant: &str,
) -> Result<UserScopes, Refusal> {
    let refuse =
        |fault: Fault| Refusal::new("scope", told(fault), format!("the scopes {asked:?} are refused"));
    match server {
        Known::Org => {
            let grants = state.derived.grants(&client.id);
            let granted = scopes::of_org_server(asked, false, grants, &state.settings.dialect);
            let (scopes, reason) = granted.map_err(refuse)?;
            Ok(UserScopes { scopes, reason, to_consent: Vec::new() })
        }
        Known::Custom(server) => {
            let granted = scopes::of_custom_server(asked, false, server, client, grant);
            let (scopes, reason) = granted.map_err(refuse)?;
            let to_consent = scopes::to_consent(&scopes, server, client);
            Ok(UserScopes { scopes, reason, to_consent })
        }
    }
}

fn told(fault: Fault) -> OAuthError {
    match fault {
        Fault::NoScopes => OAuthError::NoScopes,
        Fault::NoDefaultScopes => OAuthError::NoDefaultScopes,
        Fault::UnknownScope => OAuthError::UnknownScope,
        Fault::CustomScope => OAuthError::CustomScope,
        Fault::OpenIdScope => OAuthError::Grant(GrantFault::OpenIdRequired),
        Fault::NoneGranted => OAuthError::NoneGranted,
        Fault::IllegalScopes(scopes) => OAuthError::IllegalScopes(scopes),
        Fault::NoPolicy => OAuthError::NoPolicy,
        _ => OAuthError::MalformedScope,
    }
}
