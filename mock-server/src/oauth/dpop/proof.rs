//! A DPoP proof: read, then judged (RFC 9449; token-facts §7).
//!
//! The order of the checks: what can be read comes before what it says (one header, parse, `typ`, `alg`, key,
//! signature), because claims that nobody signed say nothing; then the nonce (token-facts §1.3; a switch puts it last);
//! then the claims in the order of Okta's own catalogue; last the `jti`, which every proof that was good so far uses up.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::limits::Counters;
use crate::oauth::signature::Algorithm;
use crate::org::client::KeyMaterial;

/// How old a proof may be, in seconds (token-facts dpop.old).
const MAX_AGE: i64 = 300;

/// Members that only a private or a secret key has.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A longer proof is not kept for the ledger.
const SHOWN: usize = 16 * 1024;

macro_rules! faults {
    ($($(#[$about:meta])* $variant:ident = $row:literal),* $(,)?) => {
        /// What is wrong with a proof.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum ProofFault { $($(#[$about])* $variant),* }

        impl ProofFault {
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
    /// dpop.missing
    Missing = "invalid_dpop_proof_missing_header",
    /// dpop.multi
    Multiple = "invalid_dpop_proof_multiple_headers_not_allowed",
    /// dpop.parse
    Parse = "invalid_dpop_proof_invalid_jwt",
    /// dpop.typ
    Type = "invalid_dpop_proof_invalid_type",
    /// dpop.alg
    Algorithm = "invalid_dpop_proof_invalid_signature_algorithm",
    /// dpop.generic: the key in the header is missing, not public, or none that Okta takes.
    Invalid = "invalid_dpop_proof",
    /// dpop.sig
    Signature = "invalid_dpop_proof_invalid_signature",
    /// dpop.nonce
    Nonce = "use_dpop_nonce",
    /// dpop.htm
    Method = "invalid_dpop_proof_invalid_htm",
    /// dpop.htu
    Url = "invalid_dpop_proof_invalid_htu",
    /// dpop.iat
    IssuedAt = "invalid_dpop_proof_invalid_iat",
    /// dpop.future
    InFuture = "invalid_dpop_proof_jwt_issued_in_future",
    /// dpop.old
    TooOld = "invalid_dpop_proof_jwt_too_old",
    /// dpop.exp
    Expired = "invalid_dpop_proof_jwt_expired",
    /// dpop.jti
    Id = "invalid_dpop_proof_invalid_jti",
    /// dpop.replay, rs.dpop_replay
    Replayed = "dpop_proof_already_used",
    /// rs.dpop_ath
    TokenHash = "dpop_proof_invalid_ath",
    /// rs.dpop_unbound
    OtherKey = "invalid_access_token_dpop_binding",
}

/// A fault and its reason in words for a person.
pub type Faulty = (ProofFault, String);

fn fault<T>(fault: ProofFault, reason: impl Into<String>) -> Result<T, Faulty> {
    Err((fault, reason.into()))
}

/// A proof, read and not yet believed.
#[derive(Debug, Clone)]
pub struct Proof<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    message: &'a str,
    signature: &'a str,
}

/// Where and when a proof is shown.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The method of the request.
    pub method: &'a str,
    /// The absolute URL that was called, without a query.
    pub url: &'a str,
    /// The org's time.
    pub now: Timestamp,
    /// Remembers used `jti`s.
    pub counters: &'a dyn Counters,
    /// Who says whether a nonce is taken; nobody where none is asked for.
    pub nonces: Option<NonceRule<'a>>,
}

/// How a nonce is judged.
#[derive(Clone, Copy)]
pub struct NonceRule<'a> {
    /// Whether a nonce is the org's.
    pub takes: &'a dyn Fn(&str) -> bool,
    /// Whether it is judged before the claims.
    pub first: bool,
}

impl std::fmt::Debug for NonceRule<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NonceRule").field("first", &self.first).finish_non_exhaustive()
    }
}

