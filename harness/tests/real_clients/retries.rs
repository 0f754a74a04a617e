//! What Okta's SDKs do on a bad day (ratelimit-oin-facts §1.11), judged by what the org saw: how many requests, how far
//! apart, with which headers. Where an SDK does something else than the facts' row says, the case says so.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::install::{node, python};
use crate::server::Server;
use crate::{node_sdk, python_sdk};

/// An SDK, and how it is run.
struct Sdk {
    name: &'static str,
    installed: PathBuf,
    server: fn() -> Server,
    app: &'static str,
    run: fn(&Path, &Server, &str, &[&str]) -> Vec<Value>,
    intent: &'static str,
    /// What `X-Okta-Retry-For` names: the request that was refused first (as the facts' row says), or last.
    retries_for: RetriesFor,
}

#[derive(Clone, Copy, PartialEq)]
enum RetriesFor {
    First,
    Last,
}

/// Python: `X-Okta-Retry-For` is set anew at each retry, to the request before; the facts' row says the first one.
fn python_sdk() -> Option<Sdk> {
    Some(Sdk {
        name: "Python",
        installed: python(&[python_sdk::OKTA_SDK])?,
        server: || Server::start(&[]),
        app: "service",
        run: python_sdk::through_the_sdk,
        intent: "one_page",
        retries_for: RetriesFor::Last,
    })
}

fn node_sdk() -> Option<Sdk> {
    Some(Sdk {
        name: "Node",
        installed: node(&[node_sdk::OKTA_SDK])?,
        server: node_sdk::org,
        app: "bearer",
        run: node_sdk::through_the_sdk,
        intent: "first_user",
        retries_for: RetriesFor::First,
    })
}

/// A bad day.
struct Case {
    what: &'static str,
    path: &'static str,
    fault: Value,
    times: u32,
    /// The statuses that the org gave, and what the caller was told.
    python: Expected,
    node: Expected,
}

type Expected = (&'static [u16], Told);

/// What the caller of an SDK is told.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// Users.
    Users,
    /// Neither users nor an error.
    Nothing,
    /// Not a word: what was promised never comes, and the program ends.
    Silence,
    /// An error, handed over or thrown: its type, and a part of its text.
    Error(&'static str, &'static str),
}

impl Told {
    fn is(self, outcome: &Value) -> bool {
        let error = ["error", "raised"].into_iter().map(|name| &outcome[name]).find(|error| !error.is_null());
        let users = outcome["count"].as_u64() > Some(0) || outcome["id"].is_string();
        if outcome.is_null() {
            return matches!(self, Self::Silence);
        }
        match (self, error) {
            (Self::Users, None) => users,
            (Self::Nothing, None) => !users,
            (Self::Error(kind, text), Some(error)) => {
                !users && error["type"] == kind && error["text"].to_string().contains(text)
            }
            _ => false,
        }
    }
}

const USERS: &str = "/api/v1/users";
const TOKEN: &str = "/oauth2/v1/token";

