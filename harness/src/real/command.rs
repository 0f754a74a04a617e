//! `orgtwin real init`, `orgtwin cleanup`.

use std::{io::Write as _, path::PathBuf};

use clap::{Args, Subcommand};

use super::{
    caller::Caller,
    config::{RealConfig, TEMPLATE},
    door::DoorArgs,
    journal::Journal,
    org::RealOrg,
    parity::credentials::API_TOKEN,
    tidy::tidy_up,
};
use crate::suite::outcome::exit;

/// About real orgs.
#[derive(Subcommand)]
pub(crate) enum RealCommand {
    /// Writes the file of --org-config, with comments, to be filled in.
    Init {
        /// Where; a file that is there stays as it is.
        #[arg(default_value = "orgtwin-org.toml")]
        file: PathBuf,
    },
}

/// What `orgtwin cleanup` is told.
#[derive(Args)]
pub(crate) struct CleanupArgs {
    /// The journal of the run.
    #[arg(long, value_name = "FILE")]
    journal: PathBuf,
    #[command(flatten)]
    door: DoorArgs,
}

/// Writes the template.
pub(crate) fn real(command: &RealCommand) -> u8 {
    let RealCommand::Init { file } = command;
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut open| open.write_all(TEMPLATE.as_bytes()));
    match written {
        Ok(()) => {
            let _ = writeln!(
                std::io::stdout(),
                "{}: fill it in (docs/real-org.md), then `orgtwin test --target https://HOST --confirm-org HOST --org-config {0} --plan`, or probe or parity",
                file.display()
            );
            exit::CONFORMANT
        }
        Err(error) => say(&format!("{}: {error}", file.display()), exit::USAGE),
    }
}

/// Deletes what a run has left.
pub(crate) async fn cleanup(arguments: &CleanupArgs) -> u8 {
    let org = match prepare(arguments) {
        Ok(org) => org,
        Err(words) => return say(&words, exit::USAGE),
    };
    let (deleted, troubles) = tidy_up(&org).await;
    let _ = writeln!(std::io::stdout(), "{deleted} deleted, {} still there", troubles.len());
    if troubles.is_empty() { exit::CONFORMANT } else { say(&troubles.join("\n"), exit::BROKEN) }
}

fn prepare(arguments: &CleanupArgs) -> Result<RealOrg, String> {
    let journal = Journal::open(&arguments.journal).map_err(|error| error.to_string())?;
    let target = arguments.door.admit(&journal.org).map_err(|error| error.to_string())?;
    let config = arguments.door.org_config.as_deref().map(RealConfig::load).transpose();
    let mut config = config.map_err(|error| error.to_string())?.unwrap_or_default();
    let given = std::env::var(API_TOKEN).ok().filter(|token| !token.is_empty());
    config.api_token = given.or(config.api_token);
    if config.api_token.is_none() {
        return Err(format!(
            "--org-config: the file of the run, where harness.api_token_env names the API token to clean up with; or {API_TOKEN}"
        ));
    }
    let http = arguments.door.http().map_err(|error| error.to_string())?;
    let run = journal.run.clone();
    let limits = (arguments.door.max_requests, arguments.door.max_time());
    let caller = Caller::new(http, &target, &run, limits, Some(journal));
    RealOrg::new(&target, caller, config)
}

fn say(words: &str, code: u8) -> u8 {
    let _ = writeln!(std::io::stderr(), "orgtwin: {words}");
    code
}
