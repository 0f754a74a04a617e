//! What a scenario knows of token requests that nobody saw: a real org's System Log tells of them.

use super::{Stop, World};
use crate::{suite::outcome::Witness, target::ledger::Ledger};

impl World {
    /// The record of the wire as far as it is about token requests. Where the client went around the proxy before a real
    /// org it is what the System Log tells: who was given which scopes and who was refused, and nothing of the requests
    /// themselves. And who tells it, for the check that rests on it.
    ///
    /// # Errors
    /// It cannot be read; nobody tells anything.
    pub(crate) async fn token_record(&mut self) -> Result<(Ledger, Witness), Stop> {
        let org = self.org().await?;
        let Some(scene) = org.scene().filter(|_| self.went_around(&org)) else {
            return Ok((self.ledger().await?, Witness::Ledger));
        };
        let (settings, began) = (self.settings()?, scene.began);
        if self.logged.is_none()
            && let (Some(opened), Some((app, _))) = (&settings.real, &self.acting_as)
        {
            self.logged = Some(opened.org.logged(app, began).await);
        }
        match &self.logged {
            Some(told) if !told.0.is_empty() => Ok((told.clone(), Witness::SystemLog)),
            _ => Ok((self.ledger().await?, Witness::Ledger)),
        }
    }

    /// Who saw it, at this org: a real one has no ledger, so what was on the wire is known from the proxy before it.
    pub(super) fn seen_by(&self, witness: Witness) -> Witness {
        match witness {
            Witness::Ledger if self.real().is_some() => Witness::Proxy,
            other => other,
        }
    }
}
