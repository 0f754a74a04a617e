//! What is known to fail, by check, with its reason (harness-anchors §6): a failure that is listed does not fail the run,
//! a listed one that holds does. A baseline never makes a client conformant.

mod read;
mod template;
pub(crate) mod update;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use self::read::Kind;
pub(crate) use self::read::{Baseline, BaselineError};
use crate::suite::outcome::{Check, Verdict};

/// Checks that one pattern may stand for.
const GLOB_CAP: usize = 20;

/// What the checks of a run said about one entry.
#[derive(Debug, Default)]
struct Seen {
    /// The checks that it stands for.
    checks: BTreeSet<String>,
    /// One of them did not hold.
    failed: bool,
}

/// Judges the checks of a run by a baseline.
#[derive(Debug)]
pub(crate) struct Judge {
    baseline: Baseline,
    today: Date,
    strict: bool,
    seen: Vec<Seen>,
    /// The scenarios that came to a verdict about the client.
    judged: BTreeSet<String>,
    news: BTreeMap<String, Check>,
}

impl Judge {
    /// A judge who lets entries expire by `today`. `strict`: warnings count as new failures.
    pub(crate) fn new(baseline: Baseline, today: Date, strict: bool) -> Self {
        let seen = baseline.entries.iter().map(|_| Seen::default()).collect();
        Self { baseline, today, strict, seen, judged: BTreeSet::new(), news: BTreeMap::new() }
    }

    /// Turns the verdicts of a scenario's checks into what they are by the baseline.
    pub(crate) fn apply(&mut self, scenario: &str, checks: &mut [Check]) {
        if checks.iter().any(|check| !matches!(check.verdict, Verdict::NotApplicable | Verdict::Error)) {
            self.judged.insert(scenario.to_owned());
        }
        for check in checks {
            let bad = matches!(check.verdict, Verdict::Fail | Verdict::Warn | Verdict::Untestable);
            if !bad && check.verdict != Verdict::Pass {
                continue;
            }
            let entry = self.entry(&check.id);
            if let Some(at) = entry {
                self.seen[at].checks.insert(check.id.clone());
                self.seen[at].failed |= bad;
            }
            let known = entry.map(|at| &self.baseline.entries[at]).filter(|entry| !entry.expired(self.today));
            match known {
                Some(entry) if bad && entry.message_fits(check) => {
                    check.verdict = match entry.kind {
                        Kind::Fails => Verdict::ExpectedFail,
                        Kind::Flaky => Verdict::Flaky,
                    };
                    check.observed = format!("{} (known: {})", check.observed, entry.because());
                }
                Some(entry) if !bad && entry.kind == Kind::Fails && !entry.is_glob() => {
                    check.verdict = Verdict::UnexpectedPass;
                    let line = entry.line;
                    check.observed =
                        format!("{} (the baseline's line {line} says that it fails)", check.observed);
                }
                _ if bad && (self.strict || check.verdict != Verdict::Warn) => {
                    if let Some(message) = known.and_then(|entry| entry.message.as_deref()) {
                        check.observed =
                            format!("{} (the baseline knows another failure: {message:?})", check.observed);
                    }
                    self.news.insert(check.id.clone(), check.clone());
                }
                _ => {}
            }
        }
    }

    /// An entry that names the check itself goes before a pattern.
    fn entry(&self, check: &str) -> Option<usize> {
        let exact = self.baseline.entries.iter().position(|entry| entry.check == check);
        exact.or_else(|| self.baseline.entries.iter().position(|entry| entry.stands_for(check)))
    }

    /// What is wrong with the baseline, now that the run is over: each fault is exit 1. `whole`: every scenario was
    /// selected and run, so an entry that met nothing is wrong.
    pub(crate) fn faults(&self, whole: bool) -> Vec<String> {
        let mut faults = Vec::new();
        for (entry, seen) in self.baseline.entries.iter().zip(&self.seen) {
            let mut fault = |words: String| {
                faults.push(format!("{}:{}: {} {words}", self.baseline.path, entry.line, entry.check))
            };
            let ran = self.judged.iter().any(|scenario| entry.is_of(scenario));
            if let Some(until) = entry.until
                && entry.expired(self.today)
            {
                fault(format!("was to be mended by {until}: mend it, or give it another day"));
            } else if seen.checks.len() > GLOB_CAP {
                fault(format!(
                    "stands for {} checks, and a pattern for {GLOB_CAP} at most: name what fails",
                    seen.checks.len()
                ));
            } else if entry.kind == Kind::Fails && ran && !seen.failed {
                fault("does not fail any longer: take it out (`orgtwin baseline update` does)".to_owned());
            } else if whole && !ran {
                fault(
                    "was not run, so nothing shows that it is still so: take it out, or let it run"
                        .to_owned(),
                );
            }
        }
        faults
    }

