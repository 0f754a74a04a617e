//! Whatever is sent: an answer, no panic; and no key is taken for another kind of key.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use jiff::Timestamp;
use mock_server::oauth::assertion::Assertion;
use mock_server::oauth::{self, TokenRefusal, verify};
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::ask::{Ask, NOW, json_of, org, pair, request, segment, send, sign};

/// The public key of an app in every form that a careless server might take for a secret.
#[test]
fn a_public_key_is_no_hmac_secret() {
    let org = org();
    let pem = fixture_pem("client-rsa").unwrap();
    let jwk = Value::Object(jwk_from_pem(pem).unwrap());
    let n = jwk["n"].as_str().unwrap().to_owned();
    let good = Ask::new().assertion(&org);
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap()).unwrap();
    for secret in [pem.to_owned(), jwk.to_string(), n.clone(), "rsa".to_owned()] {
        for alg in ["HS256", "HS384", "HS512"] {
            let head = json!({ "alg": alg, "kid": "rsa" });
            let jwt = sign(&head, &claims, alg, None, Some(&secret));
            let (reply, trace) = Ask::new().jwt(&jwt).send(&org);
            assert_eq!(reply.status, 401, "{alg}: {:?}", trace.steps);
        }
    }
}

/// The key that a header brings along is not the client's.
#[test]
fn a_key_in_the_header_is_not_believed() {
    let org = org();
    let jwk = Value::Object(jwk_from_pem(fixture_pem("client-rsa-2").unwrap()).unwrap());
    for member in ["jwk", "jku", "x5u", "x5c"] {
        let ask = Ask::new().key("client-rsa-2", "rsa", "RS256").head(member, jwk.clone());
        let (reply, _) = ask.send(&org);
        assert_eq!(json_of(&reply)["error_description"], "The client_assertion signature is invalid.");
    }
}

#[test]
fn a_signature_of_another_algorithm_is_refused() {
    let org = org();
    for alg in ["RS384", "RS512"] {
        // Signed with RS256, announced as another.
        let (reply, _) = Ask::new().head("alg", alg).send(&org);
        assert_eq!(json_of(&reply)["error_description"], "The client_assertion signature is invalid.");
    }
    for alg in ["ES256", "ES384", "ES512", "EdDSA", "ES256K", "none", "NONE", "", "HS1"] {
        let (reply, _) = Ask::new().head("alg", alg).send(&org);
        assert_eq!(
            json_of(&reply)["error_description"],
            "The client_assertion JWT signature algorithm is invalid.",
            "{alg}"
        );
    }
}

#[test]
fn a_long_form_of_nonsense_gets_a_short_answer() {
    let org = org();
    let body = "a=&".repeat(300_000) + &(0..20_000).map(|nth| format!("{nth}&{nth}&")).collect::<String>();
    let (reply, _) = Ask::new().body(Some("application/x-www-form-urlencoded"), body.as_bytes()).send(&org);
    assert_eq!(reply.status, 400);
    assert!(reply.body.len() < 1000);
}

#[test]
fn what_a_caller_sends_at_length_is_not_kept_at_length() {
    let org = org();
    let long = "x".repeat(100_000);
    let scope: String = (0..100_000).map(|nth| format!("{nth} ")).collect();
    for ask in [
        Ask::new().param("client_id", &long),
        Ask::new().scope(&scope),
        Ask::new().claim("iss", long.as_str()),
        Ask::new().claim("aud", long.as_str()),
        Ask::new().head("kid", long.as_str()),
        Ask::new().grant(&long),
        Ask::new().claim("jti", long.as_str()).after(Ask::new().claim("jti", long.as_str())),
    ] {
        let (reply, trace) = ask.send(&org);
        assert!(reply.status.is_client_error());
        assert!(format!("{:?} {:?}", trace.learnt, trace.steps).len() < 5000);
    }
}

