//! What a customer enters: the domain of their org, which a proxy leads to the scenario's.

use super::{Doing, Stop, World};
use crate::{
    client::{
        protocol::{Op, Outcome},
        proxy::Proxy,
    },
    suite::versions::Versions,
    target::{Org, ready::HandedOut},
};

/// A domain that a customer entered.
pub(crate) struct Domain {
    /// As it was typed.
    pub(crate) entered: String,
    /// The host that it means.
    pub(crate) host: String,
    proxy: Option<Proxy>,
}

impl Domain {
    /// As it was typed: with a scheme and a slash at its end, or without.
    pub(crate) fn entered(text: &str) -> Self {
        let host = text.trim_start_matches("https://").trim_end_matches('/').to_owned();
        Self { entered: text.to_owned(), host, proxy: None }
    }
}

impl World {
    /// Whatever the client is handed for this org leads to it by the domain that was entered, through a proxy.
    pub(super) async fn lead_to(&mut self, org: &mut Org) -> Result<(), String> {
        let Some(domain) = &mut self.domain else { return Ok(()) };
        let address = org.ready.tls_base_url.as_deref().and_then(|url| url.strip_prefix("https://"));
        let (Some(address), Some(HandedOut { proxy, .. })) = (address, &mut org.ready.handed_out) else {
            return Err("the org has no TLS listener".to_owned());
        };
        let way = Proxy::open(&domain.host, address).await.map_err(|error| format!("a proxy: {error}"))?;
        *proxy = Some(way.url.clone());
        domain.proxy = Some(way);
        Ok(())
    }

    /// What the versions of the integration ask a customer for.
    ///
    /// # Errors
    /// The world belongs to no run.
    pub(crate) fn versions(&mut self) -> Result<Versions, Stop> {
        Ok(self.settings()?.versions.clone())
    }

    /// A client that refused what a customer entered does nothing after that, and has said so.
    pub(super) fn refused_at_setup(&mut self, op: &Op) -> Option<Outcome> {
        let outcome = self.setup_refused.clone()?;
        self.doings.push(Doing { op: op.clone(), after: 0, outcome: outcome.clone() });
        Some(outcome)
    }
}
