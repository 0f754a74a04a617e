//! Which cases are run, and in which order: filters, shards, and each negative case after its control.

use std::collections::{BTreeMap, BTreeSet};

use cucumber::{gherkin::tagexpr::TagOperation, tag::Ext as _};

use super::features::Case;
use crate::{nearest::did_you_mean, requirements::profiles::Profile};

/// What the command line chose.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// A tag expression.
    pub(crate) tags: Option<TagOperation>,
    /// Scenario ids; an outline's id stands for all of its rows.
    pub(crate) scenarios: Vec<String>,
    /// Ids of requirements.
    pub(crate) requirements: Vec<String>,
    /// A frozen set of requirements.
    pub(crate) profile: Option<&'static Profile>,
    /// The scenarios that did not pass in an earlier run.
    pub(crate) rerun: Option<BTreeSet<String>>,
    /// Part I of N, from 1.
    pub(crate) shard: Option<(usize, usize)>,
    /// Only what may be run at a real org, and whether that may be written to.
    pub(crate) real: Option<Writes>,
    /// The words of the command line that chose; empty for everything, and for everything of a profile.
    pub(crate) words: String,
}

/// What may be done in a real org.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// Nothing: only `@real:read`.
    Refused,
    /// What the run makes itself: `@real:write` as well.
    Allowed,
}

impl Selection {
    fn takes(&self, case: &Case) -> bool {
        self.tags.as_ref().is_none_or(|tags| tags.eval(case.tags.iter()))
            && (self.scenarios.is_empty()
                || self.scenarios.iter().any(|id| case.id == *id || case.tagged_id == *id))
            && (self.requirements.is_empty()
                || case.values("req").any(|id| self.requirements.iter().any(|wanted| wanted == id)))
            && self.profile.is_none_or(|profile| profile.has(case))
            && self.real.is_none_or(|writes| {
                case.values("real").any(|way| way == "read" || (way == "write" && writes == Writes::Allowed))
            })
            && self.rerun.as_ref().is_none_or(|ids| ids.contains(&case.id))
    }
}

/// A choice that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectError {
    /// No such scenario.
    #[error("--scenario {0}: there is no such scenario; `orgtwin test --list` names them all")]
    NoScenario(String),
    /// No such requirement.
    #[error("--req {0}: no scenario judges it{1}; `orgtwin explain --list` names them all")]
    NoRequirement(String, String),
}

/// What will be done with a case.
#[derive(Clone)]
pub(crate) struct Planned {
    /// The case.
    pub(crate) case: Case,
    /// Positions in the plan of the cases that must have passed before.
    pub(crate) controls: Vec<usize>,
    /// The capability that the client lacks: the case is not run.
    pub(crate) lacks: Option<String>,
}

/// The cases to run in order; a control stands before the cases that need it.
///
/// # Errors
/// A scenario or a requirement that does not exist.
pub(crate) fn plan(cases: &[Case], selection: &Selection) -> Result<Vec<Planned>, SelectError> {
    for wanted in &selection.scenarios {
        if !cases.iter().any(|case| case.id == *wanted || case.tagged_id == *wanted) {
            return Err(SelectError::NoScenario(wanted.clone()));
        }
    }
    for wanted in &selection.requirements {
        if !cases.iter().any(|case| case.values("req").any(|id| id == wanted)) {
            let near = did_you_mean(wanted, cases.iter().flat_map(|case| case.values("req")));
            return Err(SelectError::NoRequirement(wanted.clone(), near));
        }
    }
    let chosen: Vec<&Case> = cases.iter().filter(|case| selection.takes(case)).collect();
    let chosen = match selection.shard {
        Some((part, parts)) => chosen
            .into_iter()
            .enumerate()
            .filter(|(at, _)| at % parts == part - 1)
            .map(|(_, case)| case)
            .collect(),
        None => chosen,
    };
    let mut plan: Vec<Planned> = Vec::new();
    let mut placed: BTreeMap<String, usize> = BTreeMap::new();
    for case in chosen {
        let wanted: BTreeSet<&str> = case.values("control").collect();
        let mut controls = Vec::new();
        for control in cases.iter().filter(|other| wanted.contains(other.tagged_id.as_str())) {
            controls.push(place(&mut plan, &mut placed, control, Vec::new()));
        }
        place(&mut plan, &mut placed, case, controls);
    }
    Ok(plan)
}