    /// Entries for what fails and is not listed, ready to be pasted; none if there is nothing.
    pub(crate) fn template(&self) -> Option<String> {
        template::template(&self.baseline.path, self.news.values())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::suite::outcome::{Level, Witness};

    fn check(id: &str, verdict: Verdict) -> Check {
        Check {
            id: id.to_owned(),
            level: Level::Must,
            verdict,
            expected: "the next link".to_owned(),
            observed: "its own cursor".to_owned(),
            witness: Witness::Ledger,
            exchange: None,
        }
    }

    fn judge(entry: &str) -> Judge {
        let text = format!("[[known]]\nreason = \"r\"\n{entry}\n");
        Judge::new(Baseline::parse("b.toml", &text).unwrap(), "2026-11-25".parse().unwrap(), false)
    }

    #[test]
    fn every_rule_of_a_baseline() {
        use Verdict::{
            Error, ExpectedFail, Fail, Flaky, NotApplicable, Pass, UnexpectedPass, Untestable, Warn,
        };
        let fails = "check = \"P-001:a\"\nkind = \"fails\"";
        let flaky = "check = \"P-001:a\"\nkind = \"flaky\"";
        let glob = "check = \"P-001:*\"\nkind = \"fails\"";
        let message = "check = \"P-001:a\"\nkind = \"fails\"\nmessage = \"own cursor\"";
        let other = "check = \"P-001:a\"\nkind = \"fails\"\nmessage = \"a timeout\"";
        let expired = "check = \"P-001:a\"\nkind = \"fails\"\nuntil = \"2026-11-24\"";
        let today = "check = \"P-001:a\"\nkind = \"fails\"\nuntil = \"2026-11-25\"";
        // Entry, the check's verdict, what it becomes, faults of a whole run, is it news?
        let table = [
            (fails, Fail, ExpectedFail, "", false),
            (fails, Warn, ExpectedFail, "", false),
            (fails, Untestable, ExpectedFail, "", false),
            (fails, Error, Error, "was not run", false),
            (fails, NotApplicable, NotApplicable, "was not run", false),
            (fails, Pass, UnexpectedPass, "does not fail any longer", false),
            (flaky, Fail, Flaky, "", false),
            (flaky, Pass, Pass, "", false),
            (glob, Fail, ExpectedFail, "", false),
            (glob, Pass, Pass, "does not fail any longer", false),
            (message, Fail, ExpectedFail, "", false),
            (other, Fail, Fail, "", true),
            (expired, Fail, Fail, "was to be mended by 2026-11-24", true),
            (today, Fail, ExpectedFail, "", false),
        ];
        for (entry, was, becomes, fault, news) in table {
            let mut judge = judge(entry);
            let mut checks = [check("P-001:a", was)];
            judge.apply("P-001", &mut checks);
            assert_eq!(checks[0].verdict, becomes, "{entry} {was:?}");
            let faults = judge.faults(true);
            assert_eq!(faults.is_empty(), fault.is_empty(), "{entry} {was:?}: {faults:?}");
            assert!(fault.is_empty() || faults[0].contains(fault), "{entry}: {faults:?}");
            assert_eq!(judge.template().is_some(), news, "{entry} {was:?}");
        }
    }

    #[test]
    fn what_is_listed_and_not_run_counts_only_in_a_whole_run() {
        let mut judge = judge("check = \"P-001:a\"\nkind = \"fails\"");
        judge.apply("Q-001", &mut [check("Q-001:a", Verdict::Pass)]);
        assert_eq!(judge.faults(false), Vec::<String>::new());
        assert_eq!(
            judge.faults(true),
            [
                "b.toml:1: P-001:a was not run, so nothing shows that it is still so: take it out, or let it run"
            ]
        );
    }

    #[test]
    fn a_monitor_that_is_silent_now_makes_its_entry_stale() {
        // A monitor makes no check when nothing is wrong.
        let mut judge = judge("check = \"P-001:fresh-jti\"\nkind = \"fails\"");
        judge.apply("P-001", &mut [check("P-001:a", Verdict::Pass)]);
        assert!(judge.faults(false)[0].contains("does not fail any longer"));
    }

    #[test]
    fn a_pattern_stands_for_few_checks() {
        let mut judge = judge("check = \"P-*:*\"\nkind = \"fails\"");
        for number in 0..21 {
            judge.apply("P-001", &mut [check(&format!("P-001:{number}"), Verdict::Fail)]);
        }
        assert!(judge.faults(false)[0].contains("stands for 21 checks"));
    }

    #[test]
    fn a_new_failure_comes_with_an_entry_that_can_be_pasted() {
        let mut judge = judge("check = \"P-001:a\"\nkind = \"fails\"");
        judge.apply("P-001", &mut [check("P-001:b", Verdict::Fail), check("P-001:c", Verdict::Warn)]);
        let template = judge.template().unwrap();
        let entries = template.split_once("\n\n").unwrap().1;
        let read = Baseline::parse("b.toml", &entries.replace("reason = \"\"", "reason = \"r\"")).unwrap();
        assert_eq!(read.entries.len(), 1, "{template}");
        assert_eq!(read.entries[0].check, "P-001:b");
        assert!(read.entries[0].message_fits(&check("P-001:b", Verdict::Fail)));
    }
}
