//! What a negative scenario puts before the client. Who has not met it has refused nothing: the scenario is untestable then,
//! never passed (harness-anchors §4.4).

use super::features::Case;
use crate::target::{ledger::Ledger, second_address};

/// What was put before the client, by the words of the step.
#[derive(Debug, Default)]
pub(crate) struct Poison {
    negative: bool,
    faults: Vec<String>,
    passages: Vec<String>,
}

impl Poison {
    /// Of a case that begins.
    pub(super) fn of(case: &Case) -> Self {
        Self { negative: case.values("control").next().is_some(), ..Self::default() }
    }

    /// An answer of the org will be ill.
    pub(crate) fn fault(&mut self, words: &str) {
        self.faults.push(words.to_owned());
    }

    /// The org is well again: what was put there before has gone.
    pub(crate) fn cured(&mut self) {
        self.faults.clear();
    }

    /// Somebody stands between client and org.
    pub(crate) fn passage(&mut self, words: &str) {
        self.passages.push(words.to_owned());
    }

    /// What did not reach the client, if that leaves nothing to be shown.
    pub(super) fn missing(&self, ledger: &Ledger) -> Option<String> {
        if !self.negative {
            return None;
        }
        let (name, mark) = second_address::VIA;
        let met = ledger.ill().next().is_some();
        let passed =
            ledger.0.iter().any(|exchange| exchange.request.headers(name).any(|value| value == mark));
        let not_met = self.faults.first().filter(|_| !met);
        let not_passed = self.passages.first().filter(|_| !passed);
        let words = not_met.or(not_passed)?;
        Some(format!("the client never met what this scenario puts before it ({words})"))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::suite::features::{cases, parse};

    #[test]
    fn a_negative_scenario_shows_nothing_when_its_poison_was_not_met() {
        let case = |tags: &str| {
            let text = format!("Feature: F\n  @A-001 {tags}\n  Scenario: s\n    Given x\n");
            Poison::of(&cases(&parse("f", &text).unwrap())[0])
        };
        let ledger = |faults: &[&str], via: &str| {
            let exchange = json!({
                "seq": 1, "time": "2026-11-24T10:00:00Z", "response": { "status": 200 }, "faults": faults,
                "request": { "method": "GET", "target": "/api/v1/users", "headers": [["Via", via]] },
            });
            Ledger(vec![serde_json::from_value(exchange).unwrap()])
        };
        let mut negative = case("@control:B-001");
        assert_eq!(negative.missing(&ledger(&[], "")), None, "nothing was put there");
        negative.fault("the first answer is ill");
        assert!(negative.missing(&ledger(&[], "")).unwrap().contains("the first answer is ill"));
        assert_eq!(negative.missing(&ledger(&["f1"], "")), None);
        negative.cured();
        assert_eq!(negative.missing(&ledger(&[], "")), None);
        negative.passage("another state");
        assert!(negative.missing(&ledger(&["f1"], "1.1 proxy")).is_some());
        assert_eq!(negative.missing(&ledger(&[], "1.1 second-address")), None);
        let mut positive = case("");
        positive.fault("the first answer is ill");
        assert_eq!(positive.missing(&ledger(&[], "")), None);
    }
}
