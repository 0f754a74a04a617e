//! Everything that ends, over sockets: what is good a moment before its time is gone a moment after it, by the clock
//! of the org alone.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use mock_server::org::client::jwk_from_pem;
use mock_server::org::keys::fixture_pem;
use mock_server::{MockOrg, OrgDocument};
use serde_json::{Value, json};
use wire::{Answer, json as send_json, send};

/// Midnight: nonces go by days.
const BEGINNING: &str = "2031-02-03T00:00:00Z";
const WEB: &str = "0oaweb00000000000001";
const NATIVE: &str = "0oanative00000000001";
const BOUND: &str = "0oabound000000000001";
const SECRET: &str = "web-secret-0123456789-abcdefghijklmnopqrstuvwxyz";
const PASSWORD: &str = "Cobol1959x";
const CALLBACK: &str = "https://app.example/cb";
const ADMIN: &str = "SSWS 00timeadmintoken0000000000000000000000A";

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Thing {
    AccessToken,
    Code,
    SessionToken,
    Session,
    RefreshToken,
    DeviceCode,
    PushedRequest,
    Nonce,
    Password,
}

struct Subject(MockOrg);

impl Subject {
    async fn new() -> Self {
        let document = json!({
            "name": "time",
            "rate_limits": "tiny",
            "users": [
                { "profile": { "login": "una@example.com" }, "password": "una's password" },
                { "profile": { "login": "ada@example.com" }, "admin_roles": ["SUPER_ADMIN"] },
            ],
            "api_tokens": [{ "name": "admin", "owner": "ada@example.com", "token": &ADMIN[5..] }],
            "apps": [
                { "name": "bound", "client_id": BOUND, "kind": "web", "secrets": [SECRET], "dpop": true,
                  "redirect_uris": [CALLBACK] },
                { "name": "web", "client_id": WEB, "kind": "web", "secrets": [SECRET], "redirect_uris": [CALLBACK] },
                { "name": "native", "client_id": NATIVE, "kind": "native",
                  "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
                  "redirect_uris": [CALLBACK] },
            ],
        });
        let document = OrgDocument::from_json(&document.to_string()).unwrap();
        let org = MockOrg::builder().org(document).start().await.unwrap();
        let subject = Self(org);
        let clock = subject.clock(json!({ "now": BEGINNING, "frozen": true })).await;
        assert_eq!(clock.status, 200);
        subject
    }

