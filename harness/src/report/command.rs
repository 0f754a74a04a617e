//! `orgtwin report`: what can be done with streams that were written.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;

use super::{
    compare::compare,
    files::{Files, Wanted},
    merge::{MergeError, merge},
    run::{ReadError, Run},
    taint::Taint,
    verdict,
};
use crate::suite::outcome::exit;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum ReportCommand {
    /// Writes every report of a results.ndjson again, and ends with the exit code of that run.
    Render {
        /// The stream; that of a run that was killed is results.ndjson.partial.
        results: PathBuf,
        /// Where the reports go.
        #[arg(long, value_name = "DIR")]
        report_dir: PathBuf,
    },
    /// Puts the streams of shards together, and ends with the exit code of the whole.
    ///
    /// A shard that is missing, or was cut off, makes the whole incomplete: exit code 4.
    Merge {
        /// The streams.
        #[arg(required = true)]
        results: Vec<PathBuf>,
        /// Where the reports go.
        #[arg(long, value_name = "DIR")]
        report_dir: PathBuf,
    },
    /// Says what is worse in AFTER than in BEFORE, check by check; exit code 1 if anything is. A check that is no longer
    /// made is worse.
    Compare {
        /// The stream that was good enough.
        before: PathBuf,
        /// The stream to be judged.
        after: PathBuf,
    },
}

/// What cannot be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// Exit 2.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// The operating system's words.
        cause: io::Error,
    },
    /// Exit 2.
    #[error("{path}: {cause}")]
    Read {
        /// The file.
        path: String,
        /// Why it is no stream.
        cause: ReadError,
    },
    /// Exit 2.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// Exit 3.
    #[error("the reports cannot be written to {folder}: {cause}")]
    Write {
        /// The folder.
        folder: String,
        /// Why.
        cause: io::Error,
    },
}

impl ReportError {
    /// The exit code of contracts §1.
    pub(crate) fn exit(&self) -> u8 {
        match self {
            Self::File { .. } | Self::Read { .. } | Self::Merge(_) => exit::USAGE,
            Self::Write { .. } => exit::BROKEN,
        }
    }
}

/// Does it, and gives the exit code.
///
/// # Errors
/// [`ReportError`].
pub(crate) fn report(command: ReportCommand) -> Result<u8, ReportError> {
    let mut out = io::stdout();
    match command {
        ReportCommand::Render { results, report_dir } => {
            let run = read(&results)?;
            write(&run, &report_dir)
        }
        ReportCommand::Merge { results, report_dir } => {
            let runs = results.iter().map(|path| read(path).map(|run| (path.display().to_string(), run)));
            let run = merge(runs.collect::<Result<_, _>>()?)?;
            write(&run, &report_dir)
        }
        ReportCommand::Compare { before, after } => {
            let (before, after) = (read(&before)?, read(&after)?);
            let comparison = compare(&before, &after);
            // A reader who has read enough is no failure.
            let _ = writeln!(out, "{comparison}");
            let regressed = comparison.is_regression();
            Ok(if regressed { exit::NON_CONFORMANT } else { exit::CONFORMANT })
        }
    }
}

fn read(path: &Path) -> Result<Run, ReportError> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|cause| ReportError::File { path: name(), cause })?;
    Run::read(&text).map_err(|cause| ReportError::Read { path: name(), cause })
}

fn write(run: &Run, folder: &Path) -> Result<u8, ReportError> {
    let failed = |cause: io::Error| ReportError::Write { folder: folder.display().to_string(), cause };
    let stream = run.stream().map_err(|error| failed(error.into()))?;
    let wanted = Wanted { folder: Some(folder.to_owned()), ..Wanted::default() };
    // The secrets of that run are not known here and were taken out then; what looks like a token is taken out still.
    Files::of_stream(wanted, Taint::default(), stream).map_err(failed)?;
    let (claim, why) = verdict::meaning(&run.footer);
    let mut out = io::stdout();
    for cause in run.footer.missing.iter().chain(&run.footer.broken) {
        let _ = writeln!(out, "{cause}");
    }
    let _ = writeln!(out, "{}\n{claim}: {why}", verdict::numbers(&run.footer));
    Ok(run.footer.exit)
}
