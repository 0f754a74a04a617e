//! What a check, a scenario and a run can end in, and the exit code that follows (harness-anchors §6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The verdict of one check, and of a scenario as the worst of its checks. The order is that of badness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The client lacks the capability, so the requirement does not concern it.
    NotApplicable,
    /// The requirement was seen to hold.
    Pass,
    /// It did not hold, and the baseline says that it does so at times.
    Flaky,
    /// It did not hold, as the baseline says.
    ExpectedFail,
    /// A `should` was seen not to hold.
    Warn,
    /// It holds, and the baseline says that it does not: the baseline is stale.
    UnexpectedPass,
    /// A prerequisite is missing: nothing was shown. Counts as a failure.
    Untestable,
    /// A `must` was seen not to hold.
    Fail,
    /// The harness, the mock or the adapter broke.
    Error,
}

/// How much a requirement binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// Not holding is a non-conformance.
    Must,
    /// Not holding is a warning.
    Should,
}

/// Who saw what a check rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Witness {
    /// The org's own record of the wire.
    Ledger,
    /// The proxy between a client and a real org.
    Proxy,
    /// The System Log of a real org, read afterwards.
    #[serde(rename = "syslog")]
    SystemLog,
    /// Only the client's words.
    ClientSays,
    /// The harness itself (it could not go on).
    Harness,
}

/// One named judgement. The id is `SCENARIO:slug` and stays the same for every verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Check {
    /// `PAGE-001:every-page-once`.
    pub(crate) id: String,
    /// How much it binds.
    pub(crate) level: Level,
    /// What came out.
    pub(crate) verdict: Verdict,
    /// What should have been seen, in words.
    pub(crate) expected: String,
    /// What was seen, in words.
    pub(crate) observed: String,
    /// Who saw it.
    pub(crate) witness: Witness,
    /// The `seq` of the exchange that decided, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exchange: Option<u64>,
}

/// The worst verdict of a scenario's checks. A scenario without a check has shown nothing: an error.
pub(crate) fn worst(checks: &[Check]) -> Verdict {
    checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Error)
}

/// Whether a scenario shows a must by the client's words alone: then nobody saw it.
pub(crate) fn rests_on_words(checks: &[Check]) -> bool {
    let mut held = checks.iter().filter(|check| check.verdict == Verdict::Pass).peekable();
    held.peek().is_some()
        && held.all(|check| check.witness == Witness::ClientSays && check.level == Level::Must)
}

/// How many scenarios ended in what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Counts {
    /// Every requirement held.
    pub(crate) passed: usize,
    /// Passed with a `should` that did not hold.
    pub(crate) warned: usize,
    /// A `must` did not hold.
    pub(crate) failed: usize,
    /// Nothing was shown.
    pub(crate) untestable: usize,
    /// Not for this client.
    pub(crate) not_applicable: usize,
    /// Something on our side of the fence broke.
    pub(crate) errors: usize,
    /// Planned and never run.
    pub(crate) not_run: usize,
    /// Did not hold, as the baseline says.
    #[serde(default)]
    pub(crate) expected_fail: usize,
    /// Did not hold, as the baseline says that happens at times.
    #[serde(default)]
    pub(crate) flaky: usize,
    /// Hold, and the baseline says they do not.
    #[serde(default)]
    pub(crate) unexpected_pass: usize,
}

impl Counts {
    /// Counts one scenario.
    pub(crate) fn add(&mut self, verdict: Verdict) {
        let place = match verdict {
            Verdict::Pass => &mut self.passed,
            Verdict::Warn => &mut self.warned,
            Verdict::Fail => &mut self.failed,
            Verdict::Untestable => &mut self.untestable,
            Verdict::NotApplicable => &mut self.not_applicable,
            Verdict::Error => &mut self.errors,
            Verdict::ExpectedFail => &mut self.expected_fail,
            Verdict::Flaky => &mut self.flaky,
            Verdict::UnexpectedPass => &mut self.unexpected_pass,
        };
        *place += 1;
    }

    /// Scenarios that were run to a verdict about the client.
    pub(crate) fn judged(&self) -> usize {
        let held = self.passed + self.warned + self.unexpected_pass;
        held + self.failed + self.untestable + self.errors + self.expected_fail + self.flaky
    }
}

/// The exit codes of contracts §1.
pub(crate) mod exit {
    /// Conformant.
    pub(crate) const CONFORMANT: u8 = 0;
    /// A requirement did not hold, or could not be shown to hold.
    pub(crate) const NON_CONFORMANT: u8 = 1;
    /// Usage, configuration or an invalid feature file.
    pub(crate) const USAGE: u8 = 2;
    /// The harness, the mock, the environment or the adapter broke.
    pub(crate) const BROKEN: u8 = 3;
    /// Nothing ran, or not everything.
    pub(crate) const INCOMPLETE: u8 = 4;
}

/// Why scenarios that were planned were not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CutShort {
    /// Ctrl-C.
    Interrupted,
    /// Several scenarios in a row broke: the rest would only break too.
    CircuitBreaker,
    /// A real org is asked no further: its limits, or the run's own.
    RealOrg,
}

