//! The suite: features in, a plan, a run, a report, an exit code.

mod asking;
pub(crate) mod features;
mod feed;
mod lint;
pub(crate) mod outcome;
pub(crate) mod panics;
mod poison;
pub(crate) mod rerun;
pub(crate) mod runner;
pub(crate) mod select;
pub(crate) mod versions;
pub(crate) mod world;
mod writer;

use std::{
    cell::RefCell,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    rc::Rc,
    time::{Duration, Instant},
};

use cucumber::{Cucumber, World as _, cli, gherkin::Feature};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use self::{
    features::{Case, Fault},
    outcome::{Counts, CutShort, claim, exit, exit_code},
    panics::PanicWatch,
    runner::{Outbox, SuiteRunner},
    select::{Planned, Selection},
    versions::Versions,
    world::{Settings, World},
    writer::SuiteWriter,
};
use crate::{
    baseline::{Baseline, BaselineError, Judge},
    client::{ClientSpec, DriverError, Session, protocol::Hello, session::Deadlines},
    pitfalls,
    real::{
        self,
        args::RealRun,
        run::{NotOpened, Opened},
    },
    report::{
        Renderer, Report,
        files::{Files, Wanted},
        heartbeat::{Heartbeat, SILENCE},
        record::{FeatureRecord, Footer, Header, Record, SCHEMA},
        taint::Taint,
        terminal::{Detail, Terminal},
    },
    requirements,
    target::{Target, TargetError},
};

/// What `orgtwin test` was asked for.
pub(crate) struct TestOptions {
    /// The client.
    pub(crate) client: ClientSpec,
    /// The words that give the same run again, but for the selection.
    pub(crate) run_arguments: String,
    /// A running twin; the embedded org if none.
    pub(crate) target: Option<String>,
    /// The real org to be called instead of a twin.
    pub(crate) real: Option<RealRun>,
    /// The running twin's control token.
    pub(crate) control_token: Option<String>,
    /// Which scenarios.
    pub(crate) selection: Selection,
    /// Capabilities that the client may have and that this run makes no use of.
    pub(crate) set_aside: &'static [&'static str],
    /// The integration that the client is.
    pub(crate) versions: Versions,
    /// The user's own features.
    pub(crate) features: Option<PathBuf>,
    /// The file of what is known to fail.
    pub(crate) baseline: Option<String>,
    /// A should that does not hold fails the run.
    pub(crate) strict: bool,
    /// The deadlines are those that everybody has.
    pub(crate) usual_deadlines: bool,
    /// Scenarios at a time.
    pub(crate) jobs: usize,
    /// Where reports go.
    pub(crate) report_dir: Option<PathBuf>,
    /// A file that the summary is added to.
    pub(crate) step_summary: Option<PathBuf>,
    /// Whether GitHub's annotations are printed.
    pub(crate) annotations: bool,
    /// How much the terminal says.
    pub(crate) detail: Detail,
    /// The seed.
    pub(crate) seed: u64,
    /// Deadlines of the handshake and of an op.
    pub(crate) deadlines: Deadlines,
    /// Deadline of a scenario.
    pub(crate) scenario_deadline: Duration,
    /// Only name the scenarios.
    pub(crate) list: bool,
    /// Only plan.
    pub(crate) dry_run: bool,
}

/// A run that could not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotBegun {
    /// Exit 2.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Features(Vec<Fault>),
    /// Exit 2.
    #[error(transparent)]
    Selection(#[from] select::SelectError),
    /// Exit 2.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// Exit 2.
    #[error("--report-dir {folder}: {cause}")]
    ReportDir {
        /// As given.
        folder: PathBuf,
        /// The operating system's words.
        cause: std::io::Error,
    },
    /// Exit 2 or 3.
    #[error(transparent)]
    Real(#[from] NotOpened),
    /// Exit 3.
    #[error("interrupts cannot be listened for: {0}")]
    Signals(std::io::Error),
    /// Exit 3.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Exit 3.
    #[error(
        "the client did not get through the handshake: {cause}{log}\n`orgtwin client lint` tests an adapter by itself"
    )]
    Client {
        /// What broke.
        cause: DriverError,
        /// What it wrote.
        log: String,
    },
    /// Exit 4.
    #[error("no scenario is selected: nothing was tested; `orgtwin test --list` names them all")]
    Nothing,
}

