//! Success: the body, the token, the documents, what the ledger is told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mock_server::oauth::{self, Endpoint, Server};
use serde_json::{Value, json};

use crate::ask::{Ask, BASE, NOW, get, json_of, org};

fn token_of(ask: &Ask) -> String {
    let (reply, _) = ask.send(&org());
    json_of(&reply)["access_token"].as_str().unwrap().to_owned()
}

/// Header and payload as they are, so that the order of their members is seen.
fn opened(token: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    format!("{}\n{}\n{} characters of signature", text(parts[0]), text(parts[1]), parts[2].len())
}

#[test]
fn the_success_body_is_okta_s() {
    let (reply, _) = Ask::new().scope("okta.groups.read okta.users.read").send(&org());
    let body = String::from_utf8(reply.body.to_vec()).unwrap();
    let token = json_of(&reply)["access_token"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(body.replace(&token, "<token>"));
    let headers: Vec<_> =
        reply.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    assert_eq!(headers, ["content-type: application/json", "x-robots-tag: noindex,nofollow"]);
}

#[test]
fn a_token_of_the_org_server_is_okta_s() {
    insta::assert_snapshot!(opened(&token_of(&Ask::new().scope("okta.groups.read okta.users.read"))));
}

#[test]
fn a_token_of_a_custom_server_is_okta_s() {
    let ask = Ask::new().basic("secret-basic").server("ausshop0000000000001").scope("orders.write");
    insta::assert_snapshot!(opened(&token_of(&ask)));
}

#[test]
fn tokens_verify_by_the_published_keys() {
    let org = org();
    for (path, ask) in [
        ("/oauth2/v1/keys", Ask::new()),
        ("/oauth2/default/v1/keys", Ask::new().basic("secret-basic").server("default").scope("items.read")),
    ] {
        let keys: JwkSet = serde_json::from_slice(&get(&org, path).body).unwrap();
        let (reply, _) = ask.send(&org);
        let token = json_of(&reply)["access_token"].as_str().unwrap().to_owned();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let claims = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap().claims;
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    }
}

#[test]
fn every_token_is_another() {
    let org = org();
    let jtis: std::collections::HashSet<_> = (0..50)
        .map(|nth| {
            let (reply, trace) = Ask::new().claim("jti", format!("{nth}")).send(&org);
            assert_eq!(trace.learnt.issued.unwrap()["token"], format!("T{}", nth + 1));
            json_of(&reply)["access_token"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(jtis.len(), 50);
}

#[test]
fn the_documents_are_okta_s() {
    let org = org();
    for (name, path) in [
        ("org-oauth", "/.well-known/oauth-authorization-server"),
        ("org-openid", "/.well-known/openid-configuration"),
        ("custom-oauth", "/oauth2/ausshop0000000000001/.well-known/oauth-authorization-server"),
        ("custom-openid", "/oauth2/ausshop0000000000001/.well-known/openid-configuration"),
        ("keys", "/oauth2/v1/keys"),
    ] {
        let reply = get(&org, path);
        assert_eq!(reply.status, 200, "{path}");
        insta::assert_json_snapshot!(name, json_of(&reply));
    }
    let own = json_of(&get(&org, "/oauth2/default/v1/keys"));
    let kids: Vec<_> = own["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    let org_keys = json_of(&get(&org, "/oauth2/v1/keys"));
    assert_eq!(kids.len(), 2);
    assert!(org_keys["keys"].as_array().unwrap().iter().all(|key| !kids.contains(&key["kid"])));
}

#[test]
fn the_documents_ask_who_is_asking_only_when_told() {
    let org = org();
    let paths = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/oauth2/v1/keys",
        "/oauth2/default/v1/keys",
        "/oauth2/default/.well-known/openid-configuration",
    ];
    for path in paths {
        for (query, status) in [
            ("?client_id=bad", 400),
            ("?client_id=0oainactive000000001", 400),
            ("?client_id=0oaservice0000000001", 200),
            ("?x=%ff&y", 200),
        ] {
            let reply = get(&org, &format!("{path}{query}"));
            assert_eq!(reply.status, status, "{path}{query}");
            if status == 400 {
                let body = json_of(&reply);
                assert_eq!(body["errorCode"], "invalid_client");
                assert_eq!(body["errorSummary"], "Invalid value for 'client_id' parameter.");
            }
        }
    }
    for path in ["/oauth2/nope/v1/keys", "/oauth2/nope/.well-known/openid-configuration"] {
        let body = json_of(&get(&org, path));
        assert_eq!(body["errorSummary"], "Not found: Resource not found: nope (AuthorizationServer)");
    }
}

#[test]
fn paths_lead_to_endpoints() {
    let org = |endpoint| Some((Server::Org, endpoint));
    let custom = |id, endpoint| Some((Server::Custom(id), endpoint));
    for (path, found) in [
        ("/oauth2/v1/token", org(Endpoint::Token)),
        ("/oauth2/v1/keys", org(Endpoint::Keys)),
        ("/.well-known/openid-configuration", org(Endpoint::OpenIdConfiguration)),
        ("/.well-known/oauth-authorization-server", org(Endpoint::OAuthMetadata)),
        ("/oauth2/default/v1/token", custom("default", Endpoint::Token)),
        ("/oauth2/aus1/v1/keys", custom("aus1", Endpoint::Keys)),
        ("/oauth2/aus1/.well-known/openid-configuration", custom("aus1", Endpoint::OpenIdConfiguration)),
        ("/oauth2/aus1/.well-known/oauth-authorization-server", custom("aus1", Endpoint::OAuthMetadata)),
        ("/oauth2/v1/token/", None),
        ("/oauth2/v1/introspect", org(Endpoint::Introspect)),
        ("/oauth2/v1/revoke", org(Endpoint::Revoke)),
        ("/oauth2/aus1/v1/revoke", custom("aus1", Endpoint::Revoke)),
        ("/oauth2/v1/challenge", None),
        ("/oauth2/v1/bc/authorize", org(Endpoint::BcAuthorize)),
        ("/oauth2/v1", None),
        ("/oauth2/", None),
        ("/oauth2/a/b/v1/token", None),
        ("/v1/token", None),
        ("/.well-known/okta-organization", None),
        ("/api/v1/users", None),
        ("", None),
    ] {
        assert_eq!(oauth::route(path), found, "{path}");
    }
}

#[test]
fn the_trace_tells_what_happened() {
    let org = org();
    let (_, trace) = Ask::new().scope("okta.users.read okta.users.manage").send(&org);
    let learnt = serde_json::to_value(&trace.learnt).unwrap();
    assert_eq!(learnt["client_id"], "0oaservice0000000001");
    assert_eq!(learnt["auth_method"], "private_key_jwt");
    assert_eq!(learnt["scopes_asked"], json!(["okta.users.read", "okta.users.manage"]));
    let issued = json!({ "token": "T1", "scopes": ["okta.users.read"], "expires_at": NOW + 3600 });
    assert_eq!(learnt["issued"], issued);
    assert_eq!(learnt["assertion"]["header"], json!({ "alg": "RS256", "kid": "rsa" }));
    assert_eq!(learnt["assertion"]["claims"]["aud"], format!("{BASE}/oauth2/v1/token"));
    let steps: Vec<_> = trace.steps.iter().map(|step| (step.step, &*step.reason)).collect();
    assert_eq!(
        steps,
        [
            ("assertion", "the assertion is good"),
            ("client_auth", "0oaservice0000000001 signed the assertion (private_key_jwt)"),
            ("grant", "client_credentials is among the app's grant types"),
            ("scope", "okta.users.manage is not granted to the app and was left out"),
            ("issue", "T1 for okta.users.read"),
        ]
    );
}

#[test]
fn a_refusal_says_why_and_what_was_learnt() {
    let org = org();
    for (ask, step, reason, learnt) in [
        (
            Ask::of("secret-post").auth(crate::ask::Auth::Post(Some("wrong".into()))),
            "client_auth",
            "the secret is none of the active ones of 0oasecretpost0000001",
            json!({ "client_id": "0oasecretpost0000001", "auth_method": "client_secret_post" }),
        ),
        (
            Ask::of("without-grants").scope("okta.users.read okta.groups.read"),
            "scope",
            "okta.users.read, okta.groups.read are not granted to the app and were all that was asked for",
            json!({ "client_id": "0oawithoutgrants0001", "auth_method": "private_key_jwt" }),
        ),
        (
            Ask::new().claim("exp", NOW + 3601),
            "assertion",
            "exp 1795518001 is 3601 s after the org's time, 3600 s are allowed",
            json!({ "client_id": "0oaservice0000000001", "auth_method": "private_key_jwt" }),
        ),
    ] {
        let (_, trace) = ask.send(&org);
        let last = trace.steps.last().unwrap();
        assert_eq!((last.step, &*last.reason), (step, reason));
        let found = serde_json::to_value(&trace.learnt).unwrap();
        for (name, value) in learnt.as_object().unwrap() {
            assert_eq!(&found[name], value);
        }
    }
}

#[test]
fn the_principal_is_who_the_request_claims_to_be() {
    let org = org();
    for (ask, found) in [
        (Ask::new(), Some("0oaservice0000000001")),
        (Ask::new().damaged(), Some("0oaservice0000000001")),
        (Ask::new().basic("oin"), Some("0oaoin00000000000001")),
        (Ask::new().post("secret-post"), Some("0oasecretpost0000001")),
        (Ask::of("browser").auth(crate::ask::Auth::IdOnly), Some("0oabrowser0000000001")),
        (Ask::new().auth(crate::ask::Auth::Nothing), None),
        (Ask::new().jwt("garbage"), None),
        (Ask::new().body(Some("application/json"), b"{}"), None),
    ] {
        assert_eq!(oauth::principal(&ask.request(&org)).as_deref(), found, "{ask:?}");
    }
}
