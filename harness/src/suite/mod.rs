//! The suite: features in, a plan, a run, a report, an exit code.

pub(crate) mod features;
mod feed;
mod lint;
pub(crate) mod outcome;
pub(crate) mod panics;
pub(crate) mod runner;
pub(crate) mod select;
pub(crate) mod world;
mod writer;

use std::{
    cell::RefCell,
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
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
    outcome::{Counts, exit, exit_code},
    panics::PanicWatch,
    runner::{Outbox, SuiteRunner},
    select::{Planned, Selection},
    world::{Settings, World},
    writer::SuiteWriter,
};
use crate::{
    client::{ClientSpec, DriverError, Session, protocol::Hello, session::Deadlines},
    report::{
        Ndjson, Renderer, Report,
        junit::Junit,
        record::{Footer, Header, Record, SCHEMA},
        taint::Taint,
        terminal::Terminal,
    },
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
    /// The running twin's control token.
    pub(crate) control_token: Option<String>,
    /// Which scenarios.
    pub(crate) selection: Selection,
    /// The user's own features.
    pub(crate) features: Option<PathBuf>,
    /// Scenarios at a time.
    pub(crate) jobs: usize,
    /// Where reports go.
    pub(crate) report_dir: Option<PathBuf>,
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
    #[error("--report-dir {folder}: {cause}")]
    ReportDir {
        /// As given.
        folder: PathBuf,
        /// The operating system's words.
        cause: std::io::Error,
    },
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
            Self::Features(_) | Self::Selection(_) | Self::ReportDir { .. } => exit::USAGE,
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
    let (features, cases) = load(&options)?;
    let mut plan = select::plan(&cases, &options.selection)?;
    if plan.is_empty() {
        return Err(NotBegun::Nothing);
    }
    if options.list || options.dry_run {
        name_scenarios(&plan, options.dry_run);
        return Ok(exit::CONFORMANT);
    }
    // From here on an interrupt ends the run with its report, instead of killing the program.
    let interrupts = Interrupts::listen().map_err(NotBegun::Signals)?;
    let target = match &options.target {
        None => Target::embedded(options.seed)?,
        Some(url) => Target::running(url, options.control_token.clone()).await?,
    };
    let driver = options.client.driver();
    let taint = Taint::default();
    if let Some(token) = target.control.token() {
        taint.learn(token);
    }
    let hello = shake_hands(&*driver, options.deadlines).await?;
    select::mark_lacking(&mut plan, &hello.capabilities);

    let mut renderers: Vec<Box<dyn Renderer>> = Vec::new();
    let (out, live) = (std::io::stdout(), std::io::stdout().is_terminal() && std::io::stderr().is_terminal());
    renderers.push(Box::new(Terminal::new(Box::new(out), live)));
    if let Some(folder) = &options.report_dir {
        let ndjson =
            Ndjson::create(folder).map_err(|cause| NotBegun::ReportDir { folder: folder.clone(), cause })?;
        renderers.push(Box::new(ndjson));
        renderers.push(Box::new(Junit::new(folder, taint.clone())));
    }
    let mut report = Report::new(taint.clone(), renderers);
    report.emit(&Record::Header(header(&options, &driver.describe(), &hello, &target, plan.len())));
    let settings = Settings {
        control: target.control.clone(),
        driver,
        capabilities: hello.capabilities,
        deadlines: options.deadlines,
        scenario_deadline: options.scenario_deadline,
        seed: options.seed,
        taint,
        mutations: Vec::new(),
    };
    Ok(run((features, plan), settings, options.jobs, report, interrupts).await)
}

fn load(options: &TestOptions) -> Result<(Vec<Feature>, Vec<Case>), NotBegun> {
    let sources =
        features::sources(options.features.as_deref()).map_err(|fault| NotBegun::Features(vec![fault]))?;
    read(&sources)
}

/// Features and their cases, linted.
///
/// # Errors
/// [`NotBegun::Features`] with every fault.
pub(crate) fn read(sources: &[(String, String)]) -> Result<(Vec<Feature>, Vec<Case>), NotBegun> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    for (path, text) in sources {
        match features::parse(path, text) {
            Ok(feature) => read.push(feature),
            Err(fault) => faults.push(fault),
        }
    }
    let cases: Vec<Case> = read.iter().flat_map(features::cases).collect();
    faults.extend(lint::lint(&cases, &World::collection()));
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
    }
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
) -> u8 {
    let began = Instant::now();
    let plan = Rc::new(plan);
    let outbox = Rc::new(RefCell::new(Outbox::default()));
    let (interrupt, interrupted) = watch::channel(false);
    let watcher = tokio::spawn(async move {
        interrupts.next().await;
        let _ = interrupt.send(true);
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
    let mut counts = writer.counts;
    let ended = counts.judged() + counts.not_applicable;
    counts.not_run = plan.len().saturating_sub(ended);
    let footer = |broken: &[String]| Footer {
        complete: counts.not_run == 0,
        cut_short,
        counts,
        broken: broken.to_vec(),
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        exit: exit_code(&counts, cut_short, !broken.is_empty()),
    };
    let last = footer(writer.report.broken());
    writer.report.emit(&Record::Footer(last.clone()));
    // Writing the end may be what breaks.
    let code = footer(writer.report.broken()).exit;
    if code != last.exit {
        for cause in writer.report.broken() {
            tracing::error!("{cause}");
        }
    }
    code
}
