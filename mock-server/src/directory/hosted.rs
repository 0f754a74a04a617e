//! An org with its ledger, and how requests reach it.

use std::sync::Arc;

use axum::body::Body;
use http::{StatusCode, Version};
use hyper::body::Incoming;
use jiff::Timestamp;

use super::ready::Keys;
use super::struck::Arrived;
use super::{Caller, Directory, Ready};
use crate::exchange::{Call, Errand, Reply, Request, Trace};
use crate::faults::Faults;
use crate::gateway;
use crate::http::{Answer, Arrival, ControlFuture, Site, Tasks};
use crate::ledger::Ledger;
use crate::limits::Flight;
use crate::org::Org;
use crate::org::outbox::Postman;
use crate::outgoing::{Courier, deliver};

/// The calls that one request may need: for a token, and with it.
const MOST_CALLS: usize = 3;

/// An org that is listened for.
pub(crate) struct Hosted {
    org: Org,
    ledger: Ledger,
    faults: Faults,
    ready: Ready,
    tasks: Tasks,
    courier: Arc<Courier>,
    /// Removed from disk with the last org that names them.
    _keys: Keys,
}

impl Hosted {
    pub(super) fn new(
        org: Org,
        ledger: Ledger,
        faults: Faults,
        ready: Ready,
        keys: Keys,
        tasks: Tasks,
        courier: Arc<Courier>,
    ) -> Self {
        Self { org, ledger, faults, ready, tasks, courier, _keys: keys }
    }

    /// The org.
    pub(crate) fn org(&self) -> &Org {
        &self.org
    }

    /// Its ledger.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What goes wrong in it on purpose.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// How to use it.
    pub(crate) fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Its listeners, and what else lives as long as it does.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Makes the call that a request needs, and lets the request be decided again; one that asks for call after call is
    /// answered as it is.
    pub(super) async fn decide_later(
        &self,
        request: &Request,
        trace: &mut Trace,
        mut reply: Reply,
        call: Call,
    ) -> Reply {
        let mut next = Some(call);
        for _ in 0..MOST_CALLS {
            let Some(call) = next.take() else { break };
            let outcome = self.courier.send(&call).await;
            reply = gateway::resume(&self.org, request, trace, reply, Errand::Done(call, outcome));
            next = trace.wanted();
        }
        self.kept(reply, trace)
    }

    /// The reply, unless the org's writes are no longer kept: what it says may be lost.
    pub(super) fn kept(&self, reply: Reply, trace: &mut Trace) -> Reply {
        match self.org.failure() {
            None => reply,
            Some(failure) => not_kept(failure, trace),
        }
    }

    /// Back to the document, with an empty ledger, and without faults.
    pub(crate) fn reset(&self) {
        self.org.reset();
        self.ledger.reset();
        self.faults.reset();
    }
}

/// Called where there is a runtime: from an exchange, or from work that one was sent to do.
impl Postman for Hosted {
    fn come(self: Arc<Self>) {
        let tasks = self.tasks.clone();
        tasks.spawn(|stop| deliver(self.courier.clone(), self, stop));
    }
}

impl AsRef<Org> for Hosted {
    fn as_ref(&self) -> &Org {
        &self.org
    }
}

/// The answer of an org whose writes are no longer kept.
fn not_kept(failure: &str, trace: &mut Trace) -> Reply {
    let why = format!("the data folder cannot be written: {failure}; make room and start again");
    trace.note("operation", why.clone());
    Reply::json(StatusCode::INTERNAL_SERVER_ERROR, serde_json::json!({ "error": why }).to_string())
}

/// What stands behind the listeners of an org.
pub(super) struct OrgSite {
    pub(super) directory: Arc<Directory>,
    pub(super) hosted: Arc<Hosted>,
}

impl Site for OrgSite {
    fn now(&self) -> Timestamp {
        self.hosted.org.clock().now()
    }

    fn arrive(&self) -> Arc<Flight> {
        Arc::new(self.hosted.org.in_flight().arrive())
    }

    fn answer(&self, request: Request, version: Version, flight: &Arc<Flight>) -> Answer {
        if let Some(struck) = self.hosted.faults.strike(&self.hosted.org, &request) {
            let hosted = self.hosted.clone();
            let arrived = Arrived { request, version, flight: flight.clone() };
            return Answer::Later(Box::pin(hosted.answer_struck(struck, arrived)));
        }
        let mut trace = Trace::default();
        let reply = gateway::answer_in_flight(&self.hosted.org, &request, flight, &mut trace);
        let reply = self.hosted.kept(reply, &mut trace);
        if let Some(call) = trace.wanted() {
            let hosted = self.hosted.clone();
            return Answer::Later(Box::pin(async move {
                let reply = hosted.decide_later(&request, &mut trace, reply, call).await;
                hosted.ledger.append(&request, version, &trace, &reply);
                reply.into()
            }));
        }
        self.keep(&request, version, &trace, &reply);
        Answer::Now(reply)
    }

    fn keep(&self, request: &Request, version: Version, trace: &Trace, reply: &Reply) {
        if trace.gap || self.hosted.ledger.keeps() {
            self.hosted.ledger.append(request, version, trace, reply);
        }
    }

    fn control(&self, request: http::Request<Incoming>, arrival: Arrival) -> ControlFuture {
        let caller = Caller { directory: self.directory.clone(), arrival };
        (self.directory.house().control)(request.map(Body::new), caller)
    }
}
