use std::sync::atomic::AtomicUsize;

use bytes::Bytes;
use http::{HeaderMap, Method};
use proptest::prelude::*;

use super::*;
use crate::exchange::{Delivery, Reply, Sent, Trace};
use crate::org::OrgOptions;
use crate::org::seed::dev;

fn org() -> Org {
    Org::new(&dev(), &OrgOptions { seed: Some(1), ..OrgOptions::default() }).unwrap()
}

fn request(method: Method, target: &str) -> Request {
    Request {
        method,
        target: target.to_owned(),
        headers: HeaderMap::new(),
        raw_headers: Default::default(),
        body: Bytes::new(),
        base_url: "http://o".into(),
        peer: [127, 0, 0, 1].into(),
        now: "2026-11-25T00:00:00Z".parse().unwrap(),
    }
}

fn with(wishes: &[Value]) -> Faults {
    let faults = Faults::default();
    for wish in wishes {
        faults.add(Wish::parse(wish).unwrap(), 1);
    }
    faults
}

/// Which of so many equal requests are struck, and by which faults.
fn struck_of(faults: &Faults, org: &Org, request: &Request, requests: usize) -> Vec<Vec<String>> {
    let strike = |_| {
        let mut trace = Trace::default();
        if let Some(struck) = faults.strike(org, request) {
            struck.finish(org, request, &mut trace, Reply::empty(http::StatusCode::OK));
        }
        trace.faults
    };
    (0..requests).map(strike).collect()
}

#[test]
fn rules_admit_by_method_path_and_number() {
    let org = org();
    let get = request(Method::GET, "/api/v1/users?limit=2");
    for (rule, expected) in [
        (json!({}), [true, true, true]),
        (json!({ "method": "get" }), [true, true, true]),
        (json!({ "method": "POST" }), [false, false, false]),
        (json!({ "path": "/api/v1/users" }), [true, true, true]),
        (json!({ "path": "/api/v1" }), [true, true, true]),
        (json!({ "path": "/api/v1/*" }), [true, true, true]),
        (json!({ "path": "/api/v1/groups" }), [false, false, false]),
        (json!({ "nth": 2 }), [false, true, false]),
        (json!({ "nth": 2, "times": 2 }), [false, true, true]),
        (json!({ "times": 1 }), [true, false, false]),
        (json!({ "times": 2 }), [true, true, false]),
        (json!({ "probability": 1 }), [true, true, true]),
        (json!({ "client": "nobody" }), [false, false, false]),
    ] {
        let faults = with(&[json!({ "match": rule, "fault": { "status": 503 } })]);
        let struck = struck_of(&faults, &org, &get, 3).iter().map(|ids| !ids.is_empty()).collect::<Vec<_>>();
        assert_eq!(struck, expected, "{rule}");
    }
}

#[test]
fn faults_compose_in_their_order_and_one_of_them_answers() {
    let org = org();
    let faults = with(&[
        json!({ "match": { "times": 1 }, "fault": { "status": 503 } }),
        json!({ "match": { "times": 1 }, "fault": { "rate_limited": true } }),
        json!({ "match": { "times": 2 }, "fault": { "drop_headers": ["Server"] } }),
        json!({ "match": { "nth": 3 }, "fault": { "delay_ms": 1 } }),
    ]);
    let struck = struck_of(&faults, &org, &request(Method::GET, "/api/v1/users"), 4);
    assert_eq!(struck, [vec!["f1", "f3"], vec!["f2", "f3"], vec!["f4"], vec![]]);
    assert_eq!(faults.live.load(Ordering::Acquire), 0, "what is spent costs nothing");
    let shown = faults.get("f3").unwrap();
    assert_eq!((&shown["fired"], &shown["remaining"]), (&json!(2), &json!(0)));
    assert!(faults.remove("f3") && !faults.remove("f3"));
    faults.reset();
    assert_eq!(faults.add(Wish::parse(&json!({ "fault": { "status": 500 } })).unwrap(), 1), "f1");
}

