//! Every row of mgmt-facts §1.2: bound tokens at the API.

use http::Method;
use mock_server::exchange::{Reply, Trace};
use mock_server::facts::facts;
use mock_server::gateway;
use mock_server::org::Org;
use serde_json::Value;

use super::{Proof, ask, header, with_nonce};
use crate::ask::{Ask, BASE, NOW, json_of, org, pair, request};

pub(super) const SHA256_OF_NOTHING: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

/// An org and a token of it that is bound to `client-rsa-2`.
pub(super) fn bound() -> (Org, String) {
    let org = org();
    let reply = ask("1", &with_nonce(&org, Proof::new("1"))).send(&org).0;
    let token = json_of(&reply)["access_token"].as_str().unwrap().to_owned();
    (org, token)
}

pub(super) fn call(org: &Org, target: &str, lines: &[(String, String)]) -> (Reply, Trace) {
    let mut trace = Trace::default();
    let peer = std::net::Ipv4Addr::LOCALHOST.into();
    let reply = gateway::answer(org, &request(Method::GET, target, lines, Vec::new(), peer, NOW), &mut trace);
    (reply, trace)
}

pub(super) fn authorization(scheme: &str, token: &str) -> (String, String) {
    pair("authorization", &format!("{scheme} {token}"))
}

/// The whole challenge in the long form.
pub(super) fn challenge(scheme: &str, scope: &str, row: &str, path: &str) -> String {
    let row = facts().oauth_errors.get(row).unwrap();
    let host = BASE.strip_prefix("https://").unwrap();
    format!(
        "{scheme}authorization_uri=\"http://{host}/oauth2/v1/authorize\", realm=\"http://{host}\", scope=\"{scope}\", \
         error=\"{}\", error_description=\"{}\", resource=\"{path}\"",
        row.error, row.description
    )
}

pub(super) const DPOP: &str = "DPoP algs=\"RS256 RS384 RS512 ES256 ES384 ES512\", ";
pub(super) const USERS: &str = "/api/v1/users";
/// The quirk of mgmt-facts §1.2.
const OWN: &str = "okta.users.read.self";

#[test]
fn a_bound_token_is_taken_with_a_proof_of_its_key_each_time_a_new_one() {
    let (org, token) = bound();
    for jti in ["a", "b"] {
        let proof = Proof::for_users(jti, &token);
        let lines = [authorization("DPoP", &token), pair("dpop", &proof.jwt())];
        let (reply, trace) = call(&org, "/api/v1/users?limit=2", &lines);
        assert_eq!(reply.status, 200, "{:?}", trace.steps);
        assert_eq!(trace.learnt.auth_method, Some("DPoP"));
        assert_eq!(trace.learnt.dpop.unwrap()["claims"]["jti"], jti);
        let (reply, trace) = call(&org, USERS, &lines);
        assert_eq!(reply.status, 400, "{:?}", trace.steps);
        let expected = challenge(DPOP, OWN, "dpop_proof_already_used", USERS);
        assert_eq!(header(&reply, "www-authenticate"), Some(expected.as_str()));
    }
}

/// What becomes of a good proof; none for no proof at all.
type Change = fn(Proof) -> Option<Proof>;

