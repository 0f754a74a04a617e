//! Which cases are run, and in which order: filters, shards, and each negative case after its control.

use std::collections::{BTreeMap, BTreeSet};

use cucumber::{gherkin::tagexpr::TagOperation, tag::Ext as _};

use super::features::Case;

/// What the command line chose.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// A tag expression.
    pub(crate) tags: Option<TagOperation>,
    /// Scenario ids; an outline's id stands for all of its rows.
    pub(crate) scenarios: Vec<String>,
    /// Part I of N, from 1.
    pub(crate) shard: Option<(usize, usize)>,
}

/// A choice that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectError {
    /// No such scenario.
    #[error("--scenario {0}: there is no such scenario; `orgtwin test --list` names them all")]
    NoScenario(String),
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
/// A scenario id that does not exist.
pub(crate) fn plan(cases: &[Case], selection: &Selection) -> Result<Vec<Planned>, SelectError> {
    for wanted in &selection.scenarios {
        if !cases.iter().any(|case| case.id == *wanted || case.tagged_id == *wanted) {
            return Err(SelectError::NoScenario(wanted.clone()));
        }
    }
    let chosen: Vec<&Case> = cases
        .iter()
        .filter(|case| selection.tags.as_ref().is_none_or(|tags| tags.eval(case.tags.iter())))
        .filter(|case| {
            selection.scenarios.is_empty()
                || selection.scenarios.iter().any(|id| case.id == *id || case.tagged_id == *id)
        })
        .collect();
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
  @B-001 @req:R @must @cap:dpop
  Scenario: other
    Given x
  @C-001 @req:R @must
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
