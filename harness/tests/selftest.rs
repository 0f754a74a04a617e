//! `orgtwin selftest` as a program: what it prints, and that it fails where it should. CI runs all of it.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/ran.rs"]
mod ran;
mod support;

use ran::{Ran, run};

#[test]
fn a_mutant_and_an_org_are_killed_where_it_is_declared_and_the_matrix_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().display().to_string();
    let only = ["--only", "own-cursor", "--only", "deletes-nothing"];
    let Ran { code, out, err } = run(&[&["selftest", "--report-dir", &reports][..], &only[..]].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("1 of 1 client mutants and 1 of 1 org mutants killed"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 160), "{out}");
    let text = std::fs::read_to_string(folder.path().join("kill-matrix.txt")).unwrap();
    assert!(text.contains("PAGE-002:next-page-verbatim"), "{text}");
    let json = std::fs::read_to_string(folder.path().join("kill-matrix.json")).unwrap();
    let matrix: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(matrix["rows"][1]["name"], "deletes-nothing");
    assert_eq!(matrix["rows"][1]["killed_by"][0], "GRP-005:org-has-named");
}

#[test]
fn what_is_not_there_cannot_be_tried() {
    let Ran { code, err, .. } = run(&["selftest", "--only", "no-such-mutant"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("--only names nothing"), "{err}");
}
