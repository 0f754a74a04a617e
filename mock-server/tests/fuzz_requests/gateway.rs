//! Every operation, decided in process: no socket slows it down.

use std::net::{IpAddr, Ipv4Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use mock_server::exchange::{HeaderLines, Reply, Request, Trace};
use mock_server::org::{Org, OrgOptions, seed};
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::judge::{supervised, watch_panics, wrong};
use super::requests::{Credentials, Made};
use super::rows::Rows;
use super::values::Source;

/// So many requests go to one org.
const EPISODE: u64 = 1500;

/// So many findings are shown.
const SHOWN: usize = 40;

fn request(made: &Made, org: &Org) -> Option<Request> {
    let pairs = made.lines.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, value);
    }
    Some(Request {
        method: Method::from_bytes(made.method.as_bytes()).ok()?,
        target: made.target.clone(),
        headers,
        raw_headers: HeaderLines::default(),
        body: made.body.clone().into(),
        base_url: "http://127.0.0.1:8080".into(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        now: org.clock().now(),
    })
}

fn judged(reply: &Reply, method: &str) -> Option<String> {
    let line = |name: HeaderName| reply.headers.iter().find(|(known, _)| *known == name);
    let media_type =
        line(header::CONTENT_TYPE).and_then(|(_, value)| value.to_str().ok()).unwrap_or_default();
    let gap = reply.headers.iter().any(|(name, _)| name.as_str() == "x-orgtwin-not-implemented");
    wrong(reply.status.as_u16(), media_type, gap, &reply.body, method == "HEAD")
}

#[test]
fn every_operation_answers_whatever_it_is_asked() {
    watch_panics();
    let cases = super::cases(75, 4000);
    supervised(move |alive, under_way| {
        let (mut found, mut fine, mut done) = (Vec::new(), 0_u64, 0);
        let rows = Rows::of_the_org();
        let document = seed::dev();
        let options =
            OrgOptions { seed: Some(1), rate_limits: Some("off".to_owned()), ..OrgOptions::default() };
        let origin = Org::new(&document, &options).unwrap();
        for episode in 0.. {
            if done >= cases || found.len() > SHOWN {
                break;
            }
            let org = origin.fork(&options);
            let chance = ChaCha8Rng::seed_from_u64(super::seed() ^ (episode << 32));
            let many = EPISODE.min(cases - done);
            fine += run(&org, &rows, Source::new(chance), many, &mut found, |made| {
                under_way.is(made);
                alive.send(()).unwrap();
            });
            done += many;
        }
        // Requests that are all refused at the door would find nothing.
        assert!(fine * 10 > done, "{fine} of {done} were answered with a success");
        eprintln!("{done} requests, {fine} successes");
        found
    });
}

fn run(
    org: &Org,
    rows: &Rows,
    mut source: Source,
    many: u64,
    found: &mut Vec<String>,
    under_way: impl Fn(&Made),
) -> u64 {
    let who = Credentials::of(org);
    let mut fine = 0;
    // All reads first: they teach what there is. The others in any order.
    let mut reads: Vec<_> = rows.operations.iter().filter(|row| row.method == "GET").collect();
    reads.shuffle(&mut source.chance);
    reads.sort_by_key(|row| row.path.contains('{'));
    let mut reads = reads.into_iter();
    for nth in 0..many {
        let row = match (nth % 3 == 0).then(|| reads.next()).flatten() {
            Some(row) => row,
            None => &rows.operations[source.chance.random_range(0..rows.operations.len())],
        };
        // Who revokes the own token ends the story.
        if row.id == "revokeCurrentApiToken" && source.in_100(98) {
            continue;
        }
        let made = source.request(row, rows, &who);
        let Some(request) = request(&made, org) else { continue };
        under_way(&made);
        let answered = catch_unwind(AssertUnwindSafe(|| {
            mock_server::gateway::answer(org, &request, &mut Trace::default())
        }));
        let problem = match answered {
            Ok(reply) => {
                fine += u64::from(reply.status.is_success() || reply.status == StatusCode::FOUND);
                if reply.status.is_success() {
                    source.learn(&row.path, &reply.body);
                }
                // The administrator may be gone, with the token that opens everything.
                if reply.status == StatusCode::UNAUTHORIZED && !opens(org, &who) {
                    org.reset();
                }
                judged(&reply, &made.method)
            }
            Err(_) => Some(format!("panic: {}", super::judge::panics().join("; "))),
        };
        if let Some(problem) = problem {
            found.push(format!("{problem}\n{made}"));
        }
    }
    fine
}

/// Whether the first API token still opens the org.
fn opens(org: &Org, who: &Credentials) -> bool {
    let token = who.api_tokens.first().map_or(String::new(), |token| format!("SSWS {token}"));
    let made = Made {
        operation: String::new(),
        method: "GET".to_owned(),
        target: "/api/v1/groups?limit=1".to_owned(),
        lines: vec![("authorization".to_owned(), token.into_bytes())],
        body: Vec::new(),
    };
    let asked = request(&made, org);
    asked.is_some_and(|asked| {
        mock_server::gateway::answer(org, &asked, &mut Trace::default()).status == StatusCode::OK
    })
}
