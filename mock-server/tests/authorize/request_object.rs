//! Request objects and pushed requests that are refused (token-facts authz.request_object, authz.par_uri): what is signed,
//! and what the app is told.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use jsonwebtoken::EncodingKey;
use mock_server::org::keys::fixture_pem;
use serde_json::{Value, json};

use crate::browser::{
    BASE, Browser, NOW, authorize, authorize_at, encoded, json_of, landed, org_with, pair, parameters,
    text_of, value,
};

const WEB: &str = "0oaweb00000000000001";
const SECRET: &str = "web-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP";
const SPA: &str = "0oabrowser0000000001";
const SIGNER: &str = "0oasigner00000000001";
const CB: &str = "https://app.example/cb";
const SPA_CB: &str = "https://spa.example/cb";

/// A JWT with this header and these claims, signed with a fixture key or a secret; `alg` is what really signs.
fn jwt(head: &Value, claims: &Value, alg: &str, key: &EncodingKey) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(head), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, alg.parse().unwrap()).unwrap();
    format!("{message}.{signature}")
}

fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(fixture_pem("client-rsa").unwrap().as_bytes()).unwrap()
}

fn claims_of(client: &str) -> Value {
    json!({ "iss": client, "aud": BASE, "exp": NOW + 300, "state": "signed" })
}

/// The object that a client signs well, but for one header member.
fn signed(client: &str, alg: &str, kid: &str) -> String {
    jwt(&json!({ "alg": alg, "kid": kid }), &claims_of(client), alg, &rsa())
}

fn hmac(client: &str, secret: &str) -> String {
    jwt(&json!({ "alg": "HS256" }), &claims_of(client), "HS256", &EncodingKey::from_secret(secret.as_bytes()))
}

/// What the app is told about a request object: `error` and `error_description`.
fn told(client: &str, redirect_uri: &str, object: &str) -> (String, String) {
    let target = authorize(client, redirect_uri, &[("request", Some(object))]);
    let answer = landed(&Browser::new().get(&target), redirect_uri, '?');
    assert_eq!(value(&answer, "state"), "s1", "what could not be verified does not count");
    (value(&answer, "error").to_owned(), value(&answer, "error_description").to_owned())
}

#[test]
fn what_is_wrong_with_a_request_object_is_told() {
    let object = "invalid_request_object";
    let with = |name: &str, value: Value| {
        let mut claims = claims_of(SIGNER);
        claims[name] = value;
        jwt(&json!({ "alg": "RS256", "kid": "rsa" }), &claims, "RS256", &rsa())
    };
    for (client, jwt, error, text) in [
        (
            "0oaodduse00000000001",
            signed("0oaodduse00000000001", "RS256", "rsa"),
            object,
            "The public key being used for signing the request object has an invalid 'use' parameter. Valid values for the 'use' parameter are [sig, enc].",
        ),
        (
            "0oabrokenkey00000001",
            signed("0oabrokenkey00000001", "RS256", "rsa"),
            object,
            "The client JWKSet is invalid.",
        ),
        (
            "0oaencryptionkey0001",
            signed("0oaencryptionkey0001", "RS256", "rsa"),
            object,
            "The request object needs to be signed using a signing key.",
        ),
        (SIGNER, signed(SIGNER, "RS256", "other"), object, "The JWT kid of the request object is invalid."),
        (
            SIGNER,
            jwt(&json!({ "alg": "none" }), &claims_of(SIGNER), "RS256", &rsa()),
            object,
            "The JWT signature algorithm of the request object is invalid.",
        ),
        (
            "0oashortsecret000001",
            hmac("0oashortsecret000001", "thirty-one-characters-are-short"),
            object,
            "The JWT signature secret length is too short.",
        ),
        (
            "0oars384only00000001",
            signed("0oars384only00000001", "RS256", "rsa"),
            object,
            "The signing algorithm used is not supported by this client.",
        ),
        (SIGNER, with("nbf", json!(NOW + 1)), object, "The request object is issued too early."),
        (SIGNER, with("exp", json!("soon")), object, "The authorize request object is invalid."),
        (SIGNER, with("iss", json!(WEB)), "invalid_client", "The issuer of the request object is invalid."),
        (
            WEB,
            signed(WEB, "RS256", "rsa"),
            "invalid_client",
            "The client does not have a JWKSet configured, but the request object requires one.",
        ),
    ] {
        assert_eq!(told(client, CB, &jwt), (error.to_owned(), text.to_owned()));
    }
    assert_eq!(
        told(SPA, SPA_CB, &hmac(SPA, "a-secret-that-nobody-has-0123456789")),
        (
            "request_not_supported".to_owned(),
            "The issuer of the request object does not have a client secret.".to_owned()
        )
    );
}

