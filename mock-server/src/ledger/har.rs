//! The ledger as an HTTP archive (HAR 1.2), which browsers and tools for HTTP open.
//!
//! What HAR has no place for stands in members that begin with `_`, as the format allows. The ledger knows when an
//! exchange was and not how long it took: durations are 0.

use serde_json::{Value, json};

use super::secrets::media_type;
use super::shown::{Shown, time};

/// The archive.
pub(super) fn archive(entries: Vec<Value>, dropped: u64) -> Value {
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": "orgtwin", "version": env!("CARGO_PKG_VERSION") },
        "comment": "times are the org's; durations are not measured",
        "entries": entries,
        "_dropped": dropped,
    }})
}

/// One of its entries.
pub(super) fn entry(shown: &Shown<'_>) -> Value {
    let kept = shown.exchange;
    let (method, http_version) = (kept.request.method, kept.request.version);
    // A target may be a whole URL, or `*`.
    let url = if shown.target.starts_with('/') {
        format!("{}{}", kept.request.base_url, shown.target)
    } else if shown.target.contains("://") {
        shown.target.to_string()
    } else {
        kept.request.base_url.to_string()
    };
    let query = shown.target.split_once('?').map_or("", |(_, query)| query);
    let mut request = json!({
        "method": method,
        "url": url,
        "httpVersion": http_version,
        "cookies": cookies(shown.asked_header("cookie").unwrap_or_default()),
        "headers": lines(&shown.asked),
        "queryString": pairs(query),
        "headersSize": -1,
        "bodySize": if kept.request.body.is_truncated() { -1 } else { length(&shown.asked_body) },
    });
    if !shown.asked_body.is_empty() {
        let sent = shown.asked_header("content-type").unwrap_or_default();
        let mut post = json!({ "mimeType": sent, "text": shown.asked_body });
        if media_type(sent) == "application/x-www-form-urlencoded" {
            post["params"] = pairs(&shown.asked_body);
        }
        request["postData"] = post;
    }
    let status = kept.response.status();
    let set: Vec<Value> = shown
        .answered
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
        .map(|(name, value)| json!({ "name": name.trim(), "value": value }))
        .collect();
    let mut content = json!({
        "size": kept.response.length,
        "mimeType": shown.answered_header("content-type").unwrap_or("x-unknown"),
        "text": shown.answered_body,
    });
    if kept.response.body.is_truncated() {
        content["comment"] = json!("only the beginning of the body was kept");
    }
    let mut entry = json!({
        "startedDateTime": time(kept),
        "time": 0,
        "request": request,
        "response": {
            "status": status.as_u16(),
            "statusText": status.canonical_reason().unwrap_or_default(),
            "httpVersion": http_version,
            "cookies": set,
            "headers": lines(&shown.answered),
            "content": content,
            "redirectURL": shown.answered_header("location").unwrap_or_default(),
            "headersSize": -1,
            "bodySize": kept.response.length,
        },
        "cache": {},
        "timings": { "send": 0, "wait": 0, "receive": 0 },
        "_seq": kept.seq,
        "_operation": kept.operation,
        "_client": shown.client,
        "_decided": shown.decided,
        "_faults": kept.faults,
    });
    if !shown.tokens.is_empty() {
        entry["_tokens"] = json!(shown.tokens);
    }
    entry
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(-1)
}

fn lines(lines: &[(impl AsRef<str>, impl AsRef<str>)]) -> Value {
    lines.iter().map(|(name, value)| json!({ "name": name.as_ref(), "value": value.as_ref() })).collect()
}

fn pairs(encoded: &str) -> Value {
    let pairs = form_urlencoded::parse(encoded.as_bytes());
    pairs.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn cookies(line: &str) -> Value {
    let pairs = line.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| json!({ "name": name, "value": value })).collect()
}
