//! The control API, over sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::collections::BTreeSet;

use mock_server::MockOrg;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use wire::{address, get, json as send_json, send};

#[tokio::test]
async fn orgs_are_made_listed_and_deleted() {
    let org = MockOrg::builder().start().await.unwrap();
    let orgs = format!("{}/orgs", org.control_url());
    let made = send_json("POST", &orgs, r#"{"name":"acme","rate_limits":"off","max_page":2}"#).await;
    assert_eq!(made.status, 201, "{made:?}");
    let ready = made.json();
    assert_eq!(ready["name"], "acme");
    assert_ne!(ready["base_url"], org.base_url());
    assert_eq!(ready["control_url"], format!("{}/_mock", ready["base_url"].as_str().unwrap()));
    assert_eq!(ready["api_token"], json!(org.ready().api_token.as_deref().unwrap_or_default()));
    let unnamed = send_json("POST", &orgs, "").await;
    assert_eq!((unnamed.status, &unnamed.json()["name"]), (201, &json!("org-1")));
    let listed = get(&orgs).await.json();
    let names: Vec<&str> =
        listed.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["default", "acme", "org-1"]);
    assert!(!listed.to_string().contains("token"));
    // Through the org's own listener: the answer still arrives, and the port is free afterwards.
    let own = ready["control_url"].as_str().unwrap();
    assert_eq!(send("DELETE", &format!("{own}/orgs/acme"), &[], "").await.status, 204);
    assert!(TcpStream::connect(address(own)).await.is_err());
    assert_eq!(send("DELETE", &format!("{orgs}/acme"), &[], "").await.status, 404);
    assert_eq!(get(&format!("{}/health", org.control_url())).await.json()["orgs"], 2);
}