/// The exit code of a run. What broke outweighs what failed; a run cut short by its breaker is a broken one,
/// since the breaker names its cause.
pub(crate) fn exit_code(counts: &Counts, cut_short: Option<CutShort>, harness_broke: bool) -> u8 {
    if matches!(cut_short, Some(CutShort::Interrupted | CutShort::RealOrg))
        || (counts.judged() == 0 && counts.not_run == 0)
    {
        exit::INCOMPLETE
    } else if counts.errors > 0 || harness_broke || cut_short.is_some() {
        exit::BROKEN
    } else if counts.not_run > 0 {
        exit::INCOMPLETE
    } else if counts.failed > 0 || counts.untestable > 0 || counts.unexpected_pass > 0 {
        exit::NON_CONFORMANT
    } else {
        exit::CONFORMANT
    }
}

/// What a run shows about the client. A baseline never makes it more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Claim {
    /// The run broke or was not ended: nothing.
    #[default]
    None,
    /// Every must that concerns the client holds.
    Conformant,
    /// What was judged holds, but for what the baseline excuses, a selection left out or longer deadlines allowed.
    Partial,
    /// A must does not hold, or could not be shown to.
    NonConformant,
}

/// The claim that follows from the exit code and the counts. `limited`: a part was selected, or the deadlines are not the
/// usual ones.
pub(crate) fn claim(exit: u8, counts: &Counts, limited: bool) -> Claim {
    match exit {
        exit::CONFORMANT | exit::NON_CONFORMANT if counts.failed > 0 || counts.untestable > 0 => {
            Claim::NonConformant
        }
        exit::CONFORMANT | exit::NON_CONFORMANT => {
            let excused = counts.expected_fail + counts.flaky > 0;
            if limited || excused { Claim::Partial } else { Claim::Conformant }
        }
        _ => Claim::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: usize, failed: usize, untestable: usize, errors: usize, not_run: usize) -> Counts {
        Counts { passed, failed, untestable, errors, not_run, ..Counts::default() }
    }

    #[test]
    fn exit_codes_follow_the_contract() {
        let table = [
            (counts(3, 0, 0, 0, 0), None, false, 0),
            (Counts { warned: 1, ..Counts::default() }, None, false, 0),
            (counts(3, 1, 0, 0, 0), None, false, 1),
            (counts(3, 0, 1, 0, 0), None, false, 1),
            (counts(3, 1, 0, 1, 0), None, false, 3),
            (counts(3, 1, 0, 0, 0), None, true, 3),
            (counts(0, 0, 0, 3, 9), Some(CutShort::CircuitBreaker), false, 3),
            (counts(3, 1, 0, 1, 9), Some(CutShort::Interrupted), false, 4),
            (counts(3, 0, 0, 0, 9), Some(CutShort::RealOrg), false, 4),
            (counts(3, 1, 0, 0, 1), None, false, 4),
            (counts(0, 0, 0, 0, 0), None, false, 4),
            (Counts { not_applicable: 7, ..Counts::default() }, None, false, 4),
        ];
        for (counts, cut, broke, code) in table {
            assert_eq!(exit_code(&counts, cut, broke), code, "{counts:?} {cut:?} {broke}");
        }
    }

    #[test]
    fn a_baseline_changes_the_exit_code_and_never_the_claim() {
        let expected = Counts { passed: 2, expected_fail: 1, ..Counts::default() };
        let flaky = Counts { passed: 2, flaky: 1, ..Counts::default() };
        let stale = Counts { passed: 2, unexpected_pass: 1, ..Counts::default() };
        let table = [
            (counts(3, 0, 0, 0, 0), false, 0, Claim::Conformant),
            (counts(3, 0, 0, 0, 0), true, 0, Claim::Partial),
            (Counts { warned: 1, ..Counts::default() }, false, 0, Claim::Conformant),
            (Counts { passed: 1, not_applicable: 1, ..Counts::default() }, false, 0, Claim::Conformant),
            (expected, false, 0, Claim::Partial),
            (flaky, false, 0, Claim::Partial),
            (stale, false, 1, Claim::Conformant),
            (counts(3, 1, 0, 0, 0), true, 1, Claim::NonConformant),
            (counts(3, 0, 1, 0, 0), false, 1, Claim::NonConformant),
            (counts(3, 1, 0, 1, 0), false, 3, Claim::None),
            (counts(3, 0, 0, 0, 1), false, 4, Claim::None),
        ];
        for (counts, limited, code, expected) in table {
            let exit = exit_code(&counts, None, false);
            assert_eq!((exit, claim(exit, &counts, limited)), (code, expected), "{counts:?} {limited}");
        }
    }

    #[test]
    fn a_must_that_nobody_saw_is_told_from_one_that_was_seen() {
        let check = |verdict, witness| Check {
            id: "A-001:a".to_owned(),
            level: Level::Must,
            verdict,
            expected: String::new(),
            observed: String::new(),
            witness,
            exchange: None,
        };
        let said = check(Verdict::Pass, Witness::ClientSays);
        let unseen = check(Verdict::NotApplicable, Witness::Harness);
        assert!(rests_on_words(&[said.clone(), unseen.clone()]));
        for witness in [Witness::Proxy, Witness::SystemLog] {
            assert!(!rests_on_words(&[said.clone(), check(Verdict::Pass, witness)]));
        }
        assert!(!rests_on_words(&[unseen]) && !rests_on_words(&[]));
        assert!(!rests_on_words(&[Check { level: Level::Should, ..said }]));
    }

    #[test]
    fn a_scenario_that_checked_nothing_is_an_error() {
        assert_eq!(worst(&[]), Verdict::Error);
    }
}
