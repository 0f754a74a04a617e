//! The suite's own writer behind cucumber's `Writer`: turns what the runner leaves into records of the report.

use std::{cell::RefCell, rc::Rc};

use cucumber::{
    Event, Writer, cli,
    event::{Cucumber, Feature, Rule, Scenario},
    parser, writer,
};

use super::{
    features::Case,
    outcome::{Check, Counts, Level, Verdict, rests_on_words, worst},
    runner::{Outbox, ScenarioResult},
    select::Planned,
    world::World,
};
use crate::{
    baseline::Judge,
    checks::monitors,
    report::{
        Report,
        record::{CheckRecord, ExchangeRecord, Record, ScenarioRecord},
    },
    target::ledger::Exchange,
};

/// Bodies in the report are cut to this many characters.
const BODY_KEPT: usize = 2000;
/// Characters of a line that a client has printed.
const LINE_KEPT: usize = 500;
/// Exchanges of a scenario in the report.
const EXCHANGES_KEPT: usize = 60;

/// Writes a run's scenarios to its report.
pub(crate) struct SuiteWriter {
    /// What is being run.
    pub(crate) plan: Rc<Vec<Planned>>,
    /// Where the runner leaves results.
    pub(crate) outbox: Rc<RefCell<Outbox>>,
    /// Where they go.
    pub(crate) report: Report,
    /// How many ended in what.
    pub(crate) counts: Counts,
    /// Scenarios that cucumber says were started.
    pub(crate) started: usize,
    /// What is known to fail.
    pub(crate) baseline: Option<Judge>,
    /// Musts that the client's words alone show.
    pub(crate) unwitnessed: Vec<String>,
}

impl writer::Normalized for SuiteWriter {}
impl writer::NonTransforming for SuiteWriter {}

impl Writer<World> for SuiteWriter {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<Cucumber<World>>>, _: &cli::Empty) {
        let event = match event {
            Ok(event) => event.into_inner(),
            Err(error) => return self.report.broke(error.to_string()),
        };
        let (Cucumber::Feature(_, Feature::Scenario(scenario, event))
        | Cucumber::Feature(_, Feature::Rule(_, Rule::Scenario(scenario, event)))) = event
        else {
            return;
        };
        match event.event {
            Scenario::Started => {
                self.started += 1;
                self.report.progress(&scenario.name);
            }
            Scenario::Finished => {
                let result = self.outbox.borrow_mut().results.pop_front();
                if let Some(result) = result {
                    self.write(result);
                }
            }
            _ => {}
        }
    }
}

impl SuiteWriter {
    fn write(&mut self, mut result: ScenarioResult) {
        let case = &self.plan[result.at].case;
        if let Some(baseline) = &mut self.baseline {
            baseline.apply(&case.id, &mut result.checks);
            result.verdict = worst(&result.checks);
        }
        self.counts.add(result.verdict);
        if rests_on_words(&result.checks) {
            self.unwitnessed.push(case.id.clone());
        }
        let reason = match result.verdict {
            verdict @ (Verdict::NotApplicable | Verdict::Untestable | Verdict::Error) => result
                .checks
                .iter()
                .find(|check| check.verdict == verdict)
                .map(|check| check.observed.clone()),
            _ => None,
        };
        for check in result.checks {
            self.report.emit(&Record::Check(CheckRecord {
                scenario: case.id.clone(),
                requirements: requirements(case, &check),
                check,
            }));
        }
        for exchange in result.ledger.0.iter().take(EXCHANGES_KEPT) {
            self.report.emit(&Record::Exchange(exchange_record(&case.id, exchange)));
        }
        for step in result.steps {
            self.report.emit(&Record::Step(step));
        }
        let quiet = matches!(result.verdict, Verdict::Pass | Verdict::NotApplicable);
        self.report.emit(&Record::Scenario(ScenarioRecord {
            id: case.id.clone(),
            name: case.scenario.name.clone(),
            feature: case.feature.name.clone(),
            path: case.path.clone(),
            line: case.line(),
            level: case.level.unwrap_or(Level::Must),
            requirements: case.requirements(),
            verdict: result.verdict,
            reason,
            milliseconds: u64::try_from(result.took.as_millis()).unwrap_or(u64::MAX),
            client_log: if quiet { String::new() } else { logged(&self.report.redacted(&result.client_log)) },
        }));
    }
}

/// What a check is about: a monitor's own requirement, or those of the scenario.
fn requirements(case: &Case, check: &Check) -> Vec<String> {
    let slug = check.id.rsplit(':').next().unwrap_or_default();
    match monitors::requirement(slug) {
        Some(requirement) => vec![requirement.to_owned()],
        None => case.requirements(),
    }
}

fn exchange_record(scenario: &str, exchange: &Exchange) -> ExchangeRecord {
    ExchangeRecord {
        scenario: scenario.to_owned(),
        seq: exchange.seq,
        time: exchange.time.clone(),
        operation: exchange.operation.clone(),
        request: format!("{} {}", exchange.request.method, exchange.request.target),
        request_headers: exchange.request.headers.clone(),
        request_body: cut(&exchange.request.body, BODY_KEPT),
        status: exchange.response.status,
        response_headers: exchange.response.headers.clone(),
        response_body: cut(&exchange.response.body, BODY_KEPT),
        decided: exchange.decision(),
    }
}

/// What a client has printed: the beginning of each line, so that one does not hide the others.
fn logged(log: &str) -> String {
    let lines: Vec<String> = log.lines().map(|line| cut(line, LINE_KEPT)).collect();
    cut(&lines.join("\n"), BODY_KEPT)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}… ({} characters more)", &text[..end], text[end..].chars().count()),
        None => text.to_owned(),
    }
}
