//! The keys of an org: one that signs, and the next one beside it, published before it is used (token-facts §13).

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use jsonwebtoken::DecodingKey;
use serde_json::{Value, json};

pub use super::client::KeyError;
use super::client::jwk_from_pem;

/// The fixture keys, by name.
const PEMS: [(&str, &str); 7] = [
    ("org-signing-1", include_str!("../../../fixtures/keys/org-signing-1.pem")),
    ("org-signing-2", include_str!("../../../fixtures/keys/org-signing-2.pem")),
    ("client-rsa", include_str!("../../../fixtures/keys/client-rsa.pem")),
    ("client-rsa-2", include_str!("../../../fixtures/keys/client-rsa-2.pem")),
    ("client-ec256", include_str!("../../../fixtures/keys/client-ec256.pem")),
    ("client-ec384", include_str!("../../../fixtures/keys/client-ec384.pem")),
    ("client-ec521", include_str!("../../../fixtures/keys/client-ec521.pem")),
];

/// A key of `fixtures/keys/`, as PEM. Public by design.
pub fn fixture_pem(name: &str) -> Option<&'static str> {
    PEMS.iter().find(|(known, _)| *known == name).map(|(_, pem)| *pem)
}

/// The signing keys of an org.
#[derive(Debug)]
pub struct SigningKeys {
    current: SigningKey,
    next: SigningKey,
    document: Bytes,
}

/// An RSA key that signs tokens; parsed once, because parsing costs more than signing.
pub struct SigningKey {
    pair: KeyPair,
    kid: String,
    jwk: Value,
    decoding: DecodingKey,
    headers: [String; 2],
}

/// The two kinds of access tokens, told apart by their headers (token-facts §13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Of the org authorization server: for Okta's own API.
    Org,
    /// Of a custom authorization server.
    Custom,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKeys {
    /// The keys of the program, parsed once for all orgs.
    ///
    /// # Panics
    /// When a fixture key is no RSA key; a test makes sure that both are.
    pub fn fixture() -> Arc<Self> {
        static KEYS: LazyLock<Arc<SigningKeys>> = LazyLock::new(|| {
            let read = |pem| match SigningKey::from_pem(pem) {
                Ok(key) => key,
                Err(error) => panic!("fixtures/keys: {error}"),
            };
            Arc::new(SigningKeys::of(read(PEMS[0].1), read(PEMS[1].1)))
        });
        KEYS.clone()
    }

    /// New keys, of this org alone. Takes a tenth of a second.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let new = || {
            KeyPair::generate(KeySize::Rsa2048)
                .map_err(|error| KeyError(format!("no key could be made: {error}")))
                .and_then(SigningKey::from_pair)
        };
        Ok(Self::of(new()?, new()?))
    }

    fn of(current: SigningKey, next: SigningKey) -> Self {
        let document = json!({ "keys": [current.jwk, next.jwk] }).to_string().into();
        Self { current, next, document }
    }

    /// The published keys as they are sent: `{"keys":[…]}`, the signing one first.
    pub fn document(&self) -> Bytes {
        self.document.clone()
    }

    /// The key and the kind of token that an encoded header announces; none when no token of this org has it.
    pub fn announced_by(&self, header: &str) -> Option<(&DecodingKey, TokenKind)> {
        [&self.current, &self.next].into_iter().find_map(|key| {
            let kind =
                [TokenKind::Org, TokenKind::Custom].into_iter().find(|kind| key.header(*kind) == header);
            kind.map(|kind| (&key.decoding, kind))
        })
    }

    /// The key that signs.
    pub fn current(&self) -> &SigningKey {
        &self.current
    }

    /// The id of the key that signs.
    pub fn kid(&self) -> &str {
        &self.current.kid
    }

    /// The published keys, the signing one first.
    pub fn published(&self) -> impl Iterator<Item = &Value> {
        [&self.current, &self.next].into_iter().map(|key| &key.jwk)
    }

    /// The key with an id.
    pub fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        [&self.current, &self.next].into_iter().find(|key| key.kid == kid).map(|key| &key.decoding)
    }
}

