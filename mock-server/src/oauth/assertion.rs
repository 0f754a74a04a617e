//! Client assertions: signed statements of who is calling (RFC 7523; token-facts §3 tok.assert.*).
//!
//! The order of the checks, where the facts name none: what can be read comes before what it says (type, parse, `alg`);
//! then the client that `iss` and `sub` name, because its registration holds the key; then key and signature, since
//! claims that nobody signed say nothing, and nobody but the client may use up its `jti`; then the claims in the order
//! of Okta's own catalogue, where "too far" stands before "in the future" as users saw it (token-facts §1.3); last the
//! `jti`, which is used up by every assertion that was good so far, whatever becomes of the request.

use serde_json::{Map, Value, json};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::signature::Algorithm;
use crate::limits::Counters;
use crate::org::client::{Client, ClientKey, KeyMaterial};

/// The one type of assertion (RFC 7523 §2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead `exp` may be, in seconds: equality passes, and no leeway is given (token-facts §14).
const MAX_LIFETIME: i64 = 3600;

/// A secret of fewer characters signs nothing (token-facts §1.4).
const MIN_SECRET: usize = 32;

macro_rules! faults {
    ($($(#[$about:meta])* $variant:ident = $row:literal),* $(,)?) => {
        /// What is wrong with an assertion.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AssertionFault { $($(#[$about])* $variant),* }

        impl AssertionFault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of its row in `fixtures/oauth-errors.jsonl`.
            pub fn row(self) -> &'static str {
                match self { $(Self::$variant => $row),* }
            }
        }
    };
}

faults! {
    /// tok.assert.type
    Type = "client_assertion_type_invalid",
    /// tok.assert.parse
    Parse = "client_assertion_invalid_jwt",
    /// tok.assert.alg
    Algorithm = "client_assertion_invalid_signature_algorithm",
    /// tok.assert.iss
    Issuer = "client_assertion_invalid_issuer",
    /// tok.assert.sub
    Subject = "client_assertion_invalid_subject",
    /// tok.assert.no_secret
    NoSecret = "client_assertion_invalid_no_secret",
    /// tok.assert.hmac_short
    ShortSecret = "client_assertion_invalid_secret_length",
    /// tok.assert.no_jwks
    NoKeys = "client_assertion_jwks_not_configured",
    /// tok.assert.jwks_uri_error
    KeySet = "jwks_uri_error",
    /// tok.assert.jwks_uri_empty
    EmptyKeySet = "jwks_uri_no_key",
    /// tok.assert.jwks_uri_dup
    AmbiguousKeySet = "jwks_uri_ambiguous_keys",
    /// tok.assert.kid
    Kid = "client_assertion_invalid_kid",
    /// tok.assert.key_use
    KeyUse = "client_assertion_invalid_key_use",
    /// tok.assert.not_sig_key
    NotASigningKey = "client_assertion_not_signed_with_signing_key",
    /// tok.assert.jwks_invalid
    UnusableKey = "client_assertion_invalid_jwks",
    /// tok.assert.sig
    Signature = "client_assertion_invalid_signature",
    /// tok.assert.aud
    Audience = "client_assertion_invalid_audience",
    /// tok.assert.exp_missing
    ExpMissing = "client_assertion_expiration_required",
    /// tok.assert.expired
    Expired = "client_assertion_expired_token",
    /// tok.assert.exp_far
    TooFar = "client_assertion_expires_too_far_in_future",
    /// tok.assert.iat_future
    IssuedInFuture = "client_assertion_issued_at_in_future",
    /// tok.assert.replay
    Replayed = "client_assertion_already_used",
}

impl AssertionFault {
    /// What stands for `{0}` in its text.
    pub fn argument(self) -> &'static str {
        if self == Self::KeyUse { "[sig, enc]" } else { "" }
    }
}

/// A fault and its reason in words for a person.
pub type Faulty = (AssertionFault, String);

fn fault<T>(fault: AssertionFault, reason: impl Into<String>) -> Result<T, Faulty> {
    Err((fault, reason.into()))
}

