//! The client assertion of `private_key_jwt` (RFC 7523, token-facts §3).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

use super::conduct::{Audience, Conduct};
use crate::client::protocol::Connection;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
}

/// Signs an assertion for the token endpoint.
///
/// # Errors
/// An algorithm or a key that cannot sign, in words for the caller.
pub(crate) fn sign(
    connection: &Connection,
    (pem, kid, alg): (&str, Option<&str>, &str),
    token_endpoint: &str,
    now_s: i64,
    conduct: &Conduct,
) -> Result<String, String> {
    let (algorithm, key) = match alg {
        "RS256" => (Algorithm::RS256, EncodingKey::from_rsa_pem(pem.as_bytes())),
        "ES256" => (Algorithm::ES256, EncodingKey::from_ec_pem(pem.as_bytes())),
        other => return Err(format!("algorithm {other} is not supported; use RS256 or ES256")),
    };
    let key = key.map_err(|error| format!("the private key cannot be read: {error}"))?;
    let (algorithm, key) = match conduct.symmetric {
        true => (Algorithm::HS256, EncodingKey::from_secret(pem.as_bytes())),
        false => (algorithm, key),
    };
    let mut header = Header::new(algorithm);
    header.typ = Some("JWT".to_owned());
    let kid = if conduct.own_kid { kid } else { Some("of-another-key") };
    header.kid = kid.filter(|_| conduct.send_kid).map(ToOwned::to_owned);
    let own = if conduct.own_issuer { &connection.client_id } else { &connection.issuer };
    let slashed = format!("{token_endpoint}/");
    let claims = Claims {
        iss: own,
        sub: own,
        aud: match conduct.audience {
            Audience::TokenEndpoint => token_endpoint,
            Audience::Issuer => &connection.issuer,
            Audience::Slashed => &slashed,
        },
        iat: now_s,
        exp: now_s + conduct.assertion_seconds,
        jti: if conduct.fresh_jti {
            format!("{:032x}", rand::random::<u128>())
        } else {
            "always-the-same".to_owned()
        },
    };
    let failed = |error: String| format!("the assertion cannot be signed: {error}");
    if !conduct.signed {
        let claims = serde_json::to_vec(&claims).map_err(|error| failed(error.to_string()))?;
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        return Ok(format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims)));
    }
    encode(&header, &claims, &key).map_err(|error| failed(error.to_string()))
}
