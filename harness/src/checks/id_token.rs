//! The suite's own look at ID tokens (token-facts §13, real-clients §2.17, 18): signature by the published keys with
//! a library that neither the mock nor the reference client uses for it, and the claims with literal expectations.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    BigUint, Pkcs1v15Sign, RsaPublicKey,
    sha2::{Digest as _, Sha256},
};
use serde_json::Value;

/// A JSON Web Token, taken apart.
pub(crate) struct Token {
    /// The header.
    pub(crate) header: Value,
    /// The claims.
    pub(crate) claims: Value,
    signed: String,
    signature: Vec<u8>,
}

impl Token {
    /// Takes a token apart; none if it is no JWT.
    pub(crate) fn read(token: &str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        Some(Self {
            header: json(header)?,
            claims: json(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }
}

/// What an ID token must be about.
pub(crate) struct About<'a> {
    /// The org.
    pub(crate) issuer: &'a str,
    /// The client.
    pub(crate) client_id: &'a str,
    /// The person's id.
    pub(crate) user_id: &'a str,
    /// The nonce of the authorization request.
    pub(crate) nonce: Option<&'a str>,
}

/// What is wrong with the signature: RS256 by a published key of the org, and one that says what it is for.
pub(crate) fn signature_faults(token: &Token, keys: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    if token.header["alg"] != "RS256" {
        faults.push(format!("alg is {}", token.header["alg"]));
    }
    let kid = &token.header["kid"];
    let published = keys["keys"].as_array().into_iter().flatten();
    let Some(key) = published.into_iter().find(|key| kid.is_string() && key["kid"] == *kid) else {
        faults.push(format!("the key {kid} is not published"));
        return faults;
    };
    for (name, wanted) in [("kty", "RSA"), ("alg", "RS256"), ("use", "sig")] {
        if key[name] != wanted {
            faults.push(format!("{name} of the key is {}", key[name]));
        }
    }
    let number = |name: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok()?;
        Some(BigUint::from_bytes_be(&bytes))
    };
    let public = number("n").zip(number("e")).and_then(|(n, e)| RsaPublicKey::new(n, e).ok());
    let hash = Sha256::digest(&token.signed);
    let verified =
        public.is_some_and(|key| key.verify(Pkcs1v15Sign::new::<Sha256>(), &hash, &token.signature).is_ok());
    if !verified {
        faults.push("the signature is not that of the published key".to_owned());
    }
    faults
}

/// What is wrong with whom it is about.
pub(crate) fn subject_faults(token: &Token, about: &About<'_>) -> Vec<String> {
    let claims = &token.claims;
    let mut faults = Vec::new();
    let mut expect = |name: &str, wanted: Value| {
        if claims[name] != wanted {
            faults.push(format!("{name} is {}, not {wanted}", claims[name]));
        }
    };
    expect("ver", 1.into());
    expect("iss", about.issuer.into());
    // A string: Okta's verifier for Node compares it with ===.
    expect("aud", about.client_id.into());
    expect("sub", about.user_id.into());
    expect("nonce", about.nonce.map_or(Value::Null, Value::from));
    for (name, prefix) in [("jti", "ID."), ("idp", "00o")] {
        if !claims[name].as_str().is_some_and(|value| value.starts_with(prefix)) {
            faults.push(format!("{name} is {}, not {prefix}…", claims[name]));
        }
    }
    faults
}

/// What is wrong with its times, at `now_s` of the org, and with how the person signed in.
pub(crate) fn time_faults(token: &Token, signed_in_s: i64, now_s: i64) -> Vec<String> {
    let number = |name: &str| token.claims[name].as_i64();
    let mut faults = Vec::new();
    match (number("iat"), number("exp")) {
        (Some(iat), Some(exp)) if exp - iat == 3600 && (now_s - iat).abs() <= 1 => {}
        (iat, exp) => faults.push(format!("iat {iat:?} and exp {exp:?} at {now_s}")),
    }
    match number("auth_time") {
        Some(at) if (at - signed_in_s).abs() <= 1 => {}
        at => faults.push(format!("auth_time is {at:?}, not {signed_in_s}")),
    }
    if token.claims["amr"] != serde_json::json!(["pwd"]) {
        faults.push(format!("amr is {}", token.claims["amr"]));
    }
    faults
}

/// `at_hash` of an access token (OpenID Connect Core §3.1.3.6): the left half of its SHA-256.
pub(crate) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use rsa::{RsaPrivateKey, traits::PublicKeyParts as _};
    use serde_json::json;

    use super::*;

    fn signed(key: &RsaPrivateKey, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(&signed)).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_signature_counts_only_by_the_published_key() {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
        let number = |number: &BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
        let jwk = json!({ "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "a", "n": number(key.n()), "e": number(key.e()) });
        let keys = json!({ "keys": [jwk] });
        let good = signed(&key, &json!({ "alg": "RS256", "kid": "a" }), &json!({ "sub": "00u" }));
        let faults = |token: &str| signature_faults(&Token::read(token).unwrap(), &keys).join("; ");
        assert_eq!(faults(&good), "");
        let other = signed(&key, &json!({ "alg": "RS256", "kid": "a" }), &json!({ "sub": "00v" }));
        let mixed = format!("{}.{}", other.rsplit_once('.').unwrap().0, good.rsplit_once('.').unwrap().1);
        assert!(faults(&mixed).contains("not that of the published key"));
        let foreign = signed(&key, &json!({ "alg": "RS256", "kid": "b" }), &json!({}));
        assert!(faults(&foreign).contains("is not published"));
        let hmac = signed(&key, &json!({ "alg": "HS256", "kid": "a" }), &json!({}));
        assert!(faults(&hmac).contains("alg is"));
        assert!(Token::read("no.token").is_none());
    }

    #[test]
    fn claims_are_compared_one_by_one() {
        let claims = json!({ "ver": 1, "iss": "http://o", "aud": "0oa", "sub": "00u", "nonce": "n", "jti": "ID.x",
            "idp": "00ox", "iat": 100, "exp": 3700, "auth_time": 90, "amr": ["pwd"] });
        let token = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            Token { header: Value::Null, claims, signed: String::new(), signature: Vec::new() }
        };
        let about = About { issuer: "http://o", client_id: "0oa", user_id: "00u", nonce: Some("n") };
        assert_eq!(subject_faults(&token("iat", 100.into()), &about), Vec::<String>::new());
        assert_eq!(time_faults(&token("iat", 100.into()), 90, 100), Vec::<String>::new());
        for (name, value) in [
            ("ver", json!("1")),
            ("iss", json!("http://o/oauth2")),
            ("aud", json!(["0oa"])),
            ("sub", json!("00v")),
            ("nonce", Value::Null),
            ("jti", json!("AT.x")),
            ("idp", Value::Null),
        ] {
            assert_eq!(subject_faults(&token(name, value), &about).len(), 1, "{name}");
        }
        for (name, value) in
            [("iat", json!(90)), ("exp", json!(3701)), ("auth_time", json!(80)), ("amr", json!("pwd"))]
        {
            assert_eq!(time_faults(&token(name, value), 90, 100).len(), 1, "{name}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // OpenID Connect Core, appendix A.3.
        assert_eq!(at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
