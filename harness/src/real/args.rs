//! The flags of `orgtwin test` that are about a real org, and what follows from them.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use reqwest::{Client, Url};

use crate::report::pseudonyms::Pseudonyms;

use super::{
    config::{ConfigError, RealConfig},
    door::{DoorArgs, DoorError, JournalArgs, RevealArgs},
};

/// For `--target https://…`: a real org, which has no control API.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "A real org (--target https://HOST)")]
pub(crate) struct RealArgs {
    #[command(flatten)]
    pub(crate) door: DoorArgs,
    /// Lets the run make, change and delete groups and users whose name begins with conf-RUNID-, and nothing else.
    #[arg(long)]
    allow_writes: bool,
    #[command(flatten)]
    journal: JournalArgs,
    #[command(flatten)]
    reveal: RevealArgs,
    /// Prints what would be asked of the real org, and asks nothing.
    #[arg(long, conflicts_with_all = ["list", "dry_run"])]
    plan: bool,
}

/// A run at a real org.
pub(crate) struct RealRun {
    /// Where it is.
    pub(crate) target: Url,
    /// With what it is called.
    pub(crate) http: Client,
    /// What may be used there.
    pub(crate) config: RealConfig,
    /// The journal, when the run may write.
    pub(crate) journal: Option<PathBuf>,
    /// The run's id.
    pub(crate) run: String,
    /// No more requests.
    pub(crate) max_requests: u32,
    /// No longer.
    pub(crate) max_time: Duration,
    /// Reports name the org as it is.
    pub(crate) reveal: bool,
    /// Only say what would be asked.
    pub(crate) plan: bool,
}

impl RealRun {
    /// The names that stand for the org's own in reports; none where it is to be named.
    pub(crate) fn pseudonyms(&self) -> Option<Pseudonyms> {
        let host = self.target.host_str().unwrap_or_default();
        (!self.reveal).then(|| Pseudonyms::new(host, self.config.ids()))
    }
}

/// A real org that cannot be called (exit 2).
#[derive(Debug, thiserror::Error)]
pub(crate) enum RealUsage {
    /// A gate.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No file.
    #[error(
        "--org-config: name the file of what the run may use in this org; `orgtwin real init` writes one to fill in"
    )]
    NoConfig,
    /// Nobody to act as.
    #[error("--org-config: [apps.service-app] or [apps.integration]: the client needs one to act as")]
    NoApp,
    /// Writes without what they need.
    #[error("--allow-writes: the file of --org-config needs {0}")]
    CannotWrite(&'static str),
    /// A flag without its target.
    #[error("{0} is about a real org, and --target is none; as --target https://acme.okta.com")]
    NoReal(&'static str),
}

impl RealArgs {
    /// The run, when every gate is open. Nothing is called yet.
    ///
    /// # Errors
    /// [`RealUsage`].
    pub(crate) fn run(&self, target: &str) -> Result<RealRun, RealUsage> {
        let url = self.door.admit(target)?;
        let config = RealConfig::load(self.door.org_config.as_deref().ok_or(RealUsage::NoConfig)?)?;
        if !config.apps.iter().any(|app| app.name != "manager") {
            return Err(RealUsage::NoApp);
        }
        let run = format!("{:08x}", rand::random::<u32>());
        let journal = match self.allow_writes {
            false => None,
            true if config.api_token.is_none() => {
                return Err(RealUsage::CannotWrite("harness.api_token_env, to clean up with"));
            }
            true if !config.apps.iter().any(|app| app.name == "manager") => {
                return Err(RealUsage::CannotWrite("[apps.manager], for the client to write as"));
            }
            true => Some(self.journal.of(&run)),
        };
        Ok(RealRun {
            target: url,
            http: self.door.http()?,
            config,
            journal,
            run,
            max_requests: self.door.max_requests,
            max_time: self.door.max_time(),
            reveal: self.reveal.reveal_org,
            plan: self.plan,
        })
    }

    /// Flags that mean nothing without a real org.
    ///
    /// # Errors
    /// [`RealUsage::NoReal`].
    pub(crate) fn none(&self) -> Result<(), RealUsage> {
        let given = [
            (self.door.confirm_org.is_some(), "--confirm-org"),
            (self.door.target_ca.is_some(), "--target-ca"),
            (self.allow_writes, "--allow-writes"),
            (self.plan, "--plan"),
            (self.reveal.reveal_org, "--reveal-org"),
        ];
        given.into_iter().find(|(given, _)| *given).map_or(Ok(()), |(_, flag)| Err(RealUsage::NoReal(flag)))
    }

    /// The words that give the same run again.
    pub(crate) fn words(&self) -> Vec<(&'static str, String)> {
        let path = |path: &PathBuf| path.display().to_string();
        [
            ("--confirm-org", self.door.confirm_org.clone()),
            ("--allow-list", self.door.allow_list.as_ref().map(path)),
            ("--target-ca", self.door.target_ca.as_ref().map(path)),
            ("--org-config", self.door.org_config.as_ref().map(path)),
        ]
        .into_iter()
        .filter_map(|(flag, value)| value.map(|value| (flag, value)))
        .collect()
    }

    /// `--allow-writes`.
    pub(crate) fn writes(&self) -> bool {
        self.allow_writes
    }
}
