//! What real clients need of the org, seen on the wire as they see it (`fixtures/real-client-requirements.toml`).
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::MockOrg;
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use mock_server::org::seed::OrgDocument;
use serde_json::{Value, json};
use wire::{Answer, get, send};

/// 2026-11-24T10:00:00Z
const NOW: i64 = 1_795_514_400;
const SECRET: &str = "a-secret_with.every~kind-0123456789ABCDEFGH";
const WEB: &str = "0oaweb_-.~0000000001";
const PHONE: &str = "0oaphone000000000001";
const BOUND: &str = "0oabound000000000001";
const OIN: &str = "0oaoin00000000000001";
const CB: &str = "https://app.example/cb";

async fn org() -> MockOrg {
    let document = format!(
        r#"
        rate_limits = "off"
        [[users]]
        profile = {{ login = "una.user@example.com", firstName = "Una", lastName = "User", email = "una@example.com" }}
        password = "una-password-1"
        [[apps]]
        name = "web"
        client_id = "{WEB}"
        kind = "web"
        secrets = ["{SECRET}"]
        redirect_uris = ["{CB}"]
        grants = ["okta.users.read.self"]
        [[apps]]
        name = "phone"
        client_id = "{PHONE}"
        kind = "native"
        redirect_uris = ["{CB}"]
        [[apps]]
        name = "bound"
        client_id = "{BOUND}"
        keys = [{{ kid = "rsa", pem_file = "fixture:client-rsa" }}]
        dpop = true
        grants = ["okta.users.read"]
        [[integrations]]
        name = "oin"
        client_id = "{OIN}"
        secrets = ["{SECRET}"]
        grants = ["okta.users.read", "okta.groups.read"]
        "#
    );
    let document = OrgDocument::from_toml(&document).unwrap();
    let org = MockOrg::builder().org(document).start().await.unwrap();
    let clock = format!("{}/orgs/default/clock", org.control_url());
    let set = json!({ "now": "2026-11-24T10:00:00Z", "frozen": true }).to_string();
    let answer = wire::json("PUT", &clock, &set).await;
    assert!(answer.status < 300, "{answer:?}");
    org
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// A form to an endpoint of the org server.
async fn post(org: &MockOrg, path: &str, lines: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
    let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(lines);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    send("POST", &format!("{}{path}", org.base_url()), &all, &body).await
}

/// A token request of the integration.
async fn token(org: &MockOrg, authorization: &str, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("scope", scope)];
    post(org, "/oauth2/v1/token", &[("Authorization", authorization)], &form).await
}

/// Una signs in to the web app without a browser; what the token endpoint answers.
async fn signed_in(org: &MockOrg, scope: &str, nonce: Option<&str>) -> Value {
    let login = json!({ "username": "una.user@example.com", "password": "una-password-1" }).to_string();
    let session = wire::json("POST", &format!("{}/api/v1/authn", org.base_url()), &login).await.json();
    let session = session["sessionToken"].as_str().unwrap();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([("client_id", WEB), ("redirect_uri", CB), ("response_type", "code"), ("state", "s")]);
    query.extend_pairs([("scope", scope), ("sessionToken", session)]);
    query.extend_pairs(nonce.map(|nonce| ("nonce", nonce)));
    let answer = get(&format!("{}/oauth2/v1/authorize?{}", org.base_url(), query.finish())).await;
    let location = answer.header("location").unwrap_or_else(|| panic!("{answer:?}"));
    let code = location.split_once("code=").unwrap().1.split('&').next().unwrap();
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CB)];
    post(org, "/oauth2/v1/token", &[("Authorization", &basic(WEB, SECRET))], &form).await.json()
}

fn claims(token: &Value) -> (Value, Value) {
    let part = |nth: usize| {
        let part = token.as_str().unwrap().split('.').nth(nth).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn signed(head: &Value, claims: &Value, key: &EncodingKey) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(head), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

/// A key of 3072 bits, as the Python SDK makes one for its proofs: the header of the proof is over 512 bytes long.
#[tokio::test]
async fn a_proof_carries_a_key_of_3072_bits() {
    let org = org().await;
    let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa3072).unwrap().as_der().unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let url = format!("{}/oauth2/v1/token", org.base_url());
    let head = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": jwk_from_pem(&pem).unwrap() });
    assert!(URL_SAFE_NO_PAD.encode(head.to_string()).len() > 512);
    let own = EncodingKey::from_rsa_pem(fixture_pem("client-rsa").unwrap().as_bytes()).unwrap();
    let ask = async |jti: &str, nonce: Option<&str>| {
        let mut proof = json!({ "htm": "POST", "htu": url, "iat": NOW, "jti": jti });
        if let Some(nonce) = nonce {
            proof["nonce"] = json!(nonce);
        }
        let assertion = json!({ "iss": BOUND, "sub": BOUND, "aud": url, "exp": NOW + 300, "jti": jti });
        let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &assertion, &own).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "okta.users.read"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        post(&org, "/oauth2/v1/token", &[("DPoP", &signed(&head, &proof, &key))], &form).await
    };
    let first = ask("1", None).await;
    assert_eq!((first.status, first.json()["error"].as_str()), (400, Some("use_dpop_nonce")));
    let second = ask("2", first.header("dpop-nonce")).await;
    assert_eq!((second.status, second.json()["token_type"].as_str()), (200, Some("DPoP")), "{second:?}");
}

