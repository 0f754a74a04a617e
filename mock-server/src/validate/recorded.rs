//! What real orgs accepted (`../shared/recorded/open.jsonl.gz`) is accepted, and every row of
//! `fixtures/schema-exceptions.toml` is needed for that. Skips with a printed reason where there are no recordings.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::check::{Asked, problems};
use super::{body, read_only, with};
use crate::facts::facts;
use crate::facts::schema_exceptions::{Exceptions, FoundIn};
use crate::facts::schemas::Schemas;

/// An exchange that a real org had.
struct Recorded {
    test: String,
    operation: &'static str,
    status: u64,
    request: Value,
    response: Value,
}

fn recordings() -> Option<Vec<Recorded>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recorded/open.jsonl.gz");
    if !file.exists() {
        eprintln!("skipped: there are no recordings at {}", file.display());
        return None;
    }
    let output = Command::new("gzip").arg("-dc").arg(file).output().unwrap();
    let ids: BTreeMap<String, &str> = facts()
        .operations
        .all()
        .iter()
        .map(|row| (format!("{} {}", row.method, row.path), row.id.as_str()))
        .collect();
    let text = String::from_utf8(output.stdout).unwrap();
    let read = |line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        let operation = ids.get(row["operation"].as_str()?)?;
        let mut json = |kind: &str, body: &str| {
            if row[kind] == "json" { row[body].take() } else { Value::Null }
        };
        let (request, response) =
            (json("request_body_kind", "request_body"), json("response_body_kind", "response_body"));
        let (test, status) = (row["test"].as_str()?.to_owned(), row["status"].as_u64()?);
        Some(Recorded { test, operation, status, request, response })
    };
    Some(text.lines().filter_map(read).collect())
}

impl Recorded {
    fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What a set of exceptions has against the accepted request.
    fn against_request(&self, schemas: &Schemas) -> Option<String> {
        (self.accepted() && !self.request.is_null())
            .then(|| with(schemas, self.operation, &self.request).err())?
            .map(|invalid| format!("{:?}", invalid.causes))
    }

    /// What becomes of the request: what is taken from it where it was accepted, and the causes where it was not.
    fn fate(&self, schemas: &Schemas) -> Option<(Value, Vec<String>)> {
        let schema = schemas.bodies(self.operation)?.request.as_ref()?;
        let mut taken = Value::Null;
        if self.accepted() {
            taken = self.request.clone();
            read_only::strip(schemas, schema, &mut taken);
        }
        let refused = with(schemas, self.operation, &self.request).err().filter(|_| self.status == 400);
        Some((taken, refused.map(|invalid| invalid.causes).unwrap_or_default()))
    }

    /// What a set of exceptions has against the answer, when a client sends it back.
    fn against_response(&self, schemas: &Schemas) -> Option<String> {
        let schema = schemas.bodies(self.operation)?.response.as_ref()?;
        let found = problems(schemas, schema, &self.response, Asked::OnlyOfItself);
        (self.accepted() && !found.is_empty()).then(|| format!("{found:?}"))
    }
}

#[test]
fn what_real_orgs_accepted_is_accepted() {
    let Some(rows) = recordings() else { return };
    let schemas = Schemas::load(Exceptions::load());
    let refused: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{} {}: {}", row.test, row.operation, row.against_request(&schemas)?)))
        .collect();
    assert!(rows.iter().filter(|row| row.accepted() && !row.request.is_null()).count() > 800);
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_exception_is_still_needed() {
    let Some(rows) = recordings() else { return };
    let all = Exceptions::load();
    let complete = Schemas::load(all.clone());
    let mut without = Vec::new();
    for nth in 0..all.classes.len() {
        let mut some = all.clone();
        let row = some.classes.remove(nth);
        without.push((format!("{:?}", row.name), row.found_in, row.evidence, some));
    }
    for nth in 0..all.rows.len() {
        let mut some = all.clone();
        let row = some.rows.remove(nth);
        without.push((format!("{:?} {}", row.schemas, row.property), row.found_in, row.evidence, some));
    }
    let mut wrong = Vec::new();
    for (what, found_in, evidence, exceptions) in without {
        let schemas = Schemas::load(exceptions);
        let against = |row: &&Recorded| match found_in {
            FoundIn::Requests => row.against_request(&schemas).is_some(),
            FoundIn::Responses => row.against_response(&schemas).is_some(),
            FoundIn::Outcome => row.fate(&schemas) != row.fate(&complete),
        };
        let tests: BTreeSet<&str> = rows.iter().filter(against).map(|row| row.test.as_str()).collect();
        // What only the larger part of the recordings has is a fact with a name; the document's examples may
        // contradict its schemas.
        let by_fact =
            evidence.iter().all(|test| test.starts_with("mgmt-facts") || test.starts_with("document: "));
        let known = evidence.iter().all(|test| tests.contains(test.as_str()));
        if !by_fact && (tests.is_empty() || !known) {
            wrong.push(format!("{what}: evidence {evidence:?}, needed by {tests:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Refusals that a schema can tell, in Okta's words.
#[test]
fn what_real_orgs_refused_for_its_shape_is_refused_in_their_words() {
    let Some(rows) = recordings() else { return };
    let mut told = 0;
    for row in rows.iter().filter(|row| row.status == 400 && row.response["errorCode"] == "E0000001") {
        let Err(invalid) = body(row.operation, &row.request) else { continue };
        let causes = row.response["errorCauses"].as_array().unwrap();
        let causes: Vec<_> = causes.iter().map(|cause| cause["errorSummary"].as_str().unwrap()).collect();
        assert_eq!(invalid.causes, causes, "{}", row.test);
        let summary = format!("Api validation failed: {}", invalid.summary_field);
        assert_eq!(row.response["errorSummary"], summary, "{}", row.test);
        told += 1;
    }
    assert!(told > 0);
}
