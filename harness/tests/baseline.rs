//! What is known to fail, what a requirement is, and which part is run: the built program with clients that do wrong.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/ran.rs"]
mod ran;
mod support;

use std::fs;

use ran::{Ran, run};
use serde_json::Value;

/// A client that takes the first page for the whole, in the scenario that shows it.
const WRONG: &[&str] = &["test", "--scenario", "PAGE-001", "--client", "builtin:stop-at-first-page"];

fn known(check: &str, more: &str) -> String {
    format!("[[known]]\ncheck = \"{check}\"\nkind = \"fails\"\nreason = \"a bug of ours\"\n{more}\n")
}

/// A run with this baseline, and its last record.
fn with(arguments: &[&str], baseline: &str) -> (Ran, Value) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline.toml").display().to_string();
    let reports = folder.path().join("report").display().to_string();
    fs::write(&file, baseline).unwrap();
    let ran = run(&[arguments, &["--baseline", &file, "--report-dir", &reports]].concat());
    let text = fs::read_to_string(folder.path().join("report/results.ndjson")).unwrap_or_default();
    let footer = text.lines().last().map(|line| serde_json::from_str(line).unwrap());
    (ran, footer.unwrap_or_default())
}

#[test]
fn what_is_known_fails_no_run_and_makes_no_client_conformant() {
    let baseline = known("PAGE-001:next-page-verbatim", "") + &known("PAGE-001:page-requests", "");
    let (Ran { code, out, err }, footer) = with(WRONG, &baseline);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("known      PAGE-001"), "{out}");
    assert!(out.contains("(known: a bug of ours)"), "{out}");
    assert!(out.contains("1 failed as known"), "{out}");
    assert_eq!((&footer["claim"], &footer["counts"]["expected_fail"]), (&"partial".into(), &1.into()));
}

#[test]
fn what_is_new_fails_and_can_be_pasted() {
    let (Ran { code, out, .. }, footer) = with(WRONG, &known("PAGE-001:page-requests", ""));
    assert_eq!(code, Some(1), "{out}");
    assert_eq!(footer["claim"], "non-conformant");
    let entries = out.split_once("why they are known:\n\n").unwrap().1;
    assert!(entries.contains("check = \"PAGE-001:next-page-verbatim\""), "{out}");
    assert!(!entries.contains("PAGE-001:page-requests"), "{out}");
    let pasted = known("PAGE-001:page-requests", "") + &entries.replace("\"\"", "\"later\"");
    let (Ran { code, out, .. }, _) = with(WRONG, &pasted);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn what_is_stale_expired_other_or_unknown_fails() {
    let right = &["test", "--scenario", "PAGE-001"];
    let glob = known("PAGE-001:*", "message = \"another thing\"");
    let table: [(&[&str], String, i32, &str); 6] = [
        (right, known("PAGE-001:page-requests", ""), 1, "does not fail any longer"),
        (right, known("PAGE-001:fresh-jti", ""), 1, "does not fail any longer"),
        (WRONG, known("PAGE-001:*", "until = \"2020-01-01\""), 1, "was to be mended by 2020-01-01"),
        (WRONG, glob, 1, "the baseline knows another failure: \"another thing\""),
        (right, known("PAGE-01:a", ""), 2, "there is no such scenario; did you mean PAGE-001?"),
        // What was not selected is not missed.
        (right, known("PAGE-002:page-requests", ""), 0, "1 passed"),
    ];
    for (arguments, baseline, expected, words) in table {
        let (Ran { code, out, err }, _) = with(arguments, &baseline);
        assert_eq!(code, Some(expected), "{baseline}{out}{err}");
        assert!(out.contains(words) || err.contains(words), "{words}: {out}{err}");
    }
}

#[test]
fn a_recommendation_that_does_not_hold_fails_a_strict_run() {
    let nameless = ["test", "--scenario", "TOK-006", "--client", "builtin:nameless"];
    assert_eq!(run(&nameless).code, Some(0));
    let Ran { code, out, .. } = run(&[&nameless[..], &["--strict"]].concat());
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("--strict"), "{out}");
}

