//! What a scenario asks of a client that it knows already: to be set up anew, and what it has printed so far.

use super::{Stop, World};
use crate::client::{
    Session,
    protocol::{Op, Outcome},
};

impl World {
    /// Configures the client again, in the same conversation (capability `configure.again`).
    ///
    /// # Errors
    /// It was never configured; the adapter broke, or does not take it.
    pub(crate) async fn configure_again(&mut self) -> Result<(), Stop> {
        let org = self.org().await?;
        let connection = self.connection_to(&org)?;
        let Some(session) = self.session.as_mut() else {
            return Err(self.broke("step", "the step needs a client that is set up already"));
        };
        match session.ask(Op::Configure { client: Box::new(connection) }).await {
            Ok(Outcome::Ok(_)) => Ok(()),
            Ok(other) => {
                let words = other.words();
                Err(self.untestable(format!("the client does not accept a second configuration: {words}")))
            }
            Err(error) => Err(self.adapter_broke(&error)),
        }
    }

    /// What the client has printed beside its replies, and the same without the run's secrets.
    ///
    /// # Errors
    /// The org's record cannot be read.
    pub(crate) async fn printed(&mut self) -> Result<(String, String), Stop> {
        let (settings, ledger) = (self.settings()?, self.ledger().await?);
        for exchange in &ledger.0 {
            settings.taint.learn_exchange(exchange);
        }
        let log = self.session.as_ref().map(Session::log).unwrap_or_default();
        let free = settings.taint.redact(&log);
        Ok((log, free))
    }
}
