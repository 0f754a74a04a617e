//! Access tokens of the org server.

use std::sync::Arc;

use jiff::Timestamp;

use crate::facts::errors::OAuthErrorRow;
use crate::facts::facts;
use crate::org::Org;
use crate::org::state::OrgState;

/// An access token that is accepted.
#[derive(Debug)]
pub struct AccessToken {
    /// The client that it was issued to.
    pub client_id: Arc<str>,
    /// The user behind it.
    pub user: Option<Arc<str>>,
    /// Its scopes.
    pub scopes: Vec<Arc<str>>,
}

/// Why an access token is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRefusal {
    /// It is none.
    Malformed,
    /// It is not bound to a key.
    NotDPoPBound,
}

impl TokenRefusal {
    /// The row of the catalogue.
    pub fn row(&self) -> &'static OAuthErrorRow {
        static NONE: std::sync::LazyLock<OAuthErrorRow> = std::sync::LazyLock::new(|| OAuthErrorRow {
            id: "access_token_invalid".to_owned(),
            status: http::StatusCode::UNAUTHORIZED,
            error: "invalid_token".to_owned(),
            description: "The access token is invalid.".to_owned(),
        });
        facts().oauth_errors.get("access_token_invalid").unwrap_or(&NONE)
    }
}

/// Verifies a token. None is issued yet, so none is accepted.
///
/// # Errors
/// Always [`TokenRefusal::Malformed`].
pub fn verify(
    _: &Org,
    _: &OrgState,
    _: &str,
    _: Timestamp,
    _: &str,
) -> Result<Arc<AccessToken>, TokenRefusal> {
    Err(TokenRefusal::Malformed)
}
