//! The authorization servers: the org's own, and custom ones as far as client credentials need them. One file an
//! endpoint (`token`, `keys`, `metadata`), one a decision (`client_auth`, `assertion`, `grants`, `scopes`).

pub mod access_token;
mod activate;
mod admission;
pub mod assertion;
mod authn;
mod authorize;
mod bc_authorize;
mod claims;
pub mod client_auth;
mod consents;
pub mod cookies;
mod device;
pub mod dpop;
pub mod errors;
pub mod form;
pub mod grants;
mod introspect;
mod key_sets;
mod keys;
mod logout;
mod metadata;
mod mint;
mod outside;
mod password_hook;
mod passwords;
mod revoke;
pub mod scopes;
mod server;
pub mod signature;
pub mod store;
mod terms;
mod token;
mod told;
mod user;
mod userinfo;

pub use access_token::{AccessToken, TokenRefusal, verify};
pub use outside::{learn, withdraw};
pub use server::Server;

use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::state::OrgState;
use errors::Refusal;
use form::Parameters;

/// An endpoint of an authorization server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/v1/token`
    Token,
    /// `/v1/introspect`
    Introspect,
    /// `/v1/revoke`
    Revoke,
    /// `/v1/authorize`
    Authorize,
    /// `/v1/par`
    Par,
    /// `/v1/userinfo`
    UserInfo,
    /// `/v1/logout`
    Logout,
    /// `/api/v1/authn`
    Authn,
    /// `/v1/keys`
    Keys,
    /// `/v1/device/authorize`
    DeviceAuthorize,
    /// `/v1/bc/authorize`
    BcAuthorize,
    /// `/activate`: where a user enters the code that a device shows
    Activate,
    /// `/.well-known/openid-configuration`
    OpenIdConfiguration,
    /// `/.well-known/oauth-authorization-server`
    OAuthMetadata,
}

/// The endpoint at a path (without a trailing slash), and whose it is. Whether a custom server exists is found out later.
pub fn route(path: &str) -> Option<(Server<'_>, Endpoint)> {
    let endpoint = |rest: &str| match rest {
        "v1/token" => Some(Endpoint::Token),
        "v1/introspect" => Some(Endpoint::Introspect),
        "v1/revoke" => Some(Endpoint::Revoke),
        "v1/authorize" => Some(Endpoint::Authorize),
        "v1/par" => Some(Endpoint::Par),
        "v1/userinfo" => Some(Endpoint::UserInfo),
        "v1/logout" => Some(Endpoint::Logout),
        "v1/keys" => Some(Endpoint::Keys),
        "v1/device/authorize" => Some(Endpoint::DeviceAuthorize),
        "v1/bc/authorize" => Some(Endpoint::BcAuthorize),
        ".well-known/openid-configuration" => Some(Endpoint::OpenIdConfiguration),
        ".well-known/oauth-authorization-server" => Some(Endpoint::OAuthMetadata),
        _ => None,
    };
    if path == "/activate" {
        return Some((Server::Org, Endpoint::Activate));
    }
    if path == "/api/v1/authn" {
        return Some((Server::Org, Endpoint::Authn));
    }
    let Some(below) = path.strip_prefix("/oauth2/") else {
        let well_known = path.strip_prefix('/').filter(|path| path.starts_with(".well-known/"))?;
        return Some((Server::Org, endpoint(well_known)?));
    };
    if below.starts_with("v1/") {
        return Some((Server::Org, endpoint(below)?));
    }
    let (id, rest) = below.split_once('/')?;
    Some((Server::Custom(id), endpoint(rest)?))
}

/// The client id that a token request claims, unproven: whose share of the rate limit it uses.
pub fn principal(request: &Request) -> Option<String> {
    client_auth::claimed(&request.headers, &Parameters::read(request).ok()?)
}

/// Answers a request for an endpoint, whose method the gateway has checked. `trace` tells what was learnt and decided.
pub fn answer(
    server: Server<'_>,
    endpoint: Endpoint,
    org: &Org,
    state: &OrgState,
    request: &Request,
    trace: &mut Trace,
) -> Reply {
    let outcome: Result<Reply, Refusal> = server.find(state).and_then(|server| match endpoint {
        Endpoint::Token => token::answer(&server, org, state, request, trace),
        Endpoint::Introspect => introspect::answer(&server, org, state, request, trace),
        Endpoint::Revoke => revoke::answer(&server, org, state, request, trace),
        Endpoint::Authorize => authorize::answer(&server, org, state, request, trace),
        Endpoint::Par => authorize::push(&server, org, state, request, trace),
        Endpoint::UserInfo => userinfo::answer(&server, org, state, request, trace),
        Endpoint::Logout => logout::answer(&server, org, state, request, trace),
        Endpoint::Authn => Ok(authn::answer(org, state, request, trace)),
        Endpoint::Keys => keys::answer(&server, org, state, request),
        Endpoint::DeviceAuthorize => device::answer(&server, org, state, request, trace),
        Endpoint::BcAuthorize => bc_authorize::answer(&server, org, state, request, trace),
        Endpoint::Activate => Ok(activate::answer(org, state, request, trace)),
        Endpoint::OpenIdConfiguration | Endpoint::OAuthMetadata => {
            metadata::answer(&server, endpoint, state, request)
        }
    });
    outcome.unwrap_or_else(|refusal| {
        trace.note(refusal.step, refusal.reason);
        refusal.error.reply(&state.settings.dialect, &request.base_url, org.ids())
    })
}
