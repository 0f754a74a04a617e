//! The flags of the commands that observe an org, and the org behind its gates.

use std::{fmt::Display, future::Future, io::Write as _, path::PathBuf, time::Duration};

use clap::Args;

use super::{
    asker::Asker,
    credentials::{API_TOKEN, BadCredentials, Credentials},
    observation::Observations,
    purse::Purse,
};
use crate::real::door::{DoorArgs, DoorError};

/// Who is observed, as whom, and how far.
#[derive(Args)]
pub(crate) struct VisitArgs {
    /// The org, as `https://dev-1.okta.com`.
    #[arg(long, value_name = "URL")]
    pub(crate) target: String,
    #[command(flatten)]
    door: DoorArgs,
    /// A TOML file with an API token and apps of the org (docs/parity.md); without it only what anybody may ask is asked.
    /// The API token may be in ORGTWIN_API_TOKEN instead.
    #[arg(long, value_name = "FILE", env = "ORGTWIN_CREDENTIALS")]
    credentials: Option<PathBuf>,
    /// Also asks what leaves something in the org for a while: an app of its own, device codes that nobody enters.
    #[arg(long)]
    pub(crate) allow_writes: bool,
    /// Prints what would be asked, and calls nobody.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Takes no longer than this.
    #[arg(long, value_name = "N", default_value_t = 10)]
    max_minutes: u64,
}

/// An org that is not observed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisitError {
    /// A gate is closed, or a file of the gates is bad.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The credentials cannot be read.
    #[error(transparent)]
    Credentials(#[from] BadCredentials),
}

impl VisitArgs {
    /// Somebody who may ask the target.
    ///
    /// # Errors
    /// [`VisitError`].
    pub(crate) fn asker<'a>(&self, observations: &'a Observations) -> Result<Asker<'a>, VisitError> {
        let url = self.door.admit(&self.target)?;
        let credentials = Credentials::read(self.credentials.as_deref(), std::env::var(API_TOKEN).ok())?;
        let purse = Purse::of(self.door.max_requests, Duration::from_secs(self.max_minutes * 60));
        let http = self.door.http()?;
        Ok(Asker::new(observations, http, url.as_str(), credentials, (self.allow_writes, purse)))
    }
}

/// Runs a command that observes an org: prints its text, or why there is none, and gives the exit code.
pub(in crate::real) fn ran<E>(
    command: impl Future<Output = Result<(String, u8), E>>,
    exit: fn(&E) -> u8,
) -> u8
where
    E: Display + From<std::io::Error>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(E::from).and_then(|runtime| runtime.block_on(command)) {
        Ok((text, code)) => {
            // A reader who has read enough (`| head`) is no failure.
            let _ = std::io::stdout().write_all(text.as_bytes());
            code
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "orgtwin: {error}");
            exit(&error)
        }
    }
}
