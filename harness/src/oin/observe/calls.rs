//! Observations of the calls of the Management API.

use super::{Observed, all};
use crate::oin::{
    finding::{Finding, Outcome},
    traffic::Sent,
};
use crate::operations;

/// What HTTP libraries call themselves when nobody else does.
const LIBRARIES: &[&str] = &[
    "aiohttp",
    "apache-httpclient",
    "axios",
    "curl",
    "go-http-client",
    "got",
    "guzzlehttp",
    "hyper",
    "java",
    "java-http-client",
    "libwww-perl",
    "node",
    "node-fetch",
    "okhttp",
    "postmanruntime",
    "python-httpx",
    "python-requests",
    "python-urllib",
    "reqwest",
    "ruby",
    "undici",
    "wget",
];
/// Lists with a greatest page, and how large it is.
const PAGES: &[(&str, u32)] = &[("/api/v1/users", 200), ("/api/v1/apps", 200), ("/api/v1/logs", 1000)];

/// OIN-012. A call without any credentials is not this item's.
pub(super) fn bearer(observed: &Observed<'_>) -> Finding {
    let with = observed
        .calls()
        .filter(|sent| sent.header("authorization").is_some() || sent.parameter("access_token").is_some());
    all(with, "calls", |sent| {
        let scheme = sent.header("authorization").unwrap_or_default().split(' ').next().unwrap_or_default();
        if sent.parameter("access_token").is_some() {
            Some("the token is in the address".to_owned())
        } else if scheme == "Bearer" || scheme == "DPoP" {
            None
        } else {
            Some(format!("the scheme is {scheme}"))
        }
    })
}

/// OIN-032.
pub(super) fn no_person(observed: &Observed<'_>) -> Finding {
    let finding = all(observed.sent.iter().copied(), "requests", |sent| {
        let path = sent.path();
        let me = ["/api/v1/users/me", "/api/v1/sessions/me"];
        let of_me =
            |me: &&str| path.strip_prefix(*me).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let person = me.iter().any(of_me)
            || path == "/oauth2/v1/userinfo"
            || path == "/api/v1/authn" && !sent.is_a_suites_call();
        (person && !sent.was_asked_for(path)).then(|| format!("{path} is about a person who is signed in"))
    });
    match finding.outcome {
        Outcome::Holds => Finding::holds("no request is about a person who is signed in"),
        _ => finding,
    }
}

/// OIN-046.
pub(super) fn user_agent(observed: &Observed<'_>) -> Finding {
    all(observed.sent.iter().copied(), "requests", |sent| {
        let agent = sent.header("user-agent").unwrap_or_default();
        let product = agent.split(['/', ' ']).next().unwrap_or_default().to_lowercase();
        if agent.is_empty() {
            Some("there is no User-Agent".to_owned())
        } else if LIBRARIES.contains(&product.as_str()) {
            Some(format!("{agent} is the name of a library"))
        } else if !agent.contains('/') {
            Some(format!("{agent} names no version, as Name/1.2"))
        } else {
            None
        }
    })
}

/// OIN-052.
pub(super) fn content_length(observed: &Observed<'_>) -> Finding {
    let empty = observed
        .sent
        .iter()
        .copied()
        .filter(|sent| matches!(sent.method(), "POST" | "PUT") && sent.exchange.request_body.is_empty());
    all(empty, "POST and PUT requests without a body", |sent| {
        let told = sent.header("content-length").is_some();
        (!told).then(|| "there is no Content-Length".to_owned())
    })
}

/// The row of a call's operation; nothing for what the scenario asked for.
fn own(sent: Sent<'_>) -> bool {
    !sent.is_astray() && !sent.was_asked_for(sent.path())
}

/// OIN-053.
pub(super) fn documented(observed: &Observed<'_>) -> Finding {
    all(observed.sent.iter().copied().filter(|sent| own(*sent)), "requests", |sent| {
        let path = sent.path();
        if path.starts_with("/api/internal") || path.starts_with("/admin") {
            return Some(format!("{path} is private"));
        }
        // The org answers with Okta's own rules: a path with a slash too many is the path.
        let known = sent.exchange.operation.is_some() || operations::has_path(path);
        (!known).then(|| format!("{path} is not documented"))
    })
}

/// OIN-054.
pub(super) fn not_deprecated(observed: &Observed<'_>) -> Finding {
    let finding = all(observed.sent.iter().copied().filter(|sent| own(*sent)), "requests", |sent| {
        let operation = sent.exchange.operation.as_deref().and_then(operations::of_id);
        if sent.path().starts_with("/api/v1/events") {
            Some("/api/v1/events is gone: read the System Log".to_owned())
        } else if operation.is_some_and(|row| row.lifecycle.to_lowercase().contains("deprecated")) {
            Some(format!("{} is deprecated", sent.path()))
        } else {
            None
        }
    });
    match finding.outcome {
        Outcome::Holds => Finding::holds("nothing deprecated was called"),
        _ => finding,
    }
}

/// OIN-043: the first pages that the client chose the size of. A small page on purpose is advice, not a fault.
pub(super) fn page_size(observed: &Observed<'_>) -> Finding {
    if !observed.own_pages {
        return Finding::new(
            Outcome::Open,
            "an adapter reads the pages that the suite asks for; a client that is driven by a profile chooses its own",
        );
    }
    let lists = observed.calls().filter(|sent| {
        let first = sent.parameter("after").is_none() && sent.method() == "GET";
        first
            && PAGES.iter().any(|(path, _)| sent.path() == *path)
            && !sent.was_asked_for("limit=")
            && own_size(*sent)
    });
    let mut finding = all(lists, "first pages of lists", |sent| {
        let most = PAGES.iter().find(|(path, _)| sent.path() == *path).map(|(_, most)| *most)?;
        let size = sent.parameter("limit")?.parse::<u32>().ok()?;
        (size < most).then(|| format!("{} is read by {size}, and {most} would do", sent.path()))
    });
    if finding.outcome == Outcome::Fails {
        finding.outcome = Outcome::Warns;
    }
    finding
}

/// The scenario says nothing of the size of a page.
fn own_size(sent: Sent<'_>) -> bool {
    !sent.judged.steps.iter().any(|step| step.text.contains("pages of") || step.text.contains("size of"))
        && sent
            .judged
            .scenario
            .requirements
            .iter()
            .all(|id| id != "OKTA-PAGINATION-DEFAULTS" && !id.starts_with("OKTA-LOG"))
}

/// OIN-081.
pub(super) fn token_then_call(observed: &Observed<'_>) -> Finding {
    let mut got: Option<Sent<'_>> = None;
    for sent in observed.sent.iter().copied() {
        if sent.is_for_a_token() && sent.succeeded() {
            got = Some(sent);
        }
        let same = got.filter(|token| token.judged.scenario.id == sent.judged.scenario.id);
        if let Some(token) = same
            && sent.is_a_call()
            && sent.succeeded()
        {
            let said = "a token, then a call with it, both successful";
            return Finding::holds(said).with([token.evidence(), sent.evidence()]);
        }
    }
    match observed.sent.last() {
        None => Finding::not_judged("the client sent nothing"),
        Some(last) => {
            Finding::fails("no scenario has a token and then a successful call").with([last.evidence()])
        }
    }
}
