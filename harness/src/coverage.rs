//! `orgtwin coverage`: what the org answers and what it does not, as a table.

use std::fmt::Write as _;

use mock_server::CoverageRow;

/// The word of a row that is answered by a 501.
const MISSING: &str = "missing";

/// A line for each operation, then the sums.
pub(crate) fn table(rows: &[CoverageRow]) -> String {
    let width = |cell: fn(&CoverageRow) -> usize| rows.iter().map(cell).max().unwrap_or_default();
    let (method, behaviour) = (width(|row| row.method.len()), width(|row| row.behaviour.len()));
    let operation = width(|row| row.operation.len());
    let mut table = String::new();
    for row in rows {
        let line = format!(
            "{:<behaviour$}  {:<operation$}  {:<method$} {}  {}",
            row.behaviour,
            row.operation,
            row.method,
            row.path,
            row.source.as_deref().unwrap_or_default(),
        );
        let _ = writeln!(table, "{}", line.trim_end());
    }
    let answered = rows.iter().filter(|row| row.behaviour != MISSING).count();
    let _ = writeln!(
        table,
        "\n{answered} of {} operations are answered; the others pass the gate (credentials, scope, role) and then \
         answer 501.",
        rows.len()
    );
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_line_and_the_sums_are_right() {
        let row = |operation, behaviour, source: Option<&str>| CoverageRow {
            operation,
            method: "GET".to_owned(),
            path: "/api/v1/users",
            scopes: &[],
            behaviour,
            source: source.map(ToOwned::to_owned),
        };
        let rows = [
            row("listUsers", "list", Some("fixtures/resources/users.toml")),
            row("listLogs", "missing", None),
        ];
        insta::assert_snapshot!(table(&rows));
    }
}
