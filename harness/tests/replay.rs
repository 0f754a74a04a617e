//! `orgtwin replay`: files that real recorders wrote of a second twin, and what real orgs answered.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

#[path = "support/files.rs"]
mod files;
#[path = "support/ran.rs"]
mod ran;
#[path = "real_clients/server.rs"]
#[expect(dead_code, reason = "shared with the tests of real clients")]
mod server;
mod support;

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use files::path;
use flate2::read::GzDecoder;
use ran::{Ran, run};
use serde_json::{Value, json};
use server::Server;

/// What the recordings beside this file hold (`recordings/record.py`): passwords and a token.
const SECRETS: [&str; 3] = ["00devSuperAdminToken", "Recorded-ada-9!", "Recorded-bob-9!"];

fn replayed(file: &str, more: &[&str]) -> (Ran, Value) {
    let ran = run(&[&["replay", "--json", file], more].concat());
    let value = serde_json::from_str(&ran.out).unwrap_or(Value::Null);
    (ran, value)
}

#[test]
fn what_was_recorded_of_a_twin_is_the_same_in_another() {
    for name in ["mitmproxy.har", "vcrpy.yaml", "vcrpy.json", "go-vcr-1.yaml", "go-vcr-2.yaml"] {
        let (ran, value) = replayed(&path(&format!("recordings/{name}")), &["--min-match", "100"]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.err);
        assert_eq!(value["compared"], 17, "{name}: {}", ran.out);
        assert_eq!(value["identical"], 17, "{name}: {}", ran.out);
        assert_eq!(value["differences"], json!([]), "{name}");
        assert_eq!(value["left_out"], json!([]), "{name}");
    }
}

#[test]
fn a_changed_status_is_exactly_one_difference() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = std::fs::read_to_string(path("recordings/go-vcr-2.yaml")).unwrap();
    let file = folder.path().join("changed.yaml");
    // The last answer is that to the deletion of the group.
    std::fs::write(&file, replace_last(&cassette, "code: 204", "code: 202")).unwrap();
    let (ran, value) = replayed(&file.display().to_string(), &["--min-match", "99"]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains("94.1 % match, --min-match wants 99 %"), "{}", ran.err);
    let differences = value["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1, "{}", ran.out);
    assert_eq!(differences[0]["operation"], "DELETE /api/v1/groups/{groupId}");
    assert_eq!(differences[0]["what"], "202 in the recording, 204 from the twin");
    assert_eq!(differences[0]["example"]["number"], 16);
    assert_eq!((&value["compared"], &value["matching"]), (&json!(17), &json!(16)));
}

fn replace_last(text: &str, from: &str, to: &str) -> String {
    let (before, after) = text.rsplit_once(from).unwrap();
    format!("{before}{to}{after}")
}

