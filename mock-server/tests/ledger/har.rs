//! The archive has what HAR 1.2 requires, with the types that it requires.

use serde_json::Value;

use crate::walk::{org, walk};
use crate::wire::{get, send};

#[derive(Clone, Copy, Debug)]
enum Is {
    Text,
    /// A whole number; -1 stands for unknown.
    Size,
    /// A duration in milliseconds, not negative.
    Duration,
    Time,
    Object,
    List,
}

/// Where, and what must be there: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/.
const ENTRY: [(&str, Is); 32] = [
    ("/startedDateTime", Is::Time),
    ("/time", Is::Duration),
    ("/request", Is::Object),
    ("/request/method", Is::Text),
    ("/request/url", Is::Text),
    ("/request/httpVersion", Is::Text),
    ("/request/cookies", Is::List),
    ("/request/headers", Is::List),
    ("/request/queryString", Is::List),
    ("/request/headersSize", Is::Size),
    ("/request/bodySize", Is::Size),
    ("/response", Is::Object),
    ("/response/status", Is::Size),
    ("/response/statusText", Is::Text),
    ("/response/httpVersion", Is::Text),
    ("/response/cookies", Is::List),
    ("/response/headers", Is::List),
    ("/response/content", Is::Object),
    ("/response/content/size", Is::Size),
    ("/response/content/mimeType", Is::Text),
    ("/response/content/text", Is::Text),
    ("/response/redirectURL", Is::Text),
    ("/response/headersSize", Is::Size),
    ("/response/bodySize", Is::Size),
    ("/cache", Is::Object),
    ("/timings", Is::Object),
    ("/timings/send", Is::Duration),
    ("/timings/wait", Is::Duration),
    ("/timings/receive", Is::Duration),
    ("/_seq", Is::Size),
    ("/_client", Is::Object),
    ("/_decided", Is::List),
];

/// The lists whose items are names with values.
const PAIRS: [&str; 5] = [
    "/request/cookies",
    "/request/headers",
    "/request/queryString",
    "/response/cookies",
    "/response/headers",
];

/// All members that the format has for an object; others begin with `_`.
const MEMBERS: [(&str, &[&str]); 5] = [
    (
        "",
        &[
            "pageref",
            "startedDateTime",
            "time",
            "request",
            "response",
            "cache",
            "timings",
            "serverIPAddress",
            "connection",
            "comment",
        ],
    ),
    (
        "/request",
        &[
            "method",
            "url",
            "httpVersion",
            "cookies",
            "headers",
            "queryString",
            "postData",
            "headersSize",
            "bodySize",
            "comment",
        ],
    ),
    (
        "/response",
        &[
            "status",
            "statusText",
            "httpVersion",
            "cookies",
            "headers",
            "content",
            "redirectURL",
            "headersSize",
            "bodySize",
            "comment",
        ],
    ),
    ("/response/content", &["size", "compression", "mimeType", "text", "encoding", "comment"]),
    ("/request/postData", &["mimeType", "params", "text", "comment"]),
];

fn is(value: &Value, kind: Is) -> bool {
    match kind {
        Is::Text => value.is_string(),
        Is::Size => value.as_i64().is_some_and(|size| size >= -1),
        Is::Duration => value.as_f64().is_some_and(|duration| duration >= 0.0),
        Is::Time => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        Is::Object => value.is_object(),
        Is::List => value.is_array(),
    }
}

#[tokio::test]
async fn the_archive_is_one() {
    let org = org().await;
    walk(&org, &["Password-of-1", "the answer is", "open-state", "hook-value-1"].map(str::to_owned)).await;
    let url = format!("{}/orgs/default/ledger", org.control_url());
    let answer = send("GET", &url, &[("Accept", "application/har+json")], "").await;
    assert_eq!(answer.header("content-type"), Some("application/har+json"));
    let archive = answer.json();
    assert_eq!(archive, get(&format!("{url}?format=har")).await.json());
    let log = &archive["log"];
    assert_eq!((&log["version"], &log["creator"]["name"]), (&"1.2".into(), &"orgtwin".into()));
    assert!(log["creator"]["version"].is_string());
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), get(&url).await.json().as_array().unwrap().len());
    for entry in entries {
        for (place, kind) in ENTRY {
            let value = entry.pointer(place).unwrap_or_else(|| panic!("no {place}: {entry:#}"));
            assert!(is(value, kind), "{place} is no {kind:?}: {value}");
        }
        for place in PAIRS {
            for pair in entry.pointer(place).unwrap().as_array().unwrap() {
                assert!(pair["name"].is_string() && pair["value"].is_string(), "{place}: {pair}");
            }
        }
        for (place, known) in MEMBERS {
            let Some(object) = entry.pointer(place).and_then(Value::as_object) else { continue };
            for name in object.keys() {
                assert!(name.starts_with('_') || known.contains(&name.as_str()), "{place}/{name}");
            }
        }
        let sent = entry["request"]["url"].as_str().unwrap();
        assert!(sent.starts_with(org.base_url()), "{sent}");
        let has_body = entry["request"]["bodySize"] != 0;
        assert_eq!(has_body, entry["request"]["postData"]["text"].is_string(), "{entry:#}");
    }
    let form = entries.iter().find(|entry| entry["request"]["postData"]["params"].is_array()).unwrap();
    assert_eq!(form["request"]["postData"]["params"][0]["name"], "grant_type");
    let redirect = entries.iter().find(|entry| entry["response"]["status"] == 302).unwrap();
    assert!(redirect["response"]["redirectURL"].as_str().unwrap().contains("code=secret:"));
    assert_eq!(redirect["response"]["cookies"][0]["name"], "sid");
}
