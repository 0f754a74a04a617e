//! What the terminal says at the end: the verdict, what does not hold, what is left.

use std::{fmt::Write as _, path::Path};

use super::{
    finding::Outcome,
    report::{PROVES_NOT, Report},
};

/// The summary.
pub(super) fn text(report: &Report<'_>, folder: &Path) -> String {
    let mut text = String::new();
    let verdict = report.verdict;
    let _ = writeln!(text, "{}: {}\n{}\n", verdict.word(), report.name(), verdict.meaning());
    for outcome in [Outcome::Fails, Outcome::Warns, Outcome::NotJudged] {
        for judged in report.of(outcome) {
            let (item, finding) = (judged.item, &judged.finding);
            let _ =
                writeln!(text, "{:<15} {}  {} [{}]", outcome.word(), item.id, item.says, item.basis.word());
            let _ = writeln!(text, "                seen       {}", finding.said);
            if outcome == Outcome::NotJudged {
                continue;
            }
            let _ = writeln!(text, "                fix        {}", item.fix());
            if let Some(evidence) = finding.evidence.first() {
                let _ = writeln!(text, "                evidence   {}: {}", evidence.scenario, evidence.what);
                let _ = writeln!(text, "                reproduce  {}", report.reproduce(judged));
            }
        }
    }
    for judged in &report.besides {
        let _ = writeln!(text, "{:<15} {}  {}", "fails besides", judged.scenario.id, judged.scenario.name);
    }
    for judged in &report.without_result {
        let why = judged.scenario.reason.as_deref().unwrap_or_default();
        let _ =
            writeln!(text, "{:<15} {}  {}: {why}", "shows nothing", judged.scenario.id, judged.scenario.name);
    }
    let _ = writeln!(text, "\n90 items: {}.", report.numbers());
    let _ = writeln!(text, "{PROVES_NOT}");
    let _ = writeln!(text, "The page: {}", folder.join("oin.html").display());
    text
}
