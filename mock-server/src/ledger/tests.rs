use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::exchange::{Reply, Request, Trace};

fn kept(ledger: &Ledger, method: Method, target: &str, body: usize) {
    keep(ledger, method, target, body, Trace { operation: Some("listUsers"), ..Trace::default() });
}

fn keep(ledger: &Ledger, method: Method, target: &str, body: usize, mut trace: Trace) {
    let request = Request {
        method,
        target: target.to_owned(),
        headers: HeaderMap::new(),
        raw_headers: [("Host", "h"), ("X-A", "1"), ("x-a", "2")].into_iter().collect(),
        body: Bytes::from(vec![b'a'; body]),
        base_url: "http://h".into(),
        peer: [127, 0, 0, 1].into(),
        now: Timestamp::UNIX_EPOCH,
    };
    let reply = Reply::json(StatusCode::OK, "[]").with(header::LINK, HeaderValue::from_static("<a>"));
    trace.note("role", "no admin role: the list is empty");
    ledger.append(&request, Version::HTTP_11, &trace, &reply);
}

fn numbers(ledger: &Ledger, query: &str) -> Vec<u64> {
    let filter = Reading::from_query(query).map(|reading| reading.filter).unwrap_or_default();
    ledger.read(&filter).exchanges.iter().map(|exchange| exchange.seq).collect()
}

#[test]
fn an_exchange_reads_as_the_contract_says() {
    let ledger = Ledger::default();
    kept(&ledger, Method::GET, "/api/v1/users?limit=2", 0);
    let page = ledger.read(&Filter::default());
    let written = ledger.write_page(&page, Format::Json, false).unwrap_or_default();
    assert_eq!(
        serde_json::from_slice::<Value>(&written).unwrap_or_default(),
        json!([{
            "seq": 1,
            "time": "1970-01-01T00:00:00.000Z",
            "operation": "listUsers",
            "client": {},
            "request": {
                "method": "GET",
                "target": "/api/v1/users?limit=2",
                "http_version": "HTTP/1.1",
                "headers": [["Host", "h"], ["X-A", "1"], ["x-a", "2"]],
                "body": "",
            },
            "response": {
                "status": 200,
                "headers": [["content-type", "application/json"], ["link", "<a>"], ["content-length", "2"]],
                "body": "[]",
            },
            "decided": [{ "step": "role", "reason": "no admin role: the list is empty" }],
            "faults": [],
        }])
    );
}

#[test]
fn bodies_are_cut_and_the_oldest_exchanges_go_first() {
    let ledger = Ledger::with_bounds(Bounds { exchanges: 3, bytes: 3 * BODY_CAP });
    for nth in 0..5 {
        kept(&ledger, Method::GET, &format!("/{nth}"), 10);
    }
    assert_eq!(numbers(&ledger, ""), [3, 4, 5]);
    for _ in 0..3 {
        kept(&ledger, Method::POST, "/large", BODY_CAP + 1);
    }
    let page = ledger.read(&Filter::default());
    assert_eq!(
        page.exchanges.iter().map(|one| one.seq).collect::<Vec<_>>(),
        [7, 8],
        "with their heads three do not fit"
    );
    assert_eq!(page.dropped, 6);
    let written = ledger.write(&page.exchanges[0], false).unwrap_or_default();
    let shown: Value = serde_json::from_str(&written).unwrap_or_default();
    assert_eq!(shown["request"]["body_truncated"], json!(true));
    assert_eq!(shown["request"]["body"].as_str().map(str::len), Some(BODY_CAP));
    assert_eq!(shown["response"].get("body_truncated"), None);
}

#[test]
fn readers_choose() {
    let ledger = Ledger::default();
    kept(&ledger, Method::GET, "/api/v1/users?a=/oauth2", 0);
    kept(&ledger, Method::POST, "/oauth2/v1/token", 0);
    kept(&ledger, Method::GET, "/api/v1/users/00u1", 0);
    for (query, expected) in [
        ("", vec![1, 2, 3]),
        ("since=1", vec![2, 3]),
        ("since=9", vec![]),
        ("method=post", vec![2]),
        ("path=/api/v1/users", vec![1, 3]),
        ("path=/api/v1/*", vec![1]),
        ("path=**/token&method=POST", vec![2]),
        ("path=/oauth2&since=2", vec![]),
    ] {
        assert_eq!(numbers(&ledger, query), expected, "{query}");
    }
}

#[test]
fn numbers_go_on_after_clear_and_begin_again_after_reset() {
    let ledger = Ledger::default();
    let gap = Trace { operation: Some("listUsers"), gap: true, ..Trace::default() };
    keep(&ledger, Method::GET, "/api/v1/zones", 0, gap);
    ledger.clear();
    kept(&ledger, Method::GET, "/a", 0);
    assert_eq!(numbers(&ledger, ""), [2]);
    assert_eq!(ledger.gaps().len(), 1, "what is missing is known still");
    ledger.reset();
    kept(&ledger, Method::GET, "/a", 0);
    assert_eq!(numbers(&ledger, ""), [1]);
    assert_eq!(ledger.gaps(), []);
}
