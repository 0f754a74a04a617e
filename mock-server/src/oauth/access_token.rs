//! Access tokens as the resource side sees them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;

pub use crate::org::tokens::AccessToken;

use super::store::{refresh_tokens, revoked_tokens};
use super::user::User;
use crate::facts::dialects::Switch;
use crate::org::Org;
use crate::org::keys::TokenKind;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;
use crate::org::tokens::TokenId;

/// Why a presented token is not taken (mgmt-facts §1.1, rows 6 to 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It is no access token of this org, or somebody has changed it.
    #[error("it is no token that this org has signed")]
    Invalid,
    /// Its time is over, or the org has ended its generation.
    #[error("it has expired")]
    Expired,
    /// It was revoked, alone or with its refresh token; or its client or its user is inactive or gone.
    #[error("it was revoked, or its client or its user is inactive or gone")]
    Revoked,
    /// It is for another API than Okta's.
    #[error("it was issued by a custom authorization server, for another API")]
    ForeignAudience,
    /// Another org has issued it, or this one before it was reset.
    #[error("another org has issued it, or this one before it was reset")]
    ForeignIssuer,
}

impl TokenRefusal {
    /// The name of its row in `fixtures/oauth-errors.jsonl`.
    pub fn row(self) -> &'static str {
        match self {
            Self::Invalid => "access_token_invalid",
            Self::Expired => "token_expired",
            Self::Revoked => "access_token_revoked",
            Self::ForeignAudience => "access_token_invalid_audience",
            Self::ForeignIssuer => "access_token_invalid_issuer",
        }
    }
}

/// Whether a token may be used with the Management API now.
///
/// The signature is verified at the first sight of a token only; expiry, generation, client and org each time.
///
/// # Errors
/// [`TokenRefusal`]; expiry comes before the client, as the older reason.
pub fn verify(
    org: &Org,
    state: &OrgState,
    now: Timestamp,
    token: &str,
) -> Result<Arc<AccessToken>, TokenRefusal> {
    let access = known(org, token).ok_or(TokenRefusal::Invalid)?;
    if access.issuer.contains("/oauth2/") {
        let by_issuer = state.settings.dialect.is(Switch::ForeignToken, "issuer");
        return Err(if by_issuer { TokenRefusal::ForeignIssuer } else { TokenRefusal::ForeignAudience });
    }
    standing(org, state, now, &access)?;
    Ok(access)
}

/// The access token behind a string with a good signature of this org, of whichever of its servers.
pub(super) fn known(org: &Org, token: &str) -> Option<Arc<AccessToken>> {
    if let Some(access) = org.tokens().verified(token) {
        return Some(access);
    }
    let access = Arc::new(read(org, token)?);
    org.tokens().remember(token, access.clone());
    Some(access)
}

/// Whether an access token is good for anything now, whatever it is for.
///
/// # Errors
/// [`TokenRefusal`]; expiry comes before revocation, as the older reason.
pub(super) fn standing(
    org: &Org,
    state: &OrgState,
    now: Timestamp,
    access: &AccessToken,
) -> Result<(), TokenRefusal> {
    // The names under which this org is called are all its own; another org's tokens differ by their ids.
    if !org.tokens().knows(access.id) {
        return Err(TokenRefusal::ForeignIssuer);
    }
    let mutations = state.settings.mutations;
    let expired =
        access.expires_at <= now.as_second() || access.id.generation != state.settings.token_generation;
    if expired && !mutations.has(Mutation::TokenExpiry) {
        return Err(TokenRefusal::Expired);
    }
    let active = state.derived.client(&access.client_id).is_some_and(|client| client.active);
    let user = access.user.as_ref().is_none_or(|id| User::admitted(state, id).is_some());
    let family = access
        .family
        .as_ref()
        .is_none_or(|id| refresh_tokens::family(state, id).is_some_and(|family| !family.revoked));
    let revoked = !active || !user || !family || revoked_tokens::is_revoked(state, access);
    if revoked && !mutations.has(Mutation::TokenRevocation) {
        return Err(TokenRefusal::Revoked);
    }
    Ok(())
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    iss: Arc<str>,
    iat: i64,
    exp: i64,
    cid: Arc<str>,
    #[serde(default)]
    uid: Option<Arc<str>>,
    scp: Vec<Arc<str>>,
    #[serde(default)]
    cnf: Option<Confirmation>,
}

#[derive(Deserialize)]
struct Confirmation {
    jkt: Arc<str>,
}

/// Whether a string is a JWT that this org has signed: an access token or an ID token.
pub(super) fn is_signed(org: &Org, token: &str) -> bool {
    signed_claims(org, token).is_some()
}

/// The claims part of a token with a good signature, as sent. Its header must be, letter for letter, one that this org
/// writes: that fixes the algorithm and the key before anything of the token is believed.
pub(super) fn signed_claims<'t>(org: &Org, token: &'t str) -> Option<&'t str> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let good = |key: &DecodingKey| {
        let algorithm = jsonwebtoken::Algorithm::RS256;
        jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm).unwrap_or(false)
    };
    let keys = org.keys();
    if let Some((key, _)) = keys.announced_by(header) {
        let own = || issuer(claims).is_some_and(|issuer| !issuer.contains("/oauth2/"));
        return (good(key) && own()).then_some(claims);
    }
    let kid = header_kid(header)?;
    let state = org.state();
    let server = state.derived.server_of_key(&kid)?;
    let key = org.key_ring().key(&kid).ok()?;
    let own = || {
        let issuer = issuer(claims);
        issuer
            .as_deref()
            .and_then(|issuer| issuer.split_once("/oauth2/"))
            .is_some_and(|(_, id)| id == &*server.id)
    };
    (key.header(TokenKind::Custom) == header && good(key.decoding()) && own()).then_some(claims)
}

/// The key that a header names.
fn header_kid(header: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Header {
        kid: String,
    }
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    Some(header.kid)
}

/// The issuer that claims name: a key signs for its own server only.
fn issuer(claims: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issued {
        iss: String,
    }
    let issued: Issued = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    Some(issued.iss)
}

/// Reads an access token with a good signature.
fn read(org: &Org, token: &str) -> Option<AccessToken> {
    let claims = signed_claims(org, token)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let (id, family) = TokenId::from_jti(&claims.jti)?;
    Some(AccessToken {
        id,
        family: family.map(Arc::from),
        client_id: claims.cid,
        user: claims.uid,
        scopes: claims.scp,
        issuer: claims.iss,
        jkt: claims.cnf.map(|cnf| cnf.jkt),
        issued_at: claims.iat,
        expires_at: claims.exp,
    })
}