impl NotBegun {
    /// The exit code of contracts §1.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::Features(_) | Self::Selection(_) | Self::Baseline(_) | Self::ReportDir { .. } => {
                exit::USAGE
            }
            Self::Real(NotOpened::Call(_) | NotOpened::Proxy(_)) => exit::BROKEN,
            Self::Real(NotOpened::Over(_)) => exit::INCOMPLETE,
            Self::Real(_) => exit::USAGE,
            Self::Signals(_) | Self::Target(_) | Self::Client { .. } => exit::BROKEN,
            Self::Nothing => exit::INCOMPLETE,
        }
    }
}

/// Runs the suite on the current thread's runtime and gives the exit code.
///
/// # Errors
/// [`NotBegun`]; once a run has begun, what happens is in its report.
pub(crate) async fn test(options: TestOptions) -> Result<u8, NotBegun> {
    let detail = options.detail;
    conduct(options, Box::new(terminal(detail))).await
}

/// Runs the suite for one renderer, beside those of the report folder.
///
/// # Errors
/// [`NotBegun`].
pub(crate) async fn conduct(options: TestOptions, renderer: Box<dyn Renderer>) -> Result<u8, NotBegun> {
    let sources = read(options.features.as_deref())?;
    let (features, cases) = parsed(&sources)?;
    let baseline = options.baseline.as_deref().map(Baseline::load).transpose()?;
    if let Some(baseline) = &baseline {
        baseline.known_to(&cases)?;
    }
    let mut plan = select::plan(&cases, &options.selection)?;
    if plan.is_empty() {
        return Err(NotBegun::Nothing);
    }
    if options.list || options.dry_run {
        name_scenarios(&plan, options.dry_run);
        return Ok(exit::CONFORMANT);
    }
    if let Some(real) = options.real.as_ref().filter(|real| real.plan) {
        let _ = std::io::stdout().write_all(real::plan::plan(real, &plan).as_bytes());
        return Ok(exit::CONFORMANT);
    }
    // From here on an interrupt ends the run with its report, instead of killing the program.
    let interrupts = Interrupts::listen().map_err(NotBegun::Signals)?;
    let target = match &options.target {
        _ if let Some(real) = &options.real => Target::real(&real.target)?,
        None => Target::embedded(options.seed)?,
        Some(url) => Target::running(url, options.control_token.clone()).await?,
    };
    let driver = options.client.driver();
    let taint = Taint::default();
    if let Some(token) = target.control.token() {
        taint.learn(token);
    }
    let mut hello = shake_hands(&*driver, options.deadlines).await?;
    hello.capabilities.retain(|name| !options.set_aside.contains(&name.as_str()));
    select::mark_lacking(&mut plan, &hello.capabilities);
    let opened = match &options.real {
        None => None,
        Some(real) => {
            real.config.taint(&taint);
            Some(Rc::new(real::run::open(real, &target.control).await?))
        }
    };
    let alone = driver.needs().alone && !hello.capabilities.iter().any(|name| name == "parallel");
    let jobs = if alone || opened.is_some() { 1 } else { options.jobs };

    let mut renderers: Vec<Box<dyn Renderer>> = vec![renderer];
    let wanted = Wanted {
        folder: options.report_dir.clone(),
        step_summary: options.step_summary.clone(),
        annotations: options.annotations.then(|| Box::new(std::io::stdout()) as Box<_>),
    };
    let files = Files::create(wanted, taint.clone()).map_err(|cause| NotBegun::ReportDir {
        folder: options.report_dir.clone().unwrap_or_default(),
        cause,
    })?;
    renderers.push(Box::new(files));
    let names = options.real.as_ref().and_then(RealRun::pseudonyms);
    let mut report = Report::new(taint.clone(), renderers).under_names(names);
    report.emit(&Record::Header(header(&options, &driver.describe(), &hello, &target, plan.len())));
    for (path, text) in sources {
        if plan.iter().any(|planned| planned.case.path == path) {
            report.emit(&Record::Feature(FeatureRecord { path, text }));
        }
    }
    let settings = Settings {
        control: target.control.clone(),
        driver,
        capabilities: hello.capabilities,
        deadlines: options.deadlines,
        scenario_deadline: options.scenario_deadline,
        seed: options.seed,
        taint,
        versions: options.versions.clone(),
        mutations: Vec::new(),
        real: opened.clone(),
    };
    let terms = Terms {
        baseline: baseline.map(|baseline| Judge::new(baseline, today(), options.strict)),
        strict: options.strict,
        filtered: !options.selection.words.is_empty()
            || options.selection.profile.is_some()
            || opened.is_some(),
        limited: !options.selection.words.is_empty() || !options.usual_deadlines || opened.is_some(),
        opened,
    };
    Ok(run((features, plan), settings, jobs, report, interrupts, terms).await)
}

