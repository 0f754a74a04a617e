//! `orgtwin coverage --requirements`: which requirement is tested by what, and which is not, and why.

use std::fmt::Write as _;

use super::{Observable, Requirement, all, lint::word};
use crate::{checks::monitors, suite::features::Case};

/// A line for each requirement, then the sums.
pub(crate) fn table(cases: &[Case]) -> String {
    let mut table = String::new();
    let width = all().iter().map(|row| row.id.len()).max().unwrap_or_default();
    let mut tested = 0;
    for row in all() {
        let by = match &row.observable {
            Observable::No { reason } => format!("not tested: {reason}"),
            _ => {
                tested += 1;
                format!("tested by {}", judges(row, cases).join(", "))
            }
        };
        let _ = writeln!(table, "{:<width$}  {:<6}  {:<11}  {by}", row.id, word(row.level), row.area);
    }
    let _ = writeln!(
        table,
        "\n{tested} of {} requirements are tested; the others say why not. `orgtwin explain ID` tells more of one.",
        all().len()
    );
    table
}

/// Scenarios and monitors that judge it: `PAGE-001`, `in every scenario (fresh-jti)`.
pub(crate) fn judges(row: &Requirement, cases: &[Case]) -> Vec<String> {
    let mut by: Vec<String> = Vec::new();
    for case in cases.iter().filter(|case| case.values("req").any(|id| id == row.id)) {
        if !by.contains(&case.tagged_id) {
            by.push(case.tagged_id.clone());
        }
    }
    by.extend(monitors::about(&row.id).map(|slug| format!("every scenario ({slug})")));
    by
}
