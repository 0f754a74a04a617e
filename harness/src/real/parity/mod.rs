//! `orgtwin parity`: the same questions put to an org and to a fresh twin, and where their answers differ.

pub(crate) mod answer;
pub(crate) mod asker;
mod comparison;
pub(crate) mod credentials;
pub(crate) mod dialects;
mod explanation;
pub(crate) mod observation;
mod purse;
mod report;
mod template;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
mod tokens;
mod twin;
pub(crate) mod visit;

use std::{fmt::Write as _, path::PathBuf};

use clap::Args;

use self::{
    asker::Asker,
    comparison::{Outcome, observe},
    dialects::Dialect,
    explanation::{Known, explain},
    observation::{BadTable, Observations},
    report::Report,
    twin::{NoTwin, Twins},
    visit::{VisitArgs, VisitError, ran},
};
use crate::{real::probe::question, suite::outcome::exit};

/// Observes an org and a fresh twin side by side, and prints every difference in status, error, wording, headers and
/// shape, with the switch of the dialect that explains it.
///
/// Exit codes: 0 no difference; 1 differences; 2 usage, or a gate is closed; 3 the twin broke; 4 the org could not be
/// asked, or not everything.
#[derive(Args)]
pub(crate) struct ParityArgs {
    #[command(flatten)]
    visit: VisitArgs,
    /// The dialect of the twin: an org file, as `orgtwin probe` writes it; only its `[dialect]` counts.
    #[arg(long, value_name = "FILE")]
    dialect: Option<PathBuf>,
    /// Only these observations (repeatable).
    #[arg(long, value_name = "ID")]
    observation: Vec<String>,
    /// Writes parity.md and parity.json there.
    #[arg(long, value_name = "DIR")]
    report_dir: Option<PathBuf>,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
enum ParityError {
    #[error(transparent)]
    Visit(#[from] VisitError),
    #[error(transparent)]
    Twin(#[from] NoTwin),
    #[error("a table of the program is wrong, please report this as a defect of orgtwin: {0}")]
    Table(#[from] BadTable),
    #[error("--observation {id}: there is none of this name; `--plan` lists them")]
    NoObservation { id: String },
    #[error("{flag} {}: {cause}", path.display())]
    File { flag: &'static str, path: PathBuf, cause: String },
    #[error("the harness cannot start ({0})")]
    Runtime(#[from] std::io::Error),
}

impl ParityError {
    fn exit(&self) -> u8 {
        match self {
            Self::Visit(_) | Self::NoObservation { .. } | Self::File { .. } => exit::USAGE,
            Self::Twin(_) | Self::Table(_) | Self::Runtime(_) => exit::BROKEN,
        }
    }
}

/// Runs the command, prints its result and gives the exit code.
pub(crate) fn command(arguments: &ParityArgs) -> u8 {
    ran(parity(arguments), ParityError::exit)
}

async fn parity(arguments: &ParityArgs) -> Result<(String, u8), ParityError> {
    let observations = observation::load()?;
    for id in &arguments.observation {
        if observations.get(id).is_none() {
            return Err(ParityError::NoObservation { id: id.clone() });
        }
    }
    let wanted = |id: &String| arguments.observation.is_empty() || arguments.observation.contains(id);
    let ids: Vec<&String> =
        observations.all.iter().map(|observation| &observation.id).filter(|id| wanted(id)).collect();
    if arguments.visit.plan {
        return Ok((plan(&observations, &ids), exit::CONFORMANT));
    }
    let base = arguments.dialect.as_ref().map(dialect).transpose()?.unwrap_or_default();
    let mut target = arguments.visit.asker(&observations)?;
    if let Some(folder) = &arguments.report_dir {
        std::fs::create_dir_all(folder).map_err(|error| no_report(folder, &error))?;
    }

    let twins = Twins::start(&observations)?;
    let mut twin = twins.with(&base, arguments.visit.allow_writes).await?;
    let report = beside(&twins, (&base, &mut twin), &mut target, &ids).await?;
    if let Some(folder) = &arguments.report_dir {
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text);
        write("parity.md", target.redacted(&report.markdown()))
            .and_then(|()| write("parity.json", target.redacted_json(&report.json())))
            .map_err(|error| no_report(folder, &error))?;
    }
    let text = match arguments.json {
        true => target.redacted_json(&report.json()),
        false => target.redacted(&report.terminal()),
    };
    let code = match &report {
        report if report.stopped.is_some() || report.made.is_empty() => exit::INCOMPLETE,
        report if !report.differences.is_empty() => exit::NON_CONFORMANT,
        _ => exit::CONFORMANT,
    };
    Ok((text, code))
}

/// Makes the observations of the target and of the twin with the dialect `base`; what the twin has shown already counts.
async fn beside(
    twins: &Twins<'_>,
    (base, twin): (&Dialect, &mut Asker<'_>),
    target: &mut Asker<'_>,
    ids: &[&String],
) -> Result<Report, ParityError> {
    let observations = target.observations;
    let (mut findings, mut made, mut not_made) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        match observe(id, twin, target).await {
            Outcome::Made(mut found) => {
                made.push((*id).clone());
                findings.append(&mut found);
            }
            Outcome::Left(left) => not_made.push(left),
        }
    }
    let switches = dialects::switches()?;
    let questions = question::load(&switches, observations)?;
    let found: Vec<_> = questions.iter().map(|question| question.answered(|id| target.made(id))).collect();
    let known = Known {
        observations,
        switches: &switches,
        questions: &questions,
        found: &found,
        base,
        allow_writes: target.allow_writes,
    };
    if !findings.is_empty() {
        explain(&known, twins, &mut findings, |id| twin.made(id)).await?;
    }
    let dialect = known.moved();
    Ok(Report {
        target: target.host().to_owned(),
        requests: target.purse.made(),
        made,
        differences: findings,
        not_made,
        dialect,
        stopped: target.purse.stopped().map(ToOwned::to_owned),
        left_behind: [std::mem::take(&mut target.left_behind), target.left()].concat(),
    })
}

fn no_report(folder: &std::path::Path, error: &std::io::Error) -> ParityError {
    ParityError::File { flag: "--report-dir", path: folder.to_owned(), cause: error.to_string() }
}

/// What would be asked.
pub(crate) fn plan(observations: &Observations, ids: &[&String]) -> String {
    let mut plan = String::new();
    for observation in ids.iter().filter_map(|id| observations.get(id)) {
        let writes = if observation.writes { " (writes)" } else { "" };
        let _ = writeln!(plan, "{}{writes}: {}", observation.id, observation.about);
        for step in observation.steps.iter().chain(&observation.cleanups) {
            let times = if step.times > 1 {
                format!(", {} times or until it is refused", step.times)
            } else {
                String::new()
            };
            let _ = writeln!(plan, "  {}{times}", step.request);
        }
    }
    plan
}

/// The `[dialect]` of an org file.
fn dialect(path: &PathBuf) -> Result<Dialect, ParityError> {
    let wrong = |cause: String| ParityError::File { flag: "--dialect", path: path.clone(), cause };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let file: toml::Table = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    let switches = match file.get("dialect") {
        None => return Ok(Dialect::new()),
        Some(switches) => switches.as_table().ok_or_else(|| wrong("dialect is no table".to_owned()))?,
    };
    let value = |(name, value): (&String, &toml::Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        (name.clone(), text)
    };
    Ok(switches.iter().map(value).collect())
}