fn cases() -> Vec<Case> {
    let minute = json!({ "rate_limited": { "kind": "minute", "reset_in_seconds": 1 } });
    let crowded = json!({ "rate_limited": { "kind": "concurrency", "reset_in_seconds": 1 } });
    let twice = json!({ "rate_limited": { "kind": "minute", "reset_in_seconds": 0 }, "duplicate_reset_header": 3600 });
    let nowhere = json!({ "rate_limited": { "kind": "minute" }, "drop_headers": ["x-rate-limit-reset"] });
    let dated = json!({ "status": 503, "headers": { "x-rate-limit-reset": "1" } });
    let limited = |kind| Told::Error(kind, "API call exceeded rate limit due to too many requests.");
    vec![
        Case {
            what: "a bucket is used up for a moment",
            path: USERS,
            fault: minute.clone(),
            times: 1,
            python: (&[429, 200], Told::Users),
            node: (&[429, 200], Told::Users),
        },
        Case {
            what: "and for the second time",
            path: USERS,
            fault: minute.clone(),
            times: 2,
            python: (&[429, 429, 200], Told::Users),
            node: (&[429, 429, 200], Told::Users),
        },
        Case {
            what: "again and again: after the documented two retries the error is the caller's",
            path: USERS,
            fault: minute.clone(),
            times: 9,
            python: (&[429, 429, 429], limited("OktaAPIError")),
            node: (&[429, 429, 429], limited("OktaApiError")),
        },
        Case {
            what: "too many requests in flight, limit 0: waited for like a bucket",
            path: USERS,
            fault: crowded,
            times: 1,
            python: (&[429, 200], Told::Users),
            node: (&[429, 200], Told::Users),
        },
        Case {
            what: "the token endpoint's bucket",
            path: TOKEN,
            fault: minute,
            times: 1,
            python: (&[429, 200], Told::Users),
            node: (&[429, 200], Told::Users),
        },
        Case {
            what: "two resets: Python takes the smaller one, Node does not retry",
            path: USERS,
            fault: twice,
            times: 1,
            python: (&[429, 200], Told::Users),
            node: (&[429], limited("OktaApiError")),
        },
        Case {
            what: "a 429 without a reset",
            path: USERS,
            fault: nowhere,
            times: 1,
            python: (&[429], LOST),
            node: (&[429], limited("OktaApiError")),
        },
        Case {
            what: "503 without rate headers, as Okta sends it: Python wants a reset there, too",
            path: USERS,
            fault: json!({ "status": 503 }),
            times: 1,
            python: (&[503], LOST),
            node: (&[503], Told::Error("HttpError", "503")),
        },
        Case {
            what: "503 with a reset: Python retries, and at once; Node does not",
            path: USERS,
            fault: dated.clone(),
            times: 1,
            python: (&[503, 200], Told::Users),
            node: (&[503], Told::Error("HttpError", "503")),
        },
        Case {
            what: "503 again and again: for Python, at last, neither users nor an error",
            path: USERS,
            fault: dated,
            times: 9,
            python: (&[503, 503, 503], Told::Nothing),
            node: (&[503], Told::Error("HttpError", "503")),
        },
        Case {
            what: "half a body: nobody retries, and nobody says so (§1.11 is silent, too)",
            path: USERS,
            fault: json!({ "truncate_body": true }),
            times: 1,
            python: (&[200], LOST),
            node: (&[200], Told::Silence),
        },
    ]
}

/// What is left of an error that the Python SDK has before there is an answer to read: its generated methods ask the missing
/// answer for its status. The facts' row has the words of the lost one for an answer without a reset, "429 response must
/// have the 'X-Rate-Limit-Reset' and 'Date' headers".
const LOST: Told = Told::Error("AttributeError", "'NoneType' object has no attribute 'status'");

/// The org's clock is so far ahead: who measures by the clock of this machine waits minutes.
const AHEAD: i64 = 200;

/// How long a wait may be, in seconds, that is measured by the org's clock.
const PATIENCE: i64 = 100;

#[test]
fn the_python_sdk_retries_and_gives_up_as_documented() {
    let Some(sdk) = python_sdk() else { return };
    all(&sdk, |case| case.python);
}

#[test]
fn the_node_sdk_retries_and_gives_up_as_documented() {
    let Some(sdk) = node_sdk() else { return };
    all(&sdk, |case| case.node);
}

