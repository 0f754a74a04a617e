//! The files of a report folder.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use super::{emit, json_schema, junit_shape, run, *};
use crate::report::{
    files::{Files, Wanted},
    record::schema,
    run::Run,
};

/// The official JSON Schema of Cucumber Messages 34.2.1.
const MESSAGES: &str = include_str!("../../../vendor/cucumber/messages.schema.json");

/// Writes the reports of records, and reads them.
fn written(records: Vec<Record>, taint: &Taint) -> (BTreeMap<String, String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let annotations = Screen::default();
    let wanted = Wanted {
        folder: Some(folder.path().to_owned()),
        step_summary: Some(folder.path().join("step")),
        annotations: Some(Box::new(annotations.clone())),
    };
    let files = Files::create(wanted, taint.clone()).unwrap();
    let report = emit(records, taint.clone(), Box::new(files));
    let mut texts = texts(folder.path());
    let printed = String::from_utf8(annotations.0.lock().unwrap().clone()).unwrap();
    texts.insert("annotations".to_owned(), printed);
    (texts, report.broken().to_vec())
}

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
    };
    fs::read_dir(folder).unwrap().map(entry).collect()
}

fn secretive() -> Taint {
    let taint = Taint::default();
    taint.learn("the-access-token");
    taint
}

#[test]
fn every_report_is_written_and_nothing_is_left_beside_them() {
    let (texts, broken) = written(run(), &secretive());
    assert_eq!(broken, Vec::<String>::new());
    let names: Vec<&str> = texts.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "annotations",
            "badge.json",
            "cucumber.html",
            "junit.xml",
            "messages.ndjson",
            "report.html",
            "results.ndjson",
            "step",
            "summary.md"
        ]
    );
    assert_eq!(texts["step"], texts["summary.md"]);
    insta::assert_snapshot!("junit", texts["junit.xml"]);
    insta::assert_snapshot!("summary", texts["summary.md"]);
    insta::assert_snapshot!("annotations", texts["annotations"]);
    insta::assert_snapshot!("badge", texts["badge.json"]);
}

#[test]
fn junit_keeps_to_its_schema() {
    let (texts, _) = written(run(), &secretive());
    assert_eq!(junit_shape::faults(&texts["junit.xml"]), Vec::<String>::new());
    let wrong = texts["junit.xml"].replace("tests=\"5\"", "tests=\"6\"").replace("<skipped", "<skiped");
    assert_eq!(junit_shape::faults(&wrong).len(), 5, "{:?}", junit_shape::faults(&wrong));
}

#[test]
fn the_stream_is_read_back_as_it_was_written_and_fits_its_schema() {
    let (texts, _) = written(run(), &Taint::default());
    let stream = &texts["results.ndjson"];
    let read: Vec<Record> = stream.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, run());
    assert_eq!(Run::read(stream).unwrap().stream().unwrap(), *stream);
    let schema = schema();
    for line in stream.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        json_schema::check(&schema, &schema, &line, "$").unwrap();
        let mut other = line.clone();
        other["record"] = "unknown".into();
        json_schema::check(&schema, &schema, &other, "$").unwrap_err();
    }
}

