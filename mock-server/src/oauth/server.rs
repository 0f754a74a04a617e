//! Which authorization server is asked: the org's own, or a custom one.

use std::sync::Arc;

use super::errors::{OAuthError, Refusal};
use crate::org::authorization_server::AuthorizationServer;
use crate::org::state::OrgState;

/// An authorization server as the path names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server<'p> {
    /// The org authorization server: issues tokens for Okta's own API.
    Org,
    /// A custom one, by the id in the path.
    Custom(&'p str),
}

/// An authorization server that exists.
#[derive(Debug, Clone)]
pub(super) enum Known {
    /// The org's own.
    Org,
    /// A custom one.
    Custom(Arc<AuthorizationServer>),
}

impl Server<'_> {
    /// The server, if there is one.
    pub(super) fn find(self, state: &OrgState) -> Result<Known, Refusal> {
        match self {
            Self::Org => Ok(Known::Org),
            Self::Custom(id) => {
                state.derived.server(id).map(|server| Known::Custom(server.clone())).ok_or_else(|| {
                    let reason = format!("the org has no active authorization server {id:?}");
                    Refusal::new("server", OAuthError::UnknownServer(id.to_owned()), reason)
                })
            }
        }
    }
}

impl Known {
    /// The issuer, as the caller called it (token-facts §9; custom: `/oauth2/{id}`).
    pub(super) fn issuer(&self, base_url: &str) -> String {
        match self {
            Self::Org => base_url.to_owned(),
            Self::Custom(server) => format!("{base_url}/oauth2/{}", server.id),
        }
    }

    /// The absolute URL of an endpoint, as the caller called it.
    pub(super) fn endpoint(&self, base_url: &str, name: &str) -> String {
        format!("{}/v1/{name}", self.root(base_url))
    }

    /// The URL below which its endpoints are.
    pub(super) fn root(&self, base_url: &str) -> String {
        match self {
            Self::Org => format!("{base_url}/oauth2"),
            Self::Custom(server) => format!("{base_url}/oauth2/{}", server.id),
        }
    }

    /// The audience of a custom server's tokens; none for the org's own.
    pub(super) fn audience(&self) -> Option<&str> {
        match self {
            Self::Org => None,
            Self::Custom(server) => Some(&server.audience),
        }
    }

    /// The id of a custom server; none for the org's own.
    pub(super) fn id(&self) -> Option<&Arc<str>> {
        match self {
            Self::Org => None,
            Self::Custom(server) => Some(&server.id),
        }
    }
}
