//! The selftest notices what it says it notices, and fails when its table says otherwise.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;
#[path = "support/ran.rs"]
mod ran;
mod support;

use files::path;
use ran::{Ran, run};

#[test]
fn a_client_an_org_and_all_adapters_are_noticed_as_declared() {
    let names = ["aud-is-issuer", "any-certificate", "refresh-scope-unchecked", "adapters"];
    let only: Vec<&str> = names.iter().flat_map(|name| ["--only", name]).collect();
    let Ran { code, out, err } = run(&[&["selftest"][..], &only].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.contains("2 of 2 client mutants and 1 of 1 org mutants killed, 41 of 41 adapters contained"),
        "{out}"
    );
    assert!(out.contains("0 failures undeclared"), "{out}");
}

#[test]
fn a_table_that_is_wrong_is_no_success() {
    let table = std::fs::read_to_string(path("../../fixtures/selftest/kills.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kills.toml");
    for (right, wrong, words) in [
        (
            r#"killed_by = ["TRUST-002:no-request"]"#,
            r#"killed_by = ["TRUST-002:told-of-failure"]"#,
            "UNDECLARED TRUST-002:no-request",
        ),
        (
            r#"killed_by = ["TRUST-002:no-request"]"#,
            r#"killed_by = ["TRUST-001:token-issued"]"#,
            "ALIVE at TRUST-001:token-issued",
        ),
    ] {
        assert!(table.contains(right));
        std::fs::write(&file, table.replacen(right, wrong, 1)).unwrap();
        let file = file.display().to_string();
        let Ran { code, out, err } = run(&["selftest", "--only", "any-certificate", "--table", &file]);
        assert_eq!(code, Some(1), "{out}{err}");
        assert!(out.contains(words), "{out}");
    }
}

#[test]
fn a_name_that_nobody_has_is_a_mistake() {
    let Ran { code, err, .. } = run(&["selftest", "--only", "no-such-mutant"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--only names nothing that is tried"), "{err}");
}