#[test]
fn wishes_that_cannot_be_are_told_why() {
    for (wish, part) in [
        (json!([]), "\"fault\""),
        (json!({ "match": {} }), "fault is missing"),
        (json!({ "fault": {} }), "says nothing"),
        (json!({ "fault": "status" }), "there are rotate_signing_key"),
        (json!({ "fault": { "statsu": 503 } }), "did you mean \"status\"?"),
        (json!({ "fault": { "status": 503 }, "macth": {} }), "did you mean \"match\"?"),
        (json!({ "status": 503 }), "it belongs into \"fault\""),
        (json!({ "match": { "times": 0 }, "fault": { "status": 503 } }), "match.times: 0"),
        (json!({ "match": { "nth": "2" }, "fault": { "status": 503 } }), "match.nth: \"2\""),
        (json!({ "match": { "probability": 1.5 }, "fault": { "status": 503 } }), "above 0 and up to 1"),
        (json!({ "match": { "probability": 0 }, "fault": { "status": 503 } }), "above 0 and up to 1"),
        (json!({ "match": { "methd": "GET" }, "fault": { "status": 503 } }), "did you mean \"method\"?"),
        (json!({ "match": { "path": "api" }, "fault": { "status": 503 } }), "match.path: \"api\""),
        (json!({ "match": { "path": "/a?b" }, "fault": { "status": 503 } }), "has a query"),
        (json!({ "match": [], "fault": { "status": 503 } }), "match: [] is no object"),
        (json!({ "fault": { "error": "E9999999" } }), "neither catalogue has \"E9999999\""),
        (json!({ "fault": { "error": "sever_error" } }), "did you mean \"server_error\"?"),
        (json!({ "fault": { "foreign_next_link": "attacker" } }), "is no origin"),
        (json!({ "fault": { "drop_headers": ["Content-Length"] } }), "content-length frames the body"),
        (json!({ "fault": { "headers": { "Content-Length": "1" } } }), "content-length frames the body"),
        (json!({ "fault": { "rate_limited": true, "status": 503 } }), "an answer of its own"),
    ] {
        let message = Wish::parse(&wish).unwrap_err().to_string();
        assert!(message.contains(part), "{wish}: {message}");
    }
}

