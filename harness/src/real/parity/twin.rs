//! Twins of our own, to observe beside the target: fresh ones, each with the dialect that is asked for.

use serde_json::{Value, json};

use super::{
    asker::Asker, credentials::Credentials, dialects::Dialect, observation::Observations, purse::Purse,
};
use crate::{
    cli::DEFAULT_SEED,
    replay::engine,
    target::{NewOrg, Org, Target},
};

/// A process with orgs in it.
pub(crate) struct Twins<'a> {
    observations: &'a Observations,
    target: Target,
    http: reqwest::Client,
}

/// An org with somebody who observes it.
pub(crate) struct Twin<'a> {
    pub(crate) asker: Asker<'a>,
    org: Org,
}

/// A twin that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the twin beside the target: {0}")]
pub(crate) struct NoTwin(String);

fn no_twin(cause: impl std::fmt::Display) -> NoTwin {
    NoTwin(cause.to_string())
}

impl<'a> Twins<'a> {
    /// Starts the process's org server.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(observations: &'a Observations) -> Result<Self, NoTwin> {
        let target = Target::embedded(DEFAULT_SEED).map_err(no_twin)?;
        let http = engine::http_client().map_err(no_twin)?;
        Ok(Self { observations, target, http })
    }

    /// A fresh org with this dialect.
    ///
    /// # Errors
    /// The dialect has what is not known, or the org cannot be made.
    pub(crate) async fn with(&self, dialect: &Dialect, allow_writes: bool) -> Result<Twin<'a>, NoTwin> {
        let mut document: Value = serde_json::to_value(&self.observations.twin).map_err(no_twin)?;
        document["dialect"] = json!(dialect);
        let new = NewOrg { org: Some(document), ..NewOrg::default() };
        let org = self.target.control.create(&new).await.map_err(no_twin)?;
        let credentials = Credentials::of_twin(&org.ready, self.observations).map_err(no_twin)?;
        let base_url = org.ready.base_url.clone();
        let asker = Asker::new(
            self.observations,
            self.http.clone(),
            &base_url,
            credentials,
            (allow_writes, Purse::open()),
        );
        Ok(Twin { asker, org })
    }
}

impl Twin<'_> {
    /// Throws it away.
    ///
    /// # Errors
    /// The org cannot be deleted.
    pub(crate) async fn end(self) -> Result<(), NoTwin> {
        self.org.delete().await.map_err(no_twin)
    }
}
