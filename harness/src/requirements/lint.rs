//! The register against the scenarios: who names what, and what nobody names. A fault is exit 2 before anything is run.

use std::collections::BTreeSet;

use super::{Observable, all, faults, find, profiles, read};
use crate::{
    checks::monitors,
    nearest::did_you_mean,
    suite::{
        features::{Case, Fault},
        outcome::Level,
    },
};

/// Requirements of a user's own scenarios begin so, and have no row.
pub(crate) const OWN: &str = "OWN-";

/// All faults of register, frozen sets, and the tags of the cases.
pub(crate) fn lint(cases: &[Case]) -> Vec<Fault> {
    let mut found = faults().to_vec();
    found.extend(profiles::faults());
    for case in cases {
        let mut fault = |message: String| found.push(Fault::new(&case.path, case.line(), message));
        for id in case.values("req").filter(|id| !id.starts_with(OWN)) {
            match find(id) {
                None => {
                    let near = did_you_mean(id, all().iter().map(|row| row.id.as_str()));
                    fault(format!(
                        "@req:{id}: the register has no such requirement{near} (`orgtwin explain --list` names them; \
                         one of your own begins with {OWN})"
                    ));
                }
                // The free text under a scenario's title is where it says why.
                Some(row)
                    if case.level.is_some_and(|level| level != row.level)
                        && case.scenario.description.is_none() =>
                {
                    let (own, its) =
                        (word(row.level), if row.level == Level::Must { "should" } else { "must" });
                    fault(format!(
                        "@{} is a {its} and {id} a {own}: make them agree, or say why under the scenario's title",
                        case.id
                    ));
                }
                Some(_) => {}
            }
        }
        for profile in case.values("profile").filter(|profile| !read::PROFILES.contains(profile)) {
            fault(format!("@profile:{profile}: there are {}", read::PROFILES.join(", ")));
        }
    }
    let named: BTreeSet<&str> = cases.iter().flat_map(|case| case.values("req")).collect();
    for row in all() {
        let tested = named.contains(row.id.as_str()) || monitors::about(&row.id).next().is_some();
        let (path, line) = read::place(row);
        match (&row.observable, tested) {
            (Observable::No { .. }, true) => found.push(Fault::new(
                &path,
                line,
                format!("{} is tested, and says why it is not: take `observable` out", row.id),
            )),
            (Observable::Wire | Observable::Client, false) => found.push(Fault::new(
                &path,
                line,
                format!(
                    "no scenario and no monitor names {}: write one, or say `observable = {{ no = \"…\" }}`",
                    row.id
                ),
            )),
            _ => {}
        }
    }
    // A fault of an outline is met once for each of its rows.
    let mut told = BTreeSet::new();
    found.retain(|fault| told.insert(fault.to_string()));
    found
}

/// `must`, `should`.
pub(crate) fn word(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::suite::features::{cases, parse, sources};

    fn shipped() -> Vec<Case> {
        sources(None).unwrap().iter().flat_map(|(path, text)| cases(&parse(path, text).unwrap())).collect()
    }

    fn with(scenario: &str) -> Vec<String> {
        let mut all = shipped();
        let text = format!("Feature: F\n{scenario}\n    Given an org\n");
        all.extend(cases(&parse("f.feature", &text).unwrap()));
        lint(&all).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_requirement_is_tested_or_says_why_not() {
        let shown: Vec<String> = lint(&shipped()).iter().map(ToString::to_string).collect();
        assert_eq!(shown, Vec::<String>::new());
    }

    #[test]
    fn a_tag_that_does_not_fit_the_register_is_a_fault() {
        let table = [
            ("@X-001 @req:OKTA-PAGINATION-LINK @must\n  Scenario: s", ""),
            ("@X-001 @req:OWN-RULE @must\n  Scenario: s", ""),
            ("@X-001 @req:OKTA-PAGINATION-LINKS @must\n  Scenario: s", "did you mean OKTA-PAGINATION-LINK?"),
            (
                "@X-001 @req:OKTA-PAGINATION-LINK @should\n  Scenario: s",
                "is a should and OKTA-PAGINATION-LINK a must",
            ),
            ("@X-001 @req:OKTA-PAGINATION-LINK @should\n  Scenario: s\n    It may be a long page.\n", ""),
            (
                "@X-001 @req:OWN-R @must @profile:services\n  Scenario: s",
                "@profile:services: there are api-token",
            ),
        ];
        for (scenario, expected) in table {
            let found = with(scenario);
            if expected.is_empty() {
                assert_eq!(found, Vec::<String>::new(), "{scenario}");
            } else {
                assert!(found.iter().any(|fault| fault.contains(expected)), "{scenario}: {found:?}");
            }
        }
    }

    #[test]
    fn a_row_that_nobody_names_is_a_fault() {
        let found = lint(&[]);
        let says =
            |id: &str| found.iter().any(|fault| fault.message.contains(&format!("no monitor names {id}:")));
        assert!(says("OKTA-PAGINATION-LINK"));
        assert!(!says("OIN-USER-AGENT"), "a monitor names it");
    }
}
