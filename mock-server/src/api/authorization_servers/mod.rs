//! Custom authorization servers: what no resource file says of them, their keys, the clients that have tokens of them, and
//! the servers that trust each other.

mod associated;
mod clients;
mod keys;
mod parts;
mod priority;
mod server;

use std::sync::Arc;

use super::answer::Asked;
use super::own::Handler;
use super::target::Target;
use crate::exchange::Trace;
use crate::facts::facts;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) use clients::scopes_of;
pub(super) use parts::{Claim, Policy, ResourceServerKey, Rule, Scope};
pub(super) use server::Server;

/// The operations.
pub(super) const OPERATIONS: &[(&str, Handler)] = &[
    ("listAuthorizationServerKeys", keys::list),
    ("getAuthorizationServerKey", keys::get),
    ("rotateAuthorizationServerKeys", keys::rotate),
    ("listOAuth2ClientsForAuthorizationServer", clients::list),
    ("listRefreshTokensForAuthorizationServerAndClient", clients::tokens),
    ("revokeRefreshTokensForAuthorizationServerAndClient", clients::revoke_all),
    ("getRefreshTokenForAuthorizationServerAndClient", clients::token),
    ("revokeRefreshTokenForAuthorizationServerAndClient", clients::revoke),
    ("listAssociatedServersByTrustedType", associated::list),
    ("createAssociatedServers", associated::create),
    ("deleteAssociatedServer", associated::delete),
];

/// The kind of the servers.
const KIND: &str = "authorization_servers";

/// The server that the path names first, if the caller may reach it.
fn server(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Target, Arc<Document>), ApiError> {
    let resource = facts().resources.get(KIND).ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    let document = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&document), trace)?;
    Ok((target, document))
}

/// The name of a server in the paths of its endpoints: `default`, or its id.
fn name(server: &Document) -> &str {
    server.hidden.get("name").and_then(|name| name.as_str()).unwrap_or(&server.id)
}
