//! The keys of an org: one that signs, the next one beside it, published before it is used, and those that have signed
//! before (token-facts §13).

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
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
const PEMS: [(&str, &str); 9] = [
    ("org-signing-1", include_str!("../../../fixtures/keys/org-signing-1.pem")),
    ("org-signing-2", include_str!("../../../fixtures/keys/org-signing-2.pem")),
    ("client-rsa", include_str!("../../../fixtures/keys/client-rsa.pem")),
    ("client-rsa-2", include_str!("../../../fixtures/keys/client-rsa-2.pem")),
    ("client-ec256", include_str!("../../../fixtures/keys/client-ec256.pem")),
    ("client-ec384", include_str!("../../../fixtures/keys/client-ec384.pem")),
    ("client-ec521", include_str!("../../../fixtures/keys/client-ec521.pem")),
    ("server-signing-1", include_str!("../../../fixtures/keys/server-signing-1.pem")),
    ("server-signing-2", include_str!("../../../fixtures/keys/server-signing-2.pem")),
];

/// A key of `fixtures/keys/`, as PEM. Public by design.
pub fn fixture_pem(name: &str) -> Option<&'static str> {
    PEMS.iter().find(|(known, _)| *known == name).map(|(_, pem)| *pem)
}

/// The signing keys of an org.
#[derive(Debug)]
pub struct SigningKeys {
    current: Arc<SigningKey>,
    next: Arc<SigningKey>,
    /// Those that signed before, the latest first. All of them verify, the latest is published.
    former: Vec<Arc<SigningKey>>,
    /// When the current one began to sign, in epoch seconds.
    since: i64,
    document: Bytes,
}

/// How long a key signs, in seconds: Okta changes it about four times a year (token-facts §13).
pub(crate) const PERIOD: i64 = 90 * 24 * 3600;