fn post(headers: &[(String, String)], query: &str, body: Vec<u8>) -> http::StatusCode {
    let org = org();
    let target = format!("/oauth2/v1/token?{query}");
    let request = request(Method::POST, &target, headers, body, std::net::Ipv4Addr::LOCALHOST.into(), NOW);
    oauth::principal(&request);
    send(&org, &request).0.status
}

fn form() -> (String, String) {
    pair("content-type", "application/x-www-form-urlencoded")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_body_gets_an_answer(body in prop::collection::vec(any::<u8>(), 0..200), query in "[ -~]{0,40}") {
        let status = post(&[form()], &query.replace('#', ""), body);
        prop_assert!(status.is_client_error(), "{status}");
    }

    #[test]
    fn any_authorization_gets_an_answer(value in "[ -~]{0,60}", encoded in prop::collection::vec(any::<u8>(), 0..60)) {
        for value in [value.trim().to_owned(), format!("Basic {}", STANDARD.encode(&encoded))] {
            let status = post(&[form(), pair("authorization", &value)], "", Vec::new());
            prop_assert!(status.is_client_error(), "{status}");
        }
    }

    #[test]
    fn any_text_is_an_assertion_or_none(text in ".{0,120}") {
        prop_assert!(Assertion::parse(&text).is_err());
    }

    /// Headers and claims of any JSON: only the fault differs.
    #[test]
    fn any_json_in_an_assertion_gets_an_answer(head in json_value(), claims in json_value(), signature in "[A-Za-z0-9_-]{0,20}") {
        let jwt = format!("{}.{}.{signature}", segment(&head), segment(&claims));
        let _ = Assertion::parse(&jwt);
        let (reply, _) = Ask::new().jwt(&jwt).send(&org());
        prop_assert!(reply.status.is_client_error());
    }

    /// A signed assertion with one claim of any type: an answer, never a 500.
    #[test]
    fn any_claim_gets_an_answer(
        name in prop::sample::select(vec!["iss", "sub", "aud", "exp", "iat", "jti", "nbf", "x"]),
        value in json_value(),
    ) {
        let (reply, _) = Ask::new().claim(name, value).send(&org());
        prop_assert!(reply.status == 200 || reply.status.is_client_error(), "{}", reply.status);
    }

    #[test]
    fn any_string_is_no_token(text in ".{0,120}") {
        let org = org();
        let found = verify(&org, &org.state(), Timestamp::UNIX_EPOCH, &text);
        prop_assert_eq!(found, Err(TokenRefusal::Invalid));
    }

    /// A single changed character makes a token invalid.
    #[test]
    fn a_changed_token_is_no_token(at in 0_usize..700, other in prop::sample::select(vec!['A', 'b', '_', '.', '='])) {
        let org = org();
        let (reply, _) = Ask::new().send(&org);
        let token = json_of(&reply)["access_token"].as_str().unwrap().to_owned();
        let mut changed: Vec<char> = token.chars().collect();
        let at = at % changed.len();
        // The last character of the signature has bits that say nothing.
        prop_assume!(changed[at] != other && at + 1 < changed.len());
        changed[at] = other;
        let changed: String = changed.into_iter().collect();
        let found = verify(&org, &org.state(), Timestamp::from_second(NOW).unwrap(), &changed);
        prop_assert_eq!(found, Err(TokenRefusal::Invalid));
    }

    /// Secrets of any characters, raw or form-encoded inside the header.
    #[test]
    fn basic_credentials_come_raw_or_encoded(encode in any::<bool>()) {
        let org = org();
        let secret = crate::ask::secret_of(&org, "odd-secret");
        let sent = if encode {
            form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>()
        } else {
            secret
        };
        let ask = Ask::of("odd-secret").auth(crate::ask::Auth::Basic(Some(sent))).server("default").scope("items.read");
        prop_assert_eq!(ask.send(&org).0.status, 200);
    }
}

pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let name =
            prop_oneof![Just("alg".to_owned()), Just("iss".to_owned()), Just("kid".to_owned()), ".{0,5}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}
