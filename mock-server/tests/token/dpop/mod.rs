//! Proofs of possession: every row of token-facts §7, at the token endpoint.

mod api;
mod hostile;
mod users;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mock_server::exchange::{Reply, Trace};
use mock_server::facts::facts;
use mock_server::oauth::dpop::thumbprint;
use mock_server::org::Org;
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use serde_json::{Map, Value, json};

use crate::ask::{Ask, BASE, NOW, damage, json_of, org, org_with, sign};

const DAY: i64 = 24 * 60 * 60;

/// A proof; [`Proof::new`] is a good one for the token endpoint, but for the nonce.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    key: &'static str,
    alg: &'static str,
    head: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    raw: Option<String>,
    damaged: bool,
}

impl Proof {
    pub(crate) fn new(jti: &str) -> Self {
        let claims =
            json!({ "htm": "POST", "htu": format!("{BASE}/oauth2/v1/token"), "iat": NOW, "jti": jti });
        Self {
            key: "client-rsa-2",
            alg: "RS256",
            head: Map::new(),
            claims: claims.as_object().unwrap().clone(),
            raw: None,
            damaged: false,
        }
    }

    pub(crate) fn for_users(jti: &str, token: &str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
        Self::new(jti)
            .claim("htm", "GET")
            .claim("htu", format!("{BASE}/api/v1/users"))
            .claim("ath", URL_SAFE_NO_PAD.encode(digest))
    }

    pub(crate) fn key(mut self, key: &'static str, alg: &'static str) -> Self {
        (self.key, self.alg) = (key, alg);
        self
    }

    pub(crate) fn head(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.head.insert(name.to_owned(), value.into());
        self
    }

    /// `null` leaves the claim out.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn raw(mut self, text: &str) -> Self {
        self.raw = Some(text.to_owned());
        self
    }

    pub(crate) fn damaged(mut self) -> Self {
        self.damaged = true;
        self
    }

    pub(crate) fn jwt(&self) -> String {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut head = json!({ "typ": "dpop+jwt", "alg": self.alg, "jwk": jwk(self.key) });
        for (name, value) in &self.head {
            head[name] = value.clone();
        }
        let mut claims = Value::Object(self.claims.clone());
        for members in [&mut head, &mut claims] {
            members.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        }
        let jwt = sign(&head, &claims, self.alg, Some(self.key), None);
        if self.damaged { damage(&jwt) } else { jwt }
    }
}

pub(crate) fn jwk(key: &str) -> Value {
    Value::Object(jwk_from_pem(fixture_pem(key).unwrap()).unwrap())
}

fn nonce(org: &Org, at: i64) -> String {
    org.nonces().current(org.ids(), jiff::Timestamp::from_second(at).unwrap())
}

pub(crate) fn header<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    reply.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap())
}

/// A token request of the app whose tokens are bound.
pub(crate) fn ask(jti: &str, proof: &Proof) -> Ask {
    Ask::of("dpop").claim("jti", jti).header("DPoP", &proof.jwt())
}

/// With the nonce of the moment.
pub(crate) fn with_nonce(org: &Org, proof: Proof) -> Proof {
    let nonce = nonce(org, NOW);
    proof.claim("nonce", nonce)
}

struct Row {
    fact: &'static str,
    proof: fn(Proof) -> Proof,
    row: &'static str,
}

const fn row(fact: &'static str, row: &'static str, proof: fn(Proof) -> Proof) -> Row {
    Row { fact, proof, row }
}

