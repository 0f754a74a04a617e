//! `fixtures/real-client-requirements.toml` is evidence: it names every requirement once, and what it names is there.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    number: usize,
    need: String,
    shown_by: Vec<String>,
    decided_otherwise: Option<String>,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn requirements() -> Vec<Requirement> {
    let text = include_str!("../../fixtures/real-client-requirements.toml");
    toml::from_str::<Table>(text).unwrap().requirement
}

#[test]
fn every_requirement_is_there_once_and_in_words() {
    let rows = requirements();
    let numbers: Vec<usize> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=21).collect::<Vec<_>>());
    for row in rows {
        assert!(row.need.len() > 40 && row.need.ends_with('.'), "{}: {:?}", row.number, row.need);
        assert!(!row.shown_by.is_empty(), "{}: nothing shows it", row.number);
        assert!(row.decided_otherwise.is_none_or(|text| text.len() > 40), "{}", row.number);
        assert_eq!(row.shown_by.iter().collect::<BTreeSet<_>>().len(), row.shown_by.len(), "{}", row.number);
    }
}

#[test]
fn what_shows_them_is_there() {
    for row in requirements() {
        for evidence in &row.shown_by {
            let there = match evidence.split_once(": ") {
                Some((file, id)) => is_scenario(&text(file), id),
                None => {
                    let (file, name) = evidence.split_once("::").unwrap_or_else(|| panic!("{evidence}"));
                    is_test(&text(file), name)
                }
            };
            assert!(there, "{}: {evidence} is not there", row.number);
        }
    }
}

fn text(file: &str) -> String {
    std::fs::read_to_string(workspace().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// A line of tags that holds the id, and a scenario right below it.
fn is_scenario(feature: &str, id: &str) -> bool {
    let tag = format!("@{id}");
    let lines: Vec<&str> = feature.lines().map(str::trim).collect();
    lines.windows(2).any(|pair| pair[0].split(' ').any(|one| one == tag) && pair[1].starts_with("Scenario"))
}

/// A function below an attribute that makes it a test, or a row of a table that a macro turns into one.
fn is_test(code: &str, name: &str) -> bool {
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let function = format!("fn {name}(");
    let at = lines.iter().position(|line| line.trim_start_matches("async ").starts_with(&function));
    let marked = at.is_some_and(|at| {
        let above = lines[..at].iter().rev();
        above.take_while(|line| line.starts_with(['#', '/'])).any(|line| line.ends_with("test]"))
    });
    marked || code.contains("rows! {") && code.contains(&format!("\n    {name}, \""))
}

#[test]
fn evidence_that_is_none_is_noticed() {
    let code = "#[test]\n#[ignore]\nfn one() {}\nfn two() {}\n/// x\n#[tokio::test]\nasync fn three() {}\n";
    assert!(is_test(code, "one") && is_test(code, "three"));
    assert!(!is_test(code, "two") && !is_test(code, "four"));
    assert!(is_test("rows! {\n    five, \"fact\", x;\n}", "five") && !is_test("\n    five, \"", "five"));
    let feature = "  @A-1 @must\n  Scenario: x\n  @A-2\n\n  Scenario: y";
    assert!(is_scenario(feature, "A-1") && !is_scenario(feature, "A-2") && !is_scenario(feature, "A"));
}
