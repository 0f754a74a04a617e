//! The page on fidelity has the numbers that `orgtwin coverage` prints, and the switches of the dialect as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::{
    pages::{hold, text, with},
    support::orgtwin,
};

const PAGE: &str = "docs/fidelity.md";

fn coverage(flags: &[&str]) -> String {
    let printed = orgtwin(&[&["coverage"], flags].concat()).output().unwrap();
    assert!(printed.status.success(), "{printed:?}");
    String::from_utf8(printed.stdout).unwrap()
}

/// An operation: its grade, how it is answered, its path.
fn operations() -> Vec<(String, String, String)> {
    let table = coverage(&[]);
    let rows = table.lines().take_while(|line| !line.is_empty());
    let row = |line: &str| {
        let mut cells = line.split_whitespace().map(str::to_owned);
        let (grade, behaviour) = (cells.next().unwrap(), cells.next().unwrap());
        (grade, behaviour, cells.nth(2).unwrap())
    };
    rows.map(row).collect()
}

fn sums() -> String {
    let operations = operations();
    let count = |word: &str| operations.iter().filter(|(grade, ..)| grade == word).count();
    let licensed = operations.iter().filter(|(_, behaviour, _)| behaviour == "feature_off").count();
    let mut out = format!(
        "| operations of the Management API | |\n|---|---|\n| all | {} |\n| exact | {} |\n| generic | {} |\n| missing | {} |\n\
         | of them behind a licence, answered as without it | {licensed} |\n\n",
        operations.len(),
        count("exact"),
        count("generic"),
        count("missing"),
    );
    let errors = coverage(&["--errors"]);
    let sentences = errors.lines().filter(|line| line.contains(" are reached, "));
    let requirements = coverage(&["--requirements"]);
    let tested = requirements.lines().last().unwrap();
    for sentence in sentences.chain([tested]) {
        let _ = writeln!(out, "- {sentence}");
    }
    out
}

/// The first two segments below the version, or what stands in its place.
fn area(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').collect();
    let length = if path.starts_with("/api/v1/") { 4 } else { 3 };
    segments[..length.min(segments.len())].join("/")
}

fn areas() -> String {
    let mut areas: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (grade, _, path) in operations() {
        let column = ["exact", "generic", "missing"].iter().position(|word| **word == grade).unwrap();
        areas.entry(area(&path)).or_default()[column] += 1;
    }
    let mut out = "| path | exact | generic | missing |\n|---|---|---|---|\n".to_owned();
    for (area, [exact, generic, missing]) in areas {
        let _ = writeln!(out, "| `{area}` | {exact} | {generic} | {missing} |");
    }
    out
}

fn switches() -> String {
    let table: toml::Table = toml::from_str(&text("fixtures/dialects.toml")).unwrap();
    let mut out = "| switch | values | | evidence |\n|---|---|---|---|\n".to_owned();
    for switch in table["switch"].as_array().unwrap() {
        let word = |key: &str| switch[key].as_str().unwrap().replace('|', "\\|");
        let default = word("default");
        let others = switch["values"].as_array().unwrap().iter().filter_map(toml::Value::as_str);
        let others: Vec<String> =
            others.filter(|value| *value != default).map(|value| format!("`{value}`")).collect();
        let _ = writeln!(
            out,
            "| `{}` | **`{default}`**, {} | {} | {} |",
            word("name"),
            others.join(", "),
            word("about"),
            word("evidence")
        );
    }
    out
}

#[test]
fn the_page_has_the_numbers_of_the_program() {
    let parts = [("sums", sums()), ("areas", areas()), ("switches", switches())];
    hold(PAGE, |page| parts.iter().fold(page.to_owned(), |page, (name, made)| with(&page, name, made)));
}
