//! `oin.md`: the check as Markdown, for a pull request or the page of a CI job.

use std::fmt::Write as _;

use super::{
    finding::Outcome,
    judge::Judged,
    report::{BASES, OUTCOMES, PROVES, PROVES_NOT, Report, kind},
};

/// The check as Markdown.
pub(super) fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# {}: {}\n", report.verdict.word(), line(report.name()));
    let _ = writeln!(text, "{}\n", report.verdict.meaning());
    let _ = writeln!(text, "**What this shows.** {PROVES}\n\n**What it does not.** {PROVES_NOT}\n");
    let _ = writeln!(text, "| | {} |", BASES.map(|basis| basis.word()).join(" | "));
    let _ = writeln!(text, "|---|--:|--:|--:|");
    for (outcome, words) in OUTCOMES {
        let counts = BASES.map(|basis| report.count(&basis, outcome).to_string());
        let _ = writeln!(text, "| {words} | {} |", counts.join(" | "));
    }
    told(&mut text, report, Outcome::Fails, "What does not hold");
    told(&mut text, report, Outcome::Warns, "Warnings");
    if !report.besides.is_empty() {
        let _ = writeln!(text, "\n## Failing scenarios that no item is about\n");
        for judged in &report.besides {
            let _ = writeln!(text, "- {} {}", judged.scenario.id, line(&judged.scenario.name));
        }
    }
    if !report.without_result.is_empty() {
        let _ = writeln!(text, "\n## Scenarios that showed nothing\n");
        for judged in &report.without_result {
            let why = line(judged.scenario.reason.as_deref().unwrap_or_default());
            let _ = writeln!(text, "- {} {}: {why}", judged.scenario.id, line(&judged.scenario.name));
        }
    }
    let _ = writeln!(text, "\n## For a person to look at\n");
    for judged in report.of(Outcome::Person) {
        let _ = writeln!(
            text,
            "- [ ] **{}** {} {}",
            judged.item.id,
            line(&judged.item.says),
            line(&judged.finding.said)
        );
    }
    for basis in BASES {
        let _ = writeln!(
            text,
            "\n## {}\n\n| item | | what it asks for | what was seen |\n|---|---|---|---|",
            capital(basis.word())
        );
        for judged in report.judged.iter().filter(|judged| judged.item.basis == basis) {
            let (item, finding) = (judged.item, &judged.finding);
            let what = finding.outcome.word();
            let _ =
                writeln!(text, "| {} | {what} | {} | {} |", item.id, cell(&item.says), cell(&finding.said));
        }
    }
    if let Some(profile) = &report.profile {
        let _ = writeln!(text, "\n## What the client was seen to do\n");
        let hour = profile
            .tokens_an_hour
            .as_ref()
            .map(|(most, scenario)| format!("; {most} within an hour at most ({scenario})"));
        let _ = writeln!(
            text,
            "{} token requests{}. It calls itself {}.\n",
            profile.tokens,
            hour.unwrap_or_default(),
            code(&profile.agents)
        );
        let _ =
            writeln!(text, "| request | times | most in a minute | limit of the org |\n|---|--:|--:|--:|");
        for used in &profile.operations {
            let limit = used.limit.map_or_else(String::new, |limit| limit.to_string());
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {limit} |",
                cell(&used.request),
                used.count,
                used.a_minute
            );
        }
        let _ = writeln!(text, "\n| scope | token requests |\n|---|--:|");
        for (scope, count) in &profile.scopes {
            let _ = writeln!(text, "| `{}` | {count} |", cell(scope));
        }
    }
    let _ = writeln!(text, "\nRun again: `{}`", report.command());
    text
}

fn told(text: &mut String, report: &Report<'_>, outcome: Outcome, title: &str) {
    let items: Vec<&Judged> = report.of(outcome).collect();
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title}");
    for judged in items {
        let (item, finding) = (judged.item, &judged.finding);
        let _ = writeln!(text, "\n### {} {}\n", item.id, line(&item.says));
        let _ = writeln!(text, "{}, {}. Seen: {}\n", kind(item.kind), item.basis.word(), line(&finding.said));
        let _ = writeln!(text, "- Why it matters: {}\n- How to fix: {}", line(item.why()), line(item.fix()));
        for evidence in &finding.evidence {
            let _ = writeln!(text, "- Evidence: {} `{}`", evidence.scenario, evidence.what.replace('`', "'"));
        }
        for source in item.sources() {
            let _ = writeln!(text, "- Source: {source}");
        }
        let _ = writeln!(text, "- Reproduce: `{}`", report.reproduce(judged));
    }
}

/// In one line, with what Markdown and HTML take for theirs made harmless.
fn line(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace('<', "&lt;").replace('[', "\\[").replace('*', "\\*")
}

fn cell(words: &str) -> String {
    line(words).replace('|', "\\|")
}

fn code(words: &[String]) -> String {
    words.iter().map(|word| format!("`{}`", word.replace('`', "'"))).collect::<Vec<_>>().join(", ")
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
