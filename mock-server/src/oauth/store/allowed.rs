//! What a user has allowed a client.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a user has allowed a client: it is behind a code, and behind the refresh tokens that follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The client.
    pub client_id: Arc<str>,
    /// The user's id.
    pub user_id: Arc<str>,
    /// The custom authorization server; none for the org's own.
    pub server: Option<Arc<str>>,
    /// The scopes, in the order of the request.
    pub scopes: Vec<Arc<str>>,
    /// The nonce for the ID token.
    pub nonce: Option<String>,
    /// When the user signed in, in epoch seconds.
    pub auth_time: i64,
    /// How: `pwd`, …
    pub amr: Vec<String>,
    /// The session.
    pub session: Option<Arc<str>>,
    /// The redirect URI of the authorize request.
    pub redirect_uri: Option<String>,
    /// The PKCE code challenge (S256).
    pub challenge: Option<String>,
    /// The thumbprint of the DPoP key that tokens are bound to.
    pub dpop_jkt: Option<String>,
}

impl Allowed {
    /// Whether a scope is among them.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| **one == *scope)
    }
}
