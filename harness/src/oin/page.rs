//! `oin.html`: the check on one page, in the look of the report of the suite. One file without anything from elsewhere.

use std::io;

use askama::Template;

use super::{
    finding::Outcome,
    items::{Basis, Kind},
    judge::Judged,
    report::{BASES, OUTCOMES, PROVES, PROVES_NOT, Report},
};
use crate::suite::outcome::Level;

const STYLE: &str = include_str!("../report/page/report.css");

#[derive(Template)]
#[template(path = "oin.html")]
struct Page<'r> {
    style: &'static str,
    report: &'r Report<'r>,
    proves: &'static str,
    proves_not: &'static str,
    numbers: String,
    parts: Vec<(usize, &'static str, &'static str)>,
    fails: Vec<&'r Judged>,
    warns: Vec<&'r Judged>,
    open: Vec<&'r Judged>,
    look: Vec<&'r Judged>,
    bases: Vec<(Basis, Vec<&'r Judged>)>,
}

/// The check as a page.
///
/// # Errors
/// The template cannot be filled.
pub(super) fn text(report: &Report<'_>) -> io::Result<String> {
    let parts = OUTCOMES.iter().map(|(outcome, words)| (report.of(*outcome).count(), *words, outcome.tone()));
    let page = Page {
        style: STYLE,
        report,
        proves: PROVES,
        proves_not: PROVES_NOT,
        numbers: report.numbers(),
        parts: parts.filter(|(count, ..)| *count > 0).collect(),
        fails: report.of(Outcome::Fails).collect(),
        warns: report.of(Outcome::Warns).collect(),
        open: report.of(Outcome::NotJudged).collect(),
        look: report.of(Outcome::Person).collect(),
        bases: BASES
            .into_iter()
            .map(|basis| (basis, report.judged.iter().filter(|judged| judged.item.basis == basis).collect()))
            .collect(),
    };
    page.render().map_err(io::Error::other)
}

fn level(level: &Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
    }
}

fn kind(kind: &Kind) -> &'static str {
    super::report::kind(*kind)
}
