//! The requirements of a run, each with the worst that its scenarios came to.

use crate::{
    report::run::{Judged, Run},
    requirements::{self, Source},
    suite::outcome::{Level, Verdict},
};

/// The requirements about one thing.
pub(crate) struct Area {
    /// What they are about: the register's area, or the folder of the feature.
    pub(crate) name: String,
    /// The requirements, the worst first.
    pub(crate) rows: Vec<Row>,
}

/// A requirement.
pub(crate) struct Row {
    /// Its id.
    pub(crate) id: String,
    /// How much it binds.
    pub(crate) level: Level,
    /// What it says.
    pub(crate) sentence: Option<String>,
    /// Where it is from.
    pub(crate) sources: &'static [Source],
    /// The worst of its scenarios.
    pub(crate) verdict: Verdict,
    /// Its scenarios.
    pub(crate) scenarios: Vec<(String, Verdict)>,
}

/// The requirements of a run by what they are about.
pub(crate) fn areas(run: &Run) -> Vec<Area> {
    let mut areas: Vec<Area> = Vec::new();
    for judged in &run.scenarios {
        for (id, verdict) in named(judged) {
            let known = requirements::find(id);
            let name = known.map_or_else(|| folder(judged), |known| known.area.clone());
            let area = match areas.iter().position(|area| area.name == name) {
                Some(at) => at,
                None => {
                    areas.push(Area { name, rows: Vec::new() });
                    areas.len() - 1
                }
            };
            let Some(rows) = areas.get_mut(area).map(|area| &mut area.rows) else { continue };
            let scenario = (judged.scenario.id.clone(), verdict);
            match rows.iter_mut().find(|row| row.id == id) {
                Some(row) => {
                    row.verdict = row.verdict.max(scenario.1);
                    row.scenarios.push(scenario);
                }
                None => rows.push(Row {
                    id: id.to_owned(),
                    level: known.map_or(judged.scenario.level, |known| known.level),
                    sentence: known.map(|known| known.sentence.clone()),
                    sources: known.map_or(&[], |known| known.sources.as_slice()),
                    verdict: scenario.1,
                    scenarios: vec![scenario],
                }),
            }
        }
    }
    for area in &mut areas {
        area.rows.sort_by(|a, b| b.verdict.cmp(&a.verdict).then_with(|| a.id.cmp(&b.id)));
    }
    areas.sort_by(|a, b| a.name.cmp(&b.name));
    areas
}

/// The requirements that a scenario says something about, with the worst of the checks that name each: a check that every
/// scenario has is about a requirement of its own.
pub(super) fn named(judged: &Judged) -> Vec<(&str, Verdict)> {
    let mut named: Vec<(&str, Verdict)> = Vec::new();
    for check in &judged.checks {
        for id in &check.requirements {
            match named.iter_mut().find(|(known, _)| known == id) {
                Some((_, verdict)) => *verdict = check.check.verdict.max(*verdict),
                None => named.push((id, check.check.verdict)),
            }
        }
    }
    for id in &judged.scenario.requirements {
        if !named.iter().any(|(known, _)| known == id) {
            named.push((id, judged.scenario.verdict));
        }
    }
    named
}

fn folder(judged: &Judged) -> String {
    let mut parts = judged.scenario.path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    parts.next().unwrap_or(file).to_owned()
}
