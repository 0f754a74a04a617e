//! Assertions and proofs of possession: JWTs that the client signs.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::{SystemRandom, fill},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::json;

use crate::wire::Refused;

/// The key that says who the client is.
pub(crate) struct ClientKey {
    key: EncodingKey,
    header: Header,
}

impl ClientKey {
    /// From PEM: PKCS#8, for RS256 PKCS#1 too.
    pub(crate) fn new(pem: &str, kid: Option<String>, alg: &str) -> Result<Self, Refused> {
        let (alg, key) = match alg {
            "RS256" => (Algorithm::RS256, EncodingKey::from_rsa_pem(pem.as_bytes())),
            "ES256" => (Algorithm::ES256, EncodingKey::from_ec_pem(pem.as_bytes())),
            other => return Err(Refused::new("config", format!("this client does not sign {other}"))),
        };
        let key =
            key.map_err(|error| Refused::new("config", format!("the private key cannot be read: {error}")))?;
        Ok(Self { key, header: Header { kid, ..Header::new(alg) } })
    }

    /// A fresh assertion, good for five minutes.
    pub(crate) fn assertion(&self, client_id: &str, audience: &str, now: i64) -> Result<String, Refused> {
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 300, "jti": random()?,
        });
        encode(&self.header, &claims, &self.key).map_err(unsigned)
    }
}

/// The key whose possession is proved (RFC 9449): the client's own.
pub(crate) struct ProofKey {
    key: EncodingKey,
    header: Header,
}

impl ProofKey {
    pub(crate) fn generate() -> Result<Self, Refused> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| Refused::new("config", "no key can be made"))?;
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).map_err(unsigned)?;
        let header =
            Header { typ: Some("dpop+jwt".to_owned()), jwk: Some(jwk), ..Header::new(Algorithm::ES256) };
        Ok(Self { key, header })
    }

    /// A proof for one request: with the nonce for the token endpoint, with the token's digest for the API.
    pub(crate) fn proof(
        &self,
        method: &str,
        url: &str,
        now: i64,
        nonce: Option<&str>,
        token: Option<&str>,
    ) -> Result<String, Refused> {
        let address = url.split(['?', '#']).next().unwrap_or(url);
        let mut claims = json!({ "htm": method, "htu": address, "iat": now, "jti": random()? });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        if let Some(token) = token {
            claims["ath"] = json!(sha256(token));
        }
        encode(&self.header, &claims, &self.key).map_err(unsigned)
    }
}

fn unsigned(error: jsonwebtoken::errors::Error) -> Refused {
    Refused::new("config", format!("cannot sign: {error}"))
}

/// A text that nobody can guess.
pub(crate) fn random() -> Result<String, Refused> {
    let mut bytes = [0; 32];
    fill(&mut bytes).map_err(|_| Refused::new("config", "this machine has no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The SHA-256 of a text, in base64url.
pub(crate) fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
