//! The client's look at an ID token (OpenID Connect Core §3.1.3.7): whose it is, for whom, of which sign-in.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

/// Seconds by which the clocks may differ.
const LEEWAY_S: i64 = 60;

/// What the ID token of a sign-in must say.
pub(super) struct Expected<'a> {
    /// `iss`.
    pub(super) issuer: &'a str,
    /// `aud`.
    pub(super) audience: &'a str,
    /// `nonce`, after a sign-in.
    pub(super) nonce: Option<&'a str>,
    /// The client's time.
    pub(super) now_s: i64,
}

/// Verifies signature and claims.
///
/// # Errors
/// What is wrong, for the caller.
pub(super) fn verify(token: &str, keys: &Value, expected: &Expected<'_>) -> Result<(), String> {
    let unusable = |error: jsonwebtoken::errors::Error| format!("the ID token cannot be verified: {error}");
    let header = decode_header(token).map_err(unusable)?;
    let published = keys["keys"].as_array().into_iter().flatten();
    let key = published.into_iter().find(|key| key["kid"].as_str() == header.kid.as_deref());
    let Some((n, e)) = key.and_then(|key| Some((key["n"].as_str()?, key["e"].as_str()?))) else {
        return Err("the org does not publish the key of the ID token".to_owned());
    };
    let key = DecodingKey::from_rsa_components(n, e).map_err(unusable)?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.audience]);
    // Judged by the client's own clock below.
    rules.validate_exp = false;
    let claims = decode::<Value>(token, &key, &rules).map_err(unusable)?.claims;
    if claims["exp"].as_i64().is_none_or(|exp| exp + LEEWAY_S < expected.now_s) {
        return Err("the ID token has expired".to_owned());
    }
    match expected.nonce {
        Some(nonce) if claims["nonce"] != nonce => {
            Err("the nonce of the ID token is not that of the request".to_owned())
        }
        _ => Ok(()),
    }
}
