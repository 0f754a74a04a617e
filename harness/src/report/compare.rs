//! `orgtwin report compare A B`: what is worse in B than it was in A. A check that is no longer made is worse, even when
//! everything is green (harness-anchors §7).

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use super::{run::Run, verdict::word};
use crate::suite::outcome::Verdict;

/// How two runs differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Checks whose verdict is worse: id, before, after.
    pub(crate) worse: Vec<(String, Verdict, Verdict)>,
    /// Checks that are gone, with what they came to.
    pub(crate) vanished: Vec<(String, Verdict)>,
    /// Checks whose verdict is better.
    pub(crate) better: Vec<(String, Verdict, Verdict)>,
    /// Checks that are new, with what they came to.
    pub(crate) new: Vec<(String, Verdict)>,
    /// Checks that are the same.
    pub(crate) same: usize,
}

/// How bad a verdict is for this purpose, which a baseline does not change: what does not apply any more shows nothing, as
/// what is untestable.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass | Verdict::UnexpectedPass => 0,
        Verdict::Warn => 1,
        Verdict::NotApplicable | Verdict::Untestable => 2,
        Verdict::Fail | Verdict::ExpectedFail | Verdict::Flaky => 3,
        Verdict::Error => 4,
    }
}

fn checks(run: &Run) -> BTreeMap<&str, Verdict> {
    let mut checks = BTreeMap::new();
    for check in run.scenarios.iter().flat_map(|judged| &judged.checks) {
        let verdict = checks.entry(check.check.id.as_str()).or_insert(check.check.verdict);
        // An id that was judged several times is as bad as its worst.
        if badness(check.check.verdict) > badness(*verdict) {
            *verdict = check.check.verdict;
        }
    }
    checks
}

/// Compares the checks of two runs.
pub(crate) fn compare(before: &Run, after: &Run) -> Comparison {
    let (before, after) = (checks(before), checks(after));
    let mut comparison = Comparison::default();
    for (id, was) in &before {
        match after.get(id) {
            None => comparison.vanished.push(((*id).to_owned(), *was)),
            Some(is) if badness(*is) > badness(*was) => {
                comparison.worse.push(((*id).to_owned(), *was, *is));
            }
            Some(is) if badness(*is) < badness(*was) => {
                comparison.better.push(((*id).to_owned(), *was, *is));
            }
            Some(_) => comparison.same += 1,
        }
    }
    for (id, is) in &after {
        if !before.contains_key(id) {
            comparison.new.push(((*id).to_owned(), *is));
        }
    }
    comparison
}

impl Comparison {
    /// Something is worse than it was.
    pub(crate) fn is_regression(&self) -> bool {
        !self.worse.is_empty() || !self.vanished.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (id, was, is) in &self.worse {
            writeln!(text, "worse     {id}: {} → {}", word(*was), word(*is))?;
        }
        for (id, was) in &self.vanished {
            writeln!(text, "vanished  {id} (was {})", word(*was))?;
        }
        for (id, was, is) in &self.better {
            writeln!(text, "better    {id}: {} → {}", word(*was), word(*is))?;
        }
        for (id, is) in &self.new {
            writeln!(text, "new       {id} ({})", word(*is))?;
        }
        let (worse, gone, better, new) =
            (self.worse.len(), self.vanished.len(), self.better.len(), self.new.len());
        let claim = if self.is_regression() { "A regression" } else { "No regression" };
        write!(
            f,
            "{text}{claim}: {worse} worse, {gone} vanished, {better} better, {new} new, {} the same",
            self.same
        )
    }
}
