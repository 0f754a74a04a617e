//! Every success that the mock answers is what Okta's OpenAPI document says, as judged by Python's jsonschema: the
//! answers to the recorded requests, and to a walk over everything that can be read without knowing an id. What real
//! orgs answer although the document forbids it is a list with its evidence, `contradictions.toml`.
//!
//! Skips with a printed reason without `../shared` (the document, the recordings) or without the validator.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

#[path = "../support/files.rs"]
mod files;
#[path = "../real_clients/install.rs"]
#[expect(dead_code, reason = "only Python is installed here")]
mod install;
#[path = "../real_clients/server.rs"]
#[expect(dead_code, reason = "only its address and its token are asked for here")]
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use server::Server;

/// The validator and a reader of YAML.
const PACKAGES: [&str; 2] = ["jsonschema==4.26.0", "PyYAML==6.0.3"];

/// How many recordings are replayed; an even sample of all.
const RECORDINGS: &str = "120";

/// A file of `../shared`, beside the repository.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if !path.exists() {
        eprintln!("skipped: there is no {}", path.display());
    }
    path.exists().then_some(path)
}

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the validator says of bodies: `command` is `ledger` or `recordings`.
fn verdict(python: &Path, command: &str, document: &Path, bodies: &Path) -> Value {
    let (judge, list) = (files::path("validity/judge.py"), files::path("validity/contradictions.toml"));
    let (document, bodies) = (document.display().to_string(), bodies.display().to_string());
    serde_json::from_str(&run(python, &[&judge, command, &document, &list, &bodies])).unwrap()
}

#[test]
fn what_the_mock_answers_is_what_the_document_says() {
    let Some(document) = shared("openapi/management-minimal.yaml") else { return };
    let Some(python) = install::python(&PACKAGES) else { return };
    let server = Server::start(&["--rate-limits", "off"]);
    let (base, token) = (server.text("/base_url"), server.text("/api_token"));
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.ndjson");
    let judge = files::path("validity/judge.py");
    run(&python, &[&judge, "crawl", base, token, &document.display().to_string()]);
    if let Some((replay, data)) = shared("recorded/replay.py").zip(shared("recorded/open.jsonl.gz")) {
        // The ledger is emptied by the reset before each recording, so it is kept first.
        let reset = format!("python3 '{judge}' collect {base} '{}'", ledger.display());
        let data = data.display().to_string();
        let authorization = format!("SSWS {token}");
        let replayed = [
            &replay.display().to_string(),
            "--base-url",
            base,
            "--auth-header",
            &authorization,
            "--data",
            &data,
        ];
        run(
            Path::new("python3"),
            &[&replayed[..], &["--reset-cmd", &reset, "--limit", RECORDINGS, "--quiet"]].concat(),
        );
    }
    run(&python, &[&judge, "collect", base, &ledger.display().to_string()]);
    let verdict = verdict(&python, "ledger", &document, &ledger);
    assert!(verdict["operations"].as_object().unwrap().len() >= 8, "{verdict:#}");
    assert_eq!(verdict["wrong"], Value::Array(Vec::new()), "{verdict:#}");
}

#[test]
fn the_list_is_what_real_orgs_contradict() {
    let Some(document) = shared("openapi/management-minimal.yaml") else { return };
    let Some(data) = shared("recorded/open.jsonl.gz") else { return };
    let Some(python) = install::python(&PACKAGES) else { return };
    let verdict = verdict(&python, "recordings", &document, &data);
    assert!(verdict["operations"].as_object().unwrap().len() > 200, "{verdict:#}");
    assert_eq!(verdict["wrong"], Value::Array(Vec::new()), "add these to contradictions.toml: {verdict:#}");
    assert_eq!(verdict["gone"], Value::Array(Vec::new()), "take these from contradictions.toml");
}
