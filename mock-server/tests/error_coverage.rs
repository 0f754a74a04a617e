//! `fixtures/oauth-error-coverage.toml` and `fixtures/error-coverage.toml` are evidence: what they name is there, and what the
//! code raises is in them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mock_server::{ErrorCover, error_coverage, management_error_coverage};

/// Words that the code writes as the `error` member without meaning the row of the same name.
const WORDS: [&str; 6] = [
    "insufficient_scope",
    "invalid_client",
    "invalid_client_metadata",
    "invalid_grant",
    "invalid_request",
    "server_error",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn every_test_that_is_named_exists() {
    for row in error_coverage().unwrap() {
        let ErrorCover::Shown { test, by } = row.cover else { continue };
        assert!(!by.is_empty() && !by.starts_with('?'), "{}: by what request?", row.id);
        let (file, name) = test.split_once("::").unwrap();
        let text = std::fs::read_to_string(workspace().join(file)).unwrap();
        // A test function, or a row of a table that the macro turns into one.
        let there = text.contains(&format!("fn {name}()")) || text.contains(&format!("\n    {name}, \""));
        assert!(there, "{}: {file} has no test {name}", row.id);
    }
}

#[test]
fn every_row_that_the_code_names_is_listed_as_reached() {
    let rows = error_coverage().unwrap();
    let reached: BTreeSet<&str> = rows
        .iter()
        .filter(|row| matches!(row.cover, ErrorCover::Shown { .. } | ErrorCover::Raised { .. }))
        .map(|row| row.id.as_str())
        .collect();
    let mut named = BTreeSet::new();
    for path in sources(&workspace().join("mock-server/src")) {
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code = code.split("#[cfg(test)]\n#[expect").next().unwrap();
        named.extend(
            rows.iter().filter(|row| code.contains(&format!("\"{}\"", row.id))).map(|row| row.id.as_str()),
        );
    }
    for word in WORDS {
        named.remove(word);
    }
    let unlisted: Vec<_> = named.difference(&reached).collect();
    assert!(unlisted.is_empty(), "raised, and not in oauth-error-coverage.toml: {unlisted:?}");
    let stale: Vec<_> = reached.difference(&named).collect();
    assert!(stale.is_empty(), "in oauth-error-coverage.toml, and nothing raises them: {stale:?}");
}

/// Codes that the code names and no request of the API meets: what this program does not implement, and what stands for
/// a mistake of its own.
const NOT_OKTA_S: [&str; 2] = ["E0000009", "E0000060"];

#[test]
fn every_error_of_the_management_api_is_shown_by_a_test_that_mentions_it() {
    let mut shown = 0;
    for row in management_error_coverage().unwrap() {
        match row.cover {
            ErrorCover::Open => continue,
            ErrorCover::Shown { by, test } => {
                assert!(!by.is_empty(), "{}: by what request?", row.id);
                let (file, name) = test.split_once("::").unwrap();
                let text = std::fs::read_to_string(workspace().join(file)).unwrap();
                assert!(text.contains(&format!("fn {name}()")), "{}: {file} has no test {name}", row.id);
                assert!(text.contains(&row.id), "{}: {file} does not mention it", row.id);
                shown += 1;
            }
            cover => panic!("{}: {cover:?}", row.id),
        }
    }
    assert!(shown >= 60, "{shown}");
}

#[test]
fn every_code_that_is_raised_is_shown() {
    let rows = management_error_coverage().unwrap();
    let open = rows.iter().filter(|row| row.cover == ErrorCover::Open).map(|row| row.id.as_str());
    let open: BTreeSet<&str> = open.filter(|code| !NOT_OKTA_S.contains(code)).collect();
    let mut raised = Vec::new();
    let tables = sources(&workspace().join("fixtures/resources"));
    for path in sources(&workspace().join("mock-server/src")).into_iter().chain(tables) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let code = text.split("#[cfg(test)]").next().unwrap();
        // What resource files may say, and no file of this release says.
        let open = open.iter().filter(|_| !path.components().any(|part| part.as_os_str() == "query"));
        let named = open.filter(|id| code.contains(&format!("\"{id}\"")));
        raised.extend(named.map(|id| format!("{id} in {}", path.display())));
    }
    assert!(raised.is_empty(), "raised, and not in error-coverage.toml: {raised:#?}");
}