/// What is wrong with one proof, and the row of the catalogue that says so.
const ROWS: &[Row] = &[
    row("dpop.parse", "invalid_dpop_proof_invalid_jwt", |proof| proof.raw("a.b.c")),
    row("dpop.parse", "invalid_dpop_proof_invalid_jwt", |proof| proof.raw("")),
    row("dpop.parse", "invalid_dpop_proof_invalid_jwt", |proof| proof.raw("e30.e30")),
    row("dpop.parse", "invalid_dpop_proof_invalid_jwt", |proof| proof.raw("W10.e30.e30")),
    row("dpop.parse", "invalid_dpop_proof_invalid_jwt", |proof| proof.head("crit", json!(["b64"]))),
    row("dpop.typ", "invalid_dpop_proof_invalid_type", |proof| proof.head("typ", "JWT")),
    row("dpop.typ", "invalid_dpop_proof_invalid_type", |proof| proof.head("typ", Value::Null)),
    row("dpop.typ", "invalid_dpop_proof_invalid_type", |proof| proof.raw("e30.e30.e30")),
    row("dpop.alg", "invalid_dpop_proof_invalid_signature_algorithm", |proof| proof.head("alg", "none")),
    row("dpop.alg", "invalid_dpop_proof_invalid_signature_algorithm", |proof| proof.head("alg", "HS256")),
    row("dpop.alg", "invalid_dpop_proof_invalid_signature_algorithm", |proof| proof.head("alg", "PS256")),
    row("dpop.alg", "invalid_dpop_proof_invalid_signature_algorithm", |proof| proof.head("alg", Value::Null)),
    row("dpop.alg", "invalid_dpop_proof_invalid_signature_algorithm", |proof| {
        proof.head("jwk", jwk("client-ec256"))
    }),
    row("dpop.alg", "invalid_dpop_proof_invalid_signature_algorithm", |proof| {
        proof.key("client-ec256", "ES256").head("alg", "ES384")
    }),
    row("dpop.generic", "invalid_dpop_proof", |proof| proof.head("jwk", Value::Null)),
    row("dpop.generic", "invalid_dpop_proof", |proof| proof.head("jwk", "AQAB")),
    row("dpop.generic", "invalid_dpop_proof", |proof| {
        proof.head("jwk", json!({ "kty": "oct", "k": "c2VjcmV0" }))
    }),
    row("dpop.generic", "invalid_dpop_proof", |proof| {
        proof.head("jwk", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }))
    }),
    row("dpop.generic", "invalid_dpop_proof", |proof| {
        let mut private = jwk("client-rsa-2");
        private["d"] = json!("AQAB");
        proof.head("jwk", private)
    }),
    row("dpop.generic", "invalid_dpop_proof", |proof| proof.claim("exp", "soon")),
    row("dpop.sig", "invalid_dpop_proof_invalid_signature", Proof::damaged),
    row("dpop.sig", "invalid_dpop_proof_invalid_signature", |proof| proof.head("jwk", jwk("client-rsa"))),
    row("dpop.sig", "invalid_dpop_proof_invalid_signature", |proof| {
        let jwt = proof.jwt();
        proof.raw(&jwt[..=jwt.rfind('.').unwrap()])
    }),
    row("dpop.nonce", "use_dpop_nonce", |proof| proof.claim("nonce", Value::Null)),
    row("dpop.nonce", "use_dpop_nonce", |proof| proof.claim("nonce", "x")),
    row("dpop.nonce", "use_dpop_nonce", |proof| proof.claim("nonce", 7)),
    row("dpop.htm", "invalid_dpop_proof_invalid_htm", |proof| proof.claim("htm", "GET")),
    row("dpop.htm", "invalid_dpop_proof_invalid_htm", |proof| proof.claim("htm", "post")),
    row("dpop.htm", "invalid_dpop_proof_invalid_htm", |proof| proof.claim("htm", Value::Null)),
    row("dpop.htu", "invalid_dpop_proof_invalid_htu", |proof| proof.claim("htu", BASE)),
    row("dpop.htu", "invalid_dpop_proof_invalid_htu", |proof| proof.claim("htu", Value::Null)),
    row("dpop.htu", "invalid_dpop_proof_invalid_htu", |proof| {
        proof.claim("htu", format!("{BASE}/oauth2/v1/token?a=b"))
    }),
    row("dpop.htu", "invalid_dpop_proof_invalid_htu", |proof| {
        proof.claim("htu", format!("{BASE}/oauth2/v1/token#a"))
    }),
    row("dpop.iat", "invalid_dpop_proof_invalid_iat", |proof| proof.claim("iat", Value::Null)),
    row("dpop.iat", "invalid_dpop_proof_invalid_iat", |proof| proof.claim("iat", NOW.to_string())),
    row("dpop.future", "invalid_dpop_proof_jwt_issued_in_future", |proof| proof.claim("iat", NOW + 1)),
    row("dpop.old", "invalid_dpop_proof_jwt_too_old", |proof| proof.claim("iat", NOW - 301)),
    row("dpop.old", "invalid_dpop_proof_jwt_too_old", |proof| proof.claim("iat", i64::MIN)),
    row("dpop.exp", "invalid_dpop_proof_jwt_expired", |proof| proof.claim("exp", NOW)),
    row("dpop.jti", "invalid_dpop_proof_invalid_jti", |proof| proof.claim("jti", Value::Null)),
    row("dpop.jti", "invalid_dpop_proof_invalid_jti", |proof| proof.claim("jti", "")),
    row("dpop.jti", "invalid_dpop_proof_invalid_jti", |proof| proof.claim("jti", 7)),
];

