//! Who calls an endpoint: the client, authenticated, and admitted from where it is.

use std::sync::Arc;

use http::header;

use super::client_auth::{self, Credentials, Moment};
use super::errors::{OAuthError, Place, Refusal};
use super::form::Parameters;
use super::key_sets;
use super::server::Known;
use crate::exchange::{Request, Trace};
use crate::limits::Spending;
use crate::org::Org;
use crate::org::client::Client;
use crate::org::state::OrgState;

/// An endpoint that takes a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// `token`
    Token,
    /// `introspect`
    Introspect,
    /// `revoke`
    Revoke,
    /// `device/authorize`
    DeviceAuthorize,
    /// `par`
    Par,
    /// `logout`, when a client calls it itself
    Logout,
    /// `bc/authorize`
    BcAuthorize,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Introspect => "introspect",
            Self::Revoke => "revoke",
            Self::DeviceAuthorize => "device/authorize",
            Self::Par => "par",
            Self::Logout => "logout",
            Self::BcAuthorize => "bc/authorize",
        }
    }
}

/// The client, authenticated and admitted from where it calls.
///
/// # Errors
/// As [`client_auth::authenticate`]; then network zones, and an integration at a custom server.
pub(super) fn admit(
    door: Door,
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    parameters: &Parameters,
    trace: &mut Trace,
) -> Result<Arc<Client>, Refusal> {
    let credentials = match id_in_query(door, request, parameters) {
        Some(credentials) => credentials,
        None => client_auth::presented(&request.headers, parameters, &state.settings.dialect)?,
    };
    let endpoint = server.endpoint(&request.base_url, door.name());
    let now = request.now.as_second();
    let set = match &credentials {
        Credentials::Assertion { jwt, .. } => key_sets::of_assertion(org, state, jwt, now, trace)?,
        _ => None,
    };
    let keys = set.as_ref().map(|set| set.keys.as_slice());
    let counters = Spending::new(org.counters(), &mut trace.spent);
    let moment = Moment { endpoint: &endpoint, now, counters: &counters, keys };
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

/// A request about a token: the client that makes it, as [`admit`] finds it, and the token.
///
/// # Errors
/// As [`admit`]; then a token that is missing (token-facts introspect.no_token, revoke.no_token).
pub(super) fn about_token(
    door: Door,
    server: &Known,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Result<(Arc<Client>, String), Refusal> {
    let parameters = Parameters::read(request)?;
    let client = admit(door, server, org, state, request, &parameters, trace)?;
    match parameters.get("token") {
        Some(token) => Ok((client, token.to_owned())),
        None => Err(Refusal::new(door.name(), OAuthError::MissingToken, "there is no token")),
    }
}

/// A client id alone in the query: how public clients call introspect and revoke (token-facts §12); at the token endpoint
/// it is a credential in the query like any other.
fn id_in_query(door: Door, request: &Request, parameters: &Parameters) -> Option<Credentials<'static>> {
    let alone = matches!(door, Door::Introspect | Door::Revoke)
        && parameters.in_query("client_id")
        && parameters.get("client_secret").is_none()
        && parameters.get("client_assertion").is_none()
        && !request.headers.contains_key(header::AUTHORIZATION);
    let id = parameters.get("client_id").filter(|_| alone)?;
    Some(Credentials::IdOnly { id: id.to_owned(), place: Place::Body })
}
