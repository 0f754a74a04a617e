//! `summary.md`: the run on a page of a CI job.

use std::fmt::Write as _;

use super::{
    page::matrix::{self, Row},
    run::{Judged, Run},
    verdict::{self, level, seen_by, word},
};
use crate::suite::outcome::Verdict;

/// Failures that are told in full; GitHub takes no summary of more than 1 MiB.
const TOLD: usize = 40;

/// The summary of a run.
pub(super) fn summary(run: &Run) -> String {
    let (header, footer) = (&run.header, &run.footer);
    let (claim, why) = verdict::meaning(footer);
    let mut text = String::new();
    let _ = writeln!(text, "## {claim}: {}\n", cell(&header.identity));
    let _ = writeln!(text, "{claim}: {why}\n");
    let _ = writeln!(text, "{} in {}.\n", verdict::numbers(footer), verdict::seconds(footer.milliseconds));
    let _ = writeln!(text, "| | |\n|---|---|");
    for (name, value) in [
        ("client", format!("{} ({})", header.identity, header.client)),
        ("against", header.target.clone()),
        ("by", header.tool.clone()),
        ("begun", header.started.clone()),
        ("seed", header.seed.to_string()),
    ] {
        let _ = writeln!(text, "| {name} | {} |", cell(&value));
    }
    for cause in &footer.broken {
        let _ = writeln!(text, "\n> **Broken:** {}", cell(cause));
    }
    for cause in &footer.missing {
        let _ = writeln!(text, "\n> **Missing:** {}", cell(cause));
    }
    for note in &footer.notes {
        let _ = writeln!(text, "\n> {}", cell(note));
    }
    let of = |wanted: fn(Verdict) -> bool| {
        run.scenarios.iter().filter(move |judged| wanted(judged.scenario.verdict)).collect::<Vec<_>>()
    };
    let bad = of(|verdict| verdict > Verdict::Warn);
    if !bad.is_empty() {
        let _ = writeln!(text, "\n### What does not hold\n");
        for judged in bad.iter().take(TOLD) {
            failure(&mut text, judged, &header.run_arguments);
        }
        if bad.len() > TOLD {
            let _ = writeln!(text, "{} more: see `report.html`.\n", bad.len() - TOLD);
        }
    }
    for fault in &footer.baseline {
        let _ = writeln!(text, "\n> **Baseline:** {}", cell(fault));
    }
    list(
        &mut text,
        "Known to fail",
        &of(|verdict| matches!(verdict, Verdict::ExpectedFail | Verdict::Flaky)),
    );
    list(&mut text, "Warnings", &of(|verdict| verdict == Verdict::Warn));
    list(&mut text, "Not applicable", &of(|verdict| verdict == Verdict::NotApplicable));
    requirements(&mut text, run);
    text
}

fn failure(text: &mut String, judged: &Judged, run_arguments: &str) {
    let scenario = &judged.scenario;
    let _ = writeln!(
        text,
        "<details><summary><b>{}</b> {} {}</summary>\n",
        word(scenario.verdict),
        scenario.id,
        markup(&scenario.name)
    );
    let requirements: Vec<String> = scenario.requirements.iter().map(|id| code(id)).collect();
    let _ = writeln!(text, "{}: {}\n", level(scenario.level), requirements.join(", "));
    for check in judged.bad() {
        let check = &check.check;
        let _ = writeln!(text, "- {} {} ({})", word(check.verdict), code(&check.id), seen_by(check.witness));
        let _ = writeln!(text, "  - expected {}", cell(&check.expected));
        let _ = writeln!(text, "  - observed {}", cell(&check.observed));
    }
    if let Some(exchange) = judged.bad().find_map(|check| judged.evidence(check)) {
        let seen = format!("#{} {} → {}", exchange.seq, exchange.request, exchange.status);
        let _ = writeln!(text, "- exchange {}", code(&seen));
        if let Some(decided) = &exchange.decided {
            let _ = writeln!(text, "- decided by {}", cell(decided));
        }
    }
    let _ = writeln!(text, "\n{}\n\n</details>\n", block(&verdict::reproduce(run_arguments, &scenario.id)));
}

fn list(text: &mut String, title: &str, scenarios: &[&Judged]) {
    if scenarios.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n<details><summary>{title} ({})</summary>\n", scenarios.len());
    for judged in scenarios {
        let observed = judged.bad().next().map(|check| check.check.observed.as_str());
        let reason = judged.scenario.reason.as_deref().or(observed).unwrap_or_default();
        let (id, name) = (&judged.scenario.id, &judged.scenario.name);
        let _ = writeln!(text, "- **{id}** {}: {}", cell(name), cell(reason));
    }
    let _ = writeln!(text, "\n</details>");
}

fn requirements(text: &mut String, run: &Run) {
    let rows: Vec<Row> = matrix::areas(run).into_iter().flat_map(|area| area.rows).collect();
    let _ = writeln!(text, "\n<details><summary>Requirements ({})</summary>\n", rows.len());
    let _ = writeln!(text, "| | requirement | level | scenarios |\n|---|---|---|---|");
    for row in rows {
        let scenarios: Vec<&str> = row.scenarios.iter().map(|(id, _)| id.as_str()).collect();
        let sentence = row.sentence.map(|sentence| format!("<br>{}", cell(&sentence))).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {}{sentence} | {} | {} |",
            word(row.verdict),
            code(&row.id),
            level(row.level),
            scenarios.join(" ")
        );
    }
    let _ = writeln!(text, "\n</details>");
}

/// Words of others, which neither end a table's cell nor become markup.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for letter in markup(text).chars() {
        if matches!(letter, '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#') {
            cell.push('\\');
        }
        cell.push(if letter.is_control() { ' ' } else { letter });
    }
    cell
}

fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn longest_fence(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

fn code(text: &str) -> String {
    let fence = "`".repeat(longest_fence(text) + 1);
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', "\\|"))
}

fn block(text: &str) -> String {
    let fence = "`".repeat(longest_fence(text).max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}
