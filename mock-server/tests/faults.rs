//! Faults, over sockets: every kind, each beside the same request without it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::collections::BTreeSet;

use base64::Engine;
use mock_server::MockOrg;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wire::{Answer, get, json as send_json, send};

/// An org with pages of 2 and whatever else the test wants of it.
struct Subject {
    org: MockOrg,
    token: String,
}

impl Subject {
    async fn new() -> Self {
        let org = MockOrg::builder().users(6).max_page(2).seed(1).start().await.unwrap();
        let token = format!("SSWS {}", org.ready().api_token.as_deref().unwrap());
        Self { org, token }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.org.base_url())
    }

    fn control(&self, path: &str) -> String {
        format!("{}/orgs/default{path}", self.org.control_url())
    }

    async fn users(&self) -> Answer {
        send("GET", &self.url("/api/v1/users?limit=2"), &[("Authorization", &self.token)], "").await
    }

    /// A fault; gives its id.
    async fn add(&self, wish: Value) -> String {
        let made = send_json("POST", &self.control("/faults"), &wish.to_string()).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// What the next request for users gets, and after it the control: the same request is fine.
    async fn once(&self, fault: Value) -> Answer {
        let id = self.add(json!({ "match": { "path": "/api/v1/users", "times": 1 }, "fault": fault })).await;
        let struck = self.users().await;
        let last = self.ledger().await.pop().unwrap();
        assert_eq!(last["faults"], json!([id]), "{last}");
        assert!(last["decided"].as_array().unwrap().iter().any(|step| step["step"] == "fault"), "{last}");
        let fine = self.users().await;
        assert_eq!((fine.status, fine.json().as_array().unwrap().len()), (200, 2), "after {fault}: {fine:?}");
        assert_eq!(self.ledger().await.pop().unwrap()["faults"], json!([]));
        struck
    }

    async fn ledger(&self) -> Vec<Value> {
        get(&self.control("/ledger")).await.json().as_array().unwrap().clone()
    }
}

fn date(answer: &Answer) -> i64 {
    let text = answer.header("date").unwrap();
    jiff::fmt::rfc2822::parse(text).unwrap().timestamp().as_second()
}

fn number(answer: &Answer, header: &str) -> i64 {
    answer.header(header).unwrap().parse().unwrap()
}

fn lines<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.lines.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
}

