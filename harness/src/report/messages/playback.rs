//! What happened, as messages: each scenario a test case with its steps, and the checks and exchanges as attachments.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::{
    document::Document,
    envelope::{
        Attachment, Envelope, Hook, Meta, Pickle, PickleStep, PickleTag, Product, SourceReference, Span,
        TestCase, TestCaseFinished, TestCaseStarted, TestRunFinished, TestRunStarted, TestStep,
        TestStepFinished, TestStepResult, TestStepStarted,
    },
};
use crate::{
    report::{
        record::{CheckRecord, ExchangeRecord, StepState},
        run::{Judged, Run},
        terminal, verdict,
    },
    suite::outcome::Verdict,
};

const RUN: &str = "run";
/// What is judged of every scenario beside its steps.
const MONITORS: &str = "monitors";

/// Who speaks, and that the run began.
pub(super) fn opening(run: &Run) -> Vec<Envelope> {
    let (name, version) = run.header.tool.split_once(' ').unwrap_or((&run.header.tool, ""));
    let product = |name: &str, version: Option<&str>| Product {
        name: name.to_owned(),
        version: version.map(ToOwned::to_owned),
    };
    vec![
        Envelope::Meta(Meta {
            protocol_version: "34.2.1",
            implementation: product(name, Some(version)),
            runtime: product(&run.header.identity, None),
            os: product(std::env::consts::OS, None),
            cpu: product(std::env::consts::ARCH, None),
        }),
        Envelope::Hook(Hook {
            id: MONITORS.to_owned(),
            name: "what holds for every scenario".to_owned(),
            source_reference: SourceReference { uri: "orgtwin".to_owned() },
            kind: "AFTER_TEST_CASE",
        }),
        Envelope::TestRunStarted(TestRunStarted { timestamp: Clock::of(run).now(), id: RUN.to_owned() }),
    ]
}

/// Time as the scenarios one after another take it: several ran at once, and the stream keeps how long each took.
struct Clock(Timestamp);

impl Clock {
    fn of(run: &Run) -> Self {
        Self(run.header.started.parse().unwrap_or(Timestamp::UNIX_EPOCH))
    }

    fn now(&self) -> Span {
        Span { seconds: self.0.as_second(), nanos: self.0.subsec_nanosecond() }
    }

    fn pass(&mut self, milliseconds: u64) {
        let later = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(0));
        self.0 = self.0.checked_add(later).unwrap_or(self.0);
    }
}

/// The test cases and the end of the run.
pub(super) fn scenarios(run: &Run, documents: &[Document], messages: &mut Vec<Envelope>) {
    let mut clock = Clock::of(run);
    for judged in &run.scenarios {
        let document = documents.iter().find(|document| document.uri() == judged.scenario.path);
        if let Some(document) = document {
            scenario(run, judged, document, &mut clock, messages);
        }
    }
    let (claim, why) = verdict::meaning(&run.footer);
    messages.push(Envelope::TestRunFinished(TestRunFinished {
        message: Some(format!("{claim}: {why}")),
        success: run.footer.exit == 0,
        timestamp: clock.now(),
        test_run_started_id: RUN.to_owned(),
    }));
}

fn scenario(
    run: &Run,
    judged: &Judged,
    document: &Document,
    clock: &mut Clock,
    messages: &mut Vec<Envelope>,
) {
    let scenario = &judged.scenario;
    let Some(place) = document.place(scenario.line) else { return };
    let id = |what: &str| format!("{}/{what}", scenario.id);
    let (case, started) = (id("case"), id("attempt"));
    let row = place.nodes.get(1);
    let mut kind = "Context";
    let mut pickle_steps = Vec::new();
    for (at, step) in judged.steps.iter().enumerate() {
        kind = match step.keyword.as_str() {
            "Given" => "Context",
            "When" => "Action",
            "Then" => "Outcome",
            _ => kind,
        };
        pickle_steps.push(PickleStep {
            ast_node_ids: [document.node("step", step.line)].into_iter().chain(row.cloned()).collect(),
            id: id(&format!("pickle-step{at}")),
            kind,
            text: step.text.clone(),
        });
    }
    messages.push(Envelope::Pickle(Pickle {
        id: id("pickle"),
        uri: scenario.path.clone(),
        name: scenario.name.clone(),
        language: "en".to_owned(),
        tags: place.tags.into_iter().map(|tag| PickleTag { name: tag.name, ast_node_id: tag.id }).collect(),
        ast_node_ids: place.nodes,
        steps: pickle_steps,
    }));
    let mut test_steps: Vec<TestStep> = (0..judged.steps.len())
        .map(|at| TestStep {
            id: id(&format!("step{at}")),
            pickle_step_id: Some(id(&format!("pickle-step{at}"))),
            hook_id: None,
        })
        .collect();
    test_steps.push(TestStep { id: id(MONITORS), pickle_step_id: None, hook_id: Some(MONITORS.to_owned()) });
    messages.push(Envelope::TestCase(TestCase {
        id: case.clone(),
        pickle_id: id("pickle"),
        test_steps,
        test_run_started_id: RUN.to_owned(),
    }));
    messages.push(Envelope::TestCaseStarted(TestCaseStarted {
        attempt: 0,
        id: started.clone(),
        test_case_id: case,
        timestamp: clock.now(),
    }));
    let mut player = Player { started: &started, clock, messages };
    let mut told = Vec::new();
    for (at, step) in judged.steps.iter().enumerate() {
        let checks: Vec<&CheckRecord> =
            judged.checks.iter().filter(|check| step.checks.contains(&check.check.id)).collect();
        told.extend(&step.checks);
        let status = match step.state {
            StepState::Passed => "PASSED",
            StepState::Failed if known(&checks) => "PENDING",
            StepState::Failed => "FAILED",
            StepState::Skipped => "SKIPPED",
        };
        player.step(id(&format!("step{at}")), status, step.milliseconds, judged, &checks);
    }
    let rest: Vec<&CheckRecord> =
        judged.checks.iter().filter(|check| !told.contains(&&check.check.id)).collect();
    // A scenario that was run and broke no rule of every scenario has kept them.
    let run_at_all = judged.steps.iter().any(|step| step.state != StepState::Skipped);
    let unjudged = if run_at_all { Verdict::Pass } else { Verdict::NotApplicable };
    let worst = rest.iter().map(|check| check.check.verdict).max().unwrap_or(unjudged);
    let status = match worst {
        Verdict::NotApplicable => "SKIPPED",
        Verdict::Pass | Verdict::Warn => "PASSED",
        Verdict::ExpectedFail | Verdict::Flaky => "PENDING",
        Verdict::UnexpectedPass | Verdict::Untestable | Verdict::Fail | Verdict::Error => "FAILED",
    };
    if worst > Verdict::Warn || scenario.verdict > Verdict::Warn {
        let again = verdict::reproduce(&run.header.run_arguments, &scenario.id);
        player.attach(id(MONITORS), "text/plain", Some("reproduce.txt"), again);
    }
    player.step(id(MONITORS), status, 0, judged, &rest);
    let timestamp = player.clock.now();
    messages.push(Envelope::TestCaseFinished(TestCaseFinished {
        test_case_started_id: started,
        timestamp,
        will_be_retried: false,
    }));
}