#[test]
fn messages_keep_to_the_official_schema_and_refer_to_what_was_sent() {
    let (texts, _) = written(run(), &secretive());
    let schema: Value = serde_json::from_str(MESSAGES).unwrap();
    let mut seen: Vec<String> = Vec::new();
    for line in texts["messages.ndjson"].lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        json_schema::check(&schema, &schema, &message, "$").unwrap();
        json_schema::walk(&message, &mut |name, value| match (name, value) {
            ("id", Value::String(id)) => {
                assert!(!seen.contains(id), "{id} twice");
                seen.push(id.clone());
            }
            (
                "astNodeIds" | "pickleId" | "testCaseId" | "testCaseStartedId" | "testStepId" | "astNodeId"
                | "pickleStepId" | "hookId" | "testRunStartedId",
                value,
            ) => {
                for id in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                    assert!(seen.iter().any(|seen| seen == id.as_str().unwrap()), "{name} {id} of {line}");
                }
            }
            _ => {}
        });
    }
    let count = |kind: &str| {
        let start = format!("{{\"{kind}\":");
        texts["messages.ndjson"].lines().filter(|line| line.starts_with(&start)).count()
    };
    assert_eq!((count("testCase"), count("testCaseFinished"), count("pickle")), (5, 5, 5));
    // A scenario counts as its worst step, so one that passed has no other.
    let statuses = |id: &str| -> Vec<String> {
        let finished =
            texts["messages.ndjson"].lines().filter(|line| line.starts_with("{\"testStepFinished\":"));
        let messages = finished.map(|line| serde_json::from_str::<Value>(line).unwrap());
        messages
            .map(|message| message["testStepFinished"].clone())
            .filter(|step| step["testCaseStartedId"] == format!("{id}/attempt"))
            .map(|step| step["testStepResult"]["status"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(statuses("PAGE-001"), ["PASSED", "PASSED", "PASSED"]);
    assert_eq!(statuses("PAGE-002"), ["PASSED", "FAILED", "FAILED"]);
    assert_eq!(statuses("PAGE-003"), ["SKIPPED", "SKIPPED", "FAILED"]);
    assert_eq!(statuses("DPOP-001"), ["SKIPPED", "SKIPPED", "SKIPPED"]);
    assert!(texts["messages.ndjson"].contains(r#""fileName":"exchange 3.http""#));
}

#[test]
fn the_page_says_what_is_wrong_and_ends_no_script() {
    let mut records = run();
    let evil = "</script><script>alert(1)</script>";
    for record in &mut records {
        if let Record::Check(check) = record {
            check.check.observed = evil.to_owned();
        }
    }
    let (texts, _) = written(records, &secretive());
    for name in ["report.html", "cucumber.html", "summary.md"] {
        assert!(!texts[name].contains(evil), "{name}");
    }
    let (texts, _) = written(run(), &secretive());
    let page = &texts["report.html"];
    for words in [
        "id=\"PAGE-002\"",
        "3 page requests",
        "1 page request",
        "role: no admin role",
        "orgtwin test --scenario PAGE-002 --client stdio -- python3 adapter.py",
        "no capability dpop",
        "OKTA-PAGINATION-LINK",
    ] {
        assert!(page.contains(words), "{words}");
    }
    for elsewhere in ["src=", "@import", "url(", "<link"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

/// A secret in every member of every record, in one form after another, is in no file.
#[test]
fn a_planted_secret_reaches_no_file() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    const SECRET: &str = "pl4nted/secret+with \"signs\"&<more>";
    let forms = [
        SECRET.to_owned(),
        STANDARD.encode(SECRET),
        STANDARD.encode(format!("0oa1:{SECRET}")),
        form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
        serde_json::to_string(SECRET).unwrap(),
    ];
    for late in [false, true] {
        let (mut planted, mut at) = (Vec::new(), 0);
        for record in run() {
            let whole = serde_json::to_value(&record).unwrap();
            let mut fields = 0;
            json_schema::walk(&whole, &mut |_, _| fields += 1);
            let mut record = record;
            for field in 0..fields {
                let mut with = serde_json::to_value(&record).unwrap();
                json_schema::plant(&mut with, field, &forms[at % forms.len()]);
                at += 1;
                // Closed sets of words take nothing else.
                if let Ok(with) = serde_json::from_value(with) {
                    record = with;
                }
            }
            planted.push(record);
        }
        let text = serde_json::to_string(&planted).unwrap();
        assert!(text.matches("pl4nted").count() > 15, "{text}");
        let taint = Taint::default();
        let folder = tempfile::tempdir().unwrap();
        let wanted = Wanted {
            folder: Some(folder.path().to_owned()),
            step_summary: Some(folder.path().join("step")),
            annotations: None,
        };
        let files = Files::create(wanted, taint.clone()).unwrap();
        let mut report = Report::new(taint.clone(), vec![Box::new(files)]);
        if !late {
            taint.learn(SECRET);
        }
        for record in &planted {
            if late && matches!(record, Record::Footer(_)) {
                // It was not known for a secret while the stream grew.
                taint.learn(SECRET);
            }
            report.emit(record);
        }
        assert_eq!(report.broken(), Vec::<String>::new());
        let texts = texts(folder.path());
        assert_eq!(texts.len(), 8, "{:?}", texts.keys());
        for (name, text) in texts {
            assert_eq!(taint.search(&text), Ok(()), "{name}");
            for form in &forms {
                assert!(!text.contains(form.trim_matches(['"', '='])), "{name} has {form}");
            }
            assert!(!text.contains("pl4nted"), "{name}");
        }
    }
}

#[test]
fn a_secret_that_cannot_be_taken_out_stops_the_record() {
    // A secret that is a part of the stream's own words would break every line that is redacted.
    let taint = Taint::default();
    taint.learn("header");
    let (texts, broken) = written(vec![header()], &taint);
    assert_eq!(broken.len(), 1);
    assert_eq!(texts["results.ndjson.partial"], "");
}

#[test]
fn a_report_that_would_hold_a_secret_is_not_written_and_the_others_are() {
    let taint = Taint::default();
    // What the page says by itself is searched as well.
    taint.learn("What does not hold");
    let (texts, broken) = written(run(), &taint);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].contains("contains a secret"), "{broken:?}");
    assert!(!texts.contains_key("report.html") && !texts.contains_key("summary.md"));
    assert!(texts.contains_key("junit.xml") && texts.contains_key("results.ndjson"));
}
