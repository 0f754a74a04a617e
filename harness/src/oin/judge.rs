//! What each item came to: by the checks of its requirements, by observation, by the manifest, or by a person.

use super::{
    finding::{Evidence, Finding, Outcome},
    items::{Area, Item, Kind, Occasion},
    material::{self, Material},
    observe::{self, Observed},
    traffic::{Sent, sent},
};
use crate::{
    checks::monitors,
    count,
    report::{
        record::{CheckRecord, ExchangeRecord},
        run::{self, Run},
    },
    requirements::{self, Observable, profiles::Profile},
    suite::outcome::{Level, Verdict},
};

/// What is known of an integration.
pub(crate) struct Known<'r> {
    /// The manifest and its files.
    pub(crate) material: Material<'r>,
    /// The run, and what the client sent in it.
    pub(crate) run: Option<(&'r Run, Observed<'r>)>,
}

/// An item that was judged.
pub(crate) struct Judged {
    /// What it is about.
    pub(crate) area: &'static str,
    /// The item.
    pub(crate) item: &'static Item,
    /// What it came to.
    pub(crate) finding: Finding,
}

/// Judges every item.
pub(crate) fn all(areas: &'static [Area], known: &Known<'_>) -> Vec<Judged> {
    let of = |area: &'static Area| {
        area.item.iter().map(|item| Judged { area: &area.name, item, finding: judge(item, known) })
    };
    areas.iter().flat_map(of).collect()
}

fn judge(item: &Item, known: &Known<'_>) -> Finding {
    if item.only_with.is_some() {
        let said = match &item.open {
            Some(open) => format!("an installed integration has a secret and Bearer tokens; {open}"),
            None => "an installed integration has a secret and Bearer tokens".to_owned(),
        };
        return Finding::new(Outcome::NotConcerned, said);
    }
    if item.only_for == Some(Occasion::Updates) && known.material.manifest.published().is_none() {
        let said = "nothing of it is published: for an update note the instance of the published version as [[instance]] \
                    with backward_compatible = true";
        return Finding::new(Outcome::NotConcerned, said);
    }
    let mut findings: Vec<Finding> = Vec::new();
    match &known.run {
        Some((run, observed)) => {
            let reach = Reach::of(run);
            findings.extend(item.requirements.iter().map(|id| by_checks(item, id, run, reach)));
            findings.extend(item.observed.iter().map(|name| observe::observe(name, observed)));
        }
        None if item.observed.is_some() || item.kind == Kind::Automatic && item.material.is_none() => {
            findings.extend(item.requirements.iter().filter_map(|id| unobservable(id)));
            if findings.len() < item.requirements.len() || item.observed.is_some() {
                findings.push(Finding::not_judged("the client was not run"));
            }
        }
        None => {}
    }
    findings.extend(item.material.iter().map(|name| material::judge(name, &known.material)));
    let mut finding = together(findings);
    if item.level == Level::Should && finding.outcome == Outcome::Fails {
        finding.outcome = Outcome::Warns;
    }
    let shown = matches!(finding.outcome, Outcome::Fails | Outcome::Warns);
    if let Some(look_at) = item.look_at.as_ref().filter(|_| !shown) {
        let told = if item.material.is_some() {
            format!(" As for the form: {}.", finding.said)
        } else {
            String::new()
        };
        finding = Finding::new(Outcome::Person, format!("{look_at}{told}"));
    } else if let Some(open) = item.open.as_ref().filter(|_| !shown && finding.outcome != Outcome::Holds) {
        finding = Finding::new(Outcome::Open, open.as_str());
    }
    finding
}

