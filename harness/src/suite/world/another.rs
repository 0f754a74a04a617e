//! Another client than the one under test, at another org that is made in the same way.

use super::{Stop, World};
use crate::{
    client::{Driver, Session, protocol::Op},
    target::ledger::Ledger,
};

impl World {
    /// What an org that is made like this scenario's saw of another client, which was set up as the client is and asked for
    /// this. The org is gone afterwards.
    ///
    /// # Errors
    /// It cannot be made; the other client broke.
    pub(crate) async fn of_another(&mut self, driver: &dyn Driver, op: Op) -> Result<Ledger, Stop> {
        let settings = self.settings()?;
        let made = settings.control.create(&self.draft).await;
        let org = self.need(made)?;
        for secret in org.ready.secrets() {
            settings.taint.learn(&secret);
        }
        // The scenario's own client stays who it is.
        let own = (self.told.clone(), self.acting_as.clone());
        let connection = self.connection_to(&org)?;
        (self.told, self.acting_as) = own;
        let asked = async {
            let mut session = Session::open_at(driver, &org, settings.deadlines)?;
            session.hello().await?;
            session.ask(Op::Configure { client: Box::new(connection) }).await?;
            session.ask(op).await?;
            session.bye().await
        };
        let asked = asked.await;
        let seen = org.ledger().await;
        let deleted = org.delete().await;
        asked.map_err(|error| self.broke("another-client", error.to_string()))?;
        self.need(deleted)?;
        self.need(seen)
    }
}
