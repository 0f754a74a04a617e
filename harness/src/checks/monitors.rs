//! What is judged in every scenario from the ledger (harness-anchors §4.3). A monitor speaks only when something is
//! wrong, so that a scenario's own checks stay what it is about.

use crate::{
    client::protocol::{Op, Outcome},
    suite::{
        outcome::{Check, Level, Verdict, Witness},
        world::Doing,
    },
    target::ledger::Ledger,
};

type Monitor = fn(&[Doing], &Ledger) -> Option<Finding>;

/// What a monitor found wrong.
struct Finding {
    expected: &'static str,
    observed: String,
    exchange: Option<u64>,
}

/// All monitors: the check's slug, how much it binds, and the judgement.
const MONITORS: &[(&str, Level, Monitor)] = &[
    ("claims-match-the-wire", Level::Must, claims_match_the_wire),
    ("no-secret-in-a-query", Level::Must, no_secret_in_a_query),
];

/// The findings of all monitors as checks of the scenario.
pub(crate) fn judge(id: &str, doings: &[Doing], ledger: &Ledger) -> Vec<Check> {
    MONITORS
        .iter()
        .filter_map(|(slug, level, monitor)| {
            let finding = monitor(doings, ledger)?;
            Some(Check {
                id: format!("{id}:{slug}"),
                level: *level,
                verdict: if *level == Level::Must { Verdict::Fail } else { Verdict::Warn },
                expected: finding.expected.to_owned(),
                observed: finding.observed,
                witness: Witness::Ledger,
                exchange: finding.exchange,
            })
        })
        .collect()
}

/// A client that says it did something must have asked the org for it.
fn claims_match_the_wire(doings: &[Doing], ledger: &Ledger) -> Option<Finding> {
    doings.iter().find_map(|doing| {
        if !matches!(doing.outcome, Outcome::Ok(_)) {
            return None;
        }
        let after = ledger.after(doing.after);
        let seen = match &doing.op {
            // A token from the cache needs no request, but some request must have brought it.
            Op::GetToken => !ledger.token_requests().is_empty(),
            Op::Call { path, .. } | Op::ListAll { path, .. } => {
                let path = path.split('?').next().unwrap_or_default();
                after.iter().any(|exchange| exchange.request.path() == path)
            }
            _ => true,
        };
        (!seen).then(|| Finding {
            expected: "a request on the wire for everything that the client reports as done",
            observed: format!(
                "the client reports `{}` as done, and the org saw no request for it",
                doing.op.name()
            ),
            exchange: None,
        })
    })
}

/// Secrets in a URL end up in logs.
fn no_secret_in_a_query(_: &[Doing], ledger: &Ledger) -> Option<Finding> {
    ledger.0.iter().find_map(|exchange| {
        let name = ["client_secret", "client_assertion", "access_token", "password"]
            .into_iter()
            .find(|name| exchange.request.query(name).is_some())?;
        Some(Finding {
            expected: "credentials only in headers and bodies",
            observed: format!("{name} in the query of {}", exchange.request.path()),
            exchange: Some(exchange.seq),
        })
    })
}