/// Nothing is wrong but what the baseline knows.
fn known(checks: &[&CheckRecord]) -> bool {
    let excused = |verdict| matches!(verdict, Verdict::ExpectedFail | Verdict::Flaky);
    checks.iter().any(|check| excused(check.check.verdict))
        && checks.iter().all(|check| check.check.verdict <= Verdict::Warn)
}

/// Plays the steps of one test case.
struct Player<'p> {
    started: &'p str,
    clock: &'p mut Clock,
    messages: &'p mut Vec<Envelope>,
}

impl Player<'_> {
    fn step(
        &mut self,
        id: String,
        status: &'static str,
        milliseconds: u64,
        judged: &Judged,
        checks: &[&CheckRecord],
    ) {
        self.messages.push(Envelope::TestStepStarted(TestStepStarted {
            test_case_started_id: self.started.to_owned(),
            test_step_id: id.clone(),
            timestamp: self.clock.now(),
        }));
        let bad = || checks.iter().filter(|check| check.check.verdict > Verdict::Pass);
        let mut shown = None;
        for check in bad() {
            if check.check.verdict == Verdict::Warn {
                let mut text = String::new();
                terminal::check_text(&mut text, check, None);
                self.attach(id.clone(), "text/plain", None, text);
            }
            // Several checks often rest on one exchange: it is shown with the first.
            if let Some(exchange) = judged.evidence(check).filter(|exchange| shown != Some(exchange.seq)) {
                shown = Some(exchange.seq);
                let name = format!("exchange {}.http", exchange.seq);
                self.attach(id.clone(), "text/plain", Some(&name), wire(exchange));
            }
        }
        let mut message = String::new();
        for check in bad().filter(|check| check.check.verdict > Verdict::Warn) {
            terminal::check_text(&mut message, check, None);
        }
        let skipped = checks.iter().find(|check| check.check.verdict == Verdict::NotApplicable);
        if let Some(check) = skipped {
            message.push_str(&check.check.observed);
        }
        self.clock.pass(milliseconds);
        self.messages.push(Envelope::TestStepFinished(TestStepFinished {
            test_case_started_id: self.started.to_owned(),
            test_step_id: id,
            test_step_result: TestStepResult {
                duration: Span {
                    seconds: i64::try_from(milliseconds / 1000).unwrap_or(0),
                    nanos: i32::try_from(milliseconds % 1000 * 1_000_000).unwrap_or(0),
                },
                message: Some(message).filter(|message| !message.is_empty()),
                status,
            },
            timestamp: self.clock.now(),
        }));
    }

    fn attach(&mut self, step: String, media_type: &'static str, name: Option<&str>, body: String) {
        self.messages.push(Envelope::Attachment(Attachment {
            body,
            content_encoding: "IDENTITY",
            media_type,
            file_name: name.map(ToOwned::to_owned),
            test_case_started_id: self.started.to_owned(),
            test_step_id: step,
        }));
    }
}

/// An exchange as it would stand on the wire.
fn wire(exchange: &ExchangeRecord) -> String {
    let mut text = format!("{}\n", exchange.request);
    let headers = |headers: &[(String, String)], text: &mut String| {
        for (name, value) in headers {
            let _ = writeln!(text, "{name}: {value}");
        }
    };
    headers(&exchange.request_headers, &mut text);
    let _ = writeln!(text, "\n{}\n→ {}", exchange.request_body, exchange.status);
    headers(&exchange.response_headers, &mut text);
    let _ = writeln!(text, "\n{}", exchange.response_body);
    if let Some(decided) = &exchange.decided {
        let _ = writeln!(text, "\ndecided by {decided}");
    }
    text
}