impl<'a> Proof<'a> {
    /// Takes the one proof of a request apart.
    ///
    /// # Errors
    /// [`ProofFault::Missing`], [`ProofFault::Multiple`], and [`ProofFault::Parse`] for what is no compact JWS of JSON
    /// objects, or names critical extensions, of which none is known.
    pub fn read(mut lines: impl Iterator<Item = &'a [u8]>) -> Result<Self, Faulty> {
        let Some(jwt) = lines.next() else { return fault(ProofFault::Missing, "there is no DPoP header") };
        if lines.next().is_some() {
            return fault(ProofFault::Multiple, "there is more than one DPoP header");
        }
        let Ok(jwt) = std::str::from_utf8(jwt) else {
            return fault(ProofFault::Parse, "the proof is no text");
        };
        let jwt = jwt.trim();
        let mut parts = jwt.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return fault(ProofFault::Parse, "the proof has not three parts");
        };
        let (Some(header), Some(claims)) = (object(header), object(claims)) else {
            return fault(ProofFault::Parse, "header and payload are not both JSON objects in base64url");
        };
        if header.contains_key("crit") {
            return fault(ProofFault::Parse, "the header names critical extensions, of which none is known");
        }
        let message = &jwt[..jwt.len() - signature.len() - 1];
        Ok(Self { header, claims, message, signature })
    }

    /// Header and claims for the ledger: of the key only its thumbprint. None for a proof too long to keep.
    pub fn shown(&self) -> Option<Value> {
        if self.message.len() > SHOWN {
            return None;
        }
        let mut header = self.header.clone();
        header.remove("jwk");
        if let Some(jkt) = self.header.get("jwk").and_then(thumbprint) {
            header.insert("jkt".to_owned(), jkt.into());
        }
        Some(json!({ "header": header, "claims": self.claims }))
    }

    /// Whether the proof is good here and now; the thumbprint of its key (RFC 7638).
    ///
    /// # Errors
    /// [`ProofFault`], in the order that the module tells.
    pub fn check(&self, moment: Moment<'_>) -> Result<String, Faulty> {
        let jkt = self.check_signature()?;
        if moment.nonces.is_some_and(|rule| rule.first) {
            self.check_nonce(moment)?;
        }
        self.check_claims(moment)?;
        self.use_up(&jkt, moment)?;
        if moment.nonces.is_some_and(|rule| !rule.first) {
            self.check_nonce(moment)?;
        }
        Ok(jkt)
    }

    /// Whether the proof is about this access token.
    ///
    /// # Errors
    /// [`ProofFault::TokenHash`]; [`ProofFault::OtherKey`] when another key made the proof than the token is bound to.
    pub fn check_token(&self, token: &str, jkt: &str, bound: &str) -> Result<(), Faulty> {
        let expected = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
        match self.text("ath") {
            Some(ath) if ath == expected => {}
            Some(_) => return fault(ProofFault::TokenHash, "ath is the digest of another token"),
            None => return fault(ProofFault::TokenHash, "ath is missing or no text"),
        }
        if jkt != bound {
            return fault(
                ProofFault::OtherKey,
                format!("the key of the proof is {jkt}, the token's {bound}"),
            );
        }
        Ok(())
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    fn check_signature(&self) -> Result<String, Faulty> {
        let member = |name: &str| self.header.get(name).and_then(Value::as_str).unwrap_or_default();
        let typ = member("typ");
        if typ != "dpop+jwt" {
            return fault(ProofFault::Type, format!("typ is {typ:?}"));
        }
        let name = member("alg");
        let Some(algorithm) = Algorithm::parse(name).filter(|algorithm| !algorithm.is_hmac()) else {
            return fault(
                ProofFault::Algorithm,
                format!("alg is {name:?}, not RS or ES with 256, 384 or 512"),
            );
        };
        let Some(Value::Object(jwk)) = self.header.get("jwk") else {
            return fault(ProofFault::Invalid, "the header holds no jwk");
        };
        if PRIVATE.iter().any(|private| jwk.contains_key(*private)) {
            return fault(ProofFault::Invalid, "the jwk in the header is not public: the key is known now");
        }
        let jwk = self.header.get("jwk").unwrap_or(&Value::Null);
        let material = KeyMaterial::from_jwk(jwk);
        let Some(jkt) = thumbprint(jwk).filter(|_| !matches!(material, KeyMaterial::Unusable)) else {
            return fault(ProofFault::Invalid, "the jwk in the header is no RSA or EC key that Okta takes");
        };
        if !algorithm.fits(&material) {
            return fault(ProofFault::Algorithm, format!("alg is {name}, which is not the key's"));
        }
        if !algorithm.verifies(&material, self.message, self.signature) {
            return fault(ProofFault::Signature, "the signature was not made with the key in the header");
        }
        Ok(jkt)
    }

    fn check_nonce(&self, moment: Moment<'_>) -> Result<(), Faulty> {
        let Some(rule) = moment.nonces else { return Ok(()) };
        match self.claims.get("nonce") {
            Some(Value::String(nonce)) if (rule.takes)(nonce) => Ok(()),
            Some(nonce) => {
                fault(ProofFault::Nonce, format!("the org does not know the nonce {nonce}, or no longer"))
            }
            None => fault(ProofFault::Nonce, "the proof carries no nonce"),
        }
    }

    fn check_claims(&self, moment: Moment<'_>) -> Result<(), Faulty> {
        let claim = |name: &str| self.claims.get(name).unwrap_or(&Value::Null);
        if self.text("htm") != Some(moment.method) {
            return fault(
                ProofFault::Method,
                format!("htm is {}, the method is {}", claim("htm"), moment.method),
            );
        }
        if !self.text("htu").is_some_and(|htu| same_url(htu, moment.url)) {
            return fault(ProofFault::Url, format!("htu is {}, the URL is {:?}", claim("htu"), moment.url));
        }
        let now = moment.now.as_second();
        let Some(iat) = seconds(claim("iat")) else {
            return fault(ProofFault::IssuedAt, "iat is missing or no number of seconds");
        };
        if iat > now {
            return fault(ProofFault::InFuture, format!("iat {iat} is after the org's time, {now}"));
        }
        if iat < now.saturating_sub(MAX_AGE) {
            return fault(
                ProofFault::TooOld,
                format!("iat {iat} is more than {MAX_AGE} s before the org's time, {now}"),
            );
        }
        if let Some(exp) = self.claims.get("exp") {
            let Some(exp) = seconds(exp) else {
                return fault(ProofFault::Invalid, "exp is no number of seconds");
            };
            if exp <= now {
                return fault(ProofFault::Expired, format!("exp {exp} is not after the org's time, {now}"));
            }
        }
        if self.text("jti").is_none_or(str::is_empty) {
            return fault(ProofFault::Id, "jti is missing or no text");
        }
        Ok(())
    }

    /// Uses up the `jti` of this key for as long as a proof with its `iat` would be taken.
    fn use_up(&self, jkt: &str, moment: Moment<'_>) -> Result<(), Faulty> {
        let jti = self.text("jti").unwrap_or_default();
        let now = moment.now.as_second();
        let iat = self.claims.get("iat").and_then(seconds).unwrap_or(now);
        let id = digest(&SHA256, format!("dpop {jkt} {jti}").as_bytes());
        if moment.counters.first_time(id.as_ref(), now, iat.saturating_add(MAX_AGE + 1)) {
            return Ok(());
        }
        fault(ProofFault::Replayed, format!("jti {jti:?} was used before"))
    }
}