    async fn clock(&self, setting: Value) -> Answer {
        send_json("PUT", &format!("{}/orgs/default/clock", self.0.control_url()), &setting.to_string()).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.base_url())
    }

    async fn form(&self, path: &str, basic: bool, pairs: &[(&str, &str)]) -> Answer {
        let credentials = format!("Basic {}", STANDARD.encode(format!("{WEB}:{SECRET}")));
        let mut lines = vec![("Content-Type", "application/x-www-form-urlencoded")];
        if basic {
            lines.push(("Authorization", &credentials));
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        send("POST", &self.url(path), &lines, &body).await
    }

    /// A call of the administrator's.
    async fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let lines = [("Authorization", ADMIN), ("Content-Type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = send(method, &self.url(path), &lines, &body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// Somebody whose password two policies are about: that of a group, and that of everybody.
    async fn contractor(&self) -> String {
        let everybody = self.admin("GET", "/api/v1/policies?type=PASSWORD", &Value::Null).await;
        let mut everybody = everybody
            .as_array()
            .unwrap()
            .iter()
            .find(|policy| policy["conditions"]["authProvider"]["provider"] == "OKTA")
            .unwrap()
            .clone();
        everybody["settings"]["password"]["age"]["maxAgeDays"] = json!(30);
        let path = format!("/api/v1/policies/{}", everybody["id"].as_str().unwrap());
        self.admin("PUT", &path, &everybody).await;
        let group =
            self.admin("POST", "/api/v1/groups", &json!({ "profile": { "name": "Contractors" } })).await;
        let policy = json!({
            "type": "PASSWORD", "name": "Contractors", "status": "ACTIVE", "priority": 1,
            "conditions": { "people": { "groups": { "include": [group["id"]] } },
                            "authProvider": { "provider": "OKTA" } },
            "settings": { "password": { "age": { "maxAgeDays": 2 } } },
        });
        self.admin("POST", "/api/v1/policies", &policy).await;
        let login = "cleo@example.com";
        let user = json!({
            "profile": { "firstName": "Cleo", "lastName": "Contractor", "login": login, "email": login },
            "credentials": { "password": { "value": PASSWORD } }, "groupIds": [group["id"]],
        });
        self.admin("POST", "/api/v1/users?activate=true", &user).await;
        login.to_owned()
    }

    /// A request for tokens by the key of a fixture; what it would redeem does not exist.
    async fn proven(&self, nonce: Option<&str>) -> Answer {
        let now = wire::get(&format!("{}/orgs/default/clock", self.0.control_url())).await.json();
        let now = now["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        let proof = proof(&self.url("/oauth2/v1/token"), now, nonce);
        let credentials = format!("Basic {}", STANDARD.encode(format!("{BOUND}:{SECRET}")));
        let lines = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Authorization", credentials.as_str()),
            ("DPoP", proof.as_str()),
        ];
        let pairs = [("grant_type", "authorization_code"), ("code", "none"), ("redirect_uri", CALLBACK)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        send("POST", &self.url("/oauth2/v1/token"), &lines, &body).await
    }

    async fn session_token(&self) -> String {
        let body = json!({ "username": "una@example.com", "password": "una's password" }).to_string();
        let answer = send_json("POST", &self.url("/api/v1/authn"), &body).await;
        answer.json()["sessionToken"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    async fn sign_in(&self, body: &str) -> Answer {
        let lines = [("Authorization", ADMIN), ("Content-Type", "application/json")];
        send("POST", &self.url("/api/v1/sessions"), &lines, body).await
    }

    async fn authorize(&self, pairs: &[(&str, &str)]) -> Answer {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        send("GET", &self.url(&format!("/oauth2/v1/authorize?{query}")), &[], "").await
    }

    async fn code(&self) -> String {
        let token = self.session_token().await;
        let pairs: Vec<_> = REQUEST.into_iter().chain([("sessionToken", token.as_str())]).collect();
        let answer = self.authorize(&pairs).await;
        location(&answer, "code").unwrap_or_else(|| panic!("{answer:?}"))
    }

    async fn redeem(&self, code: &str) -> Answer {
        let pairs = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
        self.form("/oauth2/v1/token", true, &pairs).await
    }

    async fn make(&self, thing: Thing) -> String {
        let text = |answer: Answer, member: &str| {
            answer.json()[member].as_str().unwrap_or_else(|| panic!("{thing:?}: {answer:?}")).to_owned()
        };
        match thing {
            Thing::AccessToken => text(self.redeem(&self.code().await).await, "access_token"),
            Thing::RefreshToken => text(self.redeem(&self.code().await).await, "refresh_token"),
            Thing::Code => self.code().await,
            Thing::SessionToken => self.session_token().await,
            Thing::Session => {
                let body = json!({ "sessionToken": self.session_token().await }).to_string();
                text(self.sign_in(&body).await, "id")
            }
            Thing::DeviceCode => {
                let pairs = [("client_id", NATIVE), ("scope", "openid")];
                text(self.form("/oauth2/v1/device/authorize", false, &pairs).await, "device_code")
            }
            Thing::Nonce => self.proven(None).await.header("dpop-nonce").unwrap().to_owned(),
            Thing::Password => self.contractor().await,
            Thing::PushedRequest => {
                text(self.form("/oauth2/v1/par", true, &REQUEST[1..]).await, "request_uri")
            }
        }
    }

    /// Uses it; in words what comes of that.
    async fn outcome(&self, thing: Thing, made: &str) -> String {
        let answer = match thing {
            Thing::AccessToken => {
                let bearer = format!("Bearer {made}");
                send("GET", &self.url("/oauth2/v1/userinfo"), &[("Authorization", &bearer)], "").await
            }
            Thing::RefreshToken => {
                let pairs = [("grant_type", "refresh_token"), ("refresh_token", made), ("scope", "openid")];
                self.form("/oauth2/v1/token", true, &pairs).await
            }
            Thing::Code => self.redeem(made).await,
            Thing::SessionToken => {
                let body = json!({ "sessionToken": made }).to_string();
                self.sign_in(&body).await
            }
            Thing::Session => {
                send("GET", &self.url(&format!("/api/v1/sessions/{made}")), &[("Authorization", ADMIN)], "")
                    .await
            }
            Thing::DeviceCode => {
                let grant = "urn:ietf:params:oauth:grant-type:device_code";
                let pairs = [("grant_type", grant), ("device_code", made), ("client_id", NATIVE)];
                self.form("/oauth2/v1/token", false, &pairs).await
            }
            Thing::Nonce => self.proven(Some(made)).await,
            Thing::Password => {
                let body = json!({ "username": made, "password": PASSWORD }).to_string();
                let answer = send_json("POST", &self.url("/api/v1/authn"), &body).await;
                return answer.json()["status"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
            }
            Thing::PushedRequest => {
                let token = self.session_token().await;
                let pairs = [("client_id", WEB), ("request_uri", made), ("sessionToken", &token)];
                let answer = self.authorize(&pairs).await;
                return if location(&answer, "code").is_some() { "a code" } else { "no code" }.to_owned();
            }
        };
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        match body["error"].as_str().or(body["errorCode"].as_str()) {
            Some(error) => format!("{} {error}", answer.status),
            None => answer.status.to_string(),
        }
    }
}

const REQUEST: [(&str, &str); 5] = [
    ("client_id", WEB),
    ("response_type", "code"),
    ("scope", "openid offline_access"),
    ("redirect_uri", CALLBACK),
    ("state", "abcdefgh"),
];

fn location(answer: &Answer, name: &str) -> Option<String> {
    let (_, query) = answer.header("location")?.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A proof of possession, each with an id of its own.
fn proof(url: &str, now: i64, nonce: Option<&str>) -> String {
    let pem = fixture_pem("client-rsa").unwrap();
    let head = json!({ "typ": "dpop+jwt", "alg": "RS256", "jwk": jwk_from_pem(pem).unwrap() });
    let jti = format!("{now} {nonce:?}");
    let mut claims = json!({ "htm": "POST", "htu": url, "iat": now, "jti": jti });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&head), part(&claims));
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).unwrap();
    format!("{message}.{signature}")
}

/// A new password is young again, and a clock that goes on reaches its age, too.
#[tokio::test]
async fn a_new_password_is_as_good_as_the_first() {
    let subject = Subject::new().await;
    let login = subject.make(Thing::Password).await;
    subject.clock(json!({ "advance_seconds": 3 * 86_400 })).await;
    assert_eq!(subject.outcome(Thing::Password, &login).await, "PASSWORD_EXPIRED");
    let change = json!({ "oldPassword": { "value": PASSWORD }, "newPassword": { "value": "Flowmatic1955" } });
    let path = format!("/api/v1/users/{login}/credentials/change_password");
    subject.admin("POST", &path, &change).await;
    for (later, status) in [(2 * 86_400 - 1, "SUCCESS"), (1, "PASSWORD_EXPIRED")] {
        subject.clock(json!({ "advance_seconds": later })).await;
        let body = json!({ "username": login, "password": "Flowmatic1955" }).to_string();
        let answer = send_json("POST", &subject.url("/api/v1/authn"), &body).await;
        assert_eq!(answer.json()["status"], status, "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_good_before_its_time_is_gone_after_it() {
    for (thing, seconds, good, gone) in [
        (Thing::AccessToken, 3600, "200", "401"),
        (Thing::Code, 300, "200", "400 invalid_grant"),
        (Thing::SessionToken, 300, "200", "401 E0000004"),
        (Thing::Session, 7200, "200", "404 E0000007"),
        (Thing::RefreshToken, 7 * 86_400, "200", "400 invalid_grant"),
        (Thing::DeviceCode, 600, "400 authorization_pending", "400 expired_token"),
        (Thing::PushedRequest, 3600, "a code", "no code"),
        // A nonce is known as such before it is seen that there is nothing to redeem.
        (Thing::Nonce, 3 * 86_400, "400 invalid_grant", "400 use_dpop_nonce"),
        (Thing::Password, 2 * 86_400, "SUCCESS", "PASSWORD_EXPIRED"),
    ] {
        for (later, expected) in [(seconds - 1, good), (seconds + 1, gone)] {
            let subject = Subject::new().await;
            let made = subject.make(thing).await;
            let moved = subject.clock(json!({ "advance_seconds": later })).await;
            assert_eq!(moved.status, 200);
            assert_eq!(subject.outcome(thing, &made).await, expected, "{thing:?} after {later} seconds");
        }
    }
}

#[tokio::test]
async fn windows_dates_and_events_follow_the_clock() {
    let subject = Subject::new().await;
    let users = async || send("GET", &subject.url("/api/v1/users"), &[("Authorization", ADMIN)], "").await;
    let number = |answer: &Answer, name: &str| answer.header(name).unwrap().parse::<i64>().unwrap();
    subject.clock(json!({ "now": "2031-02-03T04:05:06Z" })).await;
    let first = users().await;
    assert_eq!(first.header("date"), Some("Mon, 03 Feb 2031 04:05:06 GMT"));
    let remaining = number(&first, "x-rate-limit-remaining");
    subject.clock(json!({ "advance_seconds": 59 })).await;
    let second = users().await;
    assert_eq!(number(&second, "x-rate-limit-remaining"), remaining - 1, "the same window");
    assert_eq!(number(&second, "x-rate-limit-reset"), number(&first, "x-rate-limit-reset"));
    subject.clock(json!({ "advance_seconds": 1 })).await;
    let third = users().await;
    assert_eq!(number(&third, "x-rate-limit-remaining"), remaining, "a new window");
    assert_eq!(third.header("date"), Some("Mon, 03 Feb 2031 04:06:06 GMT"));

    let name = json!({ "profile": { "name": "Engineers" } }).to_string();
    let lines = [("Authorization", ADMIN), ("Content-Type", "application/json")];
    let group = send("POST", &subject.url("/api/v1/groups"), &lines, &name).await.json();
    assert_eq!(group["created"], "2031-02-03T04:06:06.000Z");
    let logs =
        send("GET", &subject.url("/api/v1/logs?since=2031-02-03T00:00:00Z"), &[("Authorization", ADMIN)], "")
            .await;
    let logs = logs.json();
    let created =
        logs.as_array().unwrap().iter().find(|event| event["eventType"] == "group.lifecycle.create");
    assert_eq!(created.unwrap()["published"], "2031-02-03T04:06:06.000Z");
}

#[tokio::test]
async fn a_clock_that_stands_runs_again_from_there() {
    let subject = Subject::new().await;
    let url = format!("{}/orgs/default/clock", subject.0.control_url());
    let stands = wire::get(&url).await.json();
    assert_eq!((&stands["frozen"], &wire::get(&url).await.json()), (&json!(true), &stands));
    let runs = subject.clock(json!({ "now": "2031-01-01T00:00:00Z", "frozen": false })).await.json();
    assert_eq!(runs["frozen"], false);
    assert!(runs["now"].as_str().unwrap().starts_with("2031-01-01T00:0"), "{runs}");
    assert_eq!(
        send("POST", &format!("{}/orgs/default/reset", subject.0.control_url()), &[], "").await.status,
        204
    );
    let real = wire::get(&url).await.json();
    assert!(!real["now"].as_str().unwrap().starts_with("2031"), "{real}");
}
