//! Which switch of the dialect explains a difference: the one whose twin shows the same difference.

use std::collections::BTreeSet;

use super::{
    asker::Made,
    comparison::{Finding, Outcome, compare},
    dialects::{Dialect, Switch},
    observation::Observations,
    twin::{NoTwin, Twins},
};
use crate::real::probe::question::{Found, Question};

/// What is known of the target and of the twin beside it.
pub(crate) struct Known<'a> {
    /// All observations.
    pub(crate) observations: &'a Observations,
    /// All switches.
    pub(crate) switches: &'a [Switch],
    /// All questions.
    pub(crate) questions: &'a [Question],
    /// What the target's answers say about each question.
    pub(crate) found: &'a [Found],
    /// The twin's own dialect.
    pub(crate) base: &'a Dialect,
    /// Whether writes are observed.
    pub(crate) allow_writes: bool,
}

impl Known<'_> {
    fn current<'s>(&'s self, switch: &'s Switch) -> &'s str {
        self.base.get(&switch.name).map_or(switch.default.as_str(), String::as_str)
    }

    /// The switches that the target may have otherwise, and how: as its answers say, or anyhow where they say nothing.
    fn candidates(&self) -> Vec<(String, String)> {
        let mut candidates = Vec::new();
        for (switch, found) in self.switches.iter().zip(self.found) {
            let possible: Vec<&String> = match found {
                Found::Value { value, .. } => vec![value],
                Found::Open(_) => switch.values.iter().collect(),
            };
            let others = possible.into_iter().filter(|value| **value != self.current(switch));
            candidates.extend(others.map(|value| (switch.name.clone(), value.clone())));
        }
        candidates
    }

    /// The switches that the target's answers say to be otherwise than the twin's.
    pub(crate) fn moved(&self) -> Dialect {
        let moved = |(switch, found): (&Switch, &Found)| match found {
            Found::Value { value, .. } if value != self.current(switch) => {
                Some((switch.name.clone(), value.clone()))
            }
            _ => None,
        };
        self.switches.iter().zip(self.found).filter_map(moved).collect()
    }

    fn looked_at(&self, switch: &str, observation: &str) -> bool {
        let question = self.questions.iter().find(|question| question.switch == switch);
        question.is_some_and(|question| question.looks.iter().any(|look| look.at == observation))
    }
}

/// Writes the explanations into the findings. `base` gives what the twin beside the target showed.
///
/// # Errors
/// A twin cannot be had.
pub(crate) async fn explain<'m>(
    known: &Known<'_>,
    twins: &Twins<'_>,
    findings: &mut [Finding],
    base: impl Fn(&str) -> Option<&'m Made>,
) -> Result<(), NoTwin> {
    let word = |(name, value): (&String, &String)| format!("{name} = {value:?}");
    for (name, value) in known.candidates() {
        let shown = differences(known, twins, &[(&name, &value)], findings, &base).await?;
        for finding in findings.iter_mut().filter(|finding| shows(&shown, finding)) {
            finding.explained_by.push(word((&name, &value)));
        }
    }
    let moved = known.moved();
    if findings.iter().all(|finding| !finding.explained_by.is_empty()) || moved.len() < 2 {
        return Ok(());
    }
    // Together they may show what none of them shows alone.
    let together: Vec<_> = moved.iter().collect();
    let shown = differences(known, twins, &together, findings, &base).await?;
    for finding in
        findings.iter_mut().filter(|finding| finding.explained_by.is_empty() && shows(&shown, finding))
    {
        let looked_at = moved.iter().filter(|(name, _)| known.looked_at(name, &finding.observation));
        finding.explained_by = looked_at.map(word).collect();
        if finding.explained_by.is_empty() {
            finding.explained_by = moved.iter().map(word).collect();
        }
    }
    Ok(())
}

fn shows(shown: &[Finding], finding: &Finding) -> bool {
    let same = |one: &&Finding| {
        (&one.observation, one.answer, &one.difference)
            == (&finding.observation, finding.answer, &finding.difference)
    };
    shown.iter().any(|one| same(&one))
}

/// How a twin with these switches differs from the twin beside the target, where the target differs.
async fn differences<'m>(
    known: &Known<'_>,
    twins: &Twins<'_>,
    switches: &[(&String, &String)],
    findings: &[Finding],
    base: &impl Fn(&str) -> Option<&'m Made>,
) -> Result<Vec<Finding>, NoTwin> {
    let ids: BTreeSet<&str> = findings.iter().map(|finding| finding.observation.as_str()).collect();
    let mut dialect = known.base.clone();
    dialect.extend(switches.iter().map(|(name, value)| ((*name).clone(), (*value).clone())));
    let mut twin = twins.with(&dialect, known.allow_writes).await?;
    let mut shown = Vec::new();
    for observation in known.observations.all.iter().filter(|one| ids.contains(one.id.as_str())) {
        let made = twin.observe(&observation.id).await;
        let Some(of_base) = base(&observation.id) else { continue };
        if let Outcome::Made(mut differences) = compare(&observation.id, of_base, &made) {
            shown.append(&mut differences);
        }
    }
    Ok(shown)
}
