//! The client's words against the wire (harness-anchors §4.2): each contradiction is a check of its own.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Finding, Scene};
use crate::{
    client::protocol::{Op, Outcome, Reason},
    target::{
        ledger::{Exchange, Ledger},
        second_address,
    },
};

/// What the path names, however it is written.
fn plain(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    percent_decode_str(path.trim_end_matches('/')).decode_utf8_lossy().into_owned()
}

/// The whole answer reached the client.
fn arrived(exchange: &Exchange) -> bool {
    exchange.sent.is_none()
}

fn is_success(exchange: &Exchange) -> bool {
    (200..300).contains(&exchange.response.status)
}

/// The path of an op that has one.
fn path_of(op: &Op) -> Option<String> {
    match op {
        Op::Call { path, .. } | Op::ListAll { path, .. } => Some(plain(path)),
        _ => None,
    }
}

/// Said done: the org was asked for it; and for a token, it gave one.
pub(super) fn done_on_the_wire(scene: &Scene<'_>) -> Option<Finding> {
    scene.doings.iter().find_map(|doing| {
        if !matches!(doing.outcome, Outcome::Ok(_)) {
            return None;
        }
        let expected = "a request on the wire for everything that the client reports as done";
        if doing.op == Op::GetToken {
            // A token from the cache needs no request, but some request must have brought it.
            let requests = scene.ledger.token_requests();
            let brought = requests.iter().any(|request| is_success(request) && arrived(request));
            let observed = match requests.len() {
                0 => "the client reports `get_token` as done, and the org saw no request for it".to_owned(),
                some => format!("the client reports a token, and none of {some} token requests brought one"),
            };
            return (!brought).then(|| Finding::said(expected, observed));
        }
        let path = path_of(&doing.op)?;
        let seen =
            scene.ledger.after(doing.after).iter().any(|exchange| plain(exchange.request.path()) == path);
        let name = doing.op.name();
        let observed = format!("the client reports `{name}` as done, and the org saw no request for it");
        (!seen).then(|| Finding::said(expected, observed))
    })
}

/// Said refused: somebody refused. What a client does not accept of an answer is its own affair (`validation`), and so is
/// what never came; but then it says so, or something was the matter.
pub(super) fn refused_by_somebody(scene: &Scene<'_>) -> Option<Finding> {
    scene.ops().find_map(|(doing, exchanges)| {
        let Outcome::Refused(refused) = &doing.outcome else { return None };
        let of_the_org = matches!(refused.reason, Some(Reason::HttpStatus | Reason::RetriesExhausted))
            || (refused.reason.is_none() && refused.status.is_some());
        let (via, _) = second_address::VIA;
        let smooth = |exchange: &&Exchange| {
            (is_success(exchange) || exchange.response.status == 302)
                && !exchange.response.is_refusal()
                && exchange.faults.is_empty()
                && arrived(exchange)
                && exchange.request.headers(via).next().is_none()
        };
        (of_the_org && !exchanges.is_empty() && exchanges.iter().all(smooth)).then(|| {
            let (name, words) = (doing.op.name(), doing.outcome.words());
            let observed = format!("`{name}`: {words}; all {} answers were successes", exchanges.len());
            Finding::said(
                "a refusal by the org for everything that the client reports as refused by it",
                observed,
            )
        })
    })
}

/// Said so many: so many were in the pages.
pub(super) fn count_of_the_pages(scene: &Scene<'_>) -> Option<Finding> {
    scene.ops().find_map(|(doing, exchanges)| {
        let (Op::ListAll { path, key }, Outcome::Ok(achieved)) = (&doing.op, &doing.outcome) else {
            return None;
        };
        let told = achieved.count.or_else(|| achieved.values.as_ref().map(Vec::len))?;
        let path = plain(path);
        // An address that was read twice is one page, as it was read last.
        let mut pages: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for page in exchanges.iter().filter(|page| plain(page.request.path()) == path && is_success(page)) {
            if !arrived(page) {
                continue;
            }
            if page.response.body_truncated {
                return None;
            }
            // What is no list was not read; whether that is told is another check's.
            let Value::Array(elements) = page.response.json() else { return None };
            let named = elements.iter().map(|element| element.get(key).unwrap_or(element).to_string());
            pages.insert(&page.request.target, named.collect());
        }
        if pages.is_empty() {
            return None;
        }
        let mut all: Vec<&String> = pages.values().flatten().collect();
        let most = all.len();
        all.sort();
        all.dedup();
        // Who drops what came twice is as right as who does not.
        (!(all.len()..=most).contains(&told)).then(|| {
            let observed = format!("the client reports {told}, and its {} pages held {most}", pages.len());
            Finding::said("as many elements as the pages held that the client read", observed)
        })
    })
}

/// Said a status: an answer had it.
pub(super) fn status_of_an_answer(scene: &Scene<'_>) -> Option<Finding> {
    scene.ops().find_map(|(doing, exchanges)| {
        let so_far = exchanges.last().map_or(doing.after, |last| last.seq);
        let told = match &doing.outcome {
            Outcome::Ok(achieved) => achieved.status,
            Outcome::Refused(refused) => refused.status,
            _ => None,
        }?;
        let path = path_of(&doing.op);
        let of_it = |exchange: &&Exchange| match (&doing.outcome, &path) {
            // A success is that of the call; a refusal may be that of its token.
            (Outcome::Ok(_), Some(path)) => plain(exchange.request.path()) == *path,
            _ => true,
        };
        let mut answers: Vec<u16> = scene
            .exchanges()
            .filter(|exchange| exchange.seq <= so_far)
            .filter(of_it)
            .map(|exchange| exchange.response.status)
            .collect();
        let no_answer = answers.is_empty();
        answers.sort_unstable();
        answers.dedup();
        (!no_answer && !answers.contains(&told)).then(|| {
            let had = answers.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            let observed =
                format!("`{}`: the client reports {told}, and the org answered {had}", doing.op.name());
            Finding::said("a status that an answer of the org had", observed)
        })
    })
}

/// Said a scope: a token had it.
pub(super) fn scope_of_a_token(scene: &Scene<'_>) -> Option<Finding> {
    let issued = issued_scopes(scene.ledger);
    scene.doings.iter().find_map(|doing| {
        let (Op::GetToken, Outcome::Ok(achieved)) = (&doing.op, &doing.outcome) else { return None };
        let made_up = achieved.scope.iter().flatten().find(|told| !issued.contains(&told.as_str()))?;
        // No token at all is another contradiction.
        (!issued.is_empty()).then(|| {
            let observed =
                format!("the client reports {made_up}, and tokens were issued for {}", issued.join(" "));
            Finding::said("scopes that a token of the org has", observed)
        })
    })
}

fn issued_scopes(ledger: &Ledger) -> Vec<&str> {
    let tokens = ledger.0.iter().filter_map(|exchange| exchange.client.issued.as_ref());
    tokens.flat_map(|token| token.scopes.iter().map(String::as_str)).collect()
}
