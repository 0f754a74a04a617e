//! What a comparison of two orgs came to: for a terminal, as Markdown, as JSON.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use super::{
    comparison::{Finding, Left},
    dialects::Dialect,
};

/// The result.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The target's host.
    pub(crate) target: String,
    /// How many requests were made of it.
    pub(crate) requests: u32,
    /// Observations made of both.
    pub(crate) made: Vec<String>,
    /// Every difference.
    pub(crate) differences: Vec<Finding>,
    /// What was not observed.
    pub(crate) not_made: Vec<Left>,
    /// The switches that the target's answers say to be otherwise than the twin's.
    pub(crate) dialect: Dialect,
    /// Why nothing more was asked, if so.
    pub(crate) stopped: Option<String>,
    /// What could not be removed from the target.
    pub(crate) left_behind: Vec<String>,
}

impl Report {
    /// The first line of every form.
    fn verdict(&self) -> String {
        let made = self.made.len();
        let explained = self.differences.iter().filter(|finding| !finding.explained_by.is_empty()).count();
        let differences = match (self.differences.len(), explained) {
            (0, _) => "no difference".to_owned(),
            (all, explained) => format!("{all} differences, {explained} of them explained by the dialect"),
        };
        format!("{made} observations made of {} by {} requests: {differences}", self.target, self.requests)
    }

    fn by_observation(&self) -> BTreeMap<&str, Vec<&Finding>> {
        let mut groups: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.differences {
            groups.entry(&finding.observation).or_default().push(finding);
        }
        groups
    }

    /// For a terminal.
    pub(crate) fn terminal(&self) -> String {
        let mut text = String::new();
        for (id, findings) in self.by_observation() {
            let _ = writeln!(text, "{id}");
            for finding in findings {
                let _ = writeln!(text, "  {}: {}", finding.request, words(finding));
            }
        }
        if !self.dialect.is_empty() {
            let _ = writeln!(text, "the target's dialect, where it is not the twin's:");
            for (name, value) in &self.dialect {
                let _ = writeln!(text, "  {name} = {value:?}");
            }
        }
        if !self.not_made.is_empty() {
            let _ = writeln!(text, "not observed:");
            for left in &self.not_made {
                let _ = writeln!(text, "  {}: {}", left.observation, left.reason);
            }
        }
        for what in &self.left_behind {
            let _ = writeln!(text, "left in the org: {what}");
        }
        if let Some(reason) = &self.stopped {
            let _ = writeln!(text, "stopped: {reason}");
        }
        let _ = writeln!(text, "{}", self.verdict());
        text
    }

    /// `parity.md`.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("## Parity with {}\n\n{}.\n", self.target, self.verdict());
        if !self.differences.is_empty() {
            text.push_str("\n| observation | request | what | twin | target | explained by |\n|---|---|---|---|---|---|\n");
            for finding in &self.differences {
                let difference = &finding.difference;
                let cells = [
                    &finding.observation,
                    &finding.request,
                    &difference.aspect,
                    &difference.twin,
                    &difference.target,
                    &finding.explained_by.join(", "),
                ];
                let _ = writeln!(text, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
            }
        }
        if !self.dialect.is_empty() {
            text.push_str("\n```toml\n[dialect]\n");
            for (name, value) in &self.dialect {
                let _ = writeln!(text, "{name} = {value:?}");
            }
            text.push_str("```\n");
        }
        if !self.not_made.is_empty() {
            text.push_str("\n### Not observed\n\n");
            for left in &self.not_made {
                let _ = writeln!(text, "* {}: {}", left.observation, left.reason);
            }
        }
        for what in &self.left_behind {
            let _ = writeln!(text, "\n> **Left in the org:** {what}");
        }
        if let Some(reason) = &self.stopped {
            let _ = writeln!(text, "\n> **Stopped:** {reason}");
        }
        text
    }

    /// `parity.json`, and what `--json` prints.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn words(finding: &Finding) -> String {
    let difference = &finding.difference;
    let mut words = match difference.aspect.as_str() {
        "shape" => format!("shape: {}", difference.target),
        aspect => format!(
            "{aspect}: {} in the twin, {} in the target",
            quoted(&difference.twin),
            quoted(&difference.target)
        ),
    };
    if !finding.explained_by.is_empty() {
        let _ = write!(words, " ({})", finding.explained_by.join(", "));
    }
    words
}

fn quoted(text: &str) -> String {
    if text.contains(' ') { format!("{text:?}") } else { text.to_owned() }
}
