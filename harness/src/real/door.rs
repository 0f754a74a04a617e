//! The flags of every command that calls a real org, and the gates that they open.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use reqwest::{Certificate, Client, Url, redirect::Policy};

use super::gates::{self, Asked, Refusal};

/// What a person says about the org that may be called.
#[derive(Args, Debug, Clone)]
pub(crate) struct DoorArgs {
    /// The target's host, typed once more, to show that this real org is meant.
    #[arg(long, value_name = "HOST")]
    pub(crate) confirm_org: Option<String>,
    /// The hosts that may be called, one a line; any other real org is refused.
    #[arg(long, value_name = "FILE", env = "ORGTWIN_ALLOW_LIST")]
    pub(crate) allow_list: Option<PathBuf>,
    /// The authority of a real org's certificate, in PEM, where it is a private one.
    #[arg(long, value_name = "FILE")]
    pub(crate) target_ca: Option<PathBuf>,
    /// No more requests of a real org than this.
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub(crate) max_requests: u32,
    /// No longer than this.
    #[arg(long, value_name = "MINUTES", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=240))]
    max_minutes: u64,
    /// The apps, people and groups that may be used in the real org, and the harness's own API token; `orgtwin real init`
    /// writes one to fill in.
    #[arg(long, value_name = "FILE", env = "ORGTWIN_ORG_CONFIG")]
    pub(crate) org_config: Option<PathBuf>,
}

/// Where a run writes down what it makes.
#[derive(Args, Debug, Clone)]
pub(crate) struct JournalArgs {
    /// Where what is made is written down first; otherwise orgtwin-RUNID.journal in the current folder.
    #[arg(long, value_name = "FILE", requires = "allow_writes")]
    journal: Option<PathBuf>,
}

/// What a report says of the org.
#[derive(Args, Debug, Clone, Copy)]
pub(crate) struct RevealArgs {
    /// Reports name the org, its objects and its people as they are, instead of org-1.example, user-1, app-1.
    #[arg(long)]
    pub(crate) reveal_org: bool,
}

impl JournalArgs {
    /// The file of a run with this id.
    pub(crate) fn of(&self, run: &str) -> PathBuf {
        self.journal.clone().unwrap_or_else(|| PathBuf::from(format!("orgtwin-{run}.journal")))
    }
}

/// Why an org is not called.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DoorError {
    /// A gate is closed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A file of the command line.
    #[error("{flag} {}: {cause}", path.display())]
    File {
        /// The flag.
        flag: &'static str,
        /// As given.
        path: PathBuf,
        /// Why it cannot be used.
        cause: String,
    },
    /// The HTTP client cannot be made.
    #[error("the harness cannot make its HTTP client: {0}")]
    Http(#[from] reqwest::Error),
}

impl DoorArgs {
    /// How long a run may take.
    pub(crate) fn max_time(&self) -> Duration {
        Duration::from_secs(self.max_minutes * 60)
    }

    /// The target's address, when every gate is open.
    ///
    /// # Errors
    /// [`DoorError`].
    pub(crate) fn admit(&self, target: &str) -> Result<Url, DoorError> {
        let allow_list = self.allow_list.as_ref().map(|path| read("--allow-list", path)).transpose()?;
        let set =
            |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
        let url = gates::admit(Asked {
            target,
            confirmed: self.confirm_org.as_deref(),
            allow_list: allow_list.as_deref(),
            ci: set("CI"),
            meant: std::env::var_os("CONFORMANCE_REAL").is_some_and(|value| value == "1"),
        })?;
        let host = url.host_str().unwrap_or_default();
        if !gates::is_for_tests(host) {
            tracing::warn!(
                "{host} looks like an org that people work with: neither preview, integrator nor dev"
            );
        }
        Ok(url)
    }

    /// The one HTTP client with which the org is called: no redirects, and the private authority where there is one.
    ///
    /// # Errors
    /// [`DoorError`].
    pub(crate) fn http(&self) -> Result<Client, DoorError> {
        let mut builder = Client::builder().redirect(Policy::none()).timeout(super::DEADLINE);
        if let Some(path) = &self.target_ca {
            let pem = read("--target-ca", path)?;
            let authority = Certificate::from_pem(pem.as_bytes()).map_err(|error| DoorError::File {
                flag: "--target-ca",
                path: path.clone(),
                cause: format!("no certificate in PEM: {error}"),
            })?;
            builder = builder.tls_certs_only([authority]);
        }
        Ok(builder.build()?)
    }
}

fn read(flag: &'static str, path: &PathBuf) -> Result<String, DoorError> {
    std::fs::read_to_string(path).map_err(|error| DoorError::File {
        flag,
        path: path.clone(),
        cause: error.to_string(),
    })
}
