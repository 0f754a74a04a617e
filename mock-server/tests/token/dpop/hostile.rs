//! Whatever is sent as a proof: an answer, no panic; and no key is taken for another kind of key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mock_server::org::keys::fixture_pem;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::api::{USERS, authorization, bound, call};
use super::{Proof, ask, jwk, told, with_nonce};
use crate::ask::{org, pair, sign};

#[test]
fn what_a_proof_says_at_length_is_not_kept_at_length() {
    let (org, token) = bound();
    let long = "x".repeat(100_000);
    for claim in ["htm", "htu", "jti", "nonce", "more"] {
        let proof = with_nonce(&org, Proof::new("2")).claim(claim, long.as_str());
        let (_, trace) = ask(claim, &proof).send(&org);
        assert!(format!("{:?} {:?}", trace.learnt.dpop, trace.steps).len() < 5000, "{claim}");
        let proof = Proof::for_users("3", &token).claim(claim, long.as_str());
        let lines = [authorization("DPoP", &token), pair("dpop", &proof.jwt())];
        let (_, trace) = call(&org, USERS, &lines);
        assert!(format!("{:?} {:?}", trace.learnt.dpop, trace.steps).len() < 5000, "{claim}");
    }
}

/// A public key in every form that a careless server might take for a secret: no proof is made with a secret.
#[test]
fn a_key_in_the_header_is_no_secret() {
    let pem = fixture_pem("client-rsa-2").unwrap();
    let public = jwk("client-rsa-2").to_string();
    for secret in [pem, &public] {
        for alg in ["HS256", "HS384", "HS512"] {
            let org = org();
            let head = json!({ "typ": "dpop+jwt", "alg": alg, "jwk": jwk("client-rsa-2") });
            let claims = Value::Object(with_nonce(&org, Proof::new("1")).claims);
            let jwt = sign(&head, &claims, alg, None, Some(secret));
            let (reply, trace) = ask("1", &Proof::new("1").raw(&jwt)).send(&org);
            told(&reply, &trace, "invalid_dpop_proof_invalid_signature_algorithm");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_as_a_proof_gets_an_answer(text in "[ -~]{0,200}") {
        let org = org();
        let (reply, _) = ask("1", &Proof::new("1").raw(text.trim())).send(&org);
        prop_assert_eq!(reply.status, 400);
    }

    /// A signed proof with one claim or one member of the header of any type: an answer, never a 500.
    #[test]
    fn any_value_in_a_proof_gets_an_answer(
        name in prop::sample::select(vec!["typ", "jwk", "kid", "htm", "htu", "iat", "exp", "jti", "nonce", "ath"]),
        value in crate::hostile::json_value(),
    ) {
        let org = org();
        let proof = with_nonce(&org, Proof::new("1"));
        let proof = match name {
            "typ" | "jwk" | "kid" => proof.head(name, value),
            _ => proof.claim(name, value),
        };
        let (reply, _) = ask("1", &proof).send(&org);
        prop_assert!(reply.status == 200 || reply.status == 400, "{}", reply.status);
    }

    /// A key of any members is no key, or not the one that signed.
    #[test]
    fn any_key_in_a_proof_gets_an_answer(
        kty in prop::sample::select(vec!["RSA", "EC", "oct", "OKP", ""]),
        crv in prop::sample::select(vec!["P-256", "P-384", "P-521", "Ed25519", ""]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let org = org();
        let text = URL_SAFE_NO_PAD.encode(&bytes);
        let key = json!({ "kty": kty, "crv": crv, "n": text, "e": "AQAB", "x": text, "y": text });
        let (reply, _) = ask("1", &with_nonce(&org, Proof::new("1")).head("jwk", key)).send(&org);
        prop_assert_eq!(reply.status, 400);
    }
}
