//! `orgtwin report`, and what a run leaves in its report folder.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/ran.rs"]
mod ran;
mod support;

use std::{fs, path::Path};

use ran::{Ran, run};
use serde_json::Value;
use support::orgtwin;

/// Three scenarios of one requirement's feature.
const CHOSEN: &str = "@PAGE-001 or @PAGE-003 or @TOK-001";

fn tested(folder: &Path, more: &[&str]) -> (String, Ran) {
    let folder = folder.display().to_string();
    let ran = run(&[&["test", "--tags", CHOSEN, "--report-dir", &folder], more].concat());
    (format!("{folder}/results.ndjson"), ran)
}

/// Verdicts by scenario.
fn verdicts(stream: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(stream).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let scenarios = records.filter(|record| record["record"] == "scenario");
    let mut verdicts: Vec<_> = scenarios.map(|it| (word(&it["id"]), word(&it["verdict"]))).collect();
    verdicts.sort();
    verdicts
}

#[test]
fn shards_that_were_run_apart_merge_to_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let client = ["--client", "builtin:stop-at-first-page"];
    let (whole, ran) = tested(&at("whole"), &client);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let shard = |part: &str| {
        let name = part.replace('/', "of");
        tested(&at(&name), &[&client[..], &["--shard", part]].concat()).0
    };
    let (first, second) = (shard("1/2"), shard("2/2"));
    let merged = at("merged").display().to_string();
    let Ran { code, out, err } = run(&["report", "merge", &first, &second, "--report-dir", &merged]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("Not conformant"), "{out}");
    assert_eq!(verdicts(&format!("{merged}/results.ndjson")), verdicts(&whole));
    let same = run(&["report", "compare", &whole, &format!("{merged}/results.ndjson")]);
    assert_eq!(same.code, Some(0), "{}", same.out);
    for name in ["report.html", "junit.xml", "summary.md", "badge.json", "cucumber.html"] {
        assert!(Path::new(&merged).join(name).exists(), "{name}");
    }
    // Without one of them it is not the whole, and says so.
    let Ran { code, out, .. } = run(&["report", "merge", &first, "--report-dir", &merged]);
    assert_eq!(code, Some(4), "{out}");
    assert!(out.contains("shard 2/2 is not there"), "{out}");
    // Nor when one was cut off.
    let text = fs::read_to_string(&second).unwrap();
    fs::write(&second, text.lines().take(5).collect::<Vec<_>>().join("\n")).unwrap();
    let Ran { code, out, .. } = run(&["report", "merge", &first, &second, "--report-dir", &merged]);
    assert_eq!(code, Some(4), "{out}");
    assert!(out.contains("the run was cut off"), "{out}");
}

#[test]
fn a_run_is_rendered_again_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let (good, ran) = tested(&folder.path().join("good"), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let (bad, _) = tested(&folder.path().join("bad"), &["--client", "builtin:stop-at-first-page"]);
    let Ran { code, out, .. } = run(&["report", "compare", &good, &bad]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("worse     PAGE-001:"), "{out}");
    assert_eq!(run(&["report", "compare", &bad, &good]).code, Some(0));
    let again = folder.path().join("again").display().to_string();
    let rendered = run(&["report", "render", &good, "--report-dir", &again]);
    assert_eq!(rendered.code, Some(0), "{}", rendered.out);
    for name in ["results.ndjson", "junit.xml", "summary.md", "badge.json", "messages.ndjson", "report.html"]
    {
        let first = fs::read_to_string(folder.path().join("good").join(name)).unwrap();
        assert_eq!(first, fs::read_to_string(format!("{again}/{name}")).unwrap(), "{name}");
    }
    let Ran { code, err, .. } = run(&["report", "render", "Cargo.toml", "--report-dir", &again]);
    assert_eq!((code, err.contains("Cargo.toml: line 1: no header")), (Some(2), true), "{err}");
    let Ran { code, err, .. } = run(&["report", "compare", &good, "missing.ndjson"]);
    assert_eq!((code, err.contains("missing.ndjson: ")), (Some(2), true), "{err}");
}

#[test]
fn github_gets_its_summary_and_annotations() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary");
    fs::write(&summary, "before\n").unwrap();
    let chosen = ["test", "--scenario", "PAGE-001", "--client", "builtin:stop-at-first-page"];
    let ran = orgtwin(&chosen)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_ACTIONS", "true")
        .output()
        .map(ran::ran)
        .unwrap();
    assert_eq!(ran.code, Some(1));
    let annotation = ran.out.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(annotation.starts_with("::error file=features/paging/"), "{annotation}");
    assert!(annotation.contains("title=PAGE-001 "), "{annotation}");
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n## Not conformant"), "{text}");
    assert!(!run(&chosen).out.contains("::error"));
}

#[test]
fn the_schema_of_the_stream_is_printed() {
    let Ran { code, out, .. } = run(&["schema", "results"]);
    assert_eq!(code, Some(0));
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert!(schema["oneOf"].as_array().unwrap().len() >= 7, "{out}");
}

#[test]
fn steps_and_wire_are_shown_when_asked() {
    let quiet = run(&["test", "--scenario", "TOK-001"]).out;
    let steps = run(&["test", "--scenario", "TOK-001", "-v"]).out;
    let wire = run(&["test", "--scenario", "TOK-001", "-vv"]).out;
    assert!(!quiet.contains("When  the client"), "{quiet}");
    assert!(steps.contains("    ok   When  the client") && !steps.contains("exchange"), "{steps}");
    assert!(wire.contains("exchange  #1 POST /oauth2/v1/token → 200"), "{wire}");
    assert!(!wire.contains("eyJ"), "{wire}");
}
