//! What a verdict, and a whole run, is called.

use super::record::Footer;
use crate::suite::outcome::{Claim, CutShort, Level, Verdict, Witness};

/// A verdict in a word.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Warn => "warn",
        Verdict::NotApplicable => "n/a",
        Verdict::Untestable => "UNTESTABLE",
        Verdict::Error => "ERROR",
        Verdict::ExpectedFail => "known",
        Verdict::Flaky => "flaky",
        Verdict::UnexpectedPass => "STALE",
    }
}

/// Who saw it.
pub(crate) fn seen_by(witness: Witness) -> &'static str {
    match witness {
        Witness::Ledger => "seen by the org",
        Witness::Proxy => "seen by the proxy before the org",
        Witness::SystemLog => "told by the org's System Log",
        Witness::ClientSays => "as the client says",
        Witness::Harness => "said by the harness",
    }
}

/// How much it binds.
pub(crate) fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
    }
}

/// The command that runs one scenario again.
pub(crate) fn reproduce(run_arguments: &str, id: &str) -> String {
    format!("orgtwin test --scenario {id} {run_arguments}").trim_end().to_owned()
}

/// `5.4 s`.
pub(crate) fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// The numbers of a run in one line: `44 passed, 1 failed`.
pub(crate) fn numbers(footer: &Footer) -> String {
    let counts = footer.counts;
    let mut text = format!("{} passed", counts.passed + counts.warned);
    for (count, name) in [
        (counts.warned, "of them with warnings"),
        (counts.failed, "failed"),
        (counts.untestable, "untestable"),
        (counts.errors, "broken"),
        (counts.expected_fail, "failed as known"),
        (counts.flaky, "flaky as known"),
        (counts.unexpected_pass, "passed and known to fail"),
        (counts.not_applicable, "not applicable"),
        (counts.not_run, "not run"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {name}"));
        }
    }
    text
}

/// What the numbers mean: the claim in a word, and a sentence.
pub(crate) fn meaning(footer: &Footer) -> (&'static str, &'static str) {
    let counts = &footer.counts;
    match footer.exit {
        0 if counts.expected_fail + counts.flaky > 0 => (
            "As the baseline says",
            "nothing else fails. What is known to fail does, so this client is conformant in part.",
        ),
        0 if footer.claim == Claim::Partial => {
            ("Conformant in part", "what was tested holds, and less than the whole was asked of this client.")
        }
        0 if counts.warned > 0 => {
            ("Conformant", "every must holds; the warnings are recommendations that do not.")
        }
        0 => ("Conformant", "every requirement that was tested holds for this client."),
        1 if counts.failed + counts.untestable == 0
            && (counts.unexpected_pass > 0 || !footer.baseline.is_empty()) =>
        {
            ("The baseline is not true any longer", "what it says and what was seen differ.")
        }
        1 if counts.failed + counts.untestable == 0 => {
            ("Not conformant by --strict", "a recommendation does not hold.")
        }
        1 if counts.failed == 0 => (
            "Not shown to be conformant",
            "for the untestable scenarios a prerequisite is missing, and nothing was shown.",
        ),
        1 => ("Not conformant", "the failures show what the client does and what it should do."),
        3 if footer.cut_short == Some(CutShort::CircuitBreaker) => (
            "Broken",
            "scenario after scenario ended in an error, so the rest was not run; this says nothing about the client. \
             `orgtwin client lint` finds what is wrong with an adapter.",
        ),
        3 => (
            "Broken",
            "the harness, the org or the adapter did not work, so this is no verdict on the client.",
        ),
        _ if footer.cut_short == Some(CutShort::Interrupted) => {
            ("Interrupted", "not everything was run, so this is no verdict on the client.")
        }
        _ if footer.cut_short == Some(CutShort::RealOrg) => (
            "Ended before its end",
            "the org is asked no further, so not everything was run and this is no verdict on the client.",
        ),
        _ if !footer.missing.is_empty() || counts.not_run > 0 => {
            ("Incomplete", "not everything is there, so this is no verdict on the client.")
        }
        _ => ("Nothing was judged", "so this is no verdict on the client."),
    }
}
