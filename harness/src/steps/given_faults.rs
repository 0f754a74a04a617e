//! What goes wrong in the org on purpose, in words: which answers, and what is the matter with them.

use cucumber::given;
use serde_json::{Value, json};

use crate::suite::world::{Stop, World};

/// The host of the origin that is not the org's.
pub(super) const STRANGER: &str = "localhost";

/// What can be the matter with an answer, and the fault that makes it so (contracts §2).
fn ailment(words: &str, path: &str, elsewhere: &str) -> Option<Value> {
    let moved = || json!({ "status": 307, "headers": { "Location": format!("{elsewhere}{path}") } });
    Some(match words {
        "is that the org is overloaded" => json!({ "status": 503 }),
        "is that a gateway finds nobody" => {
            json!({ "status": 502, "body": "<html><h1>502 Bad Gateway</h1></html>" })
        }
        "is that a gateway waited too long" => json!({ "status": 504 }),
        "is an internal error" => json!({ "error": "E0000009" }),
        "is that policies are being reconciled" => json!({ "error": "E0000239" }),
        "is that the authorization server failed" => json!({ "error": "server_error" }),
        "is that the bucket is used up" => {
            json!({ "rate_limited": { "kind": "minute", "reset_in_seconds": 30 } })
        }
        "is that too many calls are in flight" => {
            json!({ "rate_limited": { "kind": "concurrency", "reset_in_seconds": 113 } })
        }
        "is that the bucket is used up, with two resets" => {
            json!({ "rate_limited": { "reset_in_seconds": 30 }, "duplicate_reset_header": 5 })
        }
        "is that the bucket is used up, with a date five minutes ahead" => {
            json!({ "rate_limited": { "reset_in_seconds": 30 }, "date_skew_seconds": 300 })
        }
        "is that the bucket is used up, without saying until when" => {
            json!({ "rate_limited": true, "drop_headers": ["X-Rate-Limit-Reset"] })
        }
        "is lost with its connection" => json!({ "reset_connection": true }),
        "is lost, and nothing was done" => json!({ "reset_connection": { "executed": false } }),
        "breaks off in the middle" => json!({ "truncate_body": true }),
        "is broken JSON" => json!({ "malformed_json": true }),
        "is labelled as a web page" => json!({ "wrong_content_type": "text/html" }),
        "is a web page" => json!({ "status": 200, "body": "<html>Please sign in</html>" }),
        "is an object that nobody asked for" => json!({ "body": { "status": "ok" } }),
        "comes late" => json!({ "delay_ms": 300 }),
        // Longer than any op may take.
        "comes too late for anybody" => json!({ "delay_ms": 600_000 }),
        "trickles in" => json!({ "slow_body": { "bytes": 400, "pause_ms": 5 } }),
        "has members that nobody documented" => json!({ "unknown_json_members": 5 }),
        "has header lines of a proxy" => {
            json!({ "headers": { "Via": "1.1 proxy", "X-Cache": ["MISS", "HIT"] } })
        }
        "lacks the rate-limit headers" => {
            json!({ "drop_headers": ["X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"] })
        }
        "is dated ten minutes ahead" => json!({ "date_skew_seconds": 600 }),
        "is dated ten minutes back" => json!({ "date_skew_seconds": -600 }),
        "has its links in one line" => json!({ "combine_link_lines": true }),
        "leads to the same page again" => json!({ "repeat_page": true }),
        "is an empty page that has a next one" => json!({ "empty_page_with_next": true }),
        "leads to a stranger" | "leads to the org without TLS" => json!({ "foreign_next_link": elsewhere }),
        "is a redirect to a stranger" | "is a redirect to the org without TLS" => moved(),
        "comes after the signing key was replaced" => json!({ "rotate_signing_key": true }),
        "comes after the token was revoked" => json!({ "revoke_token": true }),
        "comes late, and is that the org is overloaded" => json!({ "delay_ms": 100, "status": 503 }),
        _ => return None,
    })
}

/// From now on, of the answers about one kind of thing: the first, the second, some, all of them.
#[given(
    regex = r"^the org's (first|second|first two|first three|every) answers? about (users|groups|tokens|keys) ((?:is|are|has|have|lacks?|comes?|leads?|breaks?|trickles?) .+)$"
)]
async fn answers_are_ill(world: &mut World, which: String, about: String, words: String) -> Result<(), Stop> {
    let org = world.org().await?;
    // The org by another name is another origin, and what is asked for there is in the org's record.
    let own = match (&org.ready.handed_out, &org.ready.tls_base_url) {
        (Some(_), Some(url)) => url,
        _ => &org.ready.base_url,
    };
    let elsewhere = match words.ends_with("without TLS") {
        true => org.ready.base_url.clone(),
        false => own.replacen("127.0.0.1", STRANGER, 1),
    };
    let path = match about.as_str() {
        "tokens" => "/oauth2/v1/token".to_owned(),
        "keys" => "/oauth2/v1/keys".to_owned(),
        list => format!("/api/v1/{list}"),
    };
    let Some(fault) = ailment(&words, &path, &elsewhere) else {
        return Err(world.broke("step", format!("no fault makes that an answer {words}")));
    };
    let mut rule = json!({ "path": path });
    match which.as_str() {
        "first" => rule["times"] = json!(1),
        "second" => rule["nth"] = json!(2),
        "first two" => rule["times"] = json!(2),
        "first three" => rule["times"] = json!(3),
        _ => {}
    }
    world.poison.fault(&format!("the {which} answer about {about} {words}"));
    let added = org.add_fault(&json!({ "match": rule, "fault": fault })).await;
    world.need(added)
}

/// What was the matter is no more.
#[given("the org is well again")]
async fn is_well_again(world: &mut World) -> Result<(), Stop> {
    let org = world.org().await?;
    world.poison.cured();
    let removed = org.remove_faults().await;
    world.need(removed)
}
