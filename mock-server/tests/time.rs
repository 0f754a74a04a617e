//! Everything that ends, over sockets: what is good a moment before its time is gone a moment after it, by the clock
//! of the org alone.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_server::{MockOrg, OrgDocument};
use serde_json::{Value, json};
use wire::{Answer, json as send_json, send};

const WEB: &str = "0oaweb00000000000001";
const NATIVE: &str = "0oanative00000000001";
const SECRET: &str = "web-secret-0123456789-abcdefghijklmnopqrstuvwxyz";
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
                { "name": "web", "client_id": WEB, "kind": "web", "secrets": [SECRET], "redirect_uris": [CALLBACK] },
                { "name": "native", "client_id": NATIVE, "kind": "native",
                  "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
                  "redirect_uris": [CALLBACK] },
            ],
        });
        let document = OrgDocument::from_json(&document.to_string()).unwrap();
        let org = MockOrg::builder().org(document).start().await.unwrap();
        let subject = Self(org);
        let clock = subject.clock(json!({ "frozen": true })).await;
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