/// Compares an OAuth error with its row of the catalogue.
pub(crate) fn told(reply: &Reply, trace: &Trace, row: &str) {
    let wanted = facts().oauth_errors.get(row).unwrap();
    let body = json_of(reply);
    let found = (reply.status, body["error"].as_str(), body["error_description"].as_str());
    let expected = (wanted.status, Some(wanted.error.as_str()), Some(wanted.description.as_str()));
    assert_eq!(found, expected, "{row}: {:?}", trace.steps);
    assert_eq!(header(reply, "www-authenticate"), None);
}

#[test]
fn what_is_wrong_with_a_proof_is_told() {
    for Row { fact, proof, row } in ROWS {
        let org = org();
        let proof = proof(with_nonce(&org, Proof::new("1")));
        let (reply, trace) = ask("1", &proof).send(&org);
        told(&reply, &trace, row);
        assert_eq!(trace.steps.last().unwrap().step, "dpop", "{fact}");
        let asked = header(&reply, "dpop-nonce");
        assert_eq!(asked, (*row == "use_dpop_nonce").then(|| nonce(&org, NOW)).as_deref(), "{fact}");
    }
}

#[test]
fn two_headers_are_one_too_many() {
    let org = org();
    let (one, two) = (with_nonce(&org, Proof::new("1")), with_nonce(&org, Proof::new("2")));
    let (reply, trace) = ask("1", &one).header("DPoP", &two.jwt()).send(&org);
    told(&reply, &trace, "invalid_dpop_proof_multiple_headers_not_allowed");
}

/// The facts that are not about one proof by itself are shown by tests of their own.
#[test]
fn every_fact_has_a_row() {
    let Some(known) = crate::token_facts::known() else { return };
    let wanted: BTreeSet<&str> =
        known.keys().map(String::as_str).filter(|id| id.starts_with("dpop.")).collect();
    let elsewhere = ["dpop.missing", "dpop.multi", "dpop.replay", "dpop.rtkey"];
    let shown: BTreeSet<&str> = ROWS.iter().map(|row| row.fact).chain(elsewhere).collect();
    assert_eq!(shown, wanted);
}

/// The sequence of a fresh client, as recorded: no proof, no nonce, token; the same nonce serves again.
#[test]
fn a_client_starts_with_the_nonce_of_the_first_refusal() {
    let org = org();
    let (reply, trace) = Ask::of("dpop").claim("jti", "1").send(&org);
    told(&reply, &trace, "invalid_dpop_proof_missing_header");
    assert_eq!(header(&reply, "dpop-nonce"), None);
    let (reply, trace) = ask("2", &Proof::new("a")).send(&org);
    told(&reply, &trace, "use_dpop_nonce");
    let nonce = header(&reply, "dpop-nonce").unwrap().to_owned();
    // The assertion is used up by that.
    let proof = Proof::new("b").claim("nonce", nonce.as_str());
    let (reply, _) = ask("2", &proof).send(&org);
    assert_eq!(json_of(&reply)["error_description"], "The client_assertion token has already been used.");
    // The proof is not: it was refused before its claims were judged.
    for (jti, proof_jti) in [("3", "a"), ("4", "c")] {
        let proof = Proof::new(proof_jti).claim("nonce", nonce.as_str());
        let (reply, trace) = ask(jti, &proof).send(&org);
        let body = json_of(&reply);
        let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["token_type", "expires_in", "access_token", "scope"], "{body}");
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("DPoP"), &json!(3600)));
        assert_eq!(header(&reply, "dpop-nonce"), Some(nonce.as_str()));
        let claims = body["access_token"].as_str().unwrap().split('.').nth(1).unwrap().to_owned();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let members: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["ver", "jti", "iss", "aud", "sub", "iat", "exp", "cid", "scp", "cnf"]);
        assert_eq!(claims["cnf"], json!({ "jkt": thumbprint(&jwk("client-rsa-2")).unwrap() }));
        let shown = trace.learnt.dpop.unwrap();
        assert_eq!(shown["claims"]["jti"], proof_jti);
        assert_eq!(
            shown["header"],
            json!({ "typ": "dpop+jwt", "alg": "RS256", "jkt": claims["cnf"]["jkt"] })
        );
    }
    let again = Proof::new("c").claim("nonce", nonce);
    let (reply, trace) = ask("5", &again).send(&org);
    told(&reply, &trace, "dpop_proof_already_used");
}