/// mgmt-facts §1.2, row by row, and the rows of §7 that a proof at an API meets too.
#[test]
fn what_is_wrong_at_the_api_is_told_in_the_challenge() {
    let table: [(&str, &str, &str, Change); 12] = [
        ("Bearer", "Bearer ", "dpop_proof_required_for_token", |_| None),
        ("DPoP", DPOP, "dpop_proof_required_for_token", |_| None),
        ("Bearer", DPOP, "dpop_authentication_scheme_required", Some),
        ("DPoP", DPOP, "invalid_dpop_proof_jwt_too_old", |proof| Some(proof.claim("iat", NOW - 301))),
        ("DPoP", DPOP, "invalid_dpop_proof_jwt_issued_in_future", |proof| Some(proof.claim("iat", NOW + 1))),
        ("DPoP", DPOP, "invalid_dpop_proof_invalid_htu", |proof| {
            Some(proof.claim("htu", format!("{BASE}/api/v1/users?limit=2")))
        }),
        ("DPoP", DPOP, "invalid_dpop_proof_invalid_htm", |proof| Some(proof.claim("htm", "POST"))),
        ("DPoP", DPOP, "dpop_proof_invalid_ath", |proof| Some(proof.claim("ath", SHA256_OF_NOTHING))),
        ("DPoP", DPOP, "dpop_proof_invalid_ath", |proof| Some(proof.claim("ath", Value::Null))),
        ("DPoP", DPOP, "invalid_access_token_dpop_binding", |proof| Some(proof.key("client-rsa", "RS256"))),
        ("DPoP", DPOP, "invalid_dpop_proof_invalid_signature", |proof| Some(proof.damaged())),
        ("DPoP", DPOP, "invalid_dpop_proof_invalid_jwt", |proof| Some(proof.raw("undefined"))),
    ];
    let (org, token) = bound();
    for (nth, (scheme, challenged, row, proof)) in table.into_iter().enumerate() {
        let mut lines = vec![authorization(scheme, &token)];
        lines.extend(
            proof(Proof::for_users(&nth.to_string(), &token)).map(|proof| pair("dpop", &proof.jwt())),
        );
        let (reply, trace) = call(&org, USERS, &lines);
        assert_eq!((reply.status.as_u16(), reply.body.len()), (400, 0), "{row}: {:?}", trace.steps);
        let expected = challenge(challenged, OWN, row, USERS);
        assert_eq!(header(&reply, "www-authenticate"), Some(expected.as_str()));
        assert_eq!(header(&reply, "access-control-expose-headers"), Some("WWW-Authenticate"));
    }
}

#[test]
fn only_users_are_told_the_least_scope() {
    let (org, token) = bound();
    for (path, scope) in [
        ("/api/v1/groups", "okta.groups.read"),
        ("/api/v1/users", OWN),
        ("/api/v1/users/00u1", OWN),
        ("/api/v1/apps", "okta.apps.read"),
    ] {
        let (reply, _) = call(&org, path, &[authorization("Bearer", &token)]);
        let expected = challenge("Bearer ", scope, "dpop_proof_required_for_token", path);
        assert_eq!(header(&reply, "www-authenticate"), Some(expected.as_str()));
    }
    // A missing scope is told the scope itself, and the scheme of the token (mgmt-facts §1.1 row 5).
    let proof = Proof::for_users("a", &token).claim("htu", format!("{BASE}/api/v1/groups"));
    let (reply, _) =
        call(&org, "/api/v1/groups", &[authorization("DPoP", &token), pair("dpop", &proof.jwt())]);
    let told = header(&reply, "www-authenticate").unwrap();
    assert_eq!(reply.status, 403);
    assert!(
        told.starts_with(DPOP) && told.contains("scope=\"okta.groups.read\", error=\"insufficient_scope\"")
    );
}

#[test]
fn a_token_that_is_not_bound_is_a_bearer_token() {
    let org = org();
    let token = json_of(&Ask::new().send(&org).0)["access_token"].as_str().unwrap().to_owned();
    let proof = pair("dpop", &Proof::for_users("a", &token).jwt());
    let (reply, _) = call(&org, USERS, &[authorization("Bearer", &token), proof.clone()]);
    assert_eq!(reply.status, 200);
    for lines in [vec![authorization("DPoP", &token), proof], vec![authorization("DPoP", &token)]] {
        let (reply, _) = call(&org, USERS, &lines);
        assert_eq!((reply.status.as_u16(), reply.body.len()), (401, 0));
        let expected = challenge(DPOP, OWN, "access_token_not_dpop_bound", USERS);
        assert_eq!(header(&reply, "www-authenticate"), Some(expected.as_str()));
    }
    // What is no token is told so before its proof is looked at; the scheme is the caller's.
    let (reply, _) = call(&org, USERS, &[authorization("DPoP", "undefined")]);
    assert_eq!(reply.status, 401);
    let told = header(&reply, "www-authenticate").unwrap();
    assert!(told.starts_with(DPOP) && told.contains("scope=\"okta.users.read\", error=\"invalid_token\""));
}

/// A token says what it is bound to: an org that has never seen it reads it from the token.
#[test]
fn the_binding_is_in_the_token() {
    let (_, token) = bound();
    let fresh = org();
    let (reply, _) = call(&fresh, USERS, &[authorization("Bearer", &token)]);
    assert_eq!(reply.status, 400);
    let proof = Proof::for_users("a", &token);
    let lines = [authorization("DPoP", &token), pair("dpop", &proof.jwt())];
    assert_eq!(call(&fresh, USERS, &lines).0.status, 200);
}