/// The reply of a page, after a fault.
fn page(fault: Value, lines: &[&str]) -> Delivery {
    let org = org();
    let faults = with(&[json!({ "fault": fault })]);
    let request = request(Method::GET, "/api/v1/users?limit=1");
    let struck = faults.strike(&org, &request).unwrap();
    let mut reply = Reply::json(http::StatusCode::OK, r#"[{"id":"00u1"}]"#);
    for line in lines {
        reply = reply.with_text(http::header::LINK, line);
    }
    struck.finish(&org, &request, &mut Trace::default(), reply)
}

fn links(delivery: &Delivery) -> Vec<&str> {
    let lines = delivery.reply.headers.iter().filter(|(name, _)| *name == http::header::LINK);
    lines.map(|(_, value)| value.to_str().unwrap()).collect()
}

const SELF: &str = "<http://o/api/v1/users?limit=1>; rel=\"self\"";
const NEXT: &str = "<http://o/api/v1/users?after=x&limit=1>; rel=\"next\"";

#[test]
fn links_lead_astray() {
    let both = [SELF, NEXT];
    let own = SELF.replace("self", "next");
    assert_eq!(links(&page(json!({ "repeat_page": true }), &both)), [SELF, &own]);
    assert_eq!(links(&page(json!({ "repeat_page": true }), &[SELF])), [SELF, &own]);
    let foreign = page(json!({ "foreign_next_link": "http://evil.example:81/" }), &both);
    assert_eq!(links(&foreign)[1], "<http://evil.example:81/api/v1/users?after=x&limit=1>; rel=\"next\"");
    let combined = format!("{SELF}, {NEXT}");
    assert_eq!(links(&page(json!({ "combine_link_lines": true }), &both)), [&combined]);
    assert_eq!(links(&page(json!({ "combine_link_lines": true }), &[])), Vec::<&str>::new());
    let empty = page(json!({ "empty_page_with_next": true }), &both);
    assert_eq!(empty.reply.body, "[]");
    assert!(links(&empty)[1].starts_with("<http://o/api/v1/users?limit=1&pageState="), "{empty:?}");
}

#[test]
fn bodies_are_damaged() {
    assert_eq!(page(json!({ "malformed_json": true }), &[]).reply.body, r#"[{"id":"00u1"}"#);
    assert_eq!(page(json!({ "body": { "a": 1 } }), &[]).reply.body, r#"{"a":1}"#);
    assert_eq!(page(json!({ "body": "<html>" }), &[]).reply.headers[0].1, "text/html; charset=UTF-8");
    let more = page(json!({ "unknown_json_members": 3 }), &[]).reply.body;
    let more: Value = serde_json::from_slice(&more).unwrap();
    assert_eq!(more[0].as_object().unwrap().len(), 4, "{more}");
    assert_eq!(page(json!({ "truncate_body": true }), &[]).manner.cut, Some(7));
    assert_eq!(page(json!({ "truncate_body": 3 }), &[]).manner.cut, Some(3));
    assert_eq!(page(json!({ "truncate_body": 15 }), &[]).manner.cut, None, "that is all of it");
    assert!(page(json!({ "reset_connection": true }), &[]).manner.reset);
}

#[test]
fn chaos_strikes_about_so_many_and_the_same_ones_again() {
    let org = org();
    let struck = |seed| {
        let faults = Faults::new(Some(Chaos { percent: 20.0, seed }));
        let first = struck_of(&faults, &org, &request(Method::GET, "/api/v1/users"), 2000);
        faults.reset();
        assert_eq!(struck_of(&faults, &org, &request(Method::GET, "/api/v1/users"), 2000), first);
        assert!(faults.strike(&org, &request(Method::POST, "/oauth2/v1/token")).is_none());
        first
    };
    let hit = struck(1).iter().filter(|ids| !ids.is_empty()).count();
    assert!((300..500).contains(&hit), "{hit} of 2000");
    assert_ne!(struck(1), struck(2));
    assert_eq!(fault_kinds().chaos().len(), Faults::new(Some(Chaos { percent: 1.0, seed: 1 })).list().len());
}

#[test]
fn what_was_not_sent_is_noted() {
    let org = org();
    let request = request(Method::GET, "/api/v1/users");
    for (fault, sent) in [
        (json!({ "reset_connection": true, "truncate_body": 1 }), Sent::Nothing),
        (json!({ "truncate_body": 1 }), Sent::Part),
        (json!({ "delay_ms": 1 }), Sent::Whole),
    ] {
        let faults = with(&[json!({ "fault": fault })]);
        let mut trace = Trace::default();
        let reply = Reply::json(http::StatusCode::OK, "[]");
        faults.strike(&org, &request).unwrap().finish(&org, &request, &mut trace, reply);
        assert_eq!(trace.sent, sent, "{fault}");
        assert_eq!(trace.steps[0].step, "fault");
    }
}

proptest! {
    /// Exactly the wished ones are struck, whatever the rule.
    #[test]
    fn a_fault_strikes_from_the_nth_and_so_many_times(nth in 1_u64..6, times in 1_u64..6, requests in 0_usize..12) {
        let org = org_once();
        let faults = with(&[json!({ "match": { "nth": nth, "times": times }, "fault": { "delay_ms": 1 } })]);
        let struck = struck_of(&faults, org, &request(Method::GET, "/x"), requests);
        for (at, ids) in struck.iter().enumerate() {
            let number = at as u64 + 1;
            prop_assert_eq!(!ids.is_empty(), (nth..nth + times).contains(&number));
        }
    }

    /// Never more often than it may, with many requests at the same moment; and no less if there are enough of them.
    #[test]
    fn times_is_kept_in_parallel(nth in 1_u64..10, times in 1_u64..20, each in 1_usize..20) {
        const THREADS: usize = 4;
        let org = org_once();
        let faults = with(&[
            json!({ "match": { "nth": nth, "times": times }, "fault": { "delay_ms": 1 } }),
            json!({ "match": { "times": times }, "fault": { "status": 503 } }),
        ]);
        let hits = [AtomicUsize::new(0), AtomicUsize::new(0)];
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for ids in struck_of(&faults, org, &request(Method::GET, "/x"), each) {
                        for id in ids {
                            hits[usize::from(id == "f2")].fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let requests = (THREADS * each) as u64;
        let expected = [times.min((requests + 1).saturating_sub(nth)), times.min(requests)];
        prop_assert_eq!(hits.map(|hits| hits.into_inner() as u64), expected);
        let live = usize::from(expected[0] < times) + usize::from(expected[1] < times);
        prop_assert_eq!(faults.live.load(Ordering::Acquire), live);
    }

    /// Any JSON is read or refused, never more.
    #[test]
    fn no_wish_panics(text in "\\PC{0,40}", number in any::<i64>(), kind in 0_usize..21) {
        let kind = kinds::names().nth(kind).unwrap();
        for value in [json!(text), json!(number), json!([text]), json!({ text.clone(): number }), json!(null), json!(true)] {
            let wish = Wish::parse(&json!({ "match": { "path": text, "nth": number }, "fault": { kind: value } }));
            let other = Wish::parse(&json!({ "fault": { kind: value }, "match": {} }));
            if let Ok(other) = other {
                let org = org_once();
                let faults = Faults::default();
                faults.add(other, 1);
                let request = request(Method::GET, "/api/v1/users?limit=1");
                let mut trace = Trace::default();
                let struck = faults.strike(org, &request).unwrap();
                let reply = struck.answer(org, &request, &mut trace).unwrap_or_else(|| Reply::json(http::StatusCode::OK, "[{}]"));
                struck.finish(org, &request, &mut trace, reply);
            }
            drop(wish);
        }
    }
}

fn org_once() -> &'static Org {
    static ORG: std::sync::OnceLock<Org> = std::sync::OnceLock::new();
    ORG.get_or_init(org)
}
