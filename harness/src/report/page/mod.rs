//! `report.html`: the run on one page for the author of an integration. One file without anything from elsewhere; it is
//! read without scripts, on a phone, on paper, in the light and in the dark.

pub(super) mod matrix;

use std::io;

use askama::Template;

use self::matrix::Area;
use super::{
    record::{CheckRecord, ExchangeRecord, Footer, Header, StepRecord, StepState},
    run::{Judged, Run},
    verdict::{self, seen_by},
};
use crate::{
    requirements::{self, Requirement},
    suite::outcome::{Claim, Level, Verdict},
};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
/// The headers that decide, and are shown; the others are folded away.
const TELLING: &[&str] = &[
    "authorization",
    "content-type",
    "dpop",
    "dpop-nonce",
    "link",
    "location",
    "retry-after",
    "user-agent",
    "www-authenticate",
    "x-okta-request-id",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
];

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'r> {
    style: &'static str,
    script: &'static str,
    header: &'r Header,
    footer: &'r Footer,
    claim: &'static str,
    why: &'static str,
    tone: &'static str,
    numbers: String,
    took: String,
    parts: Vec<Part>,
    failures: Vec<Failure<'r>>,
    warnings: Vec<Failure<'r>>,
    known: Vec<Failure<'r>>,
    skipped: Vec<(&'r Judged, &'r str)>,
    areas: Vec<Area>,
    requirements: usize,
    scenarios: &'r [Judged],
}

/// A part of the bar that shows how many came to what.
struct Part {
    count: usize,
    name: &'static str,
    tone: &'static str,
}

/// A scenario that shows what is wrong.
struct Failure<'r> {
    judged: &'r Judged,
    requirements: Vec<Named<'r>>,
    checks: Vec<Wrong<'r>>,
    others: Vec<Wire<'r>>,
    reproduce: String,
}

/// A requirement by its id, with the register's words if it has any.
struct Named<'r> {
    id: &'r str,
    known: Option<&'static Requirement>,
}

/// A check that does not hold.
struct Wrong<'r> {
    check: &'r CheckRecord,
    seen_by: &'static str,
    /// What it rests on, unless the check before has shown it.
    evidence: Option<Wire<'r>>,
}

/// An exchange, its headers in two heaps.
struct Wire<'r> {
    exchange: &'r ExchangeRecord,
    asked: Vec<&'r (String, String)>,
    answered: Vec<&'r (String, String)>,
    folded: Vec<(&'static str, &'r (String, String))>,
    request_body: String,
    response_body: String,
}

/// The run as a page.
///
/// # Errors
/// The template cannot be filled.
pub(super) fn text(run: &Run) -> io::Result<String> {
    let (claim, why) = verdict::meaning(&run.footer);
    let counts = run.footer.counts;
    let parts = [
        (counts.passed, "passed", "good"),
        (counts.warned, "with warnings", "warn"),
        (counts.failed, "failed", "bad"),
        (counts.untestable, "untestable", "open"),
        (counts.errors, "broken", "broken"),
        (counts.unexpected_pass, "against the baseline", "bad"),
        (counts.expected_fail + counts.flaky, "known to fail", "warn"),
        (counts.not_applicable, "not applicable", "none"),
        (counts.not_run, "not run", "none"),
    ];
    let of = |wanted: fn(Verdict) -> bool| {
        let arguments = run.header.run_arguments.as_str();
        let chosen = run.scenarios.iter().filter(move |judged| wanted(judged.scenario.verdict));
        let mut chosen: Vec<&Judged> = chosen.collect();
        chosen.sort_by_key(|judged| std::cmp::Reverse(judged.scenario.verdict));
        chosen.into_iter().map(|judged| Failure::of(judged, arguments)).collect::<Vec<_>>()
    };
    let not_applicable =
        run.scenarios.iter().filter(|judged| judged.scenario.verdict == Verdict::NotApplicable);
    let areas = matrix::areas(run);
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        header: &run.header,
        footer: &run.footer,
        claim,
        why,
        tone: match run.footer.exit {
            0 if run.footer.claim == Claim::Partial || counts.warned > 0 => "warn",
            0 => "good",
            1 => "bad",
            _ => "open",
        },
        numbers: verdict::numbers(&run.footer),
        took: verdict::seconds(run.footer.milliseconds),
        parts: parts
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, name, tone)| Part { count, name, tone })
            .collect(),
        failures: of(|verdict| verdict > Verdict::Warn),
        warnings: of(|verdict| verdict == Verdict::Warn),
        known: of(|verdict| matches!(verdict, Verdict::ExpectedFail | Verdict::Flaky)),
        skipped: not_applicable
            .map(|judged| (judged, judged.scenario.reason.as_deref().unwrap_or("no reason given")))
            .collect(),
        requirements: areas.iter().map(|area| area.rows.len()).sum(),
        areas,
        scenarios: &run.scenarios,
    };
    page.render().map_err(io::Error::other)
}