/// The worst that was seen; without anything wrong, that something was seen to hold; else why nothing was shown.
fn together(findings: Vec<Finding>) -> Finding {
    let outcomes = [Outcome::Fails, Outcome::Warns, Outcome::Holds, Outcome::NotJudged, Outcome::Open];
    let Some(outcome) =
        outcomes.into_iter().find(|outcome| findings.iter().any(|one| one.outcome == *outcome))
    else {
        return Finding::new(Outcome::Open, "nothing here judges it");
    };
    let mut all = Finding::new(outcome, String::new());
    for finding in findings.into_iter().filter(|finding| finding.outcome == outcome) {
        if !all.said.contains(&finding.said) {
            if !all.said.is_empty() {
                all.said.push_str("; ");
            }
            all.said.push_str(&finding.said);
        }
        all.evidence.extend(finding.evidence);
    }
    all
}

/// Why a requirement is judged by no scenario, if it is not.
fn unobservable(id: &str) -> Option<Finding> {
    match requirements::find(id).map(|row| &row.observable) {
        Some(Observable::No { reason }) => Some(Finding::new(Outcome::Open, reason.as_str())),
        _ => None,
    }
}

/// Sets of requirements are frozen: what is tested since then is not yet part of the run's.
fn too_new(id: &str, run: &Run) -> Option<Finding> {
    let set = run.header.profile.as_deref().and_then(|name| Profile::find(name).ok())?;
    let asked = set.requirements.iter().any(|known| known == id) || monitors::about(id).next().is_some();
    (!asked)
        .then(|| Finding::new(Outcome::Open, format!("{id} is tested, and the set {set} is older than that")))
}

/// How far the client came at its best: who never gets a token fails everywhere, and that says nothing about pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// No token was ever issued to it.
    Nothing,
    /// A token was, and no call succeeded.
    Token,
    /// A call succeeded.
    Call,
}

impl Reach {
    /// Of a run.
    pub(crate) fn of(run: &Run) -> Self {
        let succeeded = || sent(run).filter(|sent| sent.succeeded());
        if succeeded().any(Sent::is_a_call) {
            Self::Call
        } else if succeeded().any(Sent::is_for_a_token) {
            Self::Token
        } else {
            Self::Nothing
        }
    }

    /// Why nothing can be said of a scenario, if that is so.
    pub(crate) fn hides(self, judged: &run::Judged) -> Option<&'static str> {
        let calls = || judged.exchanges.iter().any(|exchange| Sent { judged, exchange }.is_a_call());
        let missed = || {
            let prepared = |check: &&CheckRecord| check.check.id.ends_with(":met-the-fault");
            judged.checks.iter().filter(prepared).any(|check| check.check.verdict > Verdict::Pass)
        };
        let outlived = || {
            let refused = |exchange: &ExchangeRecord| exchange.status == 401;
            judged.steps.iter().any(|step| step.text == OUTLIVED) && !judged.exchanges.iter().any(refused)
        };
        match self {
            Self::Nothing => Some("the client never got a token, so nothing was shown"),
            Self::Token if calls() => Some("no call of the client ever succeeded, so nothing was shown"),
            // Who asks for a token before each call never comes with one that is no longer accepted.
            _ if outlived() => Some(
                "the client never came with a token that the org no longer accepts, so nothing was shown",
            ),
            // What goes wrong on a second page is not met by who reads one.
            _ if missed() => {
                Some("the client never met what the scenario had prepared, so nothing was shown")
            }
            _ => None,
        }
    }
}

/// The step that makes a token one that the org no longer accepts.
const OUTLIVED: &str = "a client whose token the org no longer accepts";