#[test]
fn a_baseline_is_not_updated_from_a_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    run(&[WRONG, &["--report-dir", &path("")]].concat());
    let results = path("results.ndjson");
    let update = ["baseline", "update", &path("baseline.toml"), "--from", &results];
    let Ran { code, err, .. } = run(&update);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("only a part was selected"), "{err}");
    assert!(!folder.path().join("baseline.toml").exists());
}

#[test]
fn what_did_not_pass_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().display().to_string();
    let both = ["--tags", "@PAGE-001 or @TOK-001", "--report-dir", &reports];
    let wrong = ["test", "--client", "builtin:stop-at-first-page"];
    assert_eq!(run(&[&wrong[..], &both].concat()).code, Some(1));
    let again = ["--rerun-failed", "--report-dir", &reports];
    let Ran { out, .. } = run(&[&["test", "--list"][..], &again].concat());
    assert_eq!(out.lines().filter_map(|line| line.split(' ').next()).collect::<Vec<_>>(), ["PAGE-001"]);
    let Ran { code, out, .. } = run(&[&["test"][..], &again].concat());
    assert_eq!(code, Some(0), "{out}");
    let Ran { code, err, .. } = run(&["test", "--rerun-failed"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--report-dir"), "{err}");
}

#[test]
fn a_requirement_and_a_profile_select() {
    let list = |arguments: &[&str]| run(&[&["test", "--list"], arguments].concat());
    let Ran { out, .. } = list(&["--req", "OKTA-PAGINATION-OPAQUE"]);
    assert!(out.contains("PAGE-002"), "{out}");
    assert!(!out.contains("TOK-001"), "{out}");
    let Ran { out, .. } = list(&["--profile", "oin-api-service@2026-11"]);
    assert!(out.contains("OIN-001") && out.contains("PAGE-001"), "{out}");
    assert!(!out.contains("SIGN-001"), "{out}");
    for (arguments, words) in [
        (["--req", "OKTA-PAGINATION-LINKS"], "did you mean OKTA-PAGINATION-LINK?"),
        (["--profile", "oin-api-services"], "there are api-token@2026-11"),
    ] {
        let Ran { code, err, .. } = list(&arguments);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(words), "{err}");
    }
}

#[test]
fn requirement_scenario_and_check_are_explained_by_what_a_right_client_did() {
    let table = [
        // Of several scenarios, the one that ends first is the example.
        ("OKTA-PAGINATION-OPAQUE", "GET /api/v1/"),
        ("PAGE-002", "GET /api/v1/groups"),
        ("PAGE-002:page-requests", "GET /api/v1/groups"),
    ];
    for (id, example) in table {
        let Ran { code, out, err } = run(&["explain", id]);
        assert_eq!(code, Some(0), "{err}");
        for words in [
            "OKTA-PAGINATION-OPAQUE (must, ",
            "\nwhy        ",
            "\nfix        ",
            "\nsource     Okta, fundamentals of the API, pagination, https://",
            "check PAGE-002:page-requests: 2 page requests",
            "reproduce  orgtwin test --scenario PAGE-002",
            "exchange  #",
            example,
            "Bearer [redacted]",
        ] {
            assert!(out.contains(words), "{id}, {words}: {out}");
        }
    }
    let Ran { out, .. } = run(&["explain", "PAGE-001:fresh-jti"]);
    assert!(out.starts_with("RFC7523-3-jti (must"), "{out}");
    let Ran { out, .. } = run(&["explain", "OIN-TEST-ACCOUNT"]);
    assert!(out.contains("judged by  nothing: "), "{out}");
    for (id, near) in
        [("OKTA-PAGINATION-OPAK", "OKTA-PAGINATION-OPAQUE"), ("PAGE-002:page-request", "page-requests")]
    {
        let Ran { code, err, .. } = run(&["explain", id]);
        assert_eq!(code, Some(2), "{err}");
        assert!(err.contains(near), "{err}");
    }
    let (list, table) = (run(&["explain", "--list"]).out, run(&["coverage", "--requirements"]).out);
    assert!(list.lines().any(|line| line.starts_with("OIN-TEST-ACCOUNT")));
    assert!(
        table.contains("every scenario (fresh-jti)") && table.contains("not tested: a person does it"),
        "{table}"
    );
}
