//! Making access tokens (token-facts §2, §13): the order of members is the order of the fields here.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::server::Known;
use crate::org::Org;
use crate::org::client::Client;
use crate::org::keys::{KeyError, TokenKind};
use crate::org::state::OrgState;
use crate::org::tokens::AccessToken;

/// How long an access token lives, in seconds; not configurable (token-facts §13).
pub(super) const LIFETIME: i64 = 3600;

#[derive(Serialize)]
struct OrgClaims<'a> {
    ver: u8,
    jti: &'a str,
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
    cid: &'a str,
    scp: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
}

#[derive(Serialize)]
struct CustomClaims<'a> {
    ver: u8,
    jti: &'a str,
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    cid: &'a str,
    scp: &'a [Arc<str>],
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
}

/// The key that a token is bound to, by its thumbprint (RFC 9449 §6).
#[derive(Debug, Clone, Copy, Serialize)]
struct Confirmation<'a> {
    jkt: &'a str,
}

/// A token, and what it says.
#[derive(Debug)]
pub(super) struct Minted {
    /// The JWT.
    pub(super) token: String,
    /// What it says.
    pub(super) access: Arc<AccessToken>,
}

/// Makes the access token of a client that acts for itself, and remembers it as verified. `jkt` binds it to a key.
///
/// # Errors
/// [`KeyError`] when the backend cannot sign.
pub(super) fn client_token(
    org: &Org,
    state: &OrgState,
    server: &Known,
    base_url: &str,
    client: &Client,
    scopes: Vec<Arc<str>>,
    jkt: Option<Arc<str>>,
    now: i64,
) -> Result<Minted, KeyError> {
    let id = org.tokens().next_id(state.settings.token_generation);
    let jti = id.to_jti(org.ids());
    let issuer = server.issuer(base_url);
    let (iat, exp) = (now, now.saturating_add(LIFETIME));
    let cnf = jkt.as_deref().map(|jkt| Confirmation { jkt });
    let (kind, claims) = match server {
        Known::Org => (
            TokenKind::Org,
            serde_json::to_vec(&OrgClaims {
                ver: 1,
                jti: &jti,
                iss: &issuer,
                aud: base_url,
                sub: &client.id,
                iat,
                exp,
                cid: &client.id,
                scp: &scopes,
                cnf,
            }),
        ),
        Known::Custom(server) => (
            TokenKind::Custom,
            serde_json::to_vec(&CustomClaims {
                ver: 1,
                jti: &jti,
                iss: &issuer,
                aud: &server.audience,
                iat,
                exp,
                cid: &client.id,
                scp: &scopes,
                sub: &client.id,
                cnf,
            }),
        ),
    };
    let claims = claims.map_err(|error| KeyError::new(error.to_string()))?;
    let key = org.keys().current();
    let header = key.header(kind);
    let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 350);
    token.push_str(header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&claims, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
    let access = Arc::new(AccessToken {
        id,
        client_id: client.id.clone(),
        user: None,
        scopes,
        issuer: issuer.into(),
        jkt,
        issued_at: iat,
        expires_at: exp,
    });
    org.tokens().remember(&token, access.clone());
    Ok(Minted { token, access })
}