/// A line that changes, on a terminal; elsewhere a line a scenario, and a sign of life when there is none for long.
fn terminal(detail: Detail) -> Terminal {
    let live = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let terminal = Terminal::new(Box::new(std::io::stdout()), live).detail(detail);
    if live { terminal } else { terminal.heartbeat(Heartbeat::start(Box::new(std::io::stdout()), SILENCE)) }
}

/// By what the results of a run are judged.
struct Terms {
    baseline: Option<Judge>,
    strict: bool,
    /// Not every scenario was selected.
    filtered: bool,
    /// Less than the whole was asked of the client.
    limited: bool,
    /// The real org, to be closed at the end.
    opened: Option<Rc<Opened>>,
}

/// The day by which entries of a baseline expire.
#[expect(clippy::disallowed_methods, reason = "people promise by the calendar, not by the org's clock")]
fn today() -> jiff::civil::Date {
    let now = std::time::SystemTime::now();
    jiff::Timestamp::try_from(now).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The features and their cases, free of faults.
///
/// # Errors
/// [`NotBegun::Features`].
pub(crate) fn load(extra: Option<&Path>) -> Result<(Vec<Feature>, Vec<Case>), NotBegun> {
    parsed(&read(extra)?)
}

fn read(extra: Option<&Path>) -> Result<Vec<(String, String)>, NotBegun> {
    features::sources(extra).map_err(|fault| NotBegun::Features(vec![fault]))
}

fn parsed(sources: &[(String, String)]) -> Result<(Vec<Feature>, Vec<Case>), NotBegun> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for (path, text) in sources {
        match features::parse(path, text) {
            Ok(feature) => read.push(feature),
            Err(fault) => faults.push(fault),
        }
    }
    let cases: Vec<Case> = read.iter().flat_map(features::cases).collect();
    faults.extend(lint::lint(&cases, &World::collection()));
    // A file that cannot be read hides who names a requirement.
    if faults.is_empty() {
        faults.extend(requirements::lint::lint(&cases));
        faults.extend(pitfalls::lint(&cases));
    }
    if faults.is_empty() { Ok((read, cases)) } else { Err(NotBegun::Features(faults)) }
}

fn name_scenarios(plan: &[Planned], dry_run: bool) {
    let mut out = std::io::stdout().lock();
    for planned in plan {
        let case = &planned.case;
        // A reader who has read enough is no failure.
        let _ = writeln!(out, "{:<12} {}", case.id, case.scenario.name);
    }
    if dry_run {
        let _ = writeln!(out, "\n{} scenarios would be run; nothing was.", plan.len());
    }
}

/// The client says who it is before anything is reported about it.
pub(crate) async fn shake_hands(
    driver: &dyn crate::client::Driver,
    deadlines: Deadlines,
) -> Result<Hello, NotBegun> {
    let broke = |cause: DriverError, log: String| NotBegun::Client {
        cause,
        log: if log.is_empty() { log } else { format!("\nits output:\n{log}") },
    };
    let mut session = Session::open(driver, deadlines).map_err(|cause| broke(cause, String::new()))?;
    match session.hello().await {
        Ok(hello) => {
            let log = session.log();
            session.bye().await.map_err(|cause| broke(cause, log))?;
            Ok(hello)
        }
        Err(cause) => Err(broke(cause, session.log())),
    }
}

fn header(options: &TestOptions, client: &str, hello: &Hello, target: &Target, planned: usize) -> Header {
    let identity = [&hello.client.name, &hello.client.version, &hello.client.language];
    Header {
        schema: SCHEMA,
        tool: concat!("orgtwin ", env!("CARGO_PKG_VERSION")).to_owned(),
        client: client.to_owned(),
        identity: identity
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        capabilities: hello.capabilities.clone(),
        run_arguments: options.run_arguments.clone(),
        target: target.description.clone(),
        seed: options.seed,
        deadlines: [options.deadlines.op.as_secs(), options.scenario_deadline.as_secs()],
        planned,
        started: started(),
        shard: options.selection.shard.map(|(part, parts)| [part, parts]),
        profile: options.selection.profile.map(ToString::to_string),
        selection: options.selection.words.clone(),
    }
}

