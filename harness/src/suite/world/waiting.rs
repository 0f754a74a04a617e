//! A client that is not done in time: whether it is the org that it waits for.

use super::{Stop, World};
use crate::{
    suite::outcome::{Verdict, Witness},
    target::{Org, ledger::Exchange},
};

impl World {
    /// The request whose answer a fault keeps back while the client waits for it.
    pub(super) async fn kept_waiting(&self, org: &Org, after: u64) -> Option<Exchange> {
        let seen = org.ledger_since(after).await.ok()?;
        let last = seen.ill().next_back()?.clone();
        (org.in_flight().await.ok()? > 0).then_some(last)
    }

    /// Ends the scenario: the client would wait for ever. It is the client's doing and nobody's breakdown.
    pub(super) fn never_gives_up(&mut self, waits_for: &Exchange, seconds: u64) -> Stop {
        if let Some(session) = self.session.take() {
            self.client_log = session.log();
        }
        self.stopped = true;
        let request = format!("{} {}", waits_for.request.method, waits_for.request.path());
        let observed = format!("after {seconds} s it still waits for the answer to {request}");
        let (expected, seq) = ("a client that gives up on an answer that does not come", Some(waits_for.seq));
        self.check("gives-up", self.level, Verdict::Fail, expected, observed.clone(), Witness::Ledger, seq);
        Stop(observed)
    }
}