/// An assertion, read and not yet believed.
#[derive(Debug, Clone)]
pub struct Assertion<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    message: &'a str,
    signature: &'a str,
}

impl<'a> Assertion<'a> {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// [`AssertionFault::Parse`] for whatever is none: not three parts of base64url, a header or claims that are no JSON
    /// object, no `alg`, critical extensions (none is known), `iat` or `jti` of a type that they cannot have.
    pub fn parse(jwt: &'a str) -> Result<Self, Faulty> {
        let mut parts = jwt.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return fault(AssertionFault::Parse, "the assertion has not three parts");
        };
        let header = object(header, "header")?;
        let claims = object(claims, "payload")?;
        if !header.get("alg").is_some_and(Value::is_string) {
            return fault(AssertionFault::Parse, "the header names no alg");
        }
        if header.contains_key("crit") {
            return fault(
                AssertionFault::Parse,
                "the header names critical extensions, of which none is known",
            );
        }
        if header.get("kid").is_some_and(|kid| !kid.is_string()) {
            return fault(AssertionFault::Parse, "kid is no text");
        }
        if claims.get("iat").is_some_and(|iat| !iat.is_number()) {
            return fault(AssertionFault::Parse, "iat is no number");
        }
        if claims.get("jti").is_some_and(|jti| !jti.is_string()) {
            return fault(AssertionFault::Parse, "jti is no text");
        }
        let message = &jwt[..jwt.len() - signature.len() - 1];
        Ok(Self { header, claims, message, signature })
    }

    /// Header and claims as they were sent, for the ledger.
    pub fn shown(&self) -> Value {
        json!({ "header": self.header, "claims": self.claims })
    }

    /// The key that the header names.
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// A claim that is a text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// The algorithm.
    ///
    /// # Errors
    /// [`AssertionFault::Algorithm`] for one that Okta does not take, `none` above all.
    pub fn algorithm(&self) -> Result<Algorithm, Faulty> {
        let name = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        Algorithm::parse(name).map_or_else(
            || {
                fault(
                    AssertionFault::Algorithm,
                    format!("alg is {name:?}, not one of {:?}", Algorithm::NAMES),
                )
            },
            Ok,
        )
    }

    /// Whether a secret of the client made the signature.
    ///
    /// # Errors
    /// [`AssertionFault::ShortSecret`], [`AssertionFault::Signature`].
    pub fn check_secret(&self, client: &Client, algorithm: Algorithm) -> Result<(), Faulty> {
        let mut active = client.secrets.iter().filter(|secret| secret.active).peekable();
        if active.peek().is_none() {
            return fault(AssertionFault::NoSecret, "the client has no active secret");
        }
        let mut long = active.filter(|secret| secret.value.len() >= MIN_SECRET).peekable();
        if long.peek().is_none() {
            return fault(
                AssertionFault::ShortSecret,
                format!("the client's secret has fewer than {MIN_SECRET} characters"),
            );
        }
        if long.any(|secret| algorithm.verifies_with_secret(&secret.value, self.message, self.signature)) {
            return Ok(());
        }
        fault(AssertionFault::Signature, "the signature was not made with the client's secret")
    }

    /// Whether the key that the header names, or the client's only key, made the signature.
    ///
    /// # Errors
    /// Kid, use, usability, algorithm and signature, in this order.
    pub fn check_key(&self, keys: &[ClientKey], algorithm: Algorithm) -> Result<(), Faulty> {
        let key = self.find_key(keys)?;
        match key.key_use.as_deref() {
            None | Some("sig") => {}
            Some("enc") => return fault(AssertionFault::NotASigningKey, "the key is for encryption"),
            Some(other) => {
                return fault(AssertionFault::KeyUse, format!("the key's use is {other:?}"));
            }
        }
        if matches!(key.material, KeyMaterial::Unusable) {
            return fault(AssertionFault::UnusableKey, "the registered key is no usable RSA or EC key");
        }
        let name = self.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        if key.alg.as_deref().is_some_and(|own| own != name) || !algorithm.fits(&key.material) {
            return fault(AssertionFault::Algorithm, format!("alg is {name}, which is not the key's"));
        }
        if !algorithm.verifies(&key.material, self.message, self.signature) {
            return fault(AssertionFault::Signature, "the signature was not made with the client's key");
        }
        Ok(())
    }

    /// The key that a `kid` names; without one the only active key. Encryption keys do not count there: a client that
    /// has one besides its signing key is not asked to name it.
    fn find_key<'k>(&self, keys: &'k [ClientKey]) -> Result<&'k ClientKey, Faulty> {
        let active = || keys.iter().filter(|key| key.active);
        if let Some(kid) = self.header.get("kid").and_then(Value::as_str) {
            return active().find(|key| key.kid.as_deref() == Some(kid)).map_or_else(
                || fault(AssertionFault::Kid, format!("the client has no active key with kid {kid:?}")),
                Ok,
            );
        }
        let signing: Vec<_> = active().filter(|key| key.key_use.as_deref() != Some("enc")).collect();
        match (signing.as_slice(), active().next()) {
            ([one], _) => Ok(one),
            ([], Some(one)) => Ok(one),
            (many, _) => fault(
                AssertionFault::Kid,
                format!("there is no kid, and the client has {} active keys", many.len()),
            ),
        }
    }

    /// The claims about this request and this moment (epoch seconds).
    ///
    /// # Errors
    /// `aud`, `exp` missing, expired, too far, `iat`, in this order.
    pub fn check_claims(&self, endpoint: &str, now: i64) -> Result<i64, Faulty> {
        let audience = self.claims.get("aud");
        let here = match audience {
            Some(Value::Array(several)) => several.iter().any(|one| one == endpoint),
            Some(one) => one == endpoint,
            None => false,
        };
        if !here {
            let found = audience.unwrap_or(&Value::Null);
            return fault(AssertionFault::Audience, format!("aud is {found}, the endpoint is {endpoint:?}"));
        }
        let Some(exp) = seconds(self.claims.get("exp")) else {
            return fault(AssertionFault::ExpMissing, "exp is missing or no number of seconds");
        };
        if exp <= now {
            return fault(AssertionFault::Expired, format!("exp {exp} is not after the org's time, {now}"));
        }
        if exp > now.saturating_add(MAX_LIFETIME) {
            return fault(
                AssertionFault::TooFar,
                format!("exp {exp} is {} s after the org's time, {MAX_LIFETIME} s are allowed", exp - now),
            );
        }
        if let Some(iat) = seconds(self.claims.get("iat"))
            && iat > now
        {
            return fault(
                AssertionFault::IssuedInFuture,
                format!("iat {iat} is after the org's time, {now}"),
            );
        }
        Ok(exp)
    }

    /// Uses up the `jti`, if there is one, until the assertion expires.
    ///
    /// # Errors
    /// [`AssertionFault::Replayed`].
    pub fn use_up(&self, client: &Client, counters: &dyn Counters, now: i64, exp: i64) -> Result<(), Faulty> {
        let Some(jti) = self.text("jti") else { return Ok(()) };
        let mut id = Vec::with_capacity(client.id.len() + 1 + jti.len());
        id.extend_from_slice(client.id.as_bytes());
        id.push(0);
        id.extend_from_slice(jti.as_bytes());
        if id.len() > 128 {
            id = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &id).as_ref().to_vec();
        }
        if counters.first_time(&id, now, exp) {
            return Ok(());
        }
        fault(AssertionFault::Replayed, format!("jti {jti:?} was used before"))
    }
}

fn object(part: &str, name: &str) -> Result<Map<String, Value>, Faulty> {
    let wrong = |what: &str| fault(AssertionFault::Parse, format!("the {name} is no {what}"));
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(part) else { return wrong("base64url") };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        _ => wrong("JSON object"),
    }
}

/// A number of seconds; fractions are cut off.
fn seconds(claim: Option<&Value>) -> Option<i64> {
    let claim = claim?;
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    claim.as_i64().or_else(|| claim.as_f64().map(|float| float as i64))
}