/// Two sets are the same when the same keys have the same places.
impl PartialEq for SigningKeys {
    fn eq(&self, other: &Self) -> bool {
        self.all().map(SigningKey::kid).eq(other.all().map(SigningKey::kid)) && self.since == other.since
    }
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
            Arc::new(SigningKeys::of(Arc::new(read(PEMS[0].1)), Arc::new(read(PEMS[1].1)), Vec::new(), 0))
        });
        KEYS.clone()
    }

    /// New keys, of this org alone. Takes a tenth of a second.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        let new = || SigningKey::generate().map(Arc::new);
        Ok(Self::of(new()?, new()?, Vec::new(), 0))
    }

    /// The keys after a rotation: the next one signs, a fresh one waits, and what the old one has signed still verifies.
    #[must_use]
    pub fn rotated(&self, fresh: Arc<SigningKey>, now: i64) -> Self {
        let former = std::iter::once(&self.current).chain(&self.former).cloned().collect();
        Self::of(self.next.clone(), fresh, former, now)
    }

    fn of(current: Arc<SigningKey>, next: Arc<SigningKey>, former: Vec<Arc<SigningKey>>, since: i64) -> Self {
        let mut own = Self { current, next, former, since, document: Bytes::new() };
        own.document = json!({ "keys": own.published().collect::<Vec<_>>() }).to_string().into();
        own
    }

    /// All keys: the one that signs, the next one, the former ones.
    pub(super) fn all(&self) -> impl Iterator<Item = &SigningKey> {
        [&self.current, &self.next].into_iter().chain(&self.former).map(|key| &**key)
    }

    /// When the current key began to sign, in epoch seconds.
    pub(super) fn since(&self) -> i64 {
        self.since
    }

    /// Stored keys: the signing one first, then the next one, then the former ones. None of fewer than two.
    pub(super) fn of_stored(keys: Vec<Arc<SigningKey>>, since: i64) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self::of(keys.next()?, keys.next()?, keys.collect(), since))
    }

    /// For how many seconds the published keys may be kept: until the next rotation is due.
    pub fn fresh_for(&self, now: i64) -> i64 {
        PERIOD - now.saturating_sub(self.since).rem_euclid(PERIOD)
    }

    /// The published keys as they are sent: `{"keys":[…]}`, the signing one first.
    pub fn document(&self) -> Bytes {
        self.document.clone()
    }

    /// The key and the kind of token that an encoded header announces; none when no token of this org has it.
    pub fn announced_by(&self, header: &str) -> Option<(&DecodingKey, TokenKind)> {
        self.all().find_map(|key| {
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

    /// The published keys, the signing one first: two, and after a rotation three (token-facts keys.ok).
    pub fn published(&self) -> impl Iterator<Item = &Value> {
        self.all().take(3).map(|key| &key.jwk)
    }

    /// The key with an id.
    pub fn verifying(&self, kid: &str) -> Option<&DecodingKey> {
        self.all().find(|key| key.kid == kid).map(|key| &key.decoding)
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
        Self::from_pair(pair, None)
    }

    /// Reads a private RSA key in PKCS#8, in base64, as keys of objects are kept; it has an id that was given before.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with the text.
    pub fn from_pkcs8(text: &str, kid: &str) -> Result<Self, KeyError> {
        let der = STANDARD.decode(text).map_err(|error| KeyError(format!("no base64: {error}")))?;
        let pair =
            KeyPair::from_pkcs8(&der).map_err(|error| KeyError(format!("no private RSA key: {error}")))?;
        Self::from_pair(pair, Some(kid))
    }

    /// A new key. Takes a tenth of a second.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        Self::generate_as(None)
    }

    /// A new key with an id that was given before. Takes a tenth of a second.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness.
    pub fn generate_named(kid: &str) -> Result<Self, KeyError> {
        Self::generate_as(Some(kid))
    }

    /// The private half, to be stored.
    pub(super) fn to_pkcs8(&self) -> Result<Vec<u8>, KeyError> {
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&self.pair);
        der.map(|der| der.as_ref().to_vec()).map_err(|_| KeyError("the key has no encoding".to_owned()))
    }

    /// A stored key.
    pub(super) fn from_der(kid: &str, der: &[u8]) -> Result<Self, KeyError> {
        let pair =
            KeyPair::from_pkcs8(der).map_err(|error| KeyError(format!("no private RSA key: {error}")))?;
        Self::from_pair(pair, Some(kid))
    }

    fn generate_as(kid: Option<&str>) -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048)
            .map_err(|error| KeyError(format!("no key could be made: {error}")))?;
        Self::from_pair(pair, kid)
    }

    fn from_pair(pair: KeyPair, named: Option<&str>) -> Result<Self, KeyError> {
        let spki = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key())
            .map_err(|_| KeyError("the public key has no encoding".to_owned()))?;
        // The id is the RFC 7638 way of naming a key: stable for fixtures, unique for generated ones.
        let kid = named.map_or_else(
            || URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, spki.as_ref())),
            str::to_owned,
        );
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

    /// The public key as it is published.
    pub fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// What verifies its signatures.
    pub fn decoding(&self) -> &DecodingKey {
        &self.decoding
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
    fn a_rotation_moves_every_key_one_place_on() {
        let before = SigningKeys::fixture();
        let kids = |keys: &SigningKeys| keys.all().map(|key| key.kid().to_owned()).collect::<Vec<_>>();
        let (first, second) = (kids(&before)[0].clone(), kids(&before)[1].clone());
        let fresh = || Arc::new(SigningKey::generate().unwrap());
        let once = before.rotated(fresh(), 1_000);
        assert_eq!((once.kid(), &kids(&once)[2]), (second.as_str(), &first));
        assert_eq!(once.published().count(), 3);
        let twice = once.rotated(fresh(), 2_000);
        assert_eq!(twice.kid(), kids(&once)[1]);
        assert_eq!(kids(&twice)[2..], [second, first.clone()]);
        assert_eq!(twice.published().count(), 3, "one former key is published");
        assert!(twice.verifying(&first).is_some(), "all of them verify");
    }

    #[test]
    fn keys_may_be_kept_until_the_next_rotation_is_due() {
        let keys = SigningKeys::fixture().rotated(Arc::new(SigningKey::generate().unwrap()), 1_000);
        assert_eq!(keys.fresh_for(1_000), PERIOD);
        assert_eq!(keys.fresh_for(1_000 + PERIOD - 1), 1);
        assert_eq!(keys.fresh_for(1_000 + PERIOD), PERIOD);
        assert_eq!(keys.fresh_for(999), 1);
    }

    #[test]
    fn generated_keys_are_unique() {
        let (one, two) = (SigningKeys::generate().unwrap(), SigningKeys::generate().unwrap());
        assert_ne!(one.kid(), two.kid());
    }
}