#[test]
fn all_algorithms_of_the_metadata_are_taken() {
    let org = org();
    for (key, alg) in [
        ("client-rsa", "RS256"),
        ("client-rsa", "RS384"),
        ("client-rsa", "RS512"),
        ("client-ec256", "ES256"),
        ("client-ec384", "ES384"),
        ("client-ec521", "ES512"),
    ] {
        let proof = with_nonce(&org, Proof::new(alg)).key(key, alg).claim("iat", NOW - 300);
        let (reply, trace) = ask(alg, &proof).send(&org);
        assert_eq!(reply.status, 200, "{alg}: {:?}", trace.steps);
    }
}

#[test]
fn a_nonce_is_good_for_three_days_in_all() {
    let org = org();
    let handed_out = nonce(&org, NOW);
    let start_of_day = NOW - NOW.rem_euclid(DAY);
    for (at, status) in [
        (NOW, 200),
        (start_of_day + 3 * DAY - 1, 200),
        (start_of_day + 3 * DAY, 400),
        (start_of_day - 1, 400),
    ] {
        let jti = at.to_string();
        let proof = Proof::new(&jti).claim("iat", at).claim("nonce", handed_out.as_str());
        let (reply, _) = ask(&jti, &proof).at(at).send(&org);
        assert_eq!(reply.status, status, "{at}");
        assert_eq!(header(&reply, "dpop-nonce"), Some(nonce(&org, at).as_str()), "{at}");
    }
}

#[test]
fn the_dialect_tells_when_the_nonce_is_judged() {
    for (value, row) in
        [("before_claims", "use_dpop_nonce"), ("after_claims", "invalid_dpop_proof_invalid_htu")]
    {
        let org = org_with(&[("dpop_nonce", value)]);
        let (reply, trace) = ask("1", &Proof::new("1").claim("htu", BASE)).send(&org);
        told(&reply, &trace, row);
    }
    let org = org_with(&[("dpop_nonce", "after_claims")]);
    let (reply, trace) = ask("1", &Proof::new("1")).send(&org);
    told(&reply, &trace, "use_dpop_nonce");
}

/// real-clients §2, 6: the Node SDK sends a proof to every app.
#[test]
fn an_app_whose_tokens_are_not_bound_ignores_proofs() {
    for proof in [Proof::new("1"), Proof::new("1").raw("a.b.c"), Proof::new("1").damaged()] {
        let org = org();
        for request in [
            Ask::new().header("DPoP", &proof.jwt()),
            Ask::new().claim("jti", "2").header("DPoP", &proof.jwt()).header("DPoP", &proof.jwt()),
            Ask::of("oin").auth(crate::ask::Auth::Basic(None)).header("DPoP", &proof.jwt()),
        ] {
            let (reply, _) = request.send(&org);
            assert_eq!(json_of(&reply)["token_type"], "Bearer");
            assert_eq!(header(&reply, "dpop-nonce"), None);
        }
    }
}

#[test]
fn new_service_apps_follow_the_dialect_and_integrations_never_do() {
    for (value, service) in [("optional", 200), ("required", 400)] {
        let org = org_with(&[("dpop_on_new_service_apps", value)]);
        assert_eq!(Ask::new().send(&org).0.status, service, "{value}");
        assert_eq!(Ask::of("dpop").send(&org).0.status, 400, "{value}");
        assert_eq!(Ask::new().basic("oin").send(&org).0.status, 200, "{value}");
        assert_eq!(Ask::of("oin-key").send(&org).0.status, 200, "{value}");
    }
    let document = "[[integrations]]\nname = \"oin\"\ndpop = true\n";
    let document = mock_server::org::seed::OrgDocument::from_toml(document).unwrap();
    let error = Org::new(&document, &mock_server::org::OrgOptions::default()).unwrap_err().to_string();
    assert!(error.contains("integrations[0].dpop") && error.contains("never bound"), "{error}");
}