/// The thumbprint of a public key (RFC 7638): the digest of its required members in the order of their names.
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str);
    let required: &[&str] = match member("kty")? {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        _ => return None,
    };
    let mut members = Map::new();
    for name in required {
        members.insert((*name).to_owned(), member(name)?.into());
    }
    let text = Value::Object(members).to_string();
    Some(URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes())))
}

/// Whether `htu` is the URL. Scheme and host have no case and a default port may be named or not (RFC 9449 §4.3); a
/// query or a fragment is never part of it (RFC 9449 §4.2).
fn same_url(htu: &str, url: &str) -> bool {
    match (split(htu), split(url)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Scheme, host and path.
fn split(url: &str) -> Option<(String, String, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
    let default = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default).map_or(host.clone(), str::to_owned);
    Some((scheme, host, if path.is_empty() { "/" } else { path }))
}

fn object(part: &str) -> Option<Map<String, Value>> {
    match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// A number of seconds; fractions are cut off.
fn seconds(claim: &Value) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
    claim.as_i64().or_else(|| claim.as_f64().map(|float| float as i64))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::facts;

    /// RFC 7638 §3.1, and RFC 9449 §6.1 for the curve.
    #[test]
    fn thumbprints_are_those_of_the_standards() {
        let rsa = json!({
            "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        });
        assert_eq!(thumbprint(&rsa).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        let curve = json!({
            "kty": "EC", "crv": "P-256", "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        });
        assert_eq!(thumbprint(&curve).unwrap(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(thumbprint(&json!({ "kty": "oct", "k": "AA" })), None);
        assert_eq!(thumbprint(&json!({ "kty": "EC", "crv": "P-256", "x": 1 })), None);
    }

    #[test]
    fn every_fault_has_a_row_in_the_catalogue() {
        for fault in ProofFault::ALL {
            let row = facts().oauth_errors.get(fault.row()).unwrap();
            assert_eq!(row.status, 400, "{fault:?}");
        }
    }

    #[test]
    fn a_url_is_the_same_however_its_host_is_written() {
        let url = "https://acme.okta.example/api/v1/users";
        for (htu, same) in [
            (url, true),
            ("HTTPS://ACME.okta.example:443/api/v1/users", true),
            ("https://acme.okta.example:80/api/v1/users", false),
            ("http://acme.okta.example/api/v1/users", false),
            ("https://acme.okta.example/api/v1/Users", false),
            ("https://acme.okta.example/api/v1/users/", false),
            ("https://acme.okta.example/api/v1/users?limit=2", false),
            ("https://acme.okta.example/api/v1/users#top", false),
            ("https://acme.okta.example@evil.example/api/v1/users", false),
            ("https://acme.okta.example", false),
            ("/api/v1/users", false),
            ("", false),
        ] {
            assert_eq!(same_url(htu, url), same, "{htu}");
        }
        assert!(same_url("http://a:80", "http://A/"));
    }
}