#[test]
fn no_secret_of_a_recording_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().display().to_string();
    let cassette = std::fs::read_to_string(path("recordings/vcrpy.yaml")).unwrap();
    // A server that repeats a password in an error, and a token in a path.
    let cassette = cassette.replace("Resource not found", "Recorded-ada-9! is no");
    let cassette = cassette.replace("00u0000000000000NONE", "00devSuperAdminToken000000000000000000000A");
    let file = folder.path().join("leaking.yaml");
    std::fs::write(&file, cassette).unwrap();
    let Ran { code, out, err } = run(&["replay", &file.display().to_string(), "--report-dir", &dir]);
    assert_eq!(code, Some(0), "{err}");
    let mut written = vec![out, err];
    for name in ["replay.ndjson", "replay.md"] {
        written.push(std::fs::read_to_string(folder.path().join(name)).unwrap());
    }
    assert!(written[2].lines().count() == 19 && written[2].contains("[redacted] is no"), "{}", written[2]);
    // Nothing of this one can be repeated; the secret is in its path.
    let lost = "interactions:\n- request: {method: GET, uri: 'https://a.okta.com/x/00devSuperAdminToken0', headers: \
                {Authorization: SSWS 00devSuperAdminToken0}}\n  response: {status: {code: 200}}\n";
    std::fs::write(&file, lost).unwrap();
    let Ran { code, out, err } = run(&["replay", &file.display().to_string()]);
    assert_eq!(code, Some(4), "{out}{err}");
    assert!(out.contains("it is no call of an org's API"), "{out}");
    written.extend([out, err]);
    for text in written {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[test]
fn the_ledger_of_a_twin_is_replayed_against_another() {
    let server = Server::start(&[]);
    let token = format!("SSWS {}", server.text("/api_token"));
    let lines = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
    server.ask("POST", "/api/v1/groups", &lines, r#"{"profile":{"name":"replayed"}}"#);
    server.ask("GET", "/api/v1/groups?q=replayed", &lines, "");
    server.ask("GET", "/api/v1/users/me", &lines, "");
    let folder = tempfile::tempdir().unwrap();
    for format in ["har", "json", "ndjson"] {
        let ledger = server.ask("GET", &format!("/_mock/orgs/default/ledger?format={format}"), &[], "");
        let file = folder.path().join(format);
        std::fs::write(&file, ledger.split_once("\r\n\r\n").unwrap().1).unwrap();
        let (ran, value) = replayed(&file.display().to_string(), &["--target", server.text("/base_url")]);
        assert_eq!(ran.code, Some(0), "{format}: {}", ran.err);
        assert_eq!(
            (&value["compared"], &value["identical"]),
            (&json!(3), &json!(3)),
            "{format}: {}",
            ran.out
        );
    }
}

#[test]
fn what_cannot_be_replayed_has_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let broken = write("broken.har", "{\"log\": {\"entries\": [");
    let empty = write("empty.yaml", "version: 2\ninteractions: []\n");
    let good = path("recordings/vcrpy.json");
    for (arguments, code, words) in [
        (vec!["replay"], 2, "<FILES>..."),
        (vec!["replay", "/no/such.har"], 2, "/no/such.har: cannot be read"),
        (
            vec!["replay", &broken],
            2,
            "broken.har: is not valid JSON (EOF while parsing a list at line 1 column 21)",
        ),
        (vec!["replay", &good, "--min-match", "101"], 2, "is no share of the answers"),
        (vec!["replay", &good, "--target", "acme"], 2, "neither `mock` nor an http:// or https:// address"),
        (vec!["replay", &good, "--report-dir", "/dev/null/x"], 2, "--report-dir /dev/null/x"),
        (vec!["replay", &good, "--target", "http://127.0.0.1:1"], 3, "no twin answers there"),
        (vec!["replay", &empty], 4, "nothing could be replayed"),
    ] {
        let ran = run(&arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}

/// So many of the recorded sessions are an even sample of them.
const SESSIONS: &str = "100";

#[test]
fn real_orgs_are_scored_as_the_scorer_does() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recorded");
    let (scorer, file) = (recorded.join("replay.py"), recorded.join("open.jsonl.gz"));
    if !file.exists() || !scorer.exists() {
        eprintln!("skipped: there are no recordings at {}", recorded.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scores = folder.path().join("scores.json");
    let server = Server::start(&["--rate-limits", "off"]);
    let ended = Command::new("python3")
        .arg(&scorer)
        .args(["--limit", SESSIONS, "--quiet", "--base-url", server.text("/base_url")])
        .args(["--reset-url", "POST /_mock/orgs/default/reset"])
        .args(["--auth-header", &format!("SSWS {}", server.text("/api_token"))])
        .arg("--data")
        .arg(&file)
        .arg("--json")
        .arg(&scores)
        .output();
    if !ended.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: the scorer does not run here: {ended:?}");
        return;
    }
    let scores: Value = serde_json::from_str(&std::fs::read_to_string(scores).unwrap()).unwrap();
    let key = |session: &Value, number: &Value| format!("{} {number}", session.as_str().unwrap());
    let scored: HashMap<String, &Value> = scores["interactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|score| (key(&score["cassette"], &score["seq"]), score))
        .collect();

    // The same sessions, as a file of their own.
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(&file).unwrap()).read_to_string(&mut text).unwrap();
    let sample = text.lines().filter(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        scored.contains_key(&key(&row["cassette"], &row["seq"]))
    });
    let sample: String = sample.map(|line| format!("{line}\n")).collect();
    let file = folder.path().join("sample.jsonl");
    std::fs::write(&file, sample).unwrap();
    let dir = folder.path().display().to_string();
    let (ran, value) = replayed(&file.display().to_string(), &["--report-dir", &dir]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(value["exchanges"], scored.len());
    let (ours, theirs) =
        (value["match_percent"].as_f64().unwrap(), scores["head"]["headline"].as_f64().unwrap());
    assert!((ours - theirs).abs() < 1.0, "MATCH is {ours}, the scorer says {theirs}");

    let report = std::fs::read_to_string(folder.path().join("replay.ndjson")).unwrap();
    let exchanges = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut unlike = Vec::new();
    for exchange in exchanges.filter(|line| line["kind"] == "exchange") {
        let score = scored[&key(&exchange["recording"], &exchange["number"])];
        // The scorer knows one set of recordings by name, and which of it was written by hand.
        if score["skip"] == "cassette looks hand-written, not recorded" {
            continue;
        }
        if exchange["compared"]["matches"] != score["match"] {
            unlike.push(format!("{exchange}\n{score}"));
        }
    }
    assert!(unlike.len() * 200 < scored.len(), "{} of {}: {unlike:#?}", unlike.len(), scored.len());
}
