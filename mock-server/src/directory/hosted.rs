//! An org with its ledger, and how requests reach it.

use std::sync::Arc;

use axum::body::Body;
use http::Version;
use hyper::body::Incoming;
use jiff::Timestamp;

use super::key_files::KeyFile;
use super::{Caller, Directory, Ready};
use crate::exchange::{Reply, Request, Trace};
use crate::gateway;
use crate::http::{Arrival, ControlFuture, Site, Tasks};
use crate::ledger::{Exchange, Ledger};
use crate::org::Org;

/// An org that is listened for.
pub(crate) struct Hosted {
    org: Org,
    ledger: Ledger,
    ready: Ready,
    tasks: Tasks,
    /// Removed from disk with the last org that names them.
    _keys: Vec<Option<Arc<KeyFile>>>,
}

impl Hosted {
    pub(super) fn new(org: Org, ready: Ready, keys: Vec<Option<Arc<KeyFile>>>, tasks: Tasks) -> Self {
        Self { org, ledger: Ledger::default(), ready, tasks, _keys: keys }
    }

    /// The org.
    pub(crate) fn org(&self) -> &Org {
        &self.org
    }

    /// Its ledger.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How to use it.
    pub(crate) fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Its listeners.
    pub(super) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Back to the document, with an empty ledger.
    pub(crate) fn reset(&self) {
        self.org.reset();
        self.ledger.reset();
    }
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

    fn answer(&self, request: Request, version: Version) -> Reply {
        let mut trace = Trace::default();
        let reply = gateway::answer(&self.hosted.org, &request, &mut trace);
        self.keep(request, version, trace, &reply);
        reply
    }

    fn keep(&self, request: Request, version: Version, trace: Trace, reply: &Reply) {
        self.hosted.ledger.append(Exchange::new(request, version, trace, reply));
    }

    fn control(&self, request: http::Request<Incoming>, arrival: Arrival) -> ControlFuture {
        let caller = Caller { directory: self.directory.clone(), arrival };
        (self.directory.house().control)(request.map(Body::new), caller)
    }
}