/// The neighbours that are fine: the one algorithm, a secret that is long enough, `nbf` at this second.
#[test]
fn what_is_right_with_a_request_object_counts() {
    let now = {
        let mut claims = claims_of(SIGNER);
        claims["nbf"] = json!(NOW);
        jwt(&json!({ "alg": "RS256" }), &claims, "RS256", &rsa())
    };
    for (client, object) in [
        ("0oars384only00000001", signed("0oars384only00000001", "RS384", "rsa")),
        (WEB, hmac(WEB, SECRET)),
        (SIGNER, now),
    ] {
        let browser = Browser::new();
        let session = browser.una();
        let changes = [("request", Some(object.as_str())), ("sessionToken", Some(&*session))];
        let answer = landed(&browser.get(&authorize(client, CB, &changes)), CB, '?');
        assert_eq!((answer[0].0.as_str(), value(&answer, "state")), ("code", "signed"), "{client}");
    }
}

fn push(browser: &Browser) -> String {
    let form = encoded(&parameters(WEB, CB, &[("client_id", None)]));
    let basic = format!("Basic {}", STANDARD.encode(format!("{WEB}:{SECRET}")));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
    let reply = browser.send(Method::POST, "/oauth2/v1/par", &headers, form).0;
    json_of(&reply)["request_uri"].as_str().unwrap_or_else(|| panic!("{}", text_of(&reply))).to_owned()
}

#[test]
fn a_request_is_named_in_one_way_and_at_one_place() {
    let browser = Browser::new();
    let uri = push(&browser);
    let object = signed(SIGNER, "RS256", "rsa");
    for (path, changes, error, text) in [
        (
            "/oauth2/v1/authorize",
            vec![("request_uri", Some(uri.as_str())), ("request", Some(object.as_str()))],
            "invalid_request",
            "The authorize request must not contain both a request object and a request uri.",
        ),
        (
            "/oauth2/v1/authorize",
            vec![("request_uri", Some("https://app.example/request.jwt"))],
            "request_uri_not_supported",
            "The authorize request uri is not supported by this client.",
        ),
        (
            "/oauth2/default/v1/authorize",
            vec![("request_uri", Some(uri.as_str()))],
            "invalid_request_uri",
            "The request_uri was issued for another authorization server.",
        ),
    ] {
        let answer = landed(&browser.get(&authorize_at(path, WEB, CB, &changes)), CB, '?');
        let told = [pair("state", "s1"), pair("error", error), pair("error_description", text)];
        assert_eq!(answer, told);
    }
}

#[test]
fn the_dialect_words_a_request_of_another_client() {
    for (value_of, error, text) in [
        ("invalid", "invalid_request_uri", "The authorize request_uri is invalid."),
        (
            "mismatched_client",
            "invalid_client",
            "The 'client_id' parameter does not match the expected value for the provided request_uri.",
        ),
    ] {
        let browser = Browser::at(org_with(&[("request_uri_of_another_client", value_of)]));
        let uri = push(&browser);
        let answer =
            landed(&browser.get(&authorize(SPA, SPA_CB, &[("request_uri", Some(&uri))])), SPA_CB, '?');
        assert_eq!((value(&answer, "error"), value(&answer, "error_description")), (error, text));
        // It was not used up by that.
        let session = browser.una();
        let form = [pair("client_id", WEB), pair("request_uri", &uri), pair("sessionToken", &session)];
        let own = landed(&browser.get(&format!("/oauth2/v1/authorize?{}", encoded(&form))), CB, '?');
        assert_eq!(own[0].0, "code");
    }
}
