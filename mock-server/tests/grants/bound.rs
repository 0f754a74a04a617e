//! Tokens for users that are bound to a key (token-facts §7, dpop.rtkey).

use jsonwebtoken::{Algorithm, EncodingKey};
use mock_server::oauth::store::Allowed;
use mock_server::org::Org;
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use serde_json::json;

use crate::ask::{Answer, Ask, BASE, NOW, allowed, org};

/// Sends a request with a proof, twice if it takes a nonce to make one.
fn proven(org: &Org, ask: &Ask, key: &str, jti: &str) -> Answer {
    let first = ask.clone().header("DPoP", &proof(key, &format!("{jti}-0"), "")).send(org);
    assert_eq!(first.text("error"), "use_dpop_nonce");
    let nonce = first.reply.headers.iter().find(|(name, _)| name == "dpop-nonce").unwrap();
    ask.clone().header("DPoP", &proof(key, jti, nonce.1.to_str().unwrap())).send(org)
}

fn proof(key: &str, jti: &str, nonce: &str) -> String {
    let pem = fixture_pem(key).unwrap();
    let head = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": jwk_from_pem(pem).unwrap() });
    let mut claims =
        json!({ "htm": "POST", "htu": format!("{BASE}/oauth2/v1/token"), "iat": NOW, "jti": jti });
    if !nonce.is_empty() {
        claims["nonce"] = json!(nonce);
    }
    let message = format!("{}.{}", crate::ask::segment(&head), crate::ask::segment(&claims));
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn a_refresh_needs_the_key_of_the_first_request() {
    let org = org();
    let ask = Ask::code(&org, "bound", allowed(&org, "bound", "openid offline_access"));
    assert_eq!(ask.send(&org).text("error_description"), "The DPoP proof JWT header is missing.");
    let first = proven(&org, &ask, "client-rsa", "1");
    assert_eq!(first.text("token_type"), "DPoP", "{}", first.text);
    let jkt = first.claims("access_token")["cnf"]["jkt"].clone();
    assert!(jkt.is_string());

    let refresh = Ask::refresh("bound", first.text("refresh_token"));
    let refused = proven(&org, &refresh, "client-rsa-2", "2");
    assert_eq!((refused.status, refused.text("error")), (400, "invalid_dpop_proof"));
    assert_eq!(refused.text("error_description"), "Invalid DPoP Public Key binding in refresh token");

    let next = proven(&org, &refresh, "client-rsa", "3");
    assert_eq!(next.claims("access_token")["cnf"]["jkt"], jkt);
    let body = Ask::introspect("bound", next.text("access_token")).send(&org).body;
    assert_eq!((&body["active"], &body["token_type"]), (&json!(true), &json!("Bearer")));
}

/// RFC 9449 §10: a code for one key is no use to another, and stays good for its own.
#[test]
fn a_code_is_redeemed_by_the_key_that_its_request_named() {
    let org = org();
    let key = serde_json::Value::Object(jwk_from_pem(fixture_pem("client-rsa").unwrap()).unwrap());
    let jkt = mock_server::oauth::dpop::thumbprint(&key);
    let named = Allowed { dpop_jkt: jkt.clone(), ..allowed(&org, "bound", "openid") };
    let ask = Ask::code(&org, "bound", named);
    let refused = proven(&org, &ask, "client-rsa-2", "1");
    assert_eq!((refused.status, refused.text("error")), (400, "invalid_dpop_proof"));
    assert_eq!(refused.text("error_description"), "The DPoP proof JWT is invalid.");
    let tokens = proven(&org, &ask, "client-rsa", "2");
    assert_eq!(tokens.claims("access_token")["cnf"]["jkt"].as_str(), jkt.as_deref());
}
