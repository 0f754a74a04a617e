//! Tokens of users that are bound to a key: refresh tokens, and `userinfo`.

use mock_server::org::Org;
use serde_json::Value;

use super::api::{DPOP, SHA256_OF_NOTHING, authorization, call, challenge};
use super::{Proof, header, told, with_nonce};
use crate::ask::{Ask, BASE, json_of, pair};

/// An org with an app on a phone, whose tokens are bound, and a user with a password.
fn with_phone() -> Org {
    let document = "[[users]]\nprofile = { login = \"ada@example.com\" }\npassword = \"ada-password-1\"\n\
        [[apps]]\nname = \"phone\"\nkind = \"native\"\ndpop = true\ngrant_types = [\"password\", \"refresh_token\"]\n";
    let document = mock_server::org::seed::OrgDocument::from_toml(document).unwrap();
    let options = mock_server::org::OrgOptions { seed: Some(7), ..Default::default() };
    Org::new(&document, &options).unwrap()
}

fn phone(grant: &str, proof: &Proof) -> Ask {
    Ask::of("phone").auth(crate::ask::Auth::IdOnly).grant(grant).header("DPoP", &proof.jwt())
}

fn signed_in(org: &Org) -> Value {
    let (reply, trace) = phone("password", &with_nonce(org, Proof::new("1")))
        .param("username", "ada@example.com")
        .param("password", "ada-password-1")
        .scope("openid offline_access")
        .send(org);
    assert_eq!(reply.status, 200, "{:?}", trace.steps);
    json_of(&reply)
}

/// dpop.rtkey
#[test]
fn a_refresh_token_is_bound_to_the_key() {
    let org = with_phone();
    let tokens = signed_in(&org);
    assert_eq!(tokens["token_type"], "DPoP");
    let refresh = |jti: &str, key: &'static str| {
        let proof = with_nonce(&org, Proof::new(jti)).key(key, "RS256");
        let token = tokens["refresh_token"].as_str().unwrap();
        phone("refresh_token", &proof).drop("scope").param("refresh_token", token).send(&org)
    };
    let (reply, trace) = refresh("2", "client-rsa");
    told(&reply, &trace, "invalid_dpop_proof_invalid_public_key_binding");
    let (reply, trace) = refresh("3", "client-rsa-2");
    assert_eq!(reply.status, 200, "{:?}", trace.steps);
    assert_eq!(json_of(&reply)["token_type"], "DPoP");
}

/// The long form with the scope `openid` (mgmt-facts §1.1, §1.2).
#[test]
fn userinfo_wants_the_proof_too() {
    const USERINFO: &str = "/oauth2/v1/userinfo";
    let org = with_phone();
    let token = signed_in(&org)["access_token"].as_str().unwrap().to_owned();
    let proof = |jti: &str| Proof::for_users(jti, &token).claim("htu", format!("{BASE}{USERINFO}"));
    let good = [authorization("DPoP", &token), pair("dpop", &proof("a").jwt())];
    assert_eq!(call(&org, USERINFO, &good).0.status, 200);
    let wrong_token = proof("b").claim("ath", SHA256_OF_NOTHING);
    for (lines, scheme, row) in [
        (good.to_vec(), DPOP, "dpop_proof_already_used"),
        (vec![authorization("Bearer", &token)], "Bearer ", "dpop_proof_required_for_token"),
        (
            vec![authorization("DPoP", &token), pair("dpop", &wrong_token.jwt())],
            DPOP,
            "dpop_proof_invalid_ath",
        ),
    ] {
        let (reply, trace) = call(&org, USERINFO, &lines);
        assert_eq!((reply.status.as_u16(), reply.body.len()), (400, 0), "{row}: {:?}", trace.steps);
        let expected = challenge(scheme, "openid", row, USERINFO);
        assert_eq!(header(&reply, "www-authenticate"), Some(expected.as_str()));
    }
}
