//! The suite's own runner behind cucumber's `Runner`: deadlines around every step, panics caught with their place,
//! controls before negatives, a circuit breaker, no retries (harness-anchors §11, rows 4 to 9 and plan B).

use std::{
    cell::RefCell,
    collections::VecDeque,
    panic::AssertUnwindSafe,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use cucumber::{
    Event, Runner, cli,
    event::{self, RetryableScenario, Scenario as ScenarioEvent, Step as StepEvent, StepError},
    gherkin::Feature,
    parser,
    step::Collection,
};
use futures::{
    FutureExt as _, Stream, StreamExt as _,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    stream::FuturesUnordered,
};
use tokio::{sync::watch, time::timeout_at};

use super::{
    features::CaseStep,
    outcome::{Check, CutShort, Level, Verdict, Witness, worst},
    panics,
    select::Planned,
    world::{Remains, Settings, World},
};
use crate::{
    report::record::{StepRecord, StepState},
    target::ledger::Ledger,
};

/// This many scenarios in a row that broke end the run.
const BREAKER: usize = 3;

/// What a scenario came to.
pub(crate) struct ScenarioResult {
    /// Its place in the plan.
    pub(crate) at: usize,
    /// The worst of its checks.
    pub(crate) verdict: Verdict,
    /// Its checks.
    pub(crate) checks: Vec<Check>,
    /// Its steps.
    pub(crate) steps: Vec<StepRecord>,
    /// The org's record.
    pub(crate) ledger: Ledger,
    /// What the client wrote beside its replies.
    pub(crate) client_log: String,
    /// How long it took.
    pub(crate) took: Duration,
}

/// Where the runner leaves results for the writer, and why it stopped early.
#[derive(Default)]
pub(crate) struct Outbox {
    /// Results whose `Finished` event is on its way, in that order.
    pub(crate) results: VecDeque<ScenarioResult>,
    /// Why the rest was not run.
    pub(crate) cut_short: Option<CutShort>,
}

/// Runs a plan.
pub(crate) struct SuiteRunner {
    /// What to run, in order.
    pub(crate) plan: Rc<Vec<Planned>>,
    /// The definitions of the steps.
    pub(crate) steps: Rc<Collection<World>>,
    /// What all scenarios share.
    pub(crate) settings: Rc<Settings>,
    /// How many at a time.
    pub(crate) jobs: usize,
    /// For the writer.
    pub(crate) outbox: Rc<RefCell<Outbox>>,
    /// Becomes the reason when the rest is not to be run: Ctrl-C, a real org's limits.
    pub(crate) interrupted: watch::Receiver<Option<CutShort>>,
}

type CucumberEvent = parser::Result<Event<event::Cucumber<World>>>;

impl Runner<World> for SuiteRunner {
    type Cli = cli::Empty;
    type EventStream = UnboundedReceiver<CucumberEvent>;

    fn run<S>(self, features: S, _: cli::Empty) -> Self::EventStream
    where
        S: Stream<Item = parser::Result<Feature>> + 'static,
    {
        let (events, stream) = unbounded();
        tokio::task::spawn_local(self.drive(features, Events(events)));
        stream
    }
}

/// Where events go. A writer that is gone needs none.
#[derive(Clone)]
struct Events(UnboundedSender<CucumberEvent>);

impl Events {
    fn send(&self, event: event::Cucumber<World>) {
        let _ = self.0.unbounded_send(Ok(Event::new(event)));
    }

    fn scenario(&self, planned: &Planned, event: ScenarioEvent<World>) {
        let case = &planned.case;
        let event = RetryableScenario { event, retries: None };
        self.send(event::Cucumber::scenario(
            case.feature.clone(),
            case.rule.clone(),
            case.scenario.clone(),
            event,
        ));
    }

    fn step(&self, planned: &Planned, step: &CaseStep, event: StepEvent<World>) {
        let event = if step.background {
            ScenarioEvent::Background(step.step.clone(), event)
        } else {
            ScenarioEvent::Step(step.step.clone(), event)
        };
        self.scenario(planned, event);
    }
}

impl SuiteRunner {
    /// Runs the plan without a report: the results are in the outbox.
    pub(crate) async fn unreported(self) {
        let (events, _) = unbounded();
        self.drive(futures::stream::empty(), Events(events)).await;
    }

    async fn drive<S>(mut self, features: S, events: Events)
    where
        S: Stream<Item = parser::Result<Feature>> + 'static,
    {
        let features = features.count().await;
        events.send(event::Cucumber::Started);
        events.send(event::Cucumber::ParsingFinished {
            features,
            rules: 0,
            scenarios: self.plan.len(),
            steps: self.plan.iter().map(|planned| planned.case.steps.len()).sum(),
            parser_errors: 0,
        });
        let steps = Rc::clone(&self.steps);
        let mut waiting: Vec<usize> = (0..self.plan.len()).collect();
        let mut verdicts: Vec<Option<Verdict>> = vec![None; self.plan.len()];
        let mut running = FuturesUnordered::new();
        let mut broken_in_a_row = 0;
        let mut cut_short = None;
        loop {
            while running.len() < self.jobs && cut_short.is_none() {
                let ready =
                    |at: &usize| self.plan[*at].controls.iter().all(|control| verdicts[*control].is_some());
                let Some(next) = waiting.iter().position(ready) else { break };
                let at = waiting.remove(next);
                let verdict = control_verdict(&self.plan[at], &verdicts);
                let (plan, settings) = (Rc::clone(&self.plan), Rc::clone(&self.settings));
                running.push(run(plan, at, verdict, settings, Rc::clone(&steps), events.clone()));
            }
            let result = tokio::select! {
                result = running.next() => result,
                reason = self.interrupted.wait_for(Option::is_some) => {
                    cut_short = reason.ok().and_then(|reason| *reason).or(Some(CutShort::Interrupted));
                    break;
                }
            };
            let Some(result) = result else { break };
            verdicts[result.at] = Some(result.verdict);
            broken_in_a_row = match result.verdict {
                Verdict::Error => broken_in_a_row + 1,
                // A case that was decided before it was run says nothing about what broke.
                Verdict::Untestable | Verdict::NotApplicable if result.ledger.0.is_empty() => broken_in_a_row,
                _ => 0,
            };
            let at = result.at;
            self.outbox.borrow_mut().results.push_back(result);
            events.scenario(&self.plan[at], ScenarioEvent::Finished);
            if broken_in_a_row >= BREAKER && !waiting.is_empty() {
                cut_short = cut_short.or(Some(CutShort::CircuitBreaker));
            }
        }
        // What is still under way is dropped here, which ends its clients.
        drop(running);
        self.outbox.borrow_mut().cut_short = cut_short;
        events.send(event::Cucumber::Finished);
    }
}

/// What the controls of a case allow: `None` to run it, else the verdict and the reason.
fn control_verdict(planned: &Planned, verdicts: &[Option<Verdict>]) -> Option<(Verdict, String)> {
    if let Some(capability) = &planned.lacks {
        return Some((
            Verdict::NotApplicable,
            format!("the client does not declare the capability {capability}"),
        ));
    }
    planned.controls.iter().find_map(|control| match verdicts[*control] {
        Some(Verdict::Pass | Verdict::Warn) => None,
        Some(Verdict::NotApplicable) => {
            Some((Verdict::NotApplicable, "its control does not apply to this client".to_owned()))
        }
        _ => Some((
            Verdict::Untestable,
            "its control did not pass, so this client's refusal would show nothing".to_owned(),
        )),
    })
}

async fn run(
    plan: Rc<Vec<Planned>>,
    at: usize,
    decided: Option<(Verdict, String)>,
    settings: Rc<Settings>,
    steps: Rc<Collection<World>>,
    events: Events,
) -> ScenarioResult {
    let planned = &plan[at];
    events.scenario(planned, ScenarioEvent::Started);
    let began = Instant::now();
    let (remains, steps) = match decided {
        Some((verdict, reason)) => (unrun(planned, verdict, reason), untouched(planned)),
        None => run_steps(planned, settings, &steps, &events).await,
    };
    ScenarioResult {
        at,
        verdict: worst(&remains.checks),
        checks: remains.checks,
        steps,
        ledger: remains.ledger,
        client_log: remains.client_log,
        took: began.elapsed(),
    }
}

/// A case that was decided before it was run.
fn unrun(planned: &Planned, verdict: Verdict, reason: String) -> Remains {
    let slug = if verdict == Verdict::NotApplicable { "applicable" } else { "control" };
    let check = Check {
        id: format!("{}:{slug}", planned.case.id),
        level: planned.case.level.unwrap_or(Level::Must),
        verdict,
        expected: if verdict == Verdict::NotApplicable {
            "a client that can do this"
        } else {
            "a control that passes"
        }
        .to_owned(),
        observed: reason,
        witness: Witness::Harness,
        exchange: None,
    };
    Remains { checks: vec![check], ledger: Ledger::default(), client_log: String::new() }
}

async fn run_steps(
    planned: &Planned,
    settings: Rc<Settings>,
    steps: &Collection<World>,
    events: &Events,
) -> (Remains, Vec<StepRecord>) {
    let limit = settings.scenario_deadline;
    let until = tokio::time::Instant::now() + limit;
    let mut world = World::new(settings, &planned.case);
    let mut going = true;
    let mut taken = untouched(planned);
    for (step, record) in planned.case.steps.iter().zip(&mut taken) {
        if !going {
            events.step(planned, step, StepEvent::Skipped);
            continue;
        }
        events.step(planned, step, StepEvent::Started);
        record.state = StepState::Failed;
        let Ok(Some((function, captures, place, context))) = steps.find(&step.step) else {
            world.broke("step", format!("`{}` has no single definition", step.step.value));
            going = false;
            continue;
        };
        let (began, judged) = (Instant::now(), world.checks().len());
        let failed = {
            let running = AssertUnwindSafe(function(&mut world, context)).catch_unwind();
            timeout_at(until, running).await
        };
        let judged = world.checks().get(judged..).unwrap_or_default();
        record.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        record.checks = judged.iter().map(|check| check.id.clone()).collect();
        let holds = judged.iter().all(|check| check.verdict <= Verdict::Warn);
        match failed {
            Ok(Ok(())) => {
                record.state = if holds { StepState::Passed } else { StepState::Failed };
                events.step(planned, step, StepEvent::Passed(captures, place));
                continue;
            }
            // Nobody sees what this step is about; the next one may be about something else.
            Ok(Err(_)) if world.is_unseen() => {
                let _ = panics::last();
                record.state = StepState::Skipped;
                events.step(planned, step, StepEvent::Skipped);
                continue;
            }
            Ok(Err(_)) => {
                // A step that stopped has said why; anything else is a defect of the step.
                let panic = panics::last();
                if !world.is_stopped() {
                    world.broke("panic", format!("the step `{}` panicked: {panic}", step.step.value));
                }
            }
            Err(_) => {
                let seconds = limit.as_secs();
                world.broke(
                    "deadline",
                    format!("not over after {seconds} s, in the step `{}`", step.step.value),
                );
            }
        }
        going = false;
        let cause = StepError::Panic(Arc::new(()));
        events.step(planned, step, StepEvent::Failed(Some(captures), place, None, cause));
    }
    (world.finish().await, taken)
}

/// The steps of a case before it is run.
fn untouched(planned: &Planned) -> Vec<StepRecord> {
    let step = |step: &CaseStep| StepRecord {
        scenario: planned.case.id.clone(),
        keyword: step.step.keyword.trim().to_owned(),
        text: step.step.value.clone(),
        line: step.step.position.line,
        state: StepState::Skipped,
        milliseconds: 0,
        checks: Vec::new(),
    };
    planned.case.steps.iter().map(step).collect()
}
