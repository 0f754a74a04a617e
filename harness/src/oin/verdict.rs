//! What the items say together.

use super::{
    finding::Outcome,
    judge::{Judged, Reach},
};
use crate::{
    oin::items::Item,
    report::run::{self, Run},
    suite::outcome::{Level, Verdict as Came, exit},
};

/// What the check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What can be judged holds.
    Ready,
    /// An item does not hold.
    NotReady,
    /// Something that can be judged was not.
    NotEverything,
    /// The run says nothing about the client.
    Broken,
}

impl Verdict {
    /// Of the items and the run.
    pub(crate) fn of(items: &[Judged], run: Option<&Run>) -> Self {
        let musts = |wanted: Outcome| {
            items.iter().any(|judged| judged.finding.outcome == wanted && judged.item.level == Level::Must)
        };
        if run.is_some_and(|run| run.footer.exit == exit::BROKEN) {
            Self::Broken
        } else if items.iter().any(|judged| judged.finding.outcome == Outcome::Fails)
            || run.is_some_and(|run| !besides(items, run).is_empty())
        {
            Self::NotReady
        } else if musts(Outcome::NotJudged)
            || run.is_none_or(|run| run.footer.exit != exit::CONFORMANT || !run.footer.complete)
        {
            Self::NotEverything
        } else {
            Self::Ready
        }
    }

    /// In words.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::NotReady => "Not ready",
            Self::NotEverything => "Not everything could be judged",
            Self::Broken => "Broken",
        }
    }

    /// What it means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Ready => {
                "what a program can judge before the submission holds. What a person has to look at is listed below."
            }
            Self::NotReady => {
                "an item below does not hold. Each says what was seen, why it matters and how to mend it."
            }
            Self::NotEverything => {
                "nothing that was judged fails, and something that can be judged was not; each says why."
            }
            Self::Broken => {
                "the harness, the org or the adapter did not work, so this is no verdict on the client; `orgtwin client lint` \
                 finds what is wrong with an adapter."
            }
        }
    }

    /// The exit code of contracts §1.
    pub(crate) fn exit(self) -> u8 {
        match self {
            Self::Ready => exit::CONFORMANT,
            Self::NotReady => exit::NON_CONFORMANT,
            Self::NotEverything => exit::INCOMPLETE,
            Self::Broken => exit::BROKEN,
        }
    }

    /// The colour on the page.
    pub(crate) fn tone(self) -> &'static str {
        match self {
            Self::Ready => "good",
            Self::NotReady => "bad",
            Self::NotEverything => "open",
            Self::Broken => "broken",
        }
    }
}

/// Scenarios that showed nothing, for a verdict that they keep from being better.
pub(crate) fn without_result(verdict: Verdict, run: &Run) -> Vec<&run::Judged> {
    let untestable = |judged: &&run::Judged| {
        verdict == Verdict::NotEverything && judged.scenario.verdict == Came::Untestable
    };
    run.scenarios.iter().filter(untestable).collect()
}

/// Scenarios that fail and that no item tells of; those that show nothing because the client never came so far are not among them.
pub(crate) fn besides<'r>(items: &[Judged], run: &'r Run) -> Vec<&'r run::Judged> {
    let told =
        |id: &str| items.iter().any(|judged| judged.finding.evidence.iter().any(|one| one.scenario == id));
    let named = |item: &Item, requirements: &[String]| {
        requirements.iter().any(|about| item.requirements.iter().any(|own| own == about))
    };
    let reach = Reach::of(run);
    run.scenarios
        .iter()
        .filter(|judged| judged.scenario.verdict == Came::Fail && reach.hides(judged).is_none())
        .filter(|judged| {
            let wrong = judged.checks.iter().filter(|check| check.check.verdict > Came::Pass);
            let about: Vec<String> = wrong.flat_map(|check| check.requirements.clone()).collect();
            let by_item = items.iter().any(|one| {
                matches!(one.finding.outcome, Outcome::Fails | Outcome::Warns) && named(one.item, &about)
            });
            !told(&judged.scenario.id) && !by_item
        })
        .collect()
}
