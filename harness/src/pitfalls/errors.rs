//! `docs/errors.md`: which error means what. Made from Okta's catalogues, from what is known of when each of them comes
//! (`fixtures/error-coverage.toml`, `oauth-error-coverage.toml`), and from the scenarios that state it. Nothing else is said.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::LazyLock,
};

use cucumber::gherkin::StepType;
use mock_server::{ErrorCover, ErrorRow};
use regex::Regex;

use super::{Pitfall, all, page::anchor};
use crate::suite::features::Case;

/// `{0}`, escaped: what the org fills in.
static PLACES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\\\{\d+\\\}").ok());

/// So many scenarios are named beside an error at most.
const SCENARIOS: usize = 3;

/// The page, in Markdown.
///
/// # Errors
/// What is wrong in one of the tables.
pub(crate) fn page(cases: &[Case]) -> Result<String, String> {
    let (oauth, management) = (mock_server::error_coverage()?, mock_server::management_error_coverage()?);
    let stated = Stated::of(cases);
    let mut page = format!(
        "# Which error means what\n\n\
         <!-- Made from fixtures/ and features/ by `cargo run -- explain --errors > docs/errors.md`. Change those, not this page. -->\n\n\
         Okta's catalogues: {} errors of its authorization servers, {} of the Management API. Where the twin gives an error the \
         request and the condition stand beside it, with the pitfall ([pitfalls.md](pitfalls.md)) and some scenarios that \
         show it; the others stand below, folded. `{{0}}` is what the org fills in. A page says what is in the data; where \
         nothing is known of an error there are only its status and its words.\n\n\
         - An authorization server says `{{\"error\":\"…\",\"error_description\":\"…\"}}`.\n\
         - The Management API says `{{\"errorCode\":\"E…\",\"errorSummary\":\"…\",\"errorCauses\":[…]}}`.\n\
         - When the token itself is refused the body is empty, and `error` and `error_description` stand in the header \
         `WWW-Authenticate`.\n\n",
        oauth.len(),
        management.len()
    );
    let mut by_code: BTreeMap<&str, Vec<&ErrorRow>> = BTreeMap::new();
    for row in &oauth {
        by_code.entry(row.error.as_deref().unwrap_or_default()).or_default().push(row);
    }
    let _ = writeln!(page, "## Authorization servers\n");
    let links: Vec<String> = by_code.keys().map(|code| format!("[{code}](#{code})")).collect();
    let _ = writeln!(page, "{}", links.join(" · "));
    for (code, rows) in by_code {
        let _ = write!(page, "\n### `{code}`\n");
        table(&mut page, &rows, &stated);
    }
    let _ = writeln!(page, "\n## Management API");
    table(&mut page, &management.iter().collect::<Vec<_>>(), &stated);
    Ok(page)
}

/// Lines for a terminal about the errors that are called so or say so; nothing if there are none.
///
/// # Errors
/// As [`page`].
pub(crate) fn text(words: &str) -> Result<Option<String>, String> {
    let wanted = words.trim().trim_matches('"').to_lowercase();
    if wanted.is_empty() {
        return Ok(None);
    }
    let (oauth, management) = (mock_server::error_coverage()?, mock_server::management_error_coverage()?);
    let is_meant = |row: &&ErrorRow| {
        row.id.to_lowercase() == wanted
            || row.error.as_deref() == Some(wanted.as_str())
            || row.description.to_lowercase().contains(&wanted)
    };
    let mut text = String::new();
    for row in oauth.iter().chain(&management).filter(is_meant) {
        let _ =
            writeln!(text, "{} {}: {}", row.status, row.error.as_deref().unwrap_or(&row.id), row.description);
        let (request, condition) = by(row);
        for (label, words) in [("when", condition), ("at", request)] {
            if !words.is_empty() {
                let _ = writeln!(text, "  {label:<4}  {words}");
            }
        }
    }
    Ok((!text.is_empty()).then_some(text))
}

/// The errors that the twin gives, then the others, folded.
fn table(page: &mut String, rows: &[&ErrorRow], stated: &Stated<'_>) {
    let has_code = rows.iter().any(|row| row.error.is_none());
    let (code_title, code_line) = if has_code { ("| code ", "|---") } else { ("", "") };
    let code = |row: &ErrorRow| if has_code { format!("| {} ", row.id) } else { String::new() };
    let (given, others): (Vec<&ErrorRow>, Vec<&ErrorRow>) = rows
        .iter()
        .copied()
        .partition(|row| matches!(row.cover, ErrorCover::Shown { .. } | ErrorCover::Raised { .. }));
    if !given.is_empty() {
        let _ = write!(
            page,
            "\n{code_title}| status | words | comes when | for example at | see |\n{code_line}|---|---|---|---|---|\n"
        );
    }
    for row in given {
        let (request, condition) = by(row);
        let (words, see) = (cell(&row.description), stated.by(row));
        let _ = writeln!(
            page,
            "{}| {} | {words} | {} | {} | {see} |",
            code(row),
            row.status,
            cell(&condition),
            if request.is_empty() { String::new() } else { format!("`{}`", request.replace('|', "\\|")) }
        );
    }
    if others.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "\n<details><summary>{} that the twin does not give</summary>\n\n{code_title}| status | words | belongs to |\n{code_line}|---|---|---|\n",
        others.len()
    );
    for row in others {
        let feature = if let ErrorCover::Feature { name } = &row.cover { name.as_str() } else { "" };
        let _ = writeln!(
            page,
            "{}| {} | {} | {} |",
            code(row),
            row.status,
            cell(&row.description),
            cell(feature)
        );
    }
    let _ = writeln!(page, "\n</details>");
}