/// By the checks of a requirement.
fn by_checks(item: &Item, id: &str, run: &Run, reach: Reach) -> Finding {
    if let Some(finding) = unobservable(id).or_else(|| too_new(id, run)) {
        return finding;
    }
    let (mut all, mut hidden): (Vec<&CheckRecord>, _) = (Vec::new(), None);
    for judged in run.scenarios.iter().filter(|judged| is_one_of(&judged.scenario.id, &item.scenarios)) {
        let hides = reach.hides(judged);
        for check in judged.checks.iter().filter(|check| check.requirements.iter().any(|about| about == id)) {
            let slug = check.check.id.rsplit(':').next().unwrap_or_default();
            if !item.checks.is_empty() && !item.checks.iter().any(|wanted| wanted == slug) {
                continue;
            }
            // What is watched everywhere needs no success to be seen.
            let watched = monitors::requirement(slug).is_some();
            match hides {
                Some(why) if !watched => hidden = Some(why),
                _ => all.push(check),
            }
        }
    }
    let of = |wanted: &[Verdict]| -> Vec<&CheckRecord> {
        all.iter().copied().filter(|check| wanted.contains(&check.check.verdict)).collect()
    };
    let wrong = |outcome: Outcome, checks: &[&CheckRecord]| {
        let first = checks.first().map(|check| {
            let (expected, observed) = (&check.check.expected, &check.check.observed);
            format!("expected {}; seen: {}", one_line(expected), one_line(observed))
        });
        let more = match checks.len() {
            0 | 1 => String::new(),
            more => format!(" (and {} more)", count::of(more - 1, "check")),
        };
        Finding::new(outcome, format!("{}{more}", first.unwrap_or_default()))
            .with(checks.iter().map(|check| evidence(check, run)))
    };
    let (failed, warned) =
        (of(&[Verdict::Fail, Verdict::ExpectedFail, Verdict::Flaky]), of(&[Verdict::Warn]));
    if !failed.is_empty() {
        return wrong(Outcome::Fails, &failed);
    }
    if !warned.is_empty() {
        return wrong(Outcome::Warns, &warned);
    }
    let shown = of(&[Verdict::Pass, Verdict::UnexpectedPass]);
    if !shown.is_empty() {
        let mut scenarios: Vec<&str> = shown.iter().map(|check| check.scenario.as_str()).collect();
        scenarios.dedup();
        let said =
            format!("{} in {}", count::of(shown.len(), "check"), count::of(scenarios.len(), "scenario"));
        return Finding::holds(said).with(shown.iter().map(|check| evidence(check, run)));
    }
    // A monitor speaks only when something is wrong; what it takes scenarios of its own to show it does not show.
    let heard = run.scenarios.iter().filter(|judged| !judged.exchanges.is_empty()).count();
    if item.scenarios.is_empty() && monitors::about(id).next().is_some() && heard > 0 {
        return Finding::holds(format!("watched in {heard} scenarios, each with an org of its own"));
    }
    if let Some(why) = hidden {
        return Finding::not_judged(why);
    }
    let (untestable, broken) = (of(&[Verdict::Untestable]), of(&[Verdict::Error]));
    if !untestable.is_empty() || !broken.is_empty() {
        let checks = [untestable, broken].concat();
        return wrong(Outcome::NotJudged, &checks);
    }
    let reasons = run.scenarios.iter().filter(|judged| {
        judged.scenario.verdict == Verdict::NotApplicable
            && judged.scenario.requirements.iter().any(|about| about == id)
    });
    match reasons.filter_map(|judged| judged.scenario.reason.as_deref()).next() {
        Some(reason) => Finding::not_judged(reason),
        None => Finding::not_judged(format!("no scenario about {id} was run")),
    }
}

/// `LIM-010.1` is of `LIM-010`; an empty list has every scenario.
fn is_one_of(scenario: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|id| scenario.split('.').next() == Some(id.as_str()))
}

fn evidence(check: &CheckRecord, run: &Run) -> Evidence {
    let judged = run.scenarios.iter().find(|judged| judged.scenario.id == check.scenario);
    let exchange = judged.and_then(|judged| {
        let seq = check.check.exchange?;
        judged.exchanges.iter().find(|exchange| exchange.seq == seq)
    });
    let what = match exchange {
        Some(exchange) => format!("{} → {}", exchange.request, exchange.status),
        None => check.check.id.clone(),
    };
    Evidence { scenario: check.scenario.clone(), seq: exchange.map(|exchange| exchange.seq), what }
}

/// In one line, and cut short: a body is in the report of the run.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words,
    }
}

/// Characters of what a check expected or observed.
const LONGEST: usize = 240;
