//! The flags of the commands that observe an org, and the org behind its gates.

use std::{fmt::Display, future::Future, io::Write as _, path::PathBuf};

use clap::Args;

use super::{
    asker::Asker,
    credentials::{API_TOKEN, Credentials},
    observation::Observations,
    purse::Purse,
};
use crate::{
    real::{
        config::{ConfigError, RealConfig},
        door::{DoorArgs, DoorError, JournalArgs, RevealArgs},
        journal::{Journal, JournalError},
    },
    report::pseudonyms::Pseudonyms,
};

/// Who is observed, as whom, and how far.
#[derive(Args)]
pub(crate) struct VisitArgs {
    /// The org, as `https://dev-1.okta.com`.
    #[arg(long, value_name = "URL")]
    pub(crate) target: String,
    #[command(flatten)]
    door: DoorArgs,
    /// Gone: the file of --org-config is the one for every command.
    #[arg(long, value_name = "FILE", env = "ORGTWIN_CREDENTIALS", hide = true)]
    credentials: Option<PathBuf>,
    /// Also asks what leaves something in the org for a while: an app of its own, device codes that nobody enters.
    #[arg(long)]
    pub(crate) allow_writes: bool,
    #[command(flatten)]
    journal: JournalArgs,
    #[command(flatten)]
    reveal: RevealArgs,
    /// Prints what would be asked, and calls nobody.
    #[arg(long)]
    pub(crate) plan: bool,
}

/// An org that is not observed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VisitError {
    /// A gate is closed, or a file of the gates is bad.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The file of what may be used cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The flag of earlier versions.
    #[error(
        "--credentials {}: there is one file for every command now, --org-config FILE (ORGTWIN_ORG_CONFIG); `orgtwin real \
         init` writes one to fill in, with [apps.service-app] for [service] and harness.api_token_env for api_token",
        .0.display()
    )]
    OldFile(PathBuf),
    /// What is made cannot be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl VisitArgs {
    /// Somebody who may ask the target.
    ///
    /// # Errors
    /// [`VisitError`].
    pub(crate) fn asker<'a>(&self, observations: &'a Observations) -> Result<Asker<'a>, VisitError> {
        let url = self.door.admit(&self.target)?;
        if let Some(file) = &self.credentials {
            return Err(VisitError::OldFile(file.clone()));
        }
        let config = self.door.org_config.as_deref().map(RealConfig::load).transpose()?.unwrap_or_default();
        let credentials = Credentials::of(&config, std::env::var(API_TOKEN).ok());
        let purse = Purse::of(self.door.max_requests, self.door.max_time());
        let http = self.door.http()?;
        let mut asker = Asker::new(observations, http, url.as_str(), credentials, (self.allow_writes, purse));
        if self.allow_writes {
            let run = format!("{:08x}", rand::random::<u32>());
            let org = url.as_str().trim_end_matches('/');
            asker = asker.journaled(Journal::create(&self.journal.of(&run), org, &run)?);
        }
        if !self.reveal.reveal_org {
            let names = Pseudonyms::new(url.host_str().unwrap_or_default(), config.ids());
            for step in observations.all.iter().flat_map(|one| &one.steps) {
                names.spare(&step.request);
            }
            asker = asker.under_names(names);
        }
        Ok(asker)
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
