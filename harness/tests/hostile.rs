//! Adapters that lie, hang, die and babble: each ends as the contract says, soon, and never green.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;
#[path = "support/ran.rs"]
mod ran;
mod support;

use files::path;
use ran::{Ran, ran, run};
use support::orgtwin;

/// Runs the token scenario against a misbehaving adapter.
fn token_scenario(mode: &str, at: &str) -> Ran {
    let script = path("adapters/hostile.sh");
    run(&["test", "--scenario", "TOK-001", "--op-timeout", "1", "--client", "stdio", "--", &script, mode, at])
}

#[test]
fn a_client_that_lies_is_not_conformant() {
    let Ran { code, out, .. } = token_scenario("lies", "");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("TOK-001:claims-match-the-wire"), "{out}");
    assert!(out.contains("reports `get_token` as done, and the org saw no request for it"), "{out}");
    assert!(out.contains("Not conformant"), "{out}");
}

#[test]
fn babble_on_standard_output_changes_no_verdict() {
    let Ran { code, out, .. } = token_scenario("banner", "");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("| Welcome to the ACME SDK!"), "{out}");
}

#[test]
fn what_breaks_in_a_scenario_is_exit_3_and_says_what() {
    let table = [
        ("hang", "get_token", "no reply to `get_token` within 1 s"),
        ("hang", "configure", "no reply to `configure` within 1 s"),
        ("signal", "get_token", "signal 9 ended the adapter before it replied to `get_token`"),
        ("exit", "get_token", "exited with code 7 before it replied to `get_token`"),
        ("flood", "get_token", "the adapter floods the channel"),
        ("partial", "get_token", "bytes came without a line end: end each reply with a newline and flush"),
        ("duplicate", "get_token", "a second reply to id"),
        ("foreign", "get_token", "a reply with id 4711, which was never asked"),
        ("malformed", "get_token", "the reply to `get_token` is not of protocol 1"),
        ("breaks", "get_token", "the adapter reports that it broke in `get_token`: KeyError: token"),
        ("closes", "get_token", "closed its standard output"),
        ("child", "get_token", "exited with code 7"),
    ];
    for (mode, at, words) in table {
        let Ran { code, out, err } = token_scenario(mode, at);
        assert_eq!(code, Some(3), "{mode} {at}: {out}{err}");
        assert!(out.contains(words), "{mode} {at}: {out}");
        assert!(out.contains("no verdict on the client"), "{mode} {at}: {out}");
    }
}

#[test]
fn what_breaks_at_its_ends_is_exit_3_before_anything_is_reported() {
    let table = [
        ("hang", "hello", "no reply to `hello` within 1 s"),
        ("signal", "hello", "signal 9 ended the adapter"),
        ("exit", "hello", "exited with code 7"),
        ("protocol", "", "answered protocol 2; protocol 1 was on offer"),
        ("slowbye", "", "still running 3 s after `bye`"),
        ("hang", "bye", "still running 3 s after `bye`"),
        ("exit", "bye", "ended badly after `bye`: exit code 7"),
        ("signal", "bye", "ended badly after `bye`: signal 9"),
    ];
    for (mode, at, words) in table {
        let Ran { code, out, err } = token_scenario(mode, at);
        assert_eq!(code, Some(3), "{mode} {at}: {out}{err}");
        assert!(err.contains(words), "{mode} {at}: {err}");
        assert_eq!(out, "", "{mode} {at}: nothing is reported of a client that never started");
    }
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let Ran { code, err, .. } = run(&["test", "--client", "stdio:./no-such-adapter"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("cannot start `./no-such-adapter`"), "{err}");
}

#[test]
fn three_broken_scenarios_in_a_row_end_the_run() {
    let script = path("adapters/hostile.sh");
    let client = ["--client", "stdio", "--", script.as_str(), "exit", "configure"];
    let Ran { code, out, .. } = run(&[&["test", "--jobs", "1"][..], &client[..]].concat());
    assert_eq!(code, Some(3), "{out}");
    assert_eq!(out.matches("ERROR ").count(), 2 * 3, "a line and a check for each: {out}");
    assert!(out.contains("not run"), "{out}");
    assert!(out.contains("the rest was not run"), "{out}");
}

#[test]
fn children_of_an_adapter_do_not_outlive_it() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let script = path("adapters/hostile.sh");
    let mut command = orgtwin(&[
        "test",
        "--scenario",
        "TOK-001",
        "--client",
        "stdio",
        "--",
        &script,
        "orphan",
        "configure",
    ]);
    let Ran { code, out, .. } = ran(command.env("PIDFILE", &pid_file).output().unwrap());
    assert_eq!(code, Some(1), "{out}");
    let pid = std::fs::read_to_string(&pid_file).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    assert!(state.is_err() || state.is_ok_and(|stat| stat.contains(") Z ")), "the orphan {pid} still runs");
}

#[test]
fn an_adapter_that_prints_its_secret_leaks_into_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let script = path("adapters/hostile.sh");
    let reports = folder.path().display().to_string();
    let Ran { code, out, err } = run(&[
        "test",
        "--scenario",
        "TOK-001",
        "--report-dir",
        &reports,
        "--client",
        "stdio",
        "--",
        &script,
        "leak",
        "configure",
    ]);
    assert_eq!(code, Some(1), "{out}{err}");
    let mut texts = vec![("stdout".to_owned(), out), ("stderr".to_owned(), err)];
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        texts.push((entry.file_name().display().to_string(), std::fs::read_to_string(entry.path()).unwrap()));
    }
    assert_eq!(texts.len(), 2 + 7, "what was printed, and every file of a report folder");
    assert!(texts[0].1.contains("my configuration is"), "the adapter's output is shown: {}", texts[0].1);
    let keys = std::fs::read_dir(path("../../fixtures/keys")).unwrap();
    let key_lines: Vec<String> = keys
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default())
        .filter(|text| text.contains("PRIVATE KEY"))
        .flat_map(|pem| pem.lines().filter(|line| line.len() > 40).map(ToOwned::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.contains("PRIVATE KEY"))
        .collect();
    assert!(key_lines.len() > 20, "the org's keys are there to be compared with");
    for (name, text) in texts {
        let leaked = key_lines.iter().find(|line| text.contains(line.as_str()));
        assert_eq!(leaked, None, "{name} holds a line of a private key: {text}");
    }
}

#[test]
fn lint_tells_what_is_wrong_with_an_adapter() {
    let script = path("adapters/hostile.sh");
    let table = [
        ("lies", "", "FAIL  reports an org that is not there as `refused`: it answered: success"),
        ("protocol", "", "FAIL  answers `hello` with protocol 1"),
        ("breaks", "configure", "FAIL  ignores unknown members of a request"),
        ("leak", "configure", "FAIL  does not print its secret"),
        ("slowbye", "", "FAIL  exits within 3 s of `bye`"),
        ("foreign", "make_coffee", "FAIL  answers an unknown op with `unsupported`: a reply with id 4711"),
    ];
    for (mode, at, words) in table {
        let Ran { code, out, .. } = run(&["client", "lint", "stdio", "--", &script, mode, at]);
        assert_eq!(code, Some(3), "{mode}: {out}");
        assert!(out.contains(words), "{mode}: {out}");
        assert!(!out.contains("lint-secret"), "{mode}: {out}");
    }
    let Ran { code, out, .. } = run(&["client", "lint", "builtin"]);
    assert_eq!(code, Some(0), "{out}");
}