fn place(
    plan: &mut Vec<Planned>,
    placed: &mut BTreeMap<String, usize>,
    case: &Case,
    controls: Vec<usize>,
) -> usize {
    if let Some(at) = placed.get(&case.id) {
        return *at;
    }
    plan.push(Planned { case: case.clone(), controls, lacks: None });
    placed.insert(case.id.clone(), plan.len() - 1);
    plan.len() - 1
}

/// Marks the cases that need what the client cannot do.
pub(crate) fn mark_lacking(plan: &mut [Planned], capabilities: &[String]) {
    for planned in plan {
        planned.lacks = planned
            .case
            .values("cap")
            .find(|needed| !capabilities.iter().any(|capability| capability == needed))
            .map(ToOwned::to_owned);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::suite::features::{cases, parse};

    const FEATURE: &str = "
@all
Feature: F
  @A-001 @req:R @must @control:C-001
  Scenario: negative
    Given x
  @B-001 @req:S @must @cap:dpop @real:write
  Scenario: other
    Given x
  @C-001 @req:R @must @real:read
  Scenario Outline: control
    Given <x>
    Examples:
      | x |
      | 1 |
      | 2 |
";

    fn ids(selection: &Selection) -> Vec<String> {
        let cases = cases(&parse("f", FEATURE).unwrap());
        plan(&cases, selection).unwrap().into_iter().map(|planned| planned.case.id).collect()
    }

    #[test]
    fn a_control_comes_with_its_negative_and_before_it() {
        assert_eq!(ids(&Selection::default()), ["C-001.1", "C-001.2", "A-001", "B-001"]);
        let only = |id: &str| Selection { scenarios: vec![id.to_owned()], ..Selection::default() };
        assert_eq!(ids(&only("A-001")), ["C-001.1", "C-001.2", "A-001"]);
        assert_eq!(ids(&only("C-001.2")), ["C-001.2"]);
        let tags = Selection { tags: Some("@A-001 or @B-001".parse().unwrap()), ..Selection::default() };
        assert_eq!(ids(&tags), ["C-001.1", "C-001.2", "A-001", "B-001"]);
    }

    #[test]
    fn a_requirement_and_an_earlier_run_choose_too() {
        let by = |requirement: &str| Selection {
            requirements: vec![requirement.to_owned()],
            ..Selection::default()
        };
        assert_eq!(ids(&by("S")), ["B-001"]);
        let error = plan(&cases(&parse("f", FEATURE).unwrap()), &by("T")).map(|plan| plan.len());
        assert!(matches!(error, Err(SelectError::NoRequirement(..))));
        let real = |writes| ids(&Selection { real: Some(writes), ..Selection::default() });
        assert_eq!(real(Writes::Refused), ["C-001.1", "C-001.2"]);
        assert_eq!(real(Writes::Allowed), ["B-001", "C-001.1", "C-001.2"]);
        let rerun = Selection { rerun: Some(["A-001".to_owned()].into()), ..Selection::default() };
        assert_eq!(ids(&rerun), ["C-001.1", "C-001.2", "A-001"]);
    }

    #[test]
    fn shards_cover_everything() {
        let shard = |part| ids(&Selection { shard: Some((part, 2)), ..Selection::default() });
        assert_eq!(shard(1), ["C-001.1", "C-001.2", "A-001"]);
        assert_eq!(shard(2), ["B-001", "C-001.2"]);
    }

    #[test]
    fn an_unknown_scenario_is_an_error_and_a_lacking_capability_is_marked() {
        let cases = cases(&parse("f", FEATURE).unwrap());
        let nothing = Selection { scenarios: vec!["Z-001".to_owned()], ..Selection::default() };
        assert!(plan(&cases, &nothing).is_err());
        let mut all = plan(&cases, &Selection::default()).unwrap();
        mark_lacking(&mut all, &["list_all".to_owned()]);
        let lacking: Vec<_> = all.iter().filter_map(|planned| planned.lacks.as_deref()).collect();
        assert_eq!(lacking, ["dpop"]);
    }
}
