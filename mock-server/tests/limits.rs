//! Requests in flight, and the meters of an org, over sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use mock_server::MockOrg;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{address, get, json as send_json, send};

struct Acme {
    org: MockOrg,
    token: String,
}

impl Acme {
    async fn start() -> Self {
        let org = MockOrg::builder().rate_limits("integrator-2026").start().await.unwrap();
        let token = org.ready().api_token.clone().unwrap();
        let clock = format!("{}/orgs/default/clock", org.control_url());
        send_json("PUT", &clock, r#"{"frozen":true}"#).await;
        Self { org, token: format!("SSWS {token}") }
    }

    fn limits(&self) -> String {
        format!("{}/orgs/default/rate-limits", self.org.control_url())
    }

    async fn read(&self, target: &str) -> wire::Answer {
        let url = format!("{}{target}", self.org.base_url());
        send("GET", &url, &[("Authorization", &self.token)], "").await
    }

    /// A request whose body does not come yet.
    async fn slow(&self) -> TcpStream {
        let host = address(self.org.base_url());
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST /api/v1/groups HTTP/1.1\r\nHost: {host}\r\nAuthorization: {}\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
            self.token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Waits until so many are in flight.
    async fn in_flight(&self, wanted: u64) {
        loop {
            let told = get(&self.limits()).await.json();
            if told["concurrency"]["in_flight"] == wanted {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// The status of a slow request whose body has come.
async fn finished(mut stream: TcpStream) -> String {
    stream.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn an_org_has_so_many_requests_in_flight_and_refuses_the_next() {
    let acme = Acme::start().await;
    assert_eq!(send_json("PUT", &acme.limits(), r#"{"concurrency":3}"#).await.status, 204);
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(acme.slow().await);
    }
    acme.in_flight(3).await;
    for _ in 0..2 {
        let refused = acme.read("/api/v1/users?limit=1").await;
        assert_eq!((refused.status, &refused.json()["errorCode"]), (429, &json!("E0000047")));
        assert_eq!(refused.header("x-rate-limit-limit"), Some("0"));
        assert_eq!(refused.header("x-rate-limit-remaining"), Some("0"));
        let reset: i64 = refused.header("x-rate-limit-reset").unwrap().parse().unwrap();
        let date = jiff::fmt::rfc2822::parse(refused.header("date").unwrap()).unwrap();
        assert_eq!(reset - date.timestamp().as_second(), 113);
        assert_eq!(refused.header("retry-after"), None);
    }
    // They were there first: they are answered, one after another.
    for stream in slow {
        assert_eq!(finished(stream).await, "400");
    }
    acme.in_flight(0).await;
    assert_eq!(acme.read("/api/v1/users?limit=1").await.status, 200);
    let query = form_urlencoded::byte_serialize(br#"eventType eq "core.concurrency.org.limit.violation""#);
    let events = acme.read(&format!("/api/v1/logs?filter={}", query.collect::<String>())).await.json();
    assert_eq!(events.as_array().unwrap().len(), 1, "once a minute: {events:#}");
}

#[tokio::test]
async fn a_client_that_hangs_up_is_no_longer_in_flight() {
    let acme = Acme::start().await;
    let slow = acme.slow().await;
    acme.in_flight(1).await;
    drop(slow);
    acme.in_flight(0).await;
}

fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    list.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap()
}

#[tokio::test]
async fn the_meters_tell_whose_windows_are_open_and_what_is_left() {
    let acme = Acme::start().await;
    for _ in 0..3 {
        assert_eq!(acme.read("/api/v1/users?limit=1").await.status, 200);
    }
    acme.read("/oauth2/v1/authorize?client_id=0oaone").await;
    let sign_in = format!("{}/api/v1/authn", acme.org.base_url());
    send_json("POST", &sign_in, r#"{"username":"Ada@example.com","password":"x"}"#).await;
    let told = get(&acme.limits()).await.json();
    assert_eq!(told["profile"], "integrator-2026");
    assert_eq!(told["concurrency"]["limit"], 35);
    let users = named(&told["buckets"], "/api/v1/users");
    assert_eq!((&users["limit"], &users["principal_limit"]), (&json!(600), &json!(300)));
    let windows = users["windows"].as_array().unwrap();
    assert_eq!(windows.len(), 2, "{users:#}");
    assert_eq!(windows[0]["whose"], json!({ "kind": "org" }));
    assert_eq!((&windows[0]["limit"], &windows[0]["remaining"]), (&json!(600), &json!(597)));
    assert_eq!(windows[1]["whose"]["kind"], "token");
    assert!(windows[1]["whose"]["id"].as_str().unwrap().starts_with("00T"), "{users:#}");
    assert_eq!((&windows[1]["used"], &windows[1]["remaining"]), (&json!(3), &json!(297)));
    let browser = &named(&told["buckets"], "/oauth2/v1/authorize")["windows"][1];
    let whose = json!({ "kind": "browser", "client_id": "0oaone", "address": "127.0.0.1", "device": null });
    assert_eq!((&browser["whose"], &browser["remaining"]), (&whose, &json!(59)), "{told:#}");
    let name = &named(&told["special"], "authn user name")["windows"][0];
    assert_eq!(name["whose"], json!({ "kind": "user", "id": "ada@example.com" }));
    assert_eq!(named(&told["buckets"], "/api/v1/logs")["windows"], json!([]));
    // A profile that limits nothing has no sizes to show.
    send_json("PUT", &acme.limits(), r#"{"profile":"off"}"#).await;
    let off = get(&acme.limits()).await.json();
    assert_eq!(
        (&off["concurrency"]["limit"], &named(&off["buckets"], "/api/v1/users")["limit"]),
        (&Value::Null, &Value::Null)
    );
}
