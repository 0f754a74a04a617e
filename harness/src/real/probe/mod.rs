//! `orgtwin probe`: asks an org what Okta's documents leave open, and writes the answers as a dialect.

pub(crate) mod question;

use std::{fmt::Write as _, path::PathBuf};

use clap::Args;

use self::question::{Found, Look, Question};
use super::parity::{
    dialects::{self, Switch},
    observation::{self, BadTable},
    plan,
    visit::{VisitArgs, VisitError, ran},
};
use crate::suite::outcome::exit;

/// Asks an org what Okta's documents leave open, and writes the answers as a dialect that `serve --org` takes.
///
/// Exit codes: 0 asked; 2 usage, or a gate is closed; 3 the harness broke; 4 the org could not be asked, or not
/// everything.
#[derive(Args)]
pub(crate) struct ProbeArgs {
    #[command(flatten)]
    visit: VisitArgs,
    /// Writes the answers there; otherwise they are printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Why nothing was found out.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    #[error(transparent)]
    Visit(#[from] VisitError),
    #[error("a table of the program is wrong, please report this as a defect of orgtwin: {0}")]
    Table(#[from] BadTable),
    #[error("--out {}: {cause}", path.display())]
    Out { path: PathBuf, cause: std::io::Error },
    #[error("the harness cannot start ({0})")]
    Runtime(#[from] std::io::Error),
}

impl ProbeError {
    fn exit(&self) -> u8 {
        match self {
            Self::Visit(_) | Self::Out { .. } => exit::USAGE,
            Self::Table(_) | Self::Runtime(_) => exit::BROKEN,
        }
    }
}

/// Runs the command, prints its result and gives the exit code.
pub(crate) fn command(arguments: &ProbeArgs) -> u8 {
    ran(probe(arguments), ProbeError::exit)
}

async fn probe(arguments: &ProbeArgs) -> Result<(String, u8), ProbeError> {
    let observations = observation::load()?;
    let switches = dialects::switches()?;
    let questions = question::load(&switches, &observations)?;
    if arguments.visit.plan {
        let mut text = String::new();
        for question in &questions {
            let at: Vec<&String> = question.looks.iter().map(|look| &look.at).collect();
            let _ = writeln!(text, "{}: {} ({})", question.switch, question.asks, question.source);
            plan(&observations, &at).lines().for_each(|line| {
                let _ = writeln!(text, "  {line}");
            });
        }
        return Ok((text, exit::CONFORMANT));
    }
    let mut asker = arguments.visit.asker(&observations)?;
    let writes = |look: &Look| observations.get(&look.at).is_some_and(|observation| observation.writes);
    // What may end it comes last.
    for writing in [false, true] {
        for question in &questions {
            for look in question.looks.iter().filter(|look| writes(look) == writing) {
                // The next place only where this one tells nothing.
                if matches!(question.answered(|id| asker.made(id)), Found::Value { .. }) {
                    break;
                }
                let _ = asker.observe(&look.at).await;
            }
        }
    }
    let found: Vec<_> = questions.iter().map(|question| question.answered(|id| asker.made(id))).collect();
    let heading =
        format!("{}, as `orgtwin probe` found it with {} requests", asker.host(), asker.purse.made());
    let mut text = file(&heading, &switches, &questions, &found);
    let stopped = asker.purse.stopped().map(ToOwned::to_owned);
    for what in asker.left_behind.iter().chain(&asker.left()) {
        let _ = writeln!(text, "# Left in the org: {what}");
    }
    if let Some(reason) = &stopped {
        let _ = writeln!(text, "# Stopped: {reason}");
    }
    let text = asker.redacted(&text);
    let values = found.iter().filter(|found| matches!(found, Found::Value { .. })).count();
    let code = if stopped.is_some() || values == 0 { exit::INCOMPLETE } else { exit::CONFORMANT };
    let Some(path) = &arguments.out else { return Ok((text, code)) };
    std::fs::write(path, &text).map_err(|cause| ProbeError::Out { path: path.clone(), cause })?;
    let (all, file) = (questions.len(), path.display());
    let mut told =
        format!("{file}: {values} of {all} switches found; `orgtwin serve --org {file}` takes it\n");
    if let Some(reason) = stopped {
        let _ = writeln!(told, "stopped: {reason}");
    }
    Ok((told, code))
}

/// An org file with the dialect, each value with its evidence.
fn file(heading: &str, switches: &[Switch], questions: &[Question], found: &[Found]) -> String {
    let mut text = format!("# The dialect of {heading}.\n\nname = \"probed\"\n\n[dialect]\n");
    for ((switch, question), found) in switches.iter().zip(questions).zip(found) {
        let _ = writeln!(text, "\n# {} ({})", question.asks, question.source);
        match found {
            Found::Value { value, at, evidence } => {
                let usual = if *value == switch.default { "" } else { " Not the default." };
                let _ = writeln!(text, "# {at}: {}{usual}", evidence.replace('\n', " "));
                let _ = writeln!(text, "{} = {value:?}", switch.name);
            }
            Found::Open(reasons) => {
                for reason in reasons {
                    let _ = writeln!(text, "# Not found out. {}", reason.replace('\n', " "));
                }
                let _ = writeln!(text, "# {} = {:?}", switch.name, switch.default);
            }
        }
    }
    text
}
