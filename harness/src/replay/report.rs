//! What a replay came to: for a terminal, as Markdown, as JSON.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;

use super::comparison::{Aspect, Comparison};
use super::engine::{Outcome, Replayed};
use super::generated::masked;

/// The sums.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// How many sessions.
    recordings: usize,
    /// How many exchanges they have.
    exchanges: usize,
    /// How many were repeated.
    pub(crate) compared: usize,
    /// How many match: status and error code the same, shapes alike.
    matching: usize,
    /// How many have no difference at all.
    identical: usize,
    /// The worst first.
    operations: Vec<Operation>,
    /// The most frequent first.
    differences: Vec<Group>,
    /// The most frequent first.
    left_out: Vec<LeftOut>,
}

/// An operation's sums.
#[derive(Debug, Serialize)]
struct Operation {
    operation: String,
    compared: usize,
    matching: usize,
    identical: usize,
}

/// A difference, and how often it was seen.
#[derive(Debug, Serialize)]
struct Group {
    operation: String,
    aspect: Aspect,
    what: String,
    times: usize,
    example: Example,
}

/// An exchange that shows it.
#[derive(Debug, Serialize)]
struct Example {
    recording: String,
    number: usize,
    request: String,
    recorded: String,
    twin: String,
}

/// What could not be repeated.
#[derive(Debug, Serialize)]
struct LeftOut {
    reason: &'static str,
    times: usize,
    recording: String,
    number: usize,
    request: String,
}

/// So many operations are printed whether they match or not.
const FEW: usize = 12;

/// 0 to 100.
fn percent(part: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if of == 0 { 0.0 } else { 100.0 * number(part) / number(of) }
}

impl Report {
    /// Sums up; `recordings` is how many there are.
    pub(crate) fn of(recordings: usize, replayed: &[Replayed]) -> Self {
        let mut operations: BTreeMap<&str, Operation> = BTreeMap::new();
        let mut differences: HashMap<(&str, Aspect, String), Group> = HashMap::new();
        let mut left_out: BTreeMap<&str, LeftOut> = BTreeMap::new();
        for told in replayed {
            let comparison = match &told.outcome {
                Outcome::Compared(comparison) => comparison,
                Outcome::LeftOut(reason) => {
                    let row = left_out.entry(reason).or_insert_with(|| LeftOut::first(reason, told));
                    row.times += 1;
                    continue;
                }
            };
            let row = operations.entry(&told.operation).or_insert_with(|| Operation {
                operation: told.operation.clone(),
                compared: 0,
                matching: 0,
                identical: 0,
            });
            row.compared += 1;
            row.matching += usize::from(comparison.matches);
            row.identical += usize::from(comparison.differences.is_empty());
            for difference in &comparison.differences {
                let what = match difference.aspect {
                    Aspect::Status | Aspect::Code => with_error(comparison, &difference.what),
                    _ => difference.what.clone(),
                };
                let key = (told.operation.as_str(), difference.aspect, what.clone());
                let group = differences
                    .entry(key)
                    .or_insert_with(|| Group::first(difference.aspect, what, told, comparison));
                group.times += 1;
            }
        }
        let mut report = Self {
            recordings,
            exchanges: replayed.len(),
            compared: operations.values().map(|row| row.compared).sum(),
            matching: operations.values().map(|row| row.matching).sum(),
            identical: operations.values().map(|row| row.identical).sum(),
            operations: operations.into_values().collect(),
            differences: differences.into_values().collect(),
            left_out: left_out.into_values().collect(),
        };
        report.operations.sort_by_key(|row| std::cmp::Reverse(row.compared - row.matching));
        report.differences.sort_by(|a, b| {
            b.times
                .cmp(&a.times)
                .then_with(|| (&a.operation, a.aspect, &a.what).cmp(&(&b.operation, b.aspect, &b.what)))
        });
        report.left_out.sort_by_key(|row| std::cmp::Reverse(row.times));
        report
    }

    /// The share of the repeated exchanges that match.
    pub(crate) fn match_percent(&self) -> f64 {
        percent(self.matching, self.compared)
    }

    /// Everything, as one object.
    pub(crate) fn json(&self) -> String {
        let mut value = json!(self);
        value["match_percent"] = json!((self.match_percent() * 100.0).round() / 100.0);
        value["identical_percent"] = json!((percent(self.identical, self.compared) * 100.0).round() / 100.0);
        format!("{value:#}\n")
    }

    /// A header, a line an exchange, a footer with the sums.
    pub(crate) fn ndjson(&self, replayed: &[Replayed]) -> String {
        let header = json!({"kind": "header", "format": "orgtwin-replay", "version": 1, "orgtwin": env!("CARGO_PKG_VERSION")});
        let mut lines = format!("{header}\n");
        for told in replayed {
            let mut line = json!({
                "kind": "exchange",
                "recording": told.recording,
                "number": told.number,
                "operation": told.operation,
                "request": told.request,
            });
            match &told.outcome {
                Outcome::Compared(comparison) => line["compared"] = json!(comparison),
                Outcome::LeftOut(reason) => line["left_out"] = json!(reason),
            }
            let _ = writeln!(lines, "{line}");
        }
        let footer = json!({
            "kind": "footer",
            "recordings": self.recordings,
            "exchanges": self.exchanges,
            "compared": self.compared,
            "matching": self.matching,
            "identical": self.identical,
        });
        let _ = writeln!(lines, "{footer}");
        lines
    }