/// oauth4webapi encodes all but letters and digits before it encodes in base64; curl encodes nothing.
#[tokio::test]
async fn credentials_in_the_header_come_encoded_and_raw() {
    let org = org().await;
    let encoded = |text: &str| {
        let each = |one: char| {
            if one.is_ascii_alphanumeric() { one.to_string() } else { format!("%{:02X}", u32::from(one)) }
        };
        text.chars().map(each).collect::<String>()
    };
    let form = [("token", "x")];
    for (authorization, status) in [
        (basic(&encoded(WEB), &encoded(SECRET)), 200),
        (basic(WEB, SECRET), 200),
        (basic(&encoded(WEB), &encoded(&format!("{SECRET}x"))), 401),
    ] {
        let lines = [("Authorization", authorization.as_str())];
        assert_eq!(post(&org, "/oauth2/v1/revoke", &lines, &form).await.status, status, "{authorization}");
    }
}

#[tokio::test]
async fn a_token_has_the_form_that_libraries_read() {
    let org = org().await;
    let answer = token(&org, &basic(OIN, SECRET), "okta.groups.read okta.users.read").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("cache-control").unwrap().contains("no-store"), "{answer:?}");
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(body["scope"], "okta.groups.read okta.users.read");
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none());
}

#[tokio::test]
async fn a_refusal_is_json_and_no_challenge() {
    let org = org().await;
    let (oin, web) = (basic(OIN, SECRET), basic(WEB, SECRET));
    let (client, code) = (("grant_type", "client_credentials"), ("grant_type", "authorization_code"));
    for (authorization, form, status, error) in [
        (&basic(OIN, "wrong"), vec![client], 401, "invalid_client"),
        (&oin, vec![client, ("scope", "okta.nope.read")], 400, "invalid_scope"),
        (&web, vec![code, ("code", "x"), ("redirect_uri", CB)], 400, "invalid_grant"),
        (&web, vec![client, ("scope", "okta.users.read")], 400, "unauthorized_client"),
        (&oin, vec![("grant_type", "guess")], 400, "unsupported_grant_type"),
    ] {
        let lines = [("Authorization", authorization.as_str())];
        let answer = post(&org, "/oauth2/v1/token", &lines, &form).await;
        let body = answer.json();
        assert_eq!((answer.status, body["error"].as_str()), (status, Some(error)), "{answer:?}");
        assert!(body["error_description"].is_string());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn a_revocation_says_nothing_and_counts() {
    let org = org().await;
    let tokens = signed_in(&org, "openid offline_access okta.users.read.self", None).await;
    let (access, refresh) = (&tokens["access_token"], &tokens["refresh_token"]);
    let bearer = format!("Bearer {}", access.as_str().unwrap());
    let own = basic(WEB, SECRET);
    let lines = [("Authorization", own.as_str())];
    let use_it = async |path: &str| {
        send("GET", &format!("{}{path}", org.base_url()), &[("Authorization", &bearer)], "").await
    };
    assert_eq!(use_it("/oauth2/v1/userinfo").await.status, 200);
    let wrong =
        post(&org, "/oauth2/v1/revoke", &[("Authorization", &basic(WEB, "x"))], &[("token", "x")]).await;
    assert_eq!((wrong.status, wrong.json()["error"].as_str()), (401, Some("invalid_client")));
    for token in ["unknown", access.as_str().unwrap()] {
        let answer = post(&org, "/oauth2/v1/revoke", &lines, &[("token", token)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        assert_eq!(answer.header("content-type"), None, "there is nothing to have a type");
    }
    for path in ["/oauth2/v1/userinfo", "/api/v1/users/me"] {
        let answer = use_it(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{path}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    let refreshed = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str().unwrap())];
    assert_eq!(post(&org, "/oauth2/v1/token", &lines, &refreshed).await.status, 200, "not the reverse");
    post(&org, "/oauth2/v1/revoke", &lines, &[("token", refresh.as_str().unwrap())]).await;
    let gone = post(&org, "/oauth2/v1/token", &lines, &refreshed).await;
    assert_eq!((gone.status, gone.json()["error"].as_str()), (400, Some("invalid_grant")));
}

/// The members that the crates require, and the issuer letter for letter, under whatever name the org is called.
#[tokio::test]
async fn both_documents_name_the_org_as_it_was_called() {
    let org = org().await;
    let port = org.base_url().rsplit(':').next().unwrap().to_owned();
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        for host in [format!("127.0.0.1:{port}"), format!("acme.localhost:{port}")] {
            let answer =
                send("GET", &format!("{}{path}", org.base_url()), &[("Host", &host)], "").await.json();
            assert_eq!(answer["issuer"], format!("http://{host}"), "{path}");
            let under = |name: &str, end: &str| {
                assert_eq!(answer[name], format!("http://{host}/oauth2/v1/{end}"), "{path}");
            };
            under("authorization_endpoint", "authorize");
            under("token_endpoint", "token");
            under("introspection_endpoint", "introspect");
            under("revocation_endpoint", "revoke");
            let has = |name: &str, value: &str| {
                let list = answer[name].as_array().unwrap_or_else(|| panic!("{path}: no {name}"));
                assert!(list.iter().any(|one| one == value), "{path}: {name} without {value}");
            };
            has("response_types_supported", "code");
            has("subject_types_supported", "public");
            has("token_endpoint_auth_methods_supported", "private_key_jwt");
            has("code_challenge_methods_supported", "S256");
            if path.ends_with("openid-configuration") {
                under("jwks_uri", "keys");
                has("id_token_signing_alg_values_supported", "RS256");
            }
        }
    }
}

#[tokio::test]
async fn keys_are_what_verifiers_take_and_no_more() {
    let org = org().await;
    let answer = get(&format!("{}/oauth2/v1/keys", org.base_url())).await;
    assert!(answer.header("cache-control").unwrap().contains("max-age="));
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert!(keys.len() > 1);
    for key in keys {
        let names: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["kty", "alg", "kid", "use", "e", "n"]);
        assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    }
}

#[tokio::test]
async fn an_id_token_and_an_access_token_say_what_verifiers_compare() {
    let org = org().await;
    let tokens = signed_in(&org, "openid profile email okta.users.read.self", Some("n-1")).await;
    let (head, id) = claims(&tokens["id_token"]);
    let keys = get(&format!("{}/oauth2/v1/keys", org.base_url())).await.json();
    let published = |kid: &Value| keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == *kid);
    assert!(published(&head["kid"]) && head["alg"] == "RS256", "{head}");
    for (claim, value) in [
        ("ver", json!(1)),
        ("iss", json!(org.base_url())),
        ("aud", json!(WEB)),
        ("iat", json!(NOW)),
        ("exp", json!(NOW + 3600)),
        ("auth_time", json!(NOW)),
        ("amr", json!(["pwd"])),
        ("nonce", json!("n-1")),
        ("name", json!("Una User")),
        ("preferred_username", json!("una.user@example.com")),
        ("email", json!("una@example.com")),
    ] {
        assert_eq!(id[claim], value, "{claim}");
    }
    let begins = |claims: &Value, claim: &str, start: &str| {
        assert!(claims[claim].as_str().unwrap().starts_with(start), "{claim}: {claims}");
    };
    begins(&id, "jti", "ID.");
    begins(&id, "sub", "00u");
    begins(&id, "idp", "00o");
    let digest = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        tokens["access_token"].as_str().unwrap().as_bytes(),
    );
    assert_eq!(id["at_hash"], URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]));

    let (head, access) = claims(&tokens["access_token"]);
    assert!(published(&head["kid"]));
    begins(&access, "jti", "AT.");
    for (claim, value) in [
        ("ver", json!(1)),
        ("iss", json!(org.base_url())),
        ("aud", json!(org.base_url())),
        ("iat", json!(NOW)),
        ("exp", json!(NOW + 3600)),
        ("cid", json!(WEB)),
        ("scp", json!(["openid", "profile", "email", "okta.users.read.self"])),
        ("sub", json!("una.user@example.com")),
        ("uid", id["sub"].clone()),
        ("auth_time", json!(NOW)),
    ] {
        assert_eq!(access[claim], value, "{claim}");
    }

    let plain = signed_in(&org, "openid", None).await;
    let (_, id) = claims(&plain["id_token"]);
    for absent in ["nonce", "name", "preferred_username", "email"] {
        assert_eq!(id.get(absent), None, "{absent} was not asked for");
    }
}

#[tokio::test]
async fn userinfo_tells_by_scope_and_challenges() {
    let org = org().await;
    let url = format!("{}/oauth2/v1/userinfo", org.base_url());
    for (scope, members) in
        [("openid", &["sub"][..]), ("openid email", &["sub", "email", "email_verified"][..])]
    {
        let tokens = signed_in(&org, scope, None).await;
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let told = send("GET", &url, &[("Authorization", &bearer)], "").await.json();
        assert_eq!(told.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), members);
    }
    let tokens = signed_in(&org, "openid profile", None).await;
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let told = send("GET", &url, &[("Authorization", &bearer)], "").await.json();
    assert_eq!((&told["given_name"], &told["family_name"]), (&json!("Una"), &json!("User")));
    let refused = send("GET", &url, &[("Authorization", "Bearer undefined")], "").await;
    assert_eq!((refused.status, refused.body.as_str()), (401, ""));
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""), "{challenge}");
}
