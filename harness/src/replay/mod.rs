//! `orgtwin replay`: what was recorded of a real org, repeated against a fresh twin, and where they differ.

mod analysis;
mod comparison;
mod conditions;
mod encoded;
mod engine;
mod expected;
pub(crate) mod generated;
mod names;
mod operations;
mod pairing;
mod read;
pub(crate) mod recording;
mod report;
mod secrets;
pub(crate) mod shape;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;

use crate::cli::DEFAULT_SEED;
use crate::suite::outcome::exit;
use crate::target::{Control, ControlError, Target, TargetError};

use self::engine::{Replayed, replay};
use self::recording::Recording;
use self::report::Report;

/// The command line.
#[derive(Args)]
pub(crate) struct ReplayArgs {
    /// HAR 1.2 files, go-vcr and vcrpy cassettes, ledgers of a twin; packed by gzip or not.
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    /// The embedded twin (`mock`), or the address of a running `orgtwin serve`; each recording gets a fresh org.
    #[arg(long, value_name = "mock|URL", default_value = "mock")]
    target: String,
    /// The running twin's control token.
    #[arg(long, value_name = "TOKEN", env = "ORGTWIN_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// Ends with 1 if fewer answers match.
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    min_match: Option<f64>,
    /// Writes replay.ndjson (a line an exchange) and replay.md there.
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
    /// Recordings at a time; otherwise as many as there are processors, 4 at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// How many differences are printed; 0 prints all.
    #[arg(long, value_name = "N", default_value_t = 20)]
    differences: usize,
}

/// `95` or `95%`.
fn share(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| format!("{text:?} is no share of the answers, as 95"))
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    #[error(transparent)]
    Read(#[from] read::ReadError),
    #[error("--target {0}: neither `mock` nor an http:// or https:// address")]
    NoTarget(String),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("the harness cannot start ({0})")]
    Runtime(std::io::Error),
    #[error("a replaying thread panicked; please report this as a defect of orgtwin")]
    Panicked,
    #[error("--report-dir {}: {cause}; name a folder that can be written", folder.display())]
    Report { folder: PathBuf, cause: std::io::Error },
}

impl ReplayError {
    fn exit(&self) -> u8 {
        match self {
            Self::Read(_) | Self::NoTarget(_) | Self::Report { .. } => exit::USAGE,
            Self::Target(TargetError::NoTwin { .. }) => exit::BROKEN,
            Self::Target(_) | Self::Control(_) | Self::Runtime(_) | Self::Panicked => exit::BROKEN,
        }
    }
}

/// Runs the command, prints its result and gives the exit code.
pub(crate) fn command(arguments: &ReplayArgs) -> u8 {
    let report = match run(arguments) {
        Ok(report) => report,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "orgtwin: {error}");
            return error.exit();
        }
    };
    let text = if arguments.json { report.json() } else { report.terminal(arguments.differences) };
    // A reader who has read enough (`| head`) is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if report.compared == 0 {
        let _ = writeln!(std::io::stderr(), "orgtwin: nothing could be replayed");
        return exit::INCOMPLETE;
    }
    match arguments.min_match.filter(|least| report.match_percent() < *least) {
        Some(least) => {
            let found = report.match_percent();
            let _ = writeln!(std::io::stderr(), "orgtwin: {found:.1} % match, --min-match wants {least} %");
            exit::NON_CONFORMANT
        }
        None => exit::CONFORMANT,
    }
}

fn run(arguments: &ReplayArgs) -> Result<Report, ReplayError> {
    let mut recordings = Vec::new();
    for file in &arguments.files {
        recordings.extend(read::file(file)?);
    }
    // Before anything is sent, so that a wrong folder costs no time.
    if let Some(folder) = &arguments.report_dir {
        std::fs::create_dir_all(folder)
            .map_err(|cause| ReplayError::Report { folder: folder.clone(), cause })?;
    }
    let jobs = match arguments.jobs {
        Some(jobs) => usize::from(jobs),
        None => crate::processors::at_a_time(),
    };
    let replayed = replay_all(arguments, &recordings, jobs.min(recordings.len()).max(1))?;
    let report = Report::of(recordings.len(), &replayed);
    if let Some(folder) = &arguments.report_dir {
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text);
        write("replay.ndjson", report.ndjson(&replayed))
            .and_then(|()| write("replay.md", report.markdown()))
            .map_err(|cause| ReplayError::Report { folder: folder.clone(), cause })?;
    }
    Ok(report)
}

fn runtime() -> Result<tokio::runtime::Runtime, ReplayError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ReplayError::Runtime)
}

/// Replays side by side: comparing costs as much as asking, so each job is a thread.
fn replay_all(
    arguments: &ReplayArgs,
    recordings: &[Recording],
    jobs: usize,
) -> Result<Vec<Replayed>, ReplayError> {
    let target = match arguments.target.as_str() {
        "mock" => Target::embedded(DEFAULT_SEED)?,
        url if url.starts_with("http://") || url.starts_with("https://") => {
            runtime()?.block_on(Target::running(url, arguments.control_token.clone()))?
        }
        other => return Err(ReplayError::NoTarget(other.to_owned())),
    };
    let next = AtomicUsize::new(0);
    let work = |control: Control| -> Result<Vec<(usize, Vec<Replayed>)>, ReplayError> {
        let (runtime, http) = (runtime()?, engine::http_client()?);
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(recording) = recordings.get(place) else { return Ok(done) };
            done.push((place, runtime.block_on(replay(&control, &http, recording))?));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs)
            .map(|_| {
                // Connections belong to the runtime that opened them.
                let control = target.control.with_own_connections();
                scope.spawn(|| control.map_err(ReplayError::from).and_then(&work))
            })
            .collect();
        let mut all = Vec::with_capacity(recordings.len());
        for thread in threads {
            all.extend(thread.join().map_err(|_| ReplayError::Panicked)??);
        }
        Ok::<_, ReplayError>(all)
    })?;
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().flat_map(|(_, replayed)| replayed).collect())
}
