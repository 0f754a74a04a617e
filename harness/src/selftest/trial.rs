//! One trial: the suite, or a part of it, against something that is wrong on purpose. No report, only what was judged.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

use cucumber::{World as _, step::Collection};
use tokio::sync::watch;

use super::declared::Deed;
use crate::{
    client::{Driver, session::Deadlines},
    report::taint::Taint,
    suite::{
        NotBegun,
        features::Case,
        outcome::{Counts, Verdict, exit_code},
        runner::{Outbox, SuiteRunner},
        select::{self, Selection},
        shake_hands,
        world::{Settings, World},
    },
    target::{Control, ledger::Ledger},
};

/// An op of an adapter that hangs ends after this; the built-in client needs a fraction of it.
const OP: Duration = Duration::from_secs(20);

/// What the trials of a thread share: the definitions of steps take a while to make.
pub(super) struct Bench {
    /// Where orgs are made.
    pub(super) control: Control,
    /// The suite.
    pub(super) cases: Rc<Vec<Case>>,
    steps: Rc<Collection<World>>,
}

/// What is tried.
pub(super) struct Trial {
    /// The client.
    pub(super) driver: Box<dyn Driver>,
    /// How orgs are not like Okta.
    pub(super) mutations: Vec<String>,
    /// The scenarios; all if none.
    pub(super) scenarios: Vec<String>,
    /// How long one op may take.
    pub(super) op: Option<Duration>,
    /// Scenarios at a time.
    pub(super) jobs: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Every check that was made, but for those of scenarios that were decided before they ran.
    pub(super) checks: BTreeMap<String, Verdict>,
    /// What was seen where a check did not pass.
    pub(super) observed: BTreeMap<String, String>,
    /// The exit code that `orgtwin test` would have had.
    pub(super) exit: u8,
    /// What the client wrote beside its replies.
    pub(super) log: String,
    /// What the client did in each scenario.
    pub(super) deeds: BTreeMap<String, BTreeSet<Deed>>,
    /// Why nothing was run.
    pub(super) not_begun: Option<String>,
}

impl Bench {
    pub(super) fn new(control: Control, cases: Rc<Vec<Case>>) -> Self {
        Self { control, cases, steps: Rc::new(World::collection()) }
    }

    /// Runs a trial.
    pub(super) async fn run(&self, trial: Trial) -> Outcome {
        match self.begin(trial).await {
            Ok(outcome) => outcome,
            Err(error) => {
                Outcome { exit: error.exit(), not_begun: Some(error.to_string()), ..Outcome::default() }
            }
        }
    }

    async fn begin(&self, trial: Trial) -> Result<Outcome, NotBegun> {
        let selection = Selection { scenarios: trial.scenarios, ..Selection::default() };
        let mut plan = select::plan(&self.cases, &selection)?;
        let op = trial.op.unwrap_or(OP);
        // A process takes a while to start on a machine that is busy.
        let deadlines = Deadlines { ready: op * 3, op };
        let hello = shake_hands(&*trial.driver, deadlines).await?;
        select::mark_lacking(&mut plan, &hello.capabilities);
        let settings = Settings {
            control: self.control.clone(),
            driver: trial.driver,
            capabilities: hello.capabilities,
            deadlines,
            scenario_deadline: Duration::from_secs(60),
            seed: crate::cli::DEFAULT_SEED,
            taint: Taint::default(),
            versions: crate::suite::versions::Versions::default(),
            mutations: trial.mutations,
            real: None,
        };
        let plan = Rc::new(plan);
        let outbox = Rc::new(RefCell::new(Outbox::default()));
        let (_never, interrupted) = watch::channel(None);
        let runner = SuiteRunner {
            plan: Rc::clone(&plan),
            steps: Rc::clone(&self.steps),
            settings: Rc::new(settings),
            jobs: trial.jobs,
            outbox: Rc::clone(&outbox),
            interrupted,
        };
        runner.unreported().await;
        let outbox = outbox.take();
        let mut outcome = Outcome::default();
        let mut counts = Counts::default();
        for result in outbox.results {
            counts.add(result.verdict);
            outcome.log.push_str(&result.client_log);
            if let Some(planned) = plan.get(result.at) {
                outcome.deeds.insert(planned.case.id.clone(), deeds(&result.ledger));
            }
            for check in result.checks {
                // A scenario whose control failed was not run: the control's own checks say what is wrong.
                if check.id.ends_with(":control") || check.verdict == Verdict::NotApplicable {
                    continue;
                }
                if check.verdict != Verdict::Pass {
                    outcome.observed.insert(check.id.clone(), check.observed);
                }
                // A check may be made twice in a scenario; the worse one counts.
                let known = outcome.checks.entry(check.id).or_insert(check.verdict);
                *known = (*known).max(check.verdict);
            }
        }
        counts.not_run = plan.len().saturating_sub(counts.judged() + counts.not_applicable);
        outcome.exit = exit_code(&counts, outbox.cut_short, false);
        Ok(outcome)
    }
}

/// What a client did, as the org saw it.
fn deeds(ledger: &Ledger) -> BTreeSet<Deed> {
    let mut deeds = BTreeSet::new();
    if !ledger.0.is_empty() {
        deeds.insert(Deed::SendsARequest);
    }
    for request in ledger.token_requests() {
        if request.request.form("grant_type").as_deref() == Some("client_credentials") {
            deeds.insert(Deed::AsksForItself);
        }
        if request.client.assertion.is_some() {
            deeds.insert(Deed::SignsAnAssertion);
        }
    }
    deeds
}