impl SigningKey {
    /// Reads a private RSA key in PKCS#8 PEM.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with the text.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (_, der) = decode_pem(pem)?;
        let pair =
            KeyPair::from_pkcs8(&der).map_err(|error| KeyError(format!("no private RSA key: {error}")))?;
        Self::from_pair(pair)
    }

    fn from_pair(pair: KeyPair) -> Result<Self, KeyError> {
        let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())
            .map_err(|_| KeyError("the public key has no encoding".to_owned()))?;
        // The id is the RFC 7638 way of naming a key: stable for fixtures, unique for generated ones.
        let kid =
            URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, spki.as_ref()));
        let public = jwk_from_pem(&pem_of_spki(spki.as_ref()))?;
        let member = |name: &str| public.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let decoding = DecodingKey::from_rsa_components(&member("n"), &member("e"))
            .map_err(|error| KeyError(error.to_string()))?;
        // Key order: token-facts keys.ok.
        let jwk = json!({
            "kty": "RSA", "alg": "RS256", "kid": kid, "use": "sig", "e": member("e"), "n": member("n"),
        });
        let headers = [
            URL_SAFE_NO_PAD.encode(format!(
                r#"{{"kid":"{kid}","typ":"application/okta-internal-at+jwt","alg":"RS256"}}"#
            )),
            URL_SAFE_NO_PAD.encode(format!(r#"{{"kid":"{kid}","alg":"RS256"}}"#)),
        ];
        Ok(Self { pair, kid, jwk, decoding, headers })
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The encoded header of its tokens (token-facts §13).
    pub fn header(&self, kind: TokenKind) -> &str {
        match kind {
            TokenKind::Org => &self.headers[0],
            TokenKind::Custom => &self.headers[1],
        }
    }

    /// Signs a message with RS256.
    ///
    /// # Errors
    /// [`KeyError`] when the backend refuses, which it does only without randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError("signing failed".to_owned()))?;
        Ok(signature)
    }
}

/// The kind and the content of the first PEM block.
fn decode_pem(pem: &str) -> Result<(String, Vec<u8>), KeyError> {
    let begin = pem.find("-----BEGIN ").ok_or_else(|| KeyError("there is no -----BEGIN line".to_owned()))?;
    let rest = &pem[begin + "-----BEGIN ".len()..];
    let (label, rest) =
        rest.split_once("-----").ok_or_else(|| KeyError("the -----BEGIN line is cut".to_owned()))?;
    let (body, _) =
        rest.split_once("-----END ").ok_or_else(|| KeyError("there is no -----END line".to_owned()))?;
    let text: String = body.chars().filter(|one| !one.is_whitespace()).collect();
    let der =
        STANDARD.decode(text).map_err(|error| KeyError(format!("the text between is no base64: {error}")))?;
    Ok((label.to_owned(), der))
}

/// The public key of a PEM, as SubjectPublicKeyInfo.
pub(super) fn spki_from_pem(pem: &str) -> Result<Vec<u8>, KeyError> {
    let (label, der) = decode_pem(pem)?;
    if label == "PUBLIC KEY" {
        return Ok(der);
    }
    let spki = |encoded: PublicKeyX509Der<'_>| encoded.as_ref().to_vec();
    if let Ok(pair) = KeyPair::from_pkcs8(&der).or_else(|_| KeyPair::from_der(&der)) {
        return AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())
            .map(spki)
            .map_err(|_| KeyError("the public key has no encoding".to_owned()));
    }
    for algorithm in
        [&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED_SIGNING]
    {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &der)
            .or_else(|_| EcdsaKeyPair::from_private_key_der(algorithm, &der));
        if let Ok(pair) = pair {
            return AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())
                .map(spki)
                .map_err(|_| KeyError("the public key has no encoding".to_owned()));
        }
    }
    Err(KeyError(format!("{label}: neither an RSA key nor an EC key that Okta takes")))
}

fn pem_of_spki(der: &[u8]) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_fixture_keys_sign_what_their_published_halves_verify() {
        let keys = SigningKeys::fixture();
        let signature = keys.current().sign(b"a.b").unwrap();
        let signature = URL_SAFE_NO_PAD.encode(signature);
        let verify = |message: &[u8], key| {
            jsonwebtoken::crypto::verify(&signature, message, key, jsonwebtoken::Algorithm::RS256).unwrap()
        };
        assert!(verify(b"a.b", keys.verifying(keys.kid()).unwrap()));
        assert!(!verify(b"a.c", keys.verifying(keys.kid()).unwrap()));
        assert_eq!(keys.published().count(), 2);
        for jwk in keys.published() {
            assert!(jwk.get("d").is_none());
        }
    }

    #[test]
    fn generated_keys_are_unique() {
        let (one, two) = (SigningKeys::generate().unwrap(), SigningKeys::generate().unwrap());
        assert_ne!(one.kid(), two.kid());
    }
}