fn all(sdk: &Sdk, expected: fn(&Case) -> Expected) {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let cases = cases();
        let running: Vec<_> = cases
            .into_iter()
            .map(|case| scope.spawn(move || tried(sdk, &case, expected(&case)).err()))
            .collect();
        running.into_iter().filter_map(|case| case.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{} SDK:\n{}", sdk.name, failed.join("\n"));
}

/// Lets the SDK live through a case; what went otherwise than expected.
fn tried(sdk: &Sdk, case: &Case, (statuses, told): Expected) -> Result<(), String> {
    let server = (sdk.server)();
    server.control("PUT", "clock", &json!({ "advance_seconds": AHEAD }));
    let fault = json!({ "match": { "path": case.path, "times": case.times }, "fault": case.fault });
    server.control("POST", "faults", &fault);
    let outcomes = (sdk.run)(&sdk.installed, &server, sdk.app, &[sdk.intent]);
    let outcome = outcomes.first().unwrap_or(&Value::Null);
    let seen = Seen::of(&server.control("GET", "ledger", &Value::Null), case.path);
    let wrong = |what: &str| Err(format!("{}: {what}\n  {outcome}\n  {seen:?}", case.what));

    if seen.iter().map(|seen| seen.status).ne(statuses.iter().copied()) {
        return wrong(&format!("the org should have answered {statuses:?}"));
    }
    if !told.is(outcome) {
        return wrong(&format!("the caller should have been told {told:?}"));
    }
    for (nth, pair) in seen.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        if before.status == 429 && !(before.over()..before.over() + PATIENCE).contains(&after.at.as_second())
        {
            return wrong("the wait is the reset less Date, and a second");
        }
        let refused = if sdk.retries_for == RetriesFor::First { &seen[0] } else { before };
        if after.retry_for != Some(refused.id.clone()) || after.retry_count != Some((nth + 1).to_string()) {
            return wrong("the retry does not say what it is");
        }
    }
    match seen.first() {
        Some(first) if first.retry_for.is_none() && first.retry_count.is_none() => Ok(()),
        _ => wrong("the first request is no retry"),
    }
}

/// A bucket that is used up, and not a fault.
#[test]
fn the_node_sdk_survives_a_bucket_that_is_used_up() {
    let Some(sdk) = node_sdk() else { return };
    let server = node_sdk::org();
    let buckets = json!({ "buckets": { USERS: { "limit": 1, "window_seconds": 2 } } });
    server.control("PUT", "rate-limits", &buckets);
    let outcomes = (sdk.run)(&sdk.installed, &server, sdk.app, &[sdk.intent, sdk.intent]);
    assert!(outcomes.len() == 2 && outcomes.iter().all(|outcome| Told::Users.is(outcome)), "{outcomes:?}");
    let users = |status: u16| format!("GET {USERS} {status}");
    assert_eq!(server.seen(), ["POST /oauth2/v1/token 200".to_owned(), users(200), users(429), users(200)]);
}

/// An exchange of the ledger.
#[derive(Debug)]
struct Seen {
    at: Timestamp,
    status: u16,
    id: String,
    date: i64,
    reset: i64,
    retry_for: Option<String>,
    retry_count: Option<String>,
}

impl Seen {
    fn of(ledger: &Value, path: &str) -> Vec<Self> {
        let on_path = |exchange: &&Value| {
            let target = exchange["request"]["target"].as_str().unwrap();
            target.split('?').next() == Some(path)
        };
        ledger.as_array().unwrap().iter().filter(on_path).map(Self::read).collect()
    }

    fn read(exchange: &Value) -> Self {
        let line = |side: &str, name: &str| {
            let lines = exchange[side]["headers"].as_array().unwrap();
            let found = lines.iter().find(|line| line[0].as_str().unwrap().eq_ignore_ascii_case(name));
            found.map(|line| line[1].as_str().unwrap().to_owned())
        };
        let date = line("response", "date").unwrap();
        Self {
            at: exchange["time"].as_str().unwrap().parse().unwrap(),
            status: exchange["response"]["status"].as_u64().unwrap().try_into().unwrap(),
            id: line("response", "x-okta-request-id").unwrap(),
            date: jiff::fmt::rfc2822::parse(&date).unwrap().timestamp().as_second(),
            reset: line("response", "x-rate-limit-reset").map_or(0, |reset| reset.parse().unwrap()),
            retry_for: line("request", "x-okta-retry-for"),
            retry_count: line("request", "x-okta-retry-count"),
        }
    }

    /// When the wait is over: reset less `Date`, and a second, after the answer; whole seconds.
    fn over(&self) -> i64 {
        self.at.as_second() + self.reset - self.date + 1
    }
}
