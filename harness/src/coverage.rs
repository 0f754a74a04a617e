//! `orgtwin coverage`: what the org answers and what it does not, as a table.

use std::fmt::Write as _;

use mock_server::{CoverageRow, ErrorCover, ErrorRow};

/// The word of a row that is answered by a 501.
const MISSING: &str = "missing";

/// A line for each operation, then the sums.
pub(crate) fn table(rows: &[CoverageRow]) -> String {
    let width = |cell: fn(&CoverageRow) -> usize| rows.iter().map(cell).max().unwrap_or_default();
    let (method, behaviour) = (width(|row| row.method.len()), width(|row| row.behaviour.len()));
    let operation = width(|row| row.operation.len());
    let mut table = String::new();
    for row in rows {
        let evidence = match row.recorded {
            0 => "specification".to_owned(),
            count => format!("recorded {count} times"),
        };
        let line = format!(
            "{:<7}  {:<behaviour$}  {:<operation$}  {:<method$} {}  {}  {evidence}",
            grade(row),
            row.behaviour,
            row.operation,
            row.method,
            row.path,
            row.source.as_deref().unwrap_or_default(),
        );
        let _ = writeln!(table, "{}", line.trim_end());
    }
    let count = |word: &str| rows.iter().filter(|row| grade(row) == word).count();
    let (exact, generic) = (count("exact"), count("generic"));
    let _ = writeln!(
        table,
        "\n{} of {} operations are answered: {exact} as recorded of real orgs (exact), {generic} as the specification \
         says (generic); the others pass the gate (credentials, scope, role) and then answer 501.",
        exact + generic,
        rows.len()
    );
    table
}

/// How good the answer is: built on recordings, on the specification, or not there.
fn grade(row: &CoverageRow) -> &'static str {
    match (row.behaviour, row.recorded) {
        (MISSING, _) => "missing",
        (_, 0) => "generic",
        _ => "exact",
    }
}

/// The errors of the authorization servers, then those of the Management API.
///
/// # Errors
/// What is wrong in one of the tables.
pub(crate) fn all_errors() -> Result<String, String> {
    let oauth = errors("the authorization servers", &mock_server::error_coverage()?);
    let management = errors("the Management API", &mock_server::management_error_coverage()?);
    Ok(format!("{oauth}\n{management}"))
}

/// A line for each error of a catalogue, then the sums.
fn errors(whose: &str, rows: &[ErrorRow]) -> String {
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or_default();
    let (mut shown, mut raised, mut features) = (0, 0, 0);
    let mut table = String::new();
    for row in rows {
        let (word, evidence) = match &row.cover {
            ErrorCover::Shown { by, test } => {
                shown += 1;
                ("shown", format!("{by}  ({test})"))
            }
            ErrorCover::Raised { by } => {
                raised += 1;
                ("raised", by.clone())
            }
            ErrorCover::Feature { name } => {
                features += 1;
                ("feature", name.clone())
            }
            ErrorCover::Open => ("open", row.description.clone()),
        };
        let error = row.error.as_ref().map(|error| format!(" {error}")).unwrap_or_default();
        let _ = writeln!(table, "{word:<7}  {:<width$}  {}{error}  {evidence}", row.id, row.status);
    }
    let open = rows.len() - shown - raised - features;
    let _ = writeln!(
        table,
        "\n{} of {} errors of {whose} are reached, {shown} of them shown by a test; {features} belong to features that an org \
         without licences does not have; {open} are not reachable yet.",
        shown + raised,
        rows.len()
    );
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_line_and_the_sums_are_right() {
        let row = |id: &str, cover| ErrorRow {
            id: id.to_owned(),
            status: 400,
            error: Some("invalid_grant".to_owned()),
            description: "No.".to_owned(),
            cover,
        };
        let by = || "POST /token: a bad code".to_owned();
        let rows = [
            row("a", ErrorCover::Shown { by: by(), test: "file.rs::test".to_owned() }),
            row("bb", ErrorCover::Raised { by: by() }),
            row("c", ErrorCover::Feature { name: "CIBA".to_owned() }),
            row("d", ErrorCover::Open),
        ];
        insta::assert_snapshot!(errors("the authorization servers", &rows));
    }

    #[test]
    fn every_operation_has_a_line_and_the_sums_are_right() {
        let row = |operation, behaviour, source: Option<&str>| CoverageRow {
            operation,
            method: "GET".to_owned(),
            path: "/api/v1/users",
            scopes: &[],
            behaviour,
            source: source.map(ToOwned::to_owned),
            recorded: 3,
        };
        let rows = [
            row("listUsers", "list", Some("fixtures/resources/users.toml")),
            row("listLogs", "missing", None),
        ];
        insta::assert_snapshot!(table(&rows));
    }
}
