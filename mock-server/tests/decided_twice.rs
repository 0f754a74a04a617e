//! A request that has to wait for a call is decided twice, over sockets: what it used up the first time (the `jti` of an
//! assertion, of a proof) is its own the second time, and nobody else's.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "wire/endpoint.rs"]
mod endpoint;
mod wire;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use endpoint::{Endpoint, header};
use jsonwebtoken::{Algorithm, EncodingKey};
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use mock_server::{MockOrg, OrgDocument};
use serde_json::{Value, json};
use wire::{Answer, send};

const PEOPLE: &str = "0oapeople00000000001";
const SERVICE: &str = "0oaservice0000000001";
const TOKEN: &str = "/oauth2/v1/token";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const VERIFIED: &str =
    r#"{"commands":[{"type":"com.okta.action.update","value":{"credential":"VERIFIED"}}]}"#;

/// An org whose clock stands, and what it says.
struct Subject(MockOrg, i64);

impl Subject {
    async fn new() -> Self {
        let document = json!({
            "name": "twice",
            "users": [{ "profile": { "login": "ada@example.com" }, "admin_roles": ["SUPER_ADMIN"] }],
            "api_tokens": [{ "name": "admin", "owner": "ada@example.com" }],
            "apps": [
                { "name": "people", "client_id": PEOPLE, "kind": "web", "grant_types": ["password"], "dpop": true,
                  "auth_method": "private_key_jwt",
                  "keys": [{ "kid": "rsa", "pem_file": "fixture:client-rsa" }] },
                { "name": "service", "client_id": SERVICE, "dpop": true, "admin_roles": ["SUPER_ADMIN"],
                  "keys": [{ "kid": "rsa", "pem_file": "fixture:client-rsa" }],
                  "grants": ["okta.eventHooks.manage"] },
            ],
        });
        let document = OrgDocument::from_json(&document.to_string()).unwrap();
        let org = MockOrg::builder().org(document).start().await.unwrap();
        let clock = format!("{}/orgs/default/clock", org.control_url());
        assert_eq!(wire::json("PUT", &clock, r#"{"frozen":true}"#).await.status, 200);
        let now = wire::get(&clock).await.json();
        let now = now["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        Self(org, now.as_second())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.base_url())
    }

    async fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let authorization = format!("SSWS {}", self.0.ready().api_token.as_deref().unwrap());
        let lines = [("Authorization", authorization.as_str()), JSON];
        let answer = send(method, &self.url(path), &lines, &body.to_string()).await;
        assert!(answer.status < 300, "{answer:?}");
        answer.json()
    }

    /// A user whose password another system has, and that system's hook.
    async fn imported(&self, uri: &str) {
        let user = json!({
            "profile": { "firstName": "Grace", "lastName": "Hopper", "login": "grace@example.com",
                         "email": "grace@example.com" },
            "credentials": { "password": { "hook": { "type": "default" } } },
        });
        self.admin("POST", "/api/v1/users", &user).await;
        let hook = json!({
            "name": "old", "type": "com.okta.user.credential.password.import", "version": "1.0.0",
            "channel": { "type": "HTTP", "version": "1.0.0", "config": { "uri": uri,
                "authScheme": { "type": "HEADER", "key": "Authorization", "value": "s3" } } },
        });
        self.admin("POST", "/api/v1/inlineHooks", &hook).await;
    }

    /// A proof for a request, with the org's nonce.
    fn proof(&self, method: &str, path: &str, nonce: Option<&str>, token: Option<&str>, jti: &str) -> String {
        let pem = fixture_pem("client-rsa-2").unwrap();
        let head = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": jwk_from_pem(pem).unwrap() });
        let mut claims = json!({ "htm": method, "htu": self.url(path), "iat": self.1, "jti": jti });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        if let Some(token) = token {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(digest));
        }
        signed("client-rsa-2", &head, &claims)
    }

    fn assertion(&self, client: &str, jti: &str) -> String {
        let head = json!({ "typ": "JWT", "alg": "RS256", "kid": "rsa" });
        let claims = json!({
            "iss": client, "sub": client, "aud": self.url(TOKEN), "exp": self.1 + 300, "jti": jti,
        });
        signed("client-rsa", &head, &claims)
    }

    async fn token(&self, assertion: &str, proof: Option<&str>, more: &[(&str, &str)]) -> Answer {
        let pairs = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        let pairs = pairs.iter().chain(more);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let mut lines = vec![("Content-Type", "application/x-www-form-urlencoded")];
        lines.extend(proof.map(|proof| ("DPoP", proof)));
        send("POST", &self.url(TOKEN), &lines, &body).await
    }

    /// The nonce of the moment, by asking without one.
    async fn nonce(&self, client: &str, jti: &str, more: &[(&str, &str)]) -> String {
        let proof = self.proof("POST", TOKEN, None, None, jti);
        let answer = self.token(&self.assertion(client, jti), Some(&proof), more).await;
        assert_eq!(answer.json()["error"], "use_dpop_nonce");
        answer.header("dpop-nonce").unwrap().to_owned()
    }
}

fn signed(key: &str, head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(head), part(claims));
    let key = EncodingKey::from_rsa_pem(fixture_pem(key).unwrap().as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

const GRACE: [(&str, &str); 4] = [
    ("grant_type", "password"),
    ("username", "grace@example.com"),
    ("password", "Cobol1959x"),
    ("scope", "openid"),
];

#[tokio::test]
async fn a_password_behind_a_hook_costs_an_assertion_and_a_proof_once() {
    let subject = Subject::new().await;
    let endpoint = Endpoint::with(vec![(200, VERIFIED)]).await;
    subject.imported(&endpoint.url).await;
    let nonce = subject.nonce(PEOPLE, "0", &GRACE).await;
    let assertion = subject.assertion(PEOPLE, "1");
    let proof = subject.proof("POST", TOKEN, Some(&nonce), None, "1");
    let answer = subject.token(&assertion, Some(&proof), &GRACE).await;
    assert_eq!((answer.status, &answer.json()["token_type"]), (200, &json!("DPoP")), "{answer:?}");
    let seen = endpoint.seen();
    assert_eq!(seen.len(), 1, "asked once");
    let (_, asked) = seen[0].split_once("\r\n\r\n").unwrap();
    let asked: Value = serde_json::from_str(asked).unwrap();
    let id = answer.header("x-okta-request-id").unwrap();
    assert_eq!(asked["data"]["context"]["request"]["id"], id, "one request has one id");

    // Another request with either is a replay.
    let again = subject.token(&assertion, Some(&proof), &GRACE).await;
    assert_eq!((again.status, &again.json()["error"]), (401, &json!("invalid_client")), "{again:?}");
    assert_eq!(again.json()["error_description"], "The client_assertion token has already been used.");
    let again = subject.token(&subject.assertion(PEOPLE, "2"), Some(&proof), &GRACE).await;
    assert_eq!(again.json()["error_description"], "The DPoP proof JWT has already been used.", "{again:?}");
}

/// Two calls for one request: the keys of the client, then the hook.
#[tokio::test]
async fn keys_behind_a_url_and_a_password_behind_a_hook_are_asked_for_in_turn() {
    let subject = Subject::new().await;
    let endpoint = Endpoint::with(vec![(200, VERIFIED)]).await;
    subject.imported(&endpoint.url).await;
    let mut key = jwk_from_pem(fixture_pem("client-rsa").unwrap()).unwrap();
    key.insert("kid".to_owned(), json!("rsa"));
    let set: &'static str = json!({ "keys": [key] }).to_string().leak();
    let keys = Endpoint::with(vec![(200, set)]).await;
    let client = json!({
        "client_name": "published", "application_type": "native", "grant_types": ["password", "authorization_code"],
        "response_types": ["code"], "redirect_uris": ["https://app.example/cb"],
        "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": keys.url,
    });
    let client = subject.admin("POST", "/oauth2/v1/clients", &client).await;
    let id = client["client_id"].as_str().unwrap();
    let users =
        subject.admin("GET", "/api/v1/users?search=profile.login+eq+%22grace@example.com%22", &Value::Null);
    let user = json!({ "id": users.await[0]["id"] });
    subject.admin("POST", &format!("/api/v1/apps/{id}/users"), &user).await;
    let assertion = subject.assertion(id, "1");
    let answer = subject.token(&assertion, None, &GRACE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!((keys.seen().len(), endpoint.seen().len()), (1, 1), "each is asked once");
    let again = subject.token(&assertion, None, &GRACE).await;
    assert_eq!(again.json()["error_description"], "The client_assertion token has already been used.");
}

#[tokio::test]
async fn an_event_hook_is_verified_with_a_token_that_is_bound_to_a_key() {
    let subject = Subject::new().await;
    let endpoint = Endpoint::with(vec![(200, r#"{"verification":"{challenge}"}"#)]).await;
    let hook = json!({
        "name": "tell me", "events": { "type": "EVENT_TYPE", "items": ["user.lifecycle.create"] },
        "channel": { "type": "HTTP", "version": "1.0.0", "config": { "uri": endpoint.url } },
    });
    let hook = subject.admin("POST", "/api/v1/eventHooks", &hook).await;
    let scope = [("grant_type", "client_credentials"), ("scope", "okta.eventHooks.manage")];
    let nonce = subject.nonce(SERVICE, "0", &scope).await;
    let proof = subject.proof("POST", TOKEN, Some(&nonce), None, "1");
    let token = subject.token(&subject.assertion(SERVICE, "1"), Some(&proof), &scope).await.json();
    let token = token["access_token"].as_str().unwrap();
    let path = format!("/api/v1/eventHooks/{}/lifecycle/verify", hook["id"].as_str().unwrap());
    let proof = subject.proof("POST", &path, None, Some(token), "2");
    let authorization = format!("DPoP {token}");
    let lines = [("Authorization", authorization.as_str()), ("DPoP", proof.as_str())];
    let verified = send("POST", &subject.url(&path), &lines, "").await;
    assert_eq!(verified.status, 200, "{verified:?}");
    assert_eq!(verified.json()["verificationStatus"], "VERIFIED");
    assert!(header(&endpoint.seen()[0], "x-okta-verification-challenge").is_some());

    let again = send("POST", &subject.url(&path), &lines, "").await;
    assert_eq!(again.status, 400, "{again:?}");
    assert!(again.header("www-authenticate").unwrap().contains("already been used"), "{again:?}");
}
