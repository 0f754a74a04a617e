//! Twins of our own, to observe beside the target: fresh ones, each with the dialect that is asked for.

use std::{cell::OnceCell, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    asker::Asker, credentials::Credentials, dialects::Dialect, observation::Observations, purse::Purse,
};
use crate::{
    cli::DEFAULT_SEED,
    target::{NewOrg, Target},
};

/// How long a twin may take for an answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// A process with orgs in it.
pub(crate) struct Twins<'a> {
    observations: &'a Observations,
    target: Target,
    /// Trusts the authority of the process, which is made with its first org.
    http: OnceCell<reqwest::Client>,
}

/// A twin that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the twin beside the target: {0}")]
pub(crate) struct NoTwin(String);

fn no_twin(cause: impl std::fmt::Display) -> NoTwin {
    NoTwin(cause.to_string())
}

/// A client that trusts this authority and nobody else.
fn trusting(authority: &Path) -> Result<reqwest::Client, NoTwin> {
    let pem = std::fs::read(authority).map_err(no_twin)?;
    let authority = reqwest::Certificate::from_pem(&pem).map_err(no_twin)?;
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([authority])
        .redirect(reqwest::redirect::Policy::none())
        .timeout(DEADLINE)
        .build()
        .map_err(no_twin)
}

impl<'a> Twins<'a> {
    /// Starts the process's org server.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(observations: &'a Observations) -> Result<Self, NoTwin> {
        let target = Target::embedded(DEFAULT_SEED).map_err(no_twin)?;
        Ok(Self { observations, target, http: OnceCell::new() })
    }

    /// Somebody who observes a fresh org with this dialect. It goes with the process: deleting it would wait for its connections.
    ///
    /// # Errors
    /// The dialect has what is not known, or the org cannot be made.
    pub(crate) async fn with(&self, dialect: &Dialect, allow_writes: bool) -> Result<Asker<'a>, NoTwin> {
        let mut document: Value = serde_json::to_value(&self.observations.twin).map_err(no_twin)?;
        document["dialect"] = json!(dialect);
        // Over TLS, as real orgs are: some of what they say depends on it.
        let new = NewOrg { org: Some(document), tls: true, ..NewOrg::default() };
        let org = self.target.control.create(&new).await.map_err(no_twin)?;
        let credentials = Credentials::of_twin(&org.ready, self.observations).map_err(no_twin)?;
        let (Some(base_url), Some(authority)) = (&org.ready.tls_base_url, &org.ready.ca_file) else {
            return Err(no_twin("it has no TLS listener"));
        };
        let http = match self.http.get() {
            Some(http) => http,
            None => {
                let made = trusting(authority)?;
                self.http.get_or_init(|| made)
            }
        };
        Ok(Asker::new(self.observations, http.clone(), base_url, credentials, (allow_writes, Purse::open())))
    }
}
