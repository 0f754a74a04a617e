//! Every report of one run that has a scenario of each kind.
#![expect(clippy::unwrap_used, reason = "tests")]

mod files;
mod json_schema;
mod junit_shape;
mod merging;
mod names;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use super::{
    record::{
        CheckRecord, ExchangeRecord, FeatureRecord, Footer, Header, SCHEMA, ScenarioRecord, StepRecord,
        StepState,
    },
    terminal::{Detail, Terminal},
    *,
};
use crate::suite::outcome::{Check, Counts, Level, Verdict, Witness, claim, exit_code};

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn header() -> Record {
    Record::Header(Header {
        schema: SCHEMA,
        tool: "orgtwin 0.1.0".to_owned(),
        client: "stdio: python3 adapter.py".to_owned(),
        identity: "acme-sync 2.3.1 python 3.12".to_owned(),
        capabilities: vec!["list_all".to_owned()],
        run_arguments: "--client stdio -- python3 adapter.py".to_owned(),
        target: "the embedded org".to_owned(),
        seed: 1,
        deadlines: [60, 120],
        planned: 5,
        started: "2026-11-25T05:00:00Z".to_owned(),
        shard: None,
        profile: None,
        selection: String::new(),
    })
}

fn check(scenario: &str, slug: &str, verdict: Verdict, observed: &str, exchange: Option<u64>) -> Record {
    Record::Check(CheckRecord {
        scenario: scenario.to_owned(),
        check: Check {
            id: format!("{scenario}:{slug}"),
            level: Level::Must,
            verdict,
            expected: "3 page requests".to_owned(),
            observed: observed.to_owned(),
            witness: if exchange.is_some() { Witness::Ledger } else { Witness::Harness },
            exchange,
        },
        requirements: vec!["OKTA-PAGINATION-LINK".to_owned()],
    })
}

fn exchange(scenario: &str) -> Record {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Record::Exchange(ExchangeRecord {
        scenario: scenario.to_owned(),
        seq: 3,
        time: "2026-11-24T10:00:00Z".to_owned(),
        operation: Some("listUsers".to_owned()),
        request: "GET /api/v1/users?after=00u2".to_owned(),
        request_headers: vec![pair("Host", "127.0.0.1"), pair("Authorization", "Bearer the-access-token")],
        request_body: String::new(),
        status: 403,
        response_headers: vec![pair("content-type", "application/json"), pair("server", "mock")],
        response_body: "{\"errorCode\":\"E0000006\"}".to_owned(),
        decided: Some("role: no admin role".to_owned()),
    })
}

/// The feature of the run; the scenarios stand where [`scenario`] says.
const FEATURE: &str = "@paging
Feature: Reading a whole collection
  Okta returns collections in pages.

  Background:
    Given an org

  Rule: The next page is the address that the org gave
    @PAGE-001 @req:OKTA-PAGINATION-LINK @must
    Scenario: The client reads every page once
      When the client lists all users

    @PAGE-002 @req:OKTA-PAGINATION-LINK @must
    Scenario Outline: Cursors change
      When the client lists all <things>
      Examples:
        | things |
        | users  |
        | groups |

    @PAGE-003 @req:OKTA-PAGINATION-LINK @must
    Scenario: A page is refused
      When the client lists all users
        | a | b |
        | 1 | 2 |

    @DPOP-001 @req:OKTA-PAGINATION-LINK @must
    Scenario: A proof
      When the client lists all users

    @PAGE-004 @req:OKTA-PAGINATION-LINK @must
    Scenario: A loop
      When the client lists all users
";

fn line(id: &str) -> usize {
    match id {
        // The first row of the outline.
        "PAGE-002" => 19,
        id => FEATURE.lines().position(|line| line.contains(id)).map_or(0, |at| at + 2),
    }
}

fn scenario(id: &str, name: &str, verdict: Verdict, reason: Option<&str>, log: &str) -> Record {
    Record::Scenario(ScenarioRecord {
        id: id.to_owned(),
        name: name.to_owned(),
        feature: "Reading a whole collection".to_owned(),
        path: "features/paging.feature".to_owned(),
        line: line(id),
        level: Level::Must,
        requirements: vec!["OKTA-PAGINATION-LINK".to_owned()],
        verdict,
        reason: reason.map(ToOwned::to_owned),
        milliseconds: 1042,
        client_log: log.to_owned(),
    })
}

fn steps(id: &str, state: StepState, checks: &[&str]) -> [Record; 2] {
    let step = |keyword: &str, text: &str, line, state, checks: &[&str]| {
        Record::Step(StepRecord {
            scenario: id.to_owned(),
            keyword: keyword.to_owned(),
            text: text.to_owned(),
            line,
            state,
            milliseconds: 21,
            checks: checks.iter().map(|slug| format!("{id}:{slug}")).collect(),
        })
    };
    let given = if state == StepState::Skipped { state } else { StepState::Passed };
    let when = if id == "PAGE-002" { 15 } else { line(id) + 1 };
    [step("Given", "an org", 6, given, &[]), step("When", "the client lists all users", when, state, checks)]
}