impl<'r> Failure<'r> {
    fn of(judged: &'r Judged, run_arguments: &str) -> Self {
        let mut shown: Vec<u64> = Vec::new();
        let checks = judged.bad().map(|check| {
            let evidence = judged.evidence(check).filter(|exchange| !shown.contains(&exchange.seq));
            shown.extend(evidence.map(|exchange| exchange.seq));
            Wrong { check, seen_by: seen_by(check.check.witness), evidence: evidence.map(Wire::of) }
        });
        let checks = checks.collect();
        let others = judged.exchanges.iter().filter(|exchange| !shown.contains(&exchange.seq));
        Self {
            judged,
            requirements: matrix::named(judged)
                .into_iter()
                .filter(|(_, verdict)| *verdict > Verdict::Pass)
                .map(|(id, _)| Named { id, known: requirements::find(id) })
                .collect(),
            checks,
            others: others.map(Wire::of).collect(),
            reproduce: verdict::reproduce(run_arguments, &judged.scenario.id),
        }
    }
}

impl<'r> Wire<'r> {
    fn of(exchange: &'r ExchangeRecord) -> Self {
        let dull = |pair: &&(String, String)| !TELLING.contains(&pair.0.to_lowercase().as_str());
        let told = |headers: &'r [(String, String)]| headers.iter().filter(|pair| !dull(pair)).collect();
        let folded = (exchange.request_headers.iter().map(|pair| (">", pair)))
            .chain(exchange.response_headers.iter().map(|pair| ("<", pair)))
            .filter(|(_, pair)| dull(pair));
        Self {
            asked: told(&exchange.request_headers),
            answered: told(&exchange.response_headers),
            folded: folded.collect(),
            request_body: laid_out(&exchange.request_body),
            response_body: laid_out(&exchange.response_body),
            exchange,
        }
    }
}

/// JSON over lines, a form a parameter a line; anything else as it is.
fn laid_out(body: &str) -> String {
    if let Ok(value @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) =
        serde_json::from_str::<serde_json::Value>(body)
    {
        return format!("{value:#}");
    }
    if body.contains('=') && !body.contains(['\n', '<', '{']) {
        body.replace('&', "\n&")
    } else {
        body.to_owned()
    }
}

/// A verdict as a person reads it.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "holds",
        Verdict::Fail => "fails",
        Verdict::Warn => "warning",
        Verdict::NotApplicable => "not applicable",
        Verdict::Untestable => "untestable",
        Verdict::Error => "broken",
        Verdict::ExpectedFail => "known to fail",
        Verdict::Flaky => "known to be flaky",
        Verdict::UnexpectedPass => "holds, against the baseline",
    }
}

/// The colour of a verdict.
fn tone(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "good",
        Verdict::Warn | Verdict::ExpectedFail | Verdict::Flaky => "warn",
        Verdict::Fail | Verdict::UnexpectedPass => "bad",
        Verdict::Untestable => "open",
        Verdict::Error => "broken",
        Verdict::NotApplicable => "none",
    }
}

fn level(level: &Level) -> &'static str {
    verdict::level(*level)
}

fn mark(step: &StepRecord) -> &'static str {
    match step.state {
        StepState::Passed => "good",
        StepState::Failed => "bad",
        StepState::Skipped => "none",
    }
}