    fn sentence(&self) -> String {
        let left_out = self.exchanges - self.compared;
        format!(
            "{} of {} compared answers match: {:.1} %; {} are the same in every compared respect: {:.1} %. \
             {} recording{}, {} exchanges, {left_out} left out.",
            self.matching,
            self.compared,
            self.match_percent(),
            self.identical,
            percent(self.identical, self.compared),
            self.recordings,
            if self.recordings == 1 { "" } else { "s" },
            self.exchanges,
        )
    }

    /// For people: operations that differ, differences with an example, what was left out, the verdict last.
    pub(crate) fn terminal(&self, most: usize) -> String {
        let mut out = String::new();
        let (differ, same): (Vec<_>, Vec<_>) = self
            .operations
            .iter()
            .partition(|row| row.matching < row.compared || self.operations.len() <= FEW);
        if !differ.is_empty() {
            let _ = writeln!(out, "compared  match     same      operation");
            for row in &differ {
                let _ = writeln!(
                    out,
                    "{:>8}  {:>5.1} %  {:>5.1} %   {}",
                    row.compared,
                    percent(row.matching, row.compared),
                    percent(row.identical, row.compared),
                    row.operation
                );
            }
        }
        if !same.is_empty() {
            let _ = writeln!(out, "and {} operations whose answers all match", same.len());
        }
        if !self.differences.is_empty() {
            let _ = writeln!(out, "\nwhere the twin differs, the most frequent first");
            let shown = if most == 0 { self.differences.len() } else { most };
            for group in self.differences.iter().take(shown) {
                let _ = writeln!(
                    out,
                    "{:>6}  {}: {}: {}",
                    group.times,
                    group.operation,
                    group.aspect.word(),
                    group.what
                );
                let example = &group.example;
                let _ = writeln!(
                    out,
                    "        as {} #{}: {}",
                    example.recording, example.number, example.request
                );
                let _ = writeln!(
                    out,
                    "          recorded {}\n          twin     {}",
                    example.recorded, example.twin
                );
            }
            if self.differences.len() > shown {
                let _ = writeln!(
                    out,
                    "        and {} more: --differences 0, or --report-dir",
                    self.differences.len() - shown
                );
            }
        }
        if !self.left_out.is_empty() {
            let _ = writeln!(out, "\nleft out");
            for row in &self.left_out {
                let _ = writeln!(
                    out,
                    "{:>6}  {}, as {} #{}: {}",
                    row.times, row.reason, row.recording, row.number, row.request
                );
            }
        }
        let _ = writeln!(out, "\n{}", self.sentence());
        out
    }

    /// The same with every row.
    pub(crate) fn markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;");
        let mut out = format!("# Replay\n\n{}\n", self.sentence());
        let _ =
            writeln!(out, "\n## Operations\n\n| operation | compared | match | same |\n|---|---:|---:|---:|");
        for row in &self.operations {
            let _ = writeln!(
                out,
                "| {} | {} | {:.1} % | {:.1} % |",
                cell(&row.operation),
                row.compared,
                percent(row.matching, row.compared),
                percent(row.identical, row.compared)
            );
        }
        let _ = writeln!(
            out,
            "\n## Differences\n\n| times | operation | what | example | recorded | twin |\n|---:|---|---|---|---|---|"
        );
        for group in &self.differences {
            let example = &group.example;
            let _ = writeln!(
                out,
                "| {} | {} | {}: {} | {} #{}: {} | {} | {} |",
                group.times,
                cell(&group.operation),
                group.aspect.word(),
                cell(&group.what),
                cell(&example.recording),
                example.number,
                cell(&example.request),
                cell(&example.recorded),
                cell(&example.twin)
            );
        }
        let _ = writeln!(out, "\n## Left out\n\n| times | why | example |\n|---:|---|---|");
        for row in &self.left_out {
            let example = format!("{} #{}: {}", row.recording, row.number, row.request);
            let _ = writeln!(out, "| {} | {} | {} |", row.times, row.reason, cell(&example));
        }
        out
    }
}

/// Answers with the same status differ by their errors.
fn with_error(comparison: &Comparison, what: &str) -> String {
    let (recorded, twin) = &comparison.summary;
    let word = if twin.is_empty() { recorded } else { twin };
    let word: String = masked(word).chars().take(100).collect();
    if word.is_empty() { what.to_owned() } else { format!("{what} ({word})") }
}

impl Group {
    fn first(aspect: Aspect, what: String, told: &Replayed, comparison: &Comparison) -> Self {
        let answer = |status: u16, code: &Option<String>, summary: &str| {
            let status = if status == 0 { "no answer".to_owned() } else { status.to_string() };
            let words = [status.as_str(), code.as_deref().unwrap_or_default(), summary];
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            words.join(" ").chars().take(200).collect::<String>()
        };
        let example = Example {
            recording: told.recording.clone(),
            number: told.number,
            request: told.request.clone(),
            recorded: answer(comparison.status.0, &comparison.code.0, &comparison.summary.0),
            twin: answer(comparison.status.1, &comparison.code.1, &comparison.summary.1),
        };
        Self { operation: told.operation.clone(), aspect, what, times: 0, example }
    }
}

impl LeftOut {
    fn first(reason: &'static str, told: &Replayed) -> Self {
        Self {
            reason,
            times: 0,
            recording: told.recording.clone(),
            number: told.number,
            request: told.request.clone(),
        }
    }
}
