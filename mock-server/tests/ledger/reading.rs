//! What came and went, as it was; and who gets to see what of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mock_server::MockOrg;
use serde_json::{Value, json};

use crate::wire::{get, json as send_json, raw, send};

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
    let refused = send_json("POST", &url, &"a".repeat(3 * 1024 * 1024 + 1)).await;
    assert_eq!(refused.status, 413);
    assert!(refused.json()["error"].as_str().unwrap().contains("3145728"));
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

#[tokio::test]
async fn readers_ask_for_what_happened() {
    let org = MockOrg::builder().start().await.unwrap();
    let clock = format!("{}/orgs/default/clock", org.control_url());
    let base = org.base_url();
    let api = ("Authorization", "SSWS 00devSuperAdminToken000000000000000000000A");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    send_json("PUT", &clock, r#"{"now":"2031-01-01T10:00:00Z","frozen":true}"#).await;
    let body = "grant_type=client_credentials&scope=okta.users.read";
    let url = format!("{base}/oauth2/v1/token");
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("0oadevoin000000001d7:{secret}")));
    let right = basic("dev-oin-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM");
    let good = send("POST", &url, &[form, ("Authorization", &right)], body).await.json();
    send("POST", &url, &[form, ("Authorization", &basic("wrong"))], body).await;
    send_json("PUT", &clock, r#"{"advance_seconds":60}"#).await;
    let bearer = good["access_token"].as_str().unwrap_or_else(|| panic!("{good}"));
    let bearer = format!("Bearer {bearer}");
    send("GET", &format!("{base}/api/v1/users?limit=1"), &[("Authorization", &bearer)], "").await;
    send("GET", &format!("{base}/api/v1/users/nobody"), &[api], "").await;
    send("GET", &format!("{base}/api/v1/apps?limit=1"), &[("Authorization", &bearer)], "").await;
    let authorize = "/oauth2/v1/authorize?client_id=0oadevweb000000001d7&response_type=code&scope=openid\
                     &redirect_uri=http://localhost:8090/callback&prompt=none&state=1";
    send("GET", &format!("{base}{authorize}"), &[], "").await;
    let all = ledger(&org, "").await;
    let tag = all[0]["client"]["issued"]["token"].as_str().unwrap_or_else(|| panic!("{all:#?}")).to_owned();
    let by_tag = format!("client={tag}");
    let cases: [(&str, &[u64]); 17] = [
        ("status=200", &[1, 3]),
        ("status=4xx", &[2, 4, 5]),
        ("status=404,3xx", &[4, 6]),
        ("error=invalid_client", &[2]),
        ("error=E0000007", &[4]),
        ("error=login_required", &[6]),
        ("error=insufficient_scope", &[5]),
        ("operation=listUsers", &[3]),
        ("client=0oadevoin000000001d7", &[1, 2, 3, 5]),
        (&by_tag, &[1, 3, 5]),
        ("from=2031-01-01T10:01:00Z", &[3, 4, 5, 6]),
        ("until=2031-01-01T10:01:00Z", &[1, 2]),
        ("from=2031-01-01T12:00:00+02:00&until=2031-01-01T10:00:01Z", &[1, 2]),
        ("limit=2&since=1", &[2, 3]),
        ("limit=1&status=4xx&since=2", &[4]),
        ("fault=f1", &[]),
        ("method=GET&path=/api/**&status=2xx", &[3]),
    ];
    for (query, expected) in cases {
        let found = ledger(&org, &format!("?{query}")).await;
        let seqs: Vec<u64> = found.iter().map(|one| one["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, expected, "{query}: {found:#?}");
    }
    let own = format!("{}/orgs/default/ledger", org.control_url());
    for (query, part) in [
        ("stauts=4xx", "did you mean \"status\"?"),
        ("status=many", "status=\"many\""),
        ("secrets=all", "there are tags"),
        ("limit=-1", "limit="),
    ] {
        let refused = get(&format!("{own}?{query}")).await;
        assert_eq!(refused.status, 400, "{query}");
        assert!(refused.json()["error"].as_str().unwrap().contains(part), "{query}: {refused:?}");
    }
}

#[tokio::test]
async fn memory_is_bounded_and_says_so() {
    let org = MockOrg::builder().ledger_mib(1).start().await.unwrap();
    let own = format!("{}/orgs/default/ledger", org.control_url());
    assert_eq!(get(&own).await.header("x-orgtwin-dropped"), Some("0"));
    for _ in 0..100 {
        send_json("POST", &format!("{}/x", org.base_url()), &"a".repeat(16 * 1024)).await;
    }
    let kept = get(&own).await;
    let dropped: usize = kept.header("x-orgtwin-dropped").unwrap().parse().unwrap();
    let kept = kept.json();
    let kept = kept.as_array().unwrap();
    assert_eq!(kept.len() + dropped, 100);
    assert!((50..64).contains(&kept.len()), "{}", kept.len());
    assert_eq!(kept.last().unwrap()["seq"], 100);
    let archive = get(&format!("{own}?format=har&limit=1")).await.json();
    assert_eq!(archive["log"]["_dropped"], dropped);
}
