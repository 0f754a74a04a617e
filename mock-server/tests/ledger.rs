//! The ledger, over sockets: what came and went, as it was.
#![expect(clippy::unwrap_used, reason = "tests")]

mod wire;

use mock_server::MockOrg;
use serde_json::{Value, json};
use wire::{get, json as send_json, raw, send};

async fn ledger(org: &MockOrg, query: &str) -> Vec<Value> {
    let answer = get(&format!("{}/orgs/default/ledger{query}", org.control_url())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn an_exchange_is_kept_as_it_was_on_the_wire() {
    let org = MockOrg::builder().start().await.unwrap();
    let request = "POST /api/v1/nothing?q=%41 HTTP/1.1\r\nhOST: localhost:1\r\nX-B: 1\r\nX-a:  two words \r\nx-b: 2\r\n\
                   Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let answer = String::from_utf8(raw(org.base_url(), request).await).unwrap();
    let kept = ledger(&org, "").await;
    assert_eq!(kept.len(), 1, "calls of the control API are not kept");
    let asked = &kept[0]["request"];
    assert_eq!(kept[0]["seq"], 1);
    assert_eq!(asked["method"], "POST");
    assert_eq!(asked["target"], "/api/v1/nothing?q=%41");
    assert_eq!(asked["http_version"], "HTTP/1.1");
    assert_eq!(
        asked["headers"],
        json!([
            ["hOST", "localhost:1"],
            ["X-B", "1"],
            ["X-a", "two words"],
            ["x-b", "2"],
            ["Transfer-Encoding", "chunked"],
            ["Connection", "close"]
        ])
    );
    assert_eq!(asked["body"], "hello");
    let answered = &kept[0]["response"];
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(answered["body"], body);
    let written: Vec<Value> = head
        .split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| *name != "connection")
        .map(|(name, value)| json!([name, value]))
        .collect();
    assert_eq!(answered["headers"], json!(written));
    assert!(!kept[0]["decided"].as_array().unwrap().is_empty(), "{}", kept[0]);
    assert_eq!(kept[0]["faults"], json!([]));
}

#[tokio::test]
async fn readers_choose_and_clear() {
    let org = MockOrg::builder().start().await.unwrap();
    for (method, path) in
        [("GET", "/api/v1/users/a"), ("POST", "/oauth2/v1/token"), ("GET", "/api/v1/usersX")]
    {
        send(method, &format!("{}{path}", org.base_url()), &[], "").await;
    }
    let seqs = |kept: Vec<Value>| kept.iter().map(|one| one["seq"].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(seqs(ledger(&org, "").await), [1, 2, 3]);
    assert_eq!(seqs(ledger(&org, "?since=1&method=get").await), [3]);
    assert_eq!(seqs(ledger(&org, "?path=/api/v1/users").await), [1]);
    assert_eq!(seqs(ledger(&org, "?path=**/token").await), [2]);
    let url = format!("{}/orgs/default/ledger", org.control_url());
    let refused = get(&format!("{url}?form=1")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"].as_str().unwrap().contains("\"form\""));
    let by_line = send("GET", &url, &[("Accept", "application/x-ndjson")], "").await;
    assert_eq!(by_line.header("content-type"), Some("application/x-ndjson"));
    let read: Vec<Value> = by_line.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, ledger(&org, "").await);
    assert_eq!(send("DELETE", &url, &[], "").await.status, 204);
    assert!(ledger(&org, "").await.is_empty());
    get(&format!("{}/x", org.base_url())).await;
    assert_eq!(seqs(ledger(&org, "").await), [4], "numbers go on");
}

#[tokio::test]
async fn large_bodies_are_cut_and_too_large_ones_refused() {
    let org = MockOrg::builder().start().await.unwrap();
    let url = format!("{}/api/v1/users", org.base_url());
    send_json("POST", &url, &"a".repeat(100_000)).await;
    let refused = send_json("POST", &url, &"a".repeat(1024 * 1024 + 1)).await;
    assert_eq!(refused.status, 413);
    assert!(refused.json()["error"].as_str().unwrap().contains("1048576"));
    let kept = ledger(&org, "").await;
    assert_eq!(kept[0]["request"]["body"].as_str().unwrap().len(), 16 * 1024);
    assert_eq!(kept[0]["request"]["body_truncated"], true);
    assert_eq!(kept[1]["response"]["status"], 413);
    assert_eq!(kept[1]["decided"][0]["step"], "http");
}

#[tokio::test]
async fn time_is_the_orgs() {
    let org = MockOrg::builder().start().await.unwrap();
    let clock = format!("{}/orgs/default/clock", org.control_url());
    send_json("PUT", &clock, r#"{"now":"2031-02-03T04:05:06Z","frozen":true}"#).await;
    get(&format!("{}/x", org.base_url())).await;
    assert_eq!(ledger(&org, "").await[0]["time"], "2031-02-03T04:05:06.000Z");
}
