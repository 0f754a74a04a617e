//! How an org answers a request that faults strike.

use std::sync::Arc;

use http::Version;

use super::Hosted;
use crate::exchange::{Delivery, Request, Trace};
use crate::faults::Struck;
use crate::gateway;
use crate::limits::Flight;

/// A request, and that it counts as being in flight.
pub(super) struct Arrived {
    pub(super) request: Request,
    pub(super) version: Version,
    pub(super) flight: Arc<Flight>,
}

impl Hosted {
    /// Lets happen what comes before the decision, decides, lets happen what comes after it. The ledger has the exchange
    /// before anything is written: a peer may be gone by then.
    pub(super) async fn answer_struck(self: Arc<Self>, struck: Struck, arrived: Arrived) -> Delivery {
        let Arrived { request, version, flight } = arrived;
        let (struck, request) = self.prepared(struck, request).await;
        let mut trace = Trace::default();
        let reply = match struck.answer(self.org(), &request, &mut trace) {
            Some(reply) => reply,
            None => {
                let reply = gateway::answer_in_flight(self.org(), &request, &flight, &mut trace);
                match trace.wanted() {
                    Some(call) => self.decide_later(&request, &mut trace, reply, call).await,
                    None => self.kept(reply, &mut trace),
                }
            }
        };
        let delivery = struck.finish(self.org(), &request, &mut trace, reply);
        self.ledger().append(&request, version, &trace, &delivery.reply);
        if !delivery.manner.delay.is_zero() {
            tokio::time::sleep(delivery.manner.delay).await;
        }
        delivery
    }

    async fn prepared(self: &Arc<Self>, struck: Struck, request: Request) -> (Struck, Request) {
        if !struck.is_slow() {
            struck.prepare(self.org(), &request);
            return (struck, request);
        }
        let struck = Arc::new(struck);
        let (hosted, held, asked) = (self.clone(), struck.clone(), request.clone());
        let prepared = tokio::task::spawn_blocking(move || held.prepare(hosted.org(), &asked)).await;
        if let Err(error) = prepared {
            tracing::error!(%error, "a fault was not prepared");
        }
        // The other holder is gone with its task.
        let struck = Arc::unwrap_or_clone(struck);
        (struck, request)
    }
}