/// What the reports of a run are written from.
fn emit(records: impl IntoIterator<Item = Record>, taint: Taint, renderer: Box<dyn Renderer>) -> Report {
    let mut report = Report::new(taint, vec![renderer]);
    for record in records {
        report.emit(&record);
    }
    report
}

fn footer(counts: Counts) -> Record {
    Record::Footer(Footer {
        complete: counts.not_run == 0,
        cut_short: None,
        counts,
        missing: Vec::new(),
        broken: Vec::new(),
        milliseconds: 5432,
        exit: exit_code(&counts, None, false),
        claim: claim(exit_code(&counts, None, false), &counts, false),
        baseline: Vec::new(),
        notes: Vec::new(),
    })
}

/// One scenario of each kind.
fn run() -> Vec<Record> {
    let counts =
        Counts { passed: 1, failed: 1, untestable: 1, not_applicable: 1, errors: 1, ..Counts::default() };
    let feature = FeatureRecord { path: "features/paging.feature".to_owned(), text: FEATURE.to_owned() };
    let mut records = vec![header(), Record::Feature(feature)];
    records.push(check("PAGE-001", "every-page", Verdict::Pass, "3 page requests", Some(3)));
    records.extend(steps("PAGE-001", StepState::Passed, &["every-page"]));
    records.push(scenario("PAGE-001", "The client reads every page once", Verdict::Pass, None, ""));
    records.push(check("PAGE-002", "every-page", Verdict::Fail, "1 page request", Some(3)));
    records.push(check("PAGE-002", "reports-it", Verdict::Fail, "success", Some(3)));
    records.push(exchange("PAGE-002"));
    records.extend(steps("PAGE-002", StepState::Failed, &["every-page"]));
    records.push(scenario(
        "PAGE-002",
        "Cursors change",
        Verdict::Fail,
        None,
        "using token the-access-token\nbye",
    ));
    let control = "its control did not pass";
    records.push(check("PAGE-003", "control", Verdict::Untestable, control, None));
    records.extend(steps("PAGE-003", StepState::Skipped, &[]));
    records.push(scenario("PAGE-003", "A page is refused", Verdict::Untestable, Some(control), ""));
    let lacks = "no capability dpop";
    records.push(check("DPOP-001", "applicable", Verdict::NotApplicable, lacks, None));
    records.extend(steps("DPOP-001", StepState::Skipped, &[]));
    records.push(scenario("DPOP-001", "A proof", Verdict::NotApplicable, Some(lacks), ""));
    let silent = "no reply to `list_all` within 60 s";
    records.push(check("PAGE-004", "adapter", Verdict::Error, silent, None));
    records.extend(steps("PAGE-004", StepState::Failed, &["adapter"]));
    records.push(scenario("PAGE-004", "A loop", Verdict::Error, Some("no reply"), ""));
    records.push(footer(counts));
    records
}

#[test]
fn the_terminal_shows_what_is_needed_to_understand_and_repeat() {
    let screen = Screen::default();
    let taint = Taint::default();
    taint.learn("the-access-token");
    let mut report = Report::new(taint, vec![Box::new(Terminal::new(Box::new(screen.clone()), false))]);
    for record in run() {
        report.emit(&record);
    }
    assert_eq!(report.broken(), Vec::<String>::new());
    insta::assert_snapshot!(String::from_utf8(screen.0.lock().unwrap().clone()).unwrap());
}

#[test]
fn the_terminal_shows_steps_and_wire_when_asked() {
    let screen = Screen::default();
    let terminal = Terminal::new(Box::new(screen.clone()), false).detail(Detail::Wire);
    let only = |record: &Record| {
        let text = serde_json::to_string(record).unwrap();
        text.contains("PAGE-002") && !text.contains("\"record\":\"feature\"")
    };
    emit(run().into_iter().filter(only), Taint::default(), Box::new(terminal));
    insta::assert_snapshot!(String::from_utf8(screen.0.lock().unwrap().clone()).unwrap());
}

#[test]
fn the_last_sentence_says_what_the_numbers_mean() {
    let sentences: Vec<String> = [
        Counts { passed: 45, ..Counts::default() },
        Counts { passed: 44, warned: 1, ..Counts::default() },
        Counts { passed: 44, failed: 1, ..Counts::default() },
        Counts { passed: 44, untestable: 1, ..Counts::default() },
        Counts { passed: 44, errors: 1, ..Counts::default() },
        Counts { not_applicable: 3, ..Counts::default() },
    ]
    .into_iter()
    .map(|counts| {
        let screen = Screen::default();
        let mut report =
            Report::new(Taint::default(), vec![Box::new(Terminal::new(Box::new(screen.clone()), false))]);
        report.emit(&footer(counts));
        String::from_utf8(screen.0.lock().unwrap().clone()).unwrap()
    })
    .collect();
    insta::assert_snapshot!(sentences.concat());
}
