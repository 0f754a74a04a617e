//! Pitfalls: what authors of integrations lose days to, as scenarios whose text under the title says in labelled lines what
//! is met, why, and what helps (`features/pitfalls/`; ratelimit-oin-facts Part 4). Page and explanation are made from them.

pub(crate) mod errors;
mod labels;
pub(crate) mod page;

use std::fmt::Write as _;

use cucumber::gherkin::StepType;

pub(crate) use self::labels::Told;
use crate::suite::features::{Case, Fault};

/// The tag of their features.
const TAG: &str = "pitfalls";

/// One of them.
pub(crate) struct Pitfall<'a> {
    /// Its scenario.
    pub(crate) case: &'a Case,
    /// What its lines say.
    pub(crate) told: Told,
}

impl Pitfall<'_> {
    /// The words of Okta that it is known by, if its title has such.
    pub(crate) fn words(&self) -> Option<&str> {
        self.case.scenario.name.strip_prefix('"')?.strip_suffix('"')
    }

    /// Its scenario states this code and these words of an error.
    pub(crate) fn states(&self, code: &str, wording: &regex::Regex) -> bool {
        let title = [self.case.scenario.name.as_str(), self.told.symptom.as_str()].join(" ");
        let then = self.case.steps.iter().filter(|step| step.step.ty == StepType::Then);
        let steps: Vec<&str> = then.map(|step| step.step.value.as_str()).collect();
        let all = format!("{title} {}", steps.join(" "));
        all.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == code)
            && wording.is_match(&all)
    }

    /// The scenarios that show the cure: its controls, or itself; of an outline the first row.
    fn cures<'a>(&self, cases: &'a [Case]) -> Vec<&'a Case> {
        let is = |case: &Case, id: &str| {
            case.id.strip_prefix(id).is_some_and(|row| row.is_empty() || row.starts_with('.'))
        };
        let controls = self.case.values("control");
        controls.filter_map(|id| cases.iter().find(|case| is(case, id))).collect()
    }
}

/// A pitfall, and not the cure of one.
fn is_pitfall(case: &Case) -> bool {
    case.tags.iter().any(|tag| tag == TAG) && case.scenario.description.is_some()
}

/// All pitfalls, in the order of files and scenarios. One whose lines are faulty is left out; the lint names it.
pub(crate) fn all(cases: &[Case]) -> Vec<Pitfall<'_>> {
    let told = |case: &Case| labels::read(case.scenario.description.as_deref().unwrap_or_default()).ok();
    cases
        .iter()
        .filter(|case| is_pitfall(case))
        .filter_map(|case| Some(Pitfall { case, told: told(case)? }))
        .collect()
}

/// What is wrong with them: lines that are missing, titles that are there twice, cures that nobody names.
pub(crate) fn lint(cases: &[Case]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let tagged: Vec<&Case> = cases.iter().filter(|case| case.tags.iter().any(|tag| tag == TAG)).collect();
    for (at, case) in tagged.iter().enumerate() {
        let mut fault = |message: String| faults.push(Fault::new(&case.path, case.line(), message));
        match &case.scenario.description {
            Some(text) => {
                if let Err(cause) = labels::read(text) {
                    fault(format!("@{}: {cause}", case.id));
                }
                if tagged[..at].iter().any(|other| other.scenario.name == case.scenario.name) {
                    fault(format!(
                        "@{}: another pitfall has the same title, and nobody finds this one",
                        case.id
                    ));
                }
            }
            None if tagged.iter().any(|other| other.values("control").any(|id| id == case.tagged_id)) => {}
            None => fault(format!(
                "@{} tells of no pitfall (Symptom:, Cause:, Cure:, Seen: under its title), and is the cure (@control) of none",
                case.id
            )),
        }
    }
    faults
}

/// The pitfalls that are known by such words, whatever their case.
pub(crate) fn known_by<'a>(words: &str, cases: &'a [Case]) -> Vec<Pitfall<'a>> {
    let words = words.trim().trim_matches('"').to_lowercase();
    if words.is_empty() {
        return Vec::new();
    }
    let has = |text: &str| text.to_lowercase().contains(&words);
    let mut found = all(cases);
    found.retain(|pitfall| has(&pitfall.case.scenario.name) || has(&pitfall.told.symptom));
    found
}

/// For a terminal: what it is, before what its scenario does.
pub(crate) fn text(pitfall: &Pitfall<'_>) -> String {
    let Told { symptom, cause, cure, seen, attempt } = &pitfall.told;
    let mut text = format!("{}  {}\n\n", pitfall.case.id, pitfall.case.scenario.name);
    for (label, words) in [("symptom", symptom), ("cause", cause), ("cure", cure), ("seen", seen)] {
        let _ = writeln!(text, "{label:<10} {words}");
    }
    if let Some(attempt) = attempt {
        let _ = writeln!(text, "try        against `orgtwin serve` ({}):", page::VARIABLES.join(" "));
        let _ = writeln!(text, "           {attempt}");
    }
    text.push('\n');
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::suite::features::{cases, parse, sources};

    fn shipped() -> Vec<Case> {
        sources(None).unwrap().iter().flat_map(|(path, text)| cases(&parse(path, text).unwrap())).collect()
    }

    #[test]
    fn at_least_twenty_are_told_in_full_and_each_names_its_cure() {
        let cases = shipped();
        assert_eq!(lint(&cases), Vec::new());
        let pitfalls = all(&cases);
        assert!(pitfalls.len() >= 20, "{}", pitfalls.len());
        for pitfall in &pitfalls {
            let negative = pitfall.case.values("control").next().is_some();
            assert_eq!(!pitfall.cures(&cases).is_empty(), negative, "{}", pitfall.case.id);
        }
    }

    #[test]
    fn a_piece_of_the_words_finds_it() {
        let cases = shipped();
        let ids = |words: &str| -> Vec<String> {
            known_by(words, &cases).iter().map(|found| found.case.id.clone()).collect()
        };
        assert_eq!(ids("expiration too far"), ["PIT-009"]);
        assert_eq!(ids("\"KID is invalid\""), ["PIT-010"]);
        assert!(ids("invalid_client").len() > 3);
        assert!(ids("").is_empty() && ids("a postcard").is_empty());
    }

    #[test]
    fn an_incomplete_one_is_a_fault() {
        let told = "Symptom: s\n      Cause: c\n      Cure: d\n      Seen: here (ratelimit-oin-facts F1)";
        let faults = |first: &str, second: &str| -> Vec<String> {
            let text = format!(
                "@pitfalls\nFeature: F\n  @P-001\n  Scenario: s\n      {first}\n\n      Given x\n  @P-002\n  Scenario: {second}\n      Given x\n"
            );
            lint(&cases(&parse("f", &text).unwrap())).into_iter().map(|fault| fault.message).collect()
        };
        assert_eq!(faults(told, &format!("t\n      {told}\n")), Vec::<String>::new());
        let table = [
            (told.replace("Cure: d", "Advice: d"), "t".to_owned(), "in this order"),
            (told.to_owned(), "t".to_owned(), "@P-002 tells of no pitfall"),
            (told.to_owned(), format!("s\n      {told}\n"), "the same title"),
            (told.replace(" (ratelimit-oin-facts F1)", ""), "t".to_owned(), "Seen: names no row"),
        ];
        for (first, second, expected) in table {
            let found = faults(&first, &second);
            assert!(found.iter().any(|fault| fault.contains(expected)), "{expected}: {found:?}");
        }
    }
}