#[tokio::test]
async fn the_org_answers_with_a_status_or_an_error_of_the_catalogues() {
    let subject = Subject::new().await;
    let overloaded = subject.once(json!({ "status": 503 })).await;
    assert_eq!((overloaded.status, overloaded.body.as_str()), (503, ""));
    assert!(
        overloaded.header("x-rate-limit-limit").is_none() && overloaded.header("x-okta-request-id").is_some()
    );
    for (fault, status, code) in [
        (json!({ "error": "E0000009" }), 500, "E0000009"),
        (json!({ "status": 500 }), 500, "E0000009"),
        (json!({ "error": "E0000239" }), 423, "E0000239"),
        (json!({ "status": 423 }), 423, "E0000239"),
        (json!({ "status": 502, "error": "E0000009" }), 502, "E0000009"),
        (
            json!({ "error": { "code": "E0000001", "about": "login", "cause": "login: too long" } }),
            400,
            "E0000001",
        ),
    ] {
        let answer = subject.once(fault).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.json()["errorCode"], code);
        assert_eq!(answer.json()["errorLink"], code);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let oauth = subject.once(json!({ "error": "server_error" })).await;
    assert_eq!((oauth.status, &oauth.json()["error"]), (500, &json!("server_error")));
    let own = json!({ "status": 200, "headers": { "X-Proxy": ["a", "b"], "Server": "envoy" }, "body": { "a": [1] } });
    let own = subject.once(own).await;
    assert_eq!((own.status, own.body.as_str()), (200, r#"{"a":[1]}"#));
    assert_eq!(lines(&own, "x-proxy"), ["a", "b"]);
    assert_eq!(lines(&own, "server"), ["envoy"]);
}

#[tokio::test]
async fn what_a_fault_answers_is_not_executed() {
    let subject = Subject::new().await;
    let groups = subject.url("/api/v1/groups");
    let lines = [("Authorization", subject.token.as_str()), ("Content-Type", "application/json")];
    let make = async |name: &str| {
        send("POST", &groups, &lines, &json!({ "profile": { "name": name } }).to_string()).await.status
    };
    for (fault, status, made) in [
        (json!({ "status": 503 }), 503, false),
        (json!({ "rate_limited": true }), 429, false),
        (json!({ "reset_connection": { "executed": false } }), 0, false),
        (json!({ "reset_connection": true }), 0, true),
        (json!({ "truncate_body": true }), 200, true),
        (json!({ "delay_ms": 1 }), 200, true),
    ] {
        let name = fault.to_string();
        subject.add(json!({ "match": { "method": "POST", "times": 1 }, "fault": fault })).await;
        assert_eq!(make(&name).await, status, "{name}");
        // A second group of that name is refused where there is a first one.
        assert_eq!(make(&name).await, if made { 400 } else { 200 }, "{name}");
    }
}

#[tokio::test]
async fn limits_are_told_as_okta_tells_them() {
    let subject = Subject::new().await;
    let fine = subject.users().await;
    let minute = subject.once(json!({ "rate_limited": { "kind": "minute", "reset_in_seconds": 2 } })).await;
    assert_eq!((minute.status, &minute.json()["errorCode"]), (429, &json!("E0000047")));
    assert_eq!(minute.header("x-rate-limit-remaining"), Some("0"));
    assert_eq!(minute.header("x-rate-limit-limit"), fine.header("x-rate-limit-limit"), "the limit stays");
    assert!((1..=2).contains(&(number(&minute, "x-rate-limit-reset") - date(&minute))));
    assert!(minute.header("retry-after").is_none() && minute.header("cache-control").is_none());
    let flight =
        subject.once(json!({ "rate_limited": { "kind": "concurrency", "reset_in_seconds": 113 } })).await;
    assert_eq!(
        (flight.header("x-rate-limit-limit"), flight.header("x-rate-limit-remaining")),
        (Some("0"), Some("0"))
    );
    assert!((112..=113).contains(&(number(&flight, "x-rate-limit-reset") - date(&flight))));
    let twice = subject.once(json!({ "rate_limited": true, "duplicate_reset_header": 5 })).await;
    let resets: Vec<i64> =
        lines(&twice, "x-rate-limit-reset").iter().map(|value| value.parse().unwrap()).collect();
    assert_eq!(resets[1] - resets[0], 5);
    let counted = number(&subject.users().await, "x-rate-limit-remaining");
    let before = number(&fine, "x-rate-limit-remaining");
    assert_eq!(before - counted, 4, "three controls and this one; what a fault answers is not counted");
}

#[tokio::test]
async fn headers_are_off() {
    let subject = Subject::new().await;
    for seconds in [300, -300] {
        let before = date(&subject.users().await);
        let skewed = date(&subject.once(json!({ "date_skew_seconds": seconds })).await);
        assert!((seconds..seconds + 30).contains(&(skewed - before)), "{seconds}: {}", skewed - before);
    }
    let bare = subject.once(
        json!({ "drop_headers": ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "x-rate-limit-reset"] }),
    );
    assert!(bare.await.lines.iter().all(|(name, _)| !name.starts_with("x-rate-limit")));
    let typed = subject.once(json!({ "wrong_content_type": true })).await;
    assert_eq!(
        (typed.header("content-type"), typed.json().is_array()),
        (Some("text/html; charset=UTF-8"), true)
    );
    let proxied = subject.once(json!({ "headers": { "Via": "1.1 proxy" } })).await;
    assert_eq!((proxied.header("via"), proxied.status), (Some("1.1 proxy"), 200));
}

#[tokio::test]
async fn pages_lead_astray() {
    let subject = Subject::new().await;
    let next = |answer: &Answer| {
        let all = lines(answer, "link").join(", ");
        let before = all.split("; rel=\"next\"").next().unwrap().to_owned();
        before.rsplit_once('<').unwrap().1.trim_end_matches('>').to_owned()
    };
    let fine = subject.users().await;
    assert_eq!(lines(&fine, "link").len(), 2);
    let repeated = subject.once(json!({ "repeat_page": true })).await;
    assert_eq!(next(&repeated), subject.url("/api/v1/users?limit=2"));
    let foreign = subject.once(json!({ "foreign_next_link": true })).await;
    assert_eq!(next(&foreign), next(&fine).replace(subject.org.base_url(), "https://attacker.example"));
    let combined = subject.once(json!({ "combine_link_lines": true })).await;
    assert_eq!((lines(&combined, "link").len(), next(&combined)), (1, next(&fine)));
    let empty = subject.once(json!({ "empty_page_with_next": true })).await;
    assert_eq!(empty.body, "[]");
    let after = send("GET", &next(&empty), &[("Authorization", &subject.token)], "").await;
    assert_eq!(after.body, fine.body, "nothing is lost");
    assert_eq!(next(&after), next(&fine));
}

#[tokio::test]
async fn bodies_are_off() {
    let subject = Subject::new().await;
    let broken = subject.once(json!({ "malformed_json": true })).await;
    assert!(serde_json::from_str::<Value>(&broken.body).is_err());
    assert_eq!(number(&broken, "content-length"), broken.body.len() as i64);
    let grown = subject.once(json!({ "unknown_json_members": 2 })).await.json();
    let known = subject.users().await.json();
    let names = |body: &Value| body[0].as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&grown).difference(&names(&known)).count(), 2);
    let cut = subject.once(json!({ "truncate_body": true })).await;
    assert_eq!(cut.status, 200);
    assert_eq!(number(&cut, "content-length") / 2, cut.body.len() as i64, "half of what was announced");
    let head_only = subject.once(json!({ "truncate_body": 0 })).await;
    assert!(head_only.body.is_empty() && number(&head_only, "content-length") > 0);
    let slow = subject.once(json!({ "slow_body": { "bytes": 100, "pause_ms": 1 } })).await;
    assert_eq!(slow.body, subject.users().await.body, "slow and whole");
    let own = subject.once(json!({ "body": "<html>Sign in</html>" })).await;
    assert_eq!((own.status, own.header("content-type")), (200, Some("text/html; charset=UTF-8")));
}

