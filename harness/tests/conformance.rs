//! Whole runs against the embedded org: who conforms passes, and what a run leaves behind is complete.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;
#[path = "support/ran.rs"]
mod ran;
mod support;

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use files::path;
use ran::{Ran, run};
use serde_json::Value;
use support::orgtwin;

/// One scenario of each kind: a token, pages, a rate limit.
const CHOSEN: &[&str] = &["test", "--tags", "@TOK-001 or @PAGE-001 or @RATE-001"];

#[test]
fn the_reference_client_passes_the_whole_suite() {
    let Ran { code, out, err } = run(&["test"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("Conformant: "), "{out}");
}

#[test]
fn a_mutant_does_not_pass_and_the_failure_can_be_repeated() {
    let Ran { code, out, .. } =
        run(&["test", "--scenario", "PAGE-001", "--client", "builtin:stop-at-first-page"]);
    assert_eq!(code, Some(1), "{out}");
    let command = out.lines().find_map(|line| line.trim().strip_prefix("reproduce  orgtwin ")).unwrap();
    let Ran { code, out: again, .. } = run(&command.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(1), "{again}");
    assert!(again.contains("FAIL PAGE-001:"), "{again}");
}

#[test]
fn the_stream_of_results_is_complete_and_free_of_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().display().to_string();
    let Ran { code, out, .. } = run(&[CHOSEN, &["--report-dir", &reports]].concat());
    assert_eq!(code, Some(0), "{out}");
    let text = std::fs::read_to_string(folder.path().join("results.ndjson")).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| records.iter().filter(|record| record["record"] == kind).collect::<Vec<_>>();
    assert_eq!(records[0]["record"], "header");
    assert_eq!(of("scenario").len(), 3);
    assert!(of("check").len() >= 6);
    assert!(of("exchange").len() >= 9, "every request of the runs");
    assert_eq!(records.last().unwrap()["record"], "footer");
    assert_eq!(records.last().unwrap()["complete"], true);
    let authorizations: Vec<&str> = of("exchange")
        .into_iter()
        .flat_map(|exchange| exchange["request_headers"].as_array().unwrap())
        .filter(|header| header[0].as_str().unwrap().eq_ignore_ascii_case("authorization"))
        .map(|header| header[1].as_str().unwrap())
        .collect();
    assert!(!authorizations.is_empty() && authorizations.iter().all(|value| *value == "Bearer [redacted]"));
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(junit.contains("tests=\"3\""), "{junit}");
    for report in [&text, &junit, &out] {
        assert!(!report.contains("eyJ"), "no token and no assertion: {report}");
    }
}

#[test]
fn shards_are_the_whole_when_put_together() {
    let list = |arguments: &[&str]| {
        let Ran { code, out, .. } = run(&[&["test", "--list"], arguments].concat());
        assert_eq!(code, Some(0));
        out.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (mut whole, mut parts) = (list(&[]), [list(&["--shard", "1/2"]), list(&["--shard", "2/2"])].concat());
    whole.sort();
    // A control may be in several shards.
    parts.sort();
    parts.dedup();
    assert_eq!(parts, whole);
}

#[test]
fn a_client_without_a_capability_is_not_judged_by_it() {
    let script = path("adapters/minimal.sh");
    let Ran { code, out, .. } = run(&["test", "--scenario", "PAGE-001", "--client", "stdio", "--", &script]);
    assert_eq!(code, Some(4), "nothing was judged: {out}");
    assert!(out.contains("n/a        PAGE-001"), "{out}");
    assert!(out.contains("the client does not declare the capability list_all"), "{out}");
}

#[test]
fn a_running_twin_is_as_good_as_the_embedded_one() {
    let mut server = orgtwin(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let greeting = BufReader::new(server.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let url = greeting.rsplit(' ').next().unwrap().to_owned();
    let Ran { code, out, err } = run(&[CHOSEN, &["--target", &url]].concat());
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains(&format!("against the twin at {url}")), "{out}");
}

#[test]
fn an_interrupted_run_is_incomplete_and_ends_its_clients() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().display().to_string();
    let script = path("adapters/hostile.sh");
    let mut running = orgtwin(&[
        "test",
        "--tags",
        "@TOK-001",
        "--report-dir",
        &reports,
        "--client",
        "stdio",
        "--",
        &script,
        "hang",
        "get_token",
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut out = BufReader::new(running.stdout.take().unwrap());
    let mut opening = String::new();
    out.read_line(&mut opening).unwrap();
    assert!(opening.contains("1 scenario for"), "{opening}");
    let killed = Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended = running.wait().unwrap();
    let rest: Vec<String> = out.lines().map(Result::unwrap).collect();
    assert_eq!(ended.code(), Some(4), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("1 not run")), "{rest:?}");
    let text = std::fs::read_to_string(folder.path().join("results.ndjson")).unwrap();
    assert!(text.lines().last().unwrap().contains("\"cut_short\":\"interrupted\""), "{text}");
}

#[test]
fn a_negative_scenario_counts_only_beside_its_control() {
    let features = path("features/controlled");
    let negative = ["test", "--features", &features, "--scenario", "CTRL-002"];
    let Ran { code, out, err } = run(&negative);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("2 passed"), "the control was selected with it: {out}");
    // This client passes the negative scenario by its words alone, and its control shows that it does nothing.
    let Ran { code, out, .. } =
        run(&[&negative[..], &["--client", "builtin:lies-without-requests"]].concat());
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("FAIL       CTRL-001"), "{out}");
    assert!(out.contains("UNTESTABLE CTRL-002"), "{out}");
    assert!(out.contains("its control did not pass"), "{out}");
}