/// When the run began, to the second. The orgs have clocks of their own.
#[expect(clippy::disallowed_methods, reason = "a report says when it was made")]
fn started() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Ctrl-C, and the SIGTERM of a CI job that is cancelled. Heard from when it is made.
struct Interrupts(Signal, Signal);

impl Interrupts {
    fn listen() -> std::io::Result<Self> {
        Ok(Self(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

async fn run(
    (features, plan): (Vec<Feature>, Vec<Planned>),
    settings: Settings,
    jobs: usize,
    report: Report,
    mut interrupts: Interrupts,
    terms: Terms,
) -> u8 {
    let began = Instant::now();
    let plan = Rc::new(plan);
    let outbox = Rc::new(RefCell::new(Outbox::default()));
    let (interrupt, interrupted) = watch::channel(None);
    let over = real::run::over(terms.opened.as_deref());
    let watcher = tokio::spawn(async move {
        let reason = tokio::select! {
            () = interrupts.next() => CutShort::Interrupted,
            () = over => CutShort::RealOrg,
        };
        let _ = interrupt.send(Some(reason));
        // The sender stays: a receiver whose sender is gone would count as interrupted.
        std::future::pending::<()>().await;
    });
    let runner = SuiteRunner {
        plan: Rc::clone(&plan),
        steps: Rc::new(World::collection()),
        settings: Rc::new(settings),
        jobs,
        outbox: Rc::clone(&outbox),
        interrupted,
    };
    let writer = SuiteWriter {
        plan: Rc::clone(&plan),
        outbox: Rc::clone(&outbox),
        report,
        counts: Counts::default(),
        started: 0,
        baseline: terms.baseline,
        unwitnessed: Vec::new(),
    };
    let watch = PanicWatch::start();
    let nothing = cli::Opts::<_, _, _, cli::Empty> {
        re_filter: None,
        tags_filter: None,
        parser: cli::Empty,
        runner: cli::Empty,
        writer: cli::Empty,
        custom: cli::Empty,
    };
    let suite =
        Cucumber::<World, _, Vec<Feature>, _, _>::custom(feed::Feed, runner, writer).with_cli(nothing);
    let mut writer = tokio::task::LocalSet::new().run_until(suite.run(features)).await;
    watcher.abort();
    for panic in watch.elsewhere() {
        writer.report.broke(format!("a task panicked: {panic}"));
    }
    drop(watch);

    let cut_short = outbox.borrow().cut_short;
    let notes = match &terms.opened {
        Some(opened) => {
            let closed = real::run::close(opened).await;
            closed.troubles.into_iter().for_each(|trouble| writer.report.broke(trouble));
            [closed.notes, real::run::limits_of_the_claim(&writer.unwitnessed)].concat()
        }
        None => Vec::new(),
    };
    let mut counts = writer.counts;
    let ended = counts.judged() + counts.not_applicable;
    counts.not_run = plan.len().saturating_sub(ended);
    let whole = !terms.filtered && counts.not_run == 0;
    let stale = writer.baseline.as_ref().map(|baseline| baseline.faults(whole)).unwrap_or_default();
    let footer = |broken: &[String]| {
        let exit = match exit_code(&counts, cut_short, !broken.is_empty()) {
            exit::CONFORMANT if !stale.is_empty() || (terms.strict && counts.warned > 0) => {
                exit::NON_CONFORMANT
            }
            code => code,
        };
        Footer {
            complete: counts.not_run == 0,
            cut_short,
            counts,
            missing: Vec::new(),
            broken: broken.to_vec(),
            milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            exit,
            claim: claim(exit, &counts, terms.limited),
            baseline: stale.clone(),
            notes: notes.clone(),
        }
    };
    let last = footer(writer.report.broken());
    writer.report.emit(&Record::Footer(last.clone()));
    if let Some(template) = writer.baseline.as_ref().and_then(Judge::template) {
        let _ = writeln!(std::io::stdout(), "\n{template}");
    }
    // Writing the end may be what breaks.
    let code = footer(writer.report.broken()).exit;
    if code != last.exit {
        for cause in writer.report.broken() {
            tracing::error!("{cause}");
        }
    }
    code
}
