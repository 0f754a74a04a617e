//! Proofs of possession (DPoP, RFC 9449): a key of this client's own, and a new proof for every request.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde::Serialize;

use super::conduct::Conduct;

/// What proves: the key, and the nonce that the org gave last.
#[derive(Clone)]
pub(crate) struct Prover {
    key: EncodingKey,
    jwk: Jwk,
    pub(crate) nonce: Option<String>,
}

#[derive(Serialize)]
struct Claims<'a> {
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
}

impl Prover {
    /// A new key; it is not the one that signs assertions, so that neither can stand for the other.
    ///
    /// # Errors
    /// No key can be made, in words for the caller.
    pub(crate) fn new() -> Result<Self, String> {
        let broken = |cause: String| format!("no key for proofs can be made: {cause}");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|error| broken(error.to_string()))?;
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        let mut jwk =
            Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(|error| broken(error.to_string()))?;
        jwk.common.key_algorithm = None;
        Ok(Self { key, jwk, nonce: None })
    }

    /// A proof for one request: with the nonce for the token endpoint, with the token's digest for the API. The query
    /// is no part of the address.
    ///
    /// # Errors
    /// The proof cannot be signed, in words for the caller.
    pub(crate) fn prove(
        &self,
        method: &str,
        url: &str,
        token: Option<&str>,
        now_s: i64,
        conduct: &Conduct,
    ) -> Result<String, String> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(if conduct.typed_proofs { "dpop+jwt" } else { "JWT" }.to_owned());
        header.jwk = Some(self.jwk.clone());
        let without_query = url.split(['?', '#']).next().unwrap_or_default();
        let claims = Claims {
            htm: method,
            htu: if conduct.query_in_proofs { url } else { without_query },
            iat: now_s - conduct.proof_age,
            jti: if conduct.fresh_proofs {
                format!("{:032x}", rand::random::<u128>())
            } else {
                "always-the-same".to_owned()
            },
            nonce: self.nonce.as_deref().filter(|_| token.is_none()),
            ath: token
                .filter(|_| conduct.token_in_proofs)
                .map(|token| URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))),
        };
        encode(&header, &claims, &self.key).map_err(|error| format!("the proof cannot be signed: {error}"))
    }
}