#[tokio::test]
async fn a_delay_holds_nobody_else_up() {
    let subject = Subject::new().await;
    subject.add(json!({ "match": { "nth": 1 }, "fault": { "delay_ms": 600_000 } })).await;
    let url = subject.url("/api/v1/users?limit=2");
    let mut stream = tokio::net::TcpStream::connect(wire::address(&url)).await.unwrap();
    stream.write_all(b"GET /api/v1/users HTTP/1.1\r\nHost: o\r\n\r\n").await.unwrap();
    while subject.ledger().await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(subject.ledger().await[0]["faults"], json!(["f1"]), "it is in the ledger at once");
    assert_eq!(subject.users().await.status, 200);
    let answered = stream.try_read(&mut [0; 64]);
    assert_eq!(answered.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    let quick = subject.once(json!({ "delay_ms": 5 })).await;
    assert_eq!(quick.status, 200);
}

#[tokio::test]
async fn a_reset_is_a_reset_on_every_kind_of_connection() {
    let org = MockOrg::builder().tls_listen(([127, 0, 0, 1], 0).into()).start().await.unwrap();
    let token = format!("SSWS {}", org.ready().api_token.as_deref().unwrap());
    let faults = format!("{}/orgs/default/faults", org.control_url());
    // Another test of this process may have been first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let certificate = reqwest::Certificate::from_pem(org.ca_pem().unwrap().as_bytes()).unwrap();
    let client = |h2: bool| {
        let builder = reqwest::Client::builder().tls_certs_only([certificate.clone()]).no_proxy();
        if h2 { builder.http2_prior_knowledge() } else { builder.http1_only() }.build().unwrap()
    };
    for (url, h2) in [
        (org.base_url(), false),
        (org.base_url(), true),
        (org.tls_base_url().unwrap(), false),
        (org.tls_base_url().unwrap(), true),
    ] {
        let client = client(h2);
        let ask = || client.get(format!("{url}/api/v1/users")).header("authorization", &token).send();
        let fine = ask().await.unwrap();
        assert_eq!(
            (fine.status(), fine.version() == reqwest::Version::HTTP_2),
            (reqwest::StatusCode::OK, h2)
        );
        fine.bytes().await.unwrap();
        // As often as the client might repeat it by itself.
        for fault in [json!({ "reset_connection": true }), json!({ "truncate_body": 10 })] {
            send_json("POST", &faults, &json!({ "match": { "path": "/api" }, "fault": fault }).to_string())
                .await;
            let whole = match ask().await {
                Ok(answer) => answer.bytes().await,
                Err(error) => Err(error),
            };
            assert!(whole.is_err(), "{url} {h2} {fault}: {whole:?}");
            let kept = get(&format!("{}/orgs/default/ledger", org.control_url())).await.json();
            let last = kept.as_array().unwrap().last().unwrap().clone();
            assert_eq!(last["sent"], if fault.get("truncate_body").is_some() { "part" } else { "nothing" });
            assert_eq!(send("DELETE", &faults, &[], "").await.status, 204);
        }
        assert_eq!(ask().await.unwrap().status(), reqwest::StatusCode::OK, "{url} {h2}");
    }
}

#[tokio::test]
async fn a_reset_is_seen_as_one_by_the_socket() {
    let subject = Subject::new().await;
    subject.add(json!({ "fault": { "reset_connection": true } })).await;
    let mut stream = tokio::net::TcpStream::connect(wire::address(subject.org.base_url())).await.unwrap();
    stream.write_all(b"GET /api/v1/users HTTP/1.1\r\nHost: o\r\n\r\n").await.unwrap();
    let mut read = Vec::new();
    let outcome = stream.read_to_end(&mut read).await;
    assert_eq!(outcome.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert!(read.is_empty());
}

#[tokio::test]
async fn keys_are_rotated_and_tokens_revoked_before_the_decision() {
    let subject = Subject::new().await;
    let keys = async || {
        let set = get(&subject.url("/oauth2/v1/keys")).await.json();
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect::<Vec<_>>()
    };
    let before = keys().await;
    subject.add(json!({ "match": { "path": "/oauth2/v1/keys", "times": 1 }, "fault": { "rotate_signing_key": true } })).await;
    let after = keys().await;
    assert_ne!(before, after);
    assert_eq!(keys().await, after, "once");

    subject.add(json!({ "match": { "nth": 2 }, "fault": { "revoke_token": true } })).await;
    assert_eq!(subject.users().await.status, 200);
    let refused = subject.users().await;
    assert_eq!((refused.status, &refused.json()["errorCode"]), (401, &json!("E0000011")));
    assert_eq!(subject.users().await.status, 401, "it stays revoked");
    assert_eq!(send("POST", &subject.control("/reset"), &[], "").await.status, 204);
    assert_eq!(subject.users().await.status, 200);
}

#[tokio::test]
async fn an_access_token_is_revoked_as_well() {
    let subject = Subject::new().await;
    let ready = subject.org.ready().clone();
    let client = ready.clients.iter().find(|client| client.name == "acmesync").unwrap();
    let token = async || {
        let form = format!("grant_type=client_credentials&scope={}", client.scopes[0]);
        let pair = format!("{}:{}", client.client_id, client.client_secret.as_deref().unwrap());
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let lines =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", basic.as_str())];
        let answer = send("POST", &subject.url("/oauth2/v1/token"), &lines, &form).await;
        format!("Bearer {}", answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")))
    };
    let ask = async |token: &str| {
        send("GET", &subject.url("/api/v1/users"), &[("Authorization", token)], "").await.status
    };
    let (first, second) = (token().await, token().await);
    assert_eq!(ask(&first).await, 200);
    let wish = json!({ "match": { "client": client.client_id, "path": "/api", "times": 1 }, "fault": { "revoke_token": true } });
    subject.add(wish).await;
    assert_eq!(subject.users().await.status, 200, "another client");
    assert_eq!((ask(&first).await, ask(&first).await, ask(&second).await), (401, 401, 200));
}

#[tokio::test]
async fn the_control_api_makes_lists_and_removes() {
    let subject = Subject::new().await;
    let url = subject.control("/faults");
    assert_eq!(get(&url).await.json(), json!([]));
    let id = subject.add(json!({ "match": { "path": "/api/v1/users", "times": 3 }, "fault": { "delay_ms": 1, "status": 503 } })).await;
    assert_eq!(id, "f1");
    assert_eq!(subject.users().await.status, 503);
    let shown = get(&format!("{url}/f1")).await.json();
    assert_eq!(
        shown,
        json!({ "id": "f1", "match": { "path": "/api/v1/users", "times": 3 }, "fault": { "delay_ms": 1, "status": 503 },
                "matched": 1, "fired": 1, "remaining": 2 })
    );
    assert_eq!(get(&url).await.json(), json!([shown]));
    assert_eq!(send("DELETE", &format!("{url}/f1"), &[], "").await.status, 204);
    assert_eq!(subject.users().await.status, 200);
    for method in ["GET", "DELETE"] {
        let missing = send(method, &format!("{url}/f1"), &[], "").await;
        assert_eq!(
            (missing.status, &missing.json()["error"]),
            (404, &json!("there is no fault \"f1\"; there are none"))
        );
    }
    let refused = send_json("POST", &url, r#"{"fault":{"statsu":503}}"#).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"].as_str().unwrap().contains("did you mean \"status\"?"));
    subject.add(json!({ "fault": { "status": 503 } })).await;
    assert_eq!(send("DELETE", &url, &[], "").await.status, 204);
    assert_eq!(subject.users().await.status, 200);
    subject.add(json!({ "fault": { "status": 503 } })).await;
    let other = send_json("POST", &format!("{}/orgs", subject.org.control_url()), "{}").await.json();
    let control = format!("{}/orgs/{}/faults", subject.org.control_url(), other["name"].as_str().unwrap());
    assert_eq!(get(&control).await.json(), json!([]), "another org has none");
    assert_eq!(send("POST", &subject.control("/reset"), &[], "").await.status, 204);
    assert_eq!((subject.users().await.status, get(&url).await.json()), (200, json!([])));
    let kinds = get(&format!("{}/faults", subject.org.control_url())).await.json();
    assert!(kinds.as_array().unwrap().iter().any(|kind| kind["name"] == "reset_connection"));
}

#[tokio::test]
async fn times_is_kept_over_many_connections() {
    let subject = Subject::new().await;
    subject.add(json!({ "match": { "path": "/api", "times": 7 }, "fault": { "status": 503 } })).await;
    let answers = futures_of(&subject, 40).await;
    assert_eq!(answers.iter().filter(|status| **status == 503).count(), 7);
}

async fn futures_of(subject: &Subject, many: usize) -> Vec<u16> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..many {
        let (url, token) = (subject.url("/api/v1/groups"), subject.token.clone());
        tasks.spawn(async move { send("GET", &url, &[("Authorization", &token)], "").await.status });
    }
    tasks.join_all().await
}

#[tokio::test]
async fn chaos_is_repeatable_and_survives_a_reset() {
    let statuses = async |seed: u64| {
        let org = MockOrg::builder().chaos(50.0, seed).start().await.unwrap();
        let token = format!("SSWS {}", org.ready().api_token.as_deref().unwrap());
        let url = format!("{}/api/v1/groups", org.base_url());
        let ask = async || {
            let mut statuses = Vec::new();
            for _ in 0..20 {
                statuses.push(send("GET", &url, &[("Authorization", &token)], "").await.status);
            }
            statuses
        };
        let first = ask().await;
        send("POST", &format!("{}/orgs/default/reset", org.control_url()), &[], "").await;
        assert_eq!(ask().await, first);
        first
    };
    let (one, other) = (statuses(1).await, statuses(2).await);
    assert_ne!(one, other);
    assert!(one.iter().any(|status| *status != 200) && one.contains(&200), "{one:?}");
}