/// The request and the condition of a row that is reached: `POST /oauth2/v1/token: the grant is unknown [tok.grant]`.
fn by(row: &ErrorRow) -> (String, String) {
    let (ErrorCover::Shown { by, .. } | ErrorCover::Raised { by }) = &row.cover else {
        return (String::new(), String::new());
    };
    // The name of the fact is for who looks after the table.
    let by = match by.rsplit_once(" [") {
        Some((text, fact)) if fact.ends_with(']') => text,
        _ => by,
    };
    match by.split_once(": ") {
        Some((request, condition)) => (request.to_owned(), condition.to_owned()),
        None => (String::new(), by.to_owned()),
    }
}

/// Text of a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('\n', " ")
}

/// What the features say of errors.
struct Stated<'a> {
    pitfalls: Vec<Pitfall<'a>>,
    /// The Then steps by the scenario's id.
    steps: Vec<(&'a str, &'a str)>,
}

impl<'a> Stated<'a> {
    fn of(cases: &'a [Case]) -> Self {
        let steps = cases.iter().flat_map(|case| {
            let then = case.steps.iter().filter(|step| step.step.ty == StepType::Then);
            then.map(move |step| (case.tagged_id.as_str(), step.step.value.as_str()))
        });
        Self { pitfalls: all(cases), steps: steps.collect() }
    }

    /// Links to pitfalls, then scenarios that are none.
    fn by(&self, row: &ErrorRow) -> String {
        let code = row.error.as_deref().unwrap_or(&row.id);
        let Some(wording) = wording(&row.description) else { return String::new() };
        let pitfalls = self.pitfalls.iter().filter(|pitfall| pitfall.states(code, &wording));
        let mut named: Vec<String> = pitfalls
            .map(|pitfall| format!("[{}](pitfalls.md{})", pitfall.case.id, anchor(pitfall.case)))
            .collect();
        let is_pitfall = |id: &str| self.pitfalls.iter().any(|pitfall| pitfall.case.tagged_id == id);
        let scenarios: BTreeSet<&str> = self
            .steps
            .iter()
            .filter(|(id, step)| !is_pitfall(id) && step.contains(code) && wording.is_match(step))
            .map(|(id, _)| *id)
            .collect();
        named.extend(scenarios.into_iter().take(SCENARIOS).map(ToOwned::to_owned));
        named.join(", ")
    }
}

/// Finds the words of a template, whatever the org filled in.
fn wording(template: &str) -> Option<Regex> {
    let escaped = regex::escape(template.trim());
    Regex::new(&PLACES.as_ref()?.replace_all(&escaped, ".+")).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::suite::features::{cases, parse, sources};

    #[test]
    fn a_template_is_found_with_what_was_filled_in() {
        let found = |template: &str, text: &str| wording(template).unwrap().is_match(text);
        assert!(found("Not found: {0}", "404 E0000007: \"Not found: Resource not found: 00u (User)\""));
        assert!(found("The scopes [{0}] need consent.", "The scopes [a b] need consent."));
        assert!(!found("Not found: {0}", "Not found"));
        assert!(!found("No.", "Not"));
    }

    #[test]
    fn an_error_that_a_pitfall_tells_of_leads_to_it() {
        let cases: Vec<Case> = sources(None)
            .unwrap()
            .iter()
            .flat_map(|(path, text)| cases(&parse(path, text).unwrap()))
            .collect();
        let page = page(&cases).unwrap();
        let line = |words: &str| page.lines().find(|line| line.contains(words)).unwrap().to_owned();
        let expired = line("| The client_assertion token is expired. |");
        assert!(expired.contains("[PIT-008](pitfalls.md#pit-008)"), "{expired}");
        assert!(expired.contains("| `POST /oauth2/v1/token` |"), "{expired}");
        let role = line("| E0000006 |");
        assert!(role.contains("[PIT-003](pitfalls.md#pit-003)") && role.contains("| 403 |"), "{role}");
        assert!(!line("| E0000007 |").contains("PIT-"));
    }
}