#[tokio::test]
async fn an_org_can_have_its_own_document_and_tls() {
    let org = MockOrg::builder().start().await.unwrap();
    let orgs = format!("{}/orgs", org.control_url());
    let document = json!({ "org": { "users": [
        { "profile": { "login": "a@b.example", "firstName": "A", "lastName": "B" }, "password": "p" }
    ] }, "tls": true });
    let ready = send_json("POST", &orgs, &document.to_string()).await.json();
    assert_eq!(ready["users"], json!([{ "login": "a@b.example", "password": "p" }]));
    assert!(ready["tls_base_url"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    let ca = std::fs::read_to_string(ready["ca_file"].as_str().unwrap()).unwrap();
    assert!(ca.starts_with("-----BEGIN CERTIFICATE-----"));
    let named = send_json("POST", &orgs, r#"{"tls":true,"host_names":["acme.okta.com"]}"#).await.json();
    assert_eq!(named["ca_file"], ready["ca_file"], "its certificate is by the same CA");
    let wrong = send_json("POST", &orgs, r#"{"tls":true,"host_names":["acmeä.okta.com"]}"#).await;
    assert!(wrong.status >= 400, "{}", wrong.status);
}

#[tokio::test]
async fn seeded_orgs_are_alike() {
    let org = MockOrg::builder().start().await.unwrap();
    let other = MockOrg::builder().start().await.unwrap();
    let mut clients = BTreeSet::new();
    for server in [&org, &org, &other] {
        let made =
            send_json("POST", &format!("{}/orgs", server.control_url()), r#"{"seed":5,"users":3}"#).await;
        clients.insert(made.json()["clients"][1]["client_id"].to_string());
    }
    assert_eq!(clients.len(), 1, "{clients:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_orgs_come_and_go_side_by_side() {
    let org = MockOrg::builder().start().await.unwrap();
    let orgs = format!("{}/orgs", org.control_url());
    let lives = (0..40).map(|_| {
        let orgs = orgs.clone();
        tokio::spawn(async move {
            let ready = send_json("POST", &orgs, "").await.json();
            let (name, base) =
                (ready["name"].as_str().unwrap().to_owned(), ready["base_url"].as_str().unwrap());
            get(&format!("{base}/api/v1/only-{name}")).await;
            let kept = get(&format!("{orgs}/{name}/ledger")).await.json();
            assert_eq!(kept.as_array().unwrap().len(), 1);
            assert_eq!(kept[0]["request"]["target"], format!("/api/v1/only-{name}"));
            assert_eq!(send("DELETE", &format!("{orgs}/{name}"), &[], "").await.status, 204);
            name
        })
    });
    let mut names = BTreeSet::new();
    for life in lives.collect::<Vec<_>>() {
        names.insert(life.await.unwrap());
    }
    assert_eq!(names.len(), 40);
    assert_eq!(get(&orgs).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_missing_is_counted() {
    // Also where no ledger is kept.
    for mib in [64, 0] {
        let org = MockOrg::builder().rate_limits("off").ledger_mib(mib).start().await.unwrap();
        for _ in 0..2 {
            let url = format!("{}/oauth2/v1/challenge", org.base_url());
            assert_eq!(send("POST", &url, &[], "").await.status, 501);
        }
        let gaps = get(&format!("{}/orgs/default/gaps", org.control_url())).await.json();
        let expected =
            json!({ "operation": "challenge", "method": "POST", "path": "/oauth2/v1/challenge", "count": 2 });
        assert_eq!(gaps, json!([expected]));
    }
}

#[tokio::test]
async fn an_orgs_clock_limits_and_reset() {
    let org = MockOrg::builder().start().await.unwrap();
    let own = format!("{}/orgs/default", org.control_url());
    get(&format!("{}/x", org.base_url())).await;
    let frozen =
        send_json("PUT", &format!("{own}/clock"), r#"{"now":"2030-01-01T00:00:00Z","frozen":true}"#).await;
    assert_eq!(frozen.json(), json!({ "now": "2030-01-01T00:00:00.000Z", "frozen": true }));
    let moved = send_json("PUT", &format!("{own}/clock"), r#"{"advance_seconds":90.5}"#).await;
    assert_eq!(moved.json(), json!({ "now": "2030-01-01T00:01:30.500Z", "frozen": true }));
    assert_eq!(get(&format!("{own}/clock")).await.json(), moved.json());
    let limits = r#"{"buckets":{"/api/v1/users":{"limit":3,"window_seconds":60}}}"#;
    assert_eq!(send_json("PUT", &format!("{own}/rate-limits"), limits).await.status, 204);
    assert_eq!(send("POST", &format!("{own}/expire-tokens"), &[], "").await.status, 204);
    let keys = || async { get(&format!("{}/oauth2/v1/keys", org.base_url())).await.json()["keys"].clone() };
    let before = keys().await;
    let rotated = send("POST", &format!("{own}/rotate-keys"), &[], "").await.json();
    assert_eq!(rotated["signing"], before[1]["kid"]);
    assert_eq!(rotated["published"].as_array().unwrap().len(), 3);
    let after = keys().await;
    assert_eq!((&after[0], &after[2]), (&before[1], &before[0]));
    let token = format!("SSWS {}", org.ready().api_token.as_deref().unwrap());
    let statuses = |nth| {
        let (url, token) = (format!("{}/api/v1/users?limit={nth}", org.base_url()), token.clone());
        async move { send("GET", &url, &[("Authorization", &token)], "").await.status }
    };
    assert_eq!(
        [statuses(1).await, statuses(2).await, statuses(3).await, statuses(4).await],
        [200, 200, 200, 429]
    );
    assert_eq!(send("POST", &format!("{own}/reset"), &[], "").await.status, 204);
    assert_eq!(get(&format!("{own}/clock")).await.json()["frozen"], false);
    assert_eq!(get(&format!("{own}/ledger")).await.json(), json!([]));
}

/// Method, what follows `/_mock`, content type, body, status, what the error says.
type BadCall = (&'static str, &'static str, &'static str, &'static str, u16, &'static str);

const JSON: &str = "application/json";

const BAD_CALLS: &[BadCall] = &[
    ("GET", "/nothing", "", "", 404, "there is no such call"),
    ("POST", "", "", "", 405, "another method"),
    ("PATCH", "/orgs", "", "", 405, "another method"),
    ("GET", "/orgs/default/reset", "", "", 405, "another method"),
    ("POST", "/orgs", JSON, "{", 400, "line 1"),
    ("POST", "/orgs", JSON, "[]", 400, "the body: line 1"),
    ("POST", "/orgs", JSON, r#"{"nme":"a"}"#, 400, "did you mean `name`?"),
    ("POST", "/orgs", JSON, r#"{"org":{"usrs":[]}}"#, 400, "did you mean `users`?"),
    ("POST", "/orgs", JSON, r#"{"name":"default"}"#, 409, "\"default\" already"),
    ("POST", "/orgs", JSON, r#"{"name":"a/b"}"#, 400, "name: "),
    ("POST", "/orgs", JSON, r#"{"name":".."}"#, 400, "name: "),
    ("POST", "/orgs", JSON, r#"{"seed":-1}"#, 400, "invalid value"),
    ("POST", "/orgs", JSON, r#"{"rate_limits":"tinny"}"#, 400, "did you mean \"tiny\"?"),
    ("POST", "/orgs", JSON, r#"{"max_page":0}"#, 400, "max_page"),
    ("POST", "/orgs", JSON, r#"{"users":1000001}"#, 400, "generate at most 1000000"),
    (
        "POST",
        "/orgs",
        JSON,
        r#"{"users":1,"org":{"generate":{"users":18446744073709551615}}}"#,
        400,
        "generate.users: ",
    ),
    (
        "POST",
        "/orgs",
        JSON,
        r#"{"org":{"groups":[{"name":"A","members":["x"]}]}}"#,
        400,
        "org: groups[0].members",
    ),
    ("POST", "/orgs", "text/plain", "{}", 415, "application/json"),
    ("POST", "/orgs", "", "{}", 415, "application/json"),
    ("DELETE", "/orgs/default", "", "", 409, "cannot be deleted"),
    ("DELETE", "/orgs/defualt", "", "", 404, "did you mean \"default\"?"),
    ("GET", "/orgs/%ff/ledger", "", "", 400, "UTF-8"),
    ("GET", "/orgs/none/ledger", "", "", 404, "there is no org \"none\""),
    ("GET", "/orgs/default/ledger?since=x", "", "", 400, "since="),
    ("GET", "/orgs/default/ledger?metod=GET", "", "", 400, "did you mean \"method\"?"),
    ("PUT", "/orgs/default/clock", JSON, "", 400, "nothing to do"),
    ("PUT", "/orgs/default/clock", JSON, r#"{"advance_second":1}"#, 400, "did you mean `advance_seconds`?"),
    ("PUT", "/orgs/default/clock", JSON, r#"{"now":"soon"}"#, 400, "RFC 3339"),
    ("PUT", "/orgs/default/clock", JSON, r#"{"frozen":"yes"}"#, 400, "invalid type"),
    ("PUT", "/orgs/none/clock", JSON, r#"{"frozen":true}"#, 404, "there is no org"),
    ("PUT", "/orgs/default/rate-limits", JSON, r#"{"profle":"tiny"}"#, 400, "did you mean `profile`?"),
    ("PUT", "/orgs/default/rate-limits", JSON, r#"{"profile":"tinny"}"#, 400, "did you mean \"tiny\"?"),
    (
        "PUT",
        "/orgs/default/rate-limits",
        JSON,
        r#"{"buckets":{"/api/v1/user":{"limit":1}}}"#,
        400,
        "/api/v1/users",
    ),
];

#[tokio::test]
async fn bad_calls_are_told_what_is_wrong() {
    let org = MockOrg::builder().start().await.unwrap();
    for (method, path, content_type, body, status, part) in BAD_CALLS {
        let url = format!("{}{path}", org.control_url());
        let lines: &[(&str, &str)] =
            if content_type.is_empty() { &[] } else { &[("Content-Type", content_type)] };
        let answer = send(method, &url, lines, body).await;
        assert_eq!(answer.status, *status, "{method} {path} {body}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{method} {path} {body}");
        let shown: Value = answer.json();
        let error = shown["error"].as_str().unwrap();
        assert!(error.contains(part), "{method} {path} {body}: {error}");
    }
    let large =
        send_json("POST", &format!("{}/orgs", org.control_url()), &" ".repeat(17 * 1024 * 1024)).await;
    assert!(large.status == 413 || large.status == 0, "{large:?}");
    assert_eq!(get(&format!("{}/orgs", org.control_url())).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pages_in_browsers_cannot_drive_it() {
    let org = MockOrg::builder().host_name("acme.localhost").start().await.unwrap();
    let url = format!("{}/orgs", org.control_url());
    let host = address(&url);
    let own = format!("http://{host}");
    for (lines, status) in [
        (vec![("Origin", own.as_str())], 201),
        (vec![("Host", "acme.localhost")], 201),
        (vec![("Origin", "https://evil.example")], 403),
        (vec![("Origin", "null")], 403),
        (vec![("Host", "rebound.example")], 403),
    ] {
        assert_eq!(send("POST", &url, &lines, "").await.status, status, "{lines:?}");
    }
}

#[tokio::test]
async fn a_fixed_base_url_is_the_first_orgs_only() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).unwrap();
    let org = MockOrg::builder().listen(free).base_url("https://acme.example/").start().await.unwrap();
    assert_eq!(org.control_url(), "https://acme.example/_mock");
    let orgs = format!("http://{free}/_mock/orgs");
    let made = send_json("POST", &orgs, "").await.json();
    assert!(made["base_url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{made}");
    assert_eq!(send("GET", &orgs, &[("Host", "acme.example")], "").await.status, 200);
    assert_eq!(send("GET", &orgs, &[("Host", "evil.example")], "").await.status, 403);
}

#[tokio::test]
async fn a_test_reads_codes_and_taps_on_phones() {
    let org = MockOrg::builder().start().await.unwrap();
    let base = org.base_url();
    let token = ("authorization", format!("SSWS {}", org.ready().api_token.as_deref().unwrap_or_default()));
    let json_type = ("content-type", "application/json".to_owned());
    let headers = [(token.0, token.1.as_str()), (json_type.0, json_type.1.as_str())];
    let post = |path: String, body: String| async move {
        send("POST", &format!("{base}{path}"), &headers, &body).await
    };
    let factors = "/api/v1/users/ursula.user@example.com/factors".to_owned();
    let push = json!({ "factorType": "push", "provider": "OKTA" }).to_string();
    let pushed = post(factors.clone(), push).await.json();
    let id = pushed["id"].as_str().unwrap();
    let own = format!("{}/orgs/default/factors/{id}", org.control_url());
    assert_eq!(get(&own).await.json()["status"], "PENDING_ACTIVATION");
    assert_eq!(send("POST", &format!("{own}/approve"), &[], "").await.json()["status"], "ACTIVE");
    let again = send("POST", &format!("{own}/deny"), &[], "").await;
    assert_eq!(again.status, 409, "{again:?}");
    assert!(again.json()["error"].as_str().unwrap().contains("/verify sends one"), "{again:?}");
    let sent = post(format!("{factors}/{id}/verify"), String::new()).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    assert!(get(&own).await.json()["push"]["transaction"].is_string());
    assert_eq!(send("POST", &format!("{own}/deny"), &[], "").await.json()["push"], json!(null));
    let poll = sent.json()["_links"]["poll"]["href"].as_str().unwrap().to_owned();
    assert_eq!(send("GET", &poll, &headers, "").await.json()["factorResult"], "REJECTED");
    let sms =
        json!({ "factorType": "sms", "provider": "OKTA", "profile": { "phoneNumber": "+15554151337" } });
    let sms = post(factors.clone(), sms.to_string()).await.json();
    let id = sms["id"].as_str().unwrap();
    let seen = get(&format!("{}/orgs/default/factors/{id}", org.control_url())).await.json();
    let code = json!({ "passCode": seen["code"] }).to_string();
    assert_eq!(post(format!("{factors}/{id}/lifecycle/activate"), code).await.json()["status"], "ACTIVE");
    let none = get(&format!("{}/orgs/default/factors/none", org.control_url())).await;
    assert_eq!(none.status, 404);
    let swipe = send("POST", &format!("{own}/swipe"), &[], "").await;
    assert_eq!(swipe.status, 404, "{swipe:?}");
}
