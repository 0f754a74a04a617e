//! What goes wrong in an org on purpose (contracts §2): faults as data, matched to requests, applied around the gateway.
//!
//! A fault says which requests it strikes ([`matching`]) and what happens to them ([`kinds`], described in
//! `fixtures/faults.toml`). An org without faults pays one atomic load a request.

mod asked;
mod fault;
mod kinds;
mod matching;
mod struck;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;
use serde_json::{Value, json};

use fault::Fault;
pub(crate) use fault::Wish;
pub(crate) use struck::Struck;

use crate::exchange::Request;
use crate::facts::fault_kinds::fault_kinds;
use crate::org::Org;

/// Faults that an org has from the beginning and after each reset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chaos {
    /// How many of a hundred requests of the Management API are struck.
    pub(crate) percent: f64,
    /// Decides which.
    pub(crate) seed: u64,
}

/// The requests that chaos strikes.
const CHAOS_PATH: &str = "/api/**";

/// The faults of an org.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// How many of them may still strike: the only thing that a request without faults looks at.
    live: AtomicUsize,
    set: RwLock<Set>,
    chaos: Option<Chaos>,
}

#[derive(Debug, Default)]
struct Set {
    faults: Vec<Arc<Fault>>,
    /// How many ids were given out.
    ids: u64,
}

impl Faults {
    /// The faults of a new org: none, or those of chaos.
    pub(crate) fn new(chaos: Option<Chaos>) -> Self {
        let faults = Self { chaos, ..Self::default() };
        faults.let_chaos_in();
        faults
    }

    /// Adds a fault; gives its id. `seed` decides where chance does.
    pub(crate) fn add(&self, wish: Wish, seed: u64) -> String {
        let mut set = self.set.write();
        set.ids += 1;
        let number = set.ids;
        let fault = Arc::new(Fault::new(number, wish, seed));
        let id = fault.id.clone();
        set.faults.push(fault);
        self.live.fetch_add(1, Ordering::AcqRel);
        id
    }

    /// The faults that strike a request, in the order in which they were made. Counts.
    pub(crate) fn strike(&self, org: &Org, request: &Request) -> Option<Struck> {
        if self.live.load(Ordering::Acquire) == 0 {
            return None;
        }
        let set = self.set.read();
        let mut names = None;
        let mut struck = Vec::new();
        let mut answered = false;
        for fault in &set.faults {
            if !fault.matches(request, || names.get_or_insert_with(|| asked::names(org, request)).as_slice())
            {
                continue;
            }
            let nth = fault.count();
            // A request is answered by one fault; the next such fault waits for the next request.
            if answered && fault.answers() {
                continue;
            }
            if let Some(last) = fault.fire(nth) {
                if last {
                    self.live.fetch_sub(1, Ordering::AcqRel);
                }
                answered |= fault.answers();
                struck.push((fault.clone(), nth));
            }
        }
        Struck::of(struck)
    }

    /// All of them as JSON.
    pub(crate) fn list(&self) -> Vec<Value> {
        self.set.read().faults.iter().map(|fault| fault.shown()).collect()
    }

    /// One of them as JSON.
    pub(crate) fn get(&self, id: &str) -> Option<Value> {
        self.set.read().faults.iter().find(|fault| fault.id == id).map(|fault| fault.shown())
    }

    /// The ids there are.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.set.read().faults.iter().map(|fault| fault.id.clone()).collect()
    }

    /// Takes one away; whether it was there.
    pub(crate) fn remove(&self, id: &str) -> bool {
        let mut set = self.set.write();
        let before = set.faults.len();
        set.faults.retain(|fault| fault.id != id);
        self.recount(&set);
        set.faults.len() < before
    }

    /// Takes all away; their ids are not given again.
    pub(crate) fn clear(&self) {
        let mut set = self.set.write();
        set.faults.clear();
        self.recount(&set);
    }

    /// As in the beginning.
    pub(crate) fn reset(&self) {
        let mut set = self.set.write();
        *set = Set::default();
        self.recount(&set);
        drop(set);
        self.let_chaos_in();
    }

    /// Strikes happen under a read lock: while the write lock is held, nothing else counts.
    fn recount(&self, set: &Set) {
        self.live.store(set.faults.iter().filter(|fault| fault.is_live()).count(), Ordering::Release);
    }

    fn let_chaos_in(&self) {
        let Some(Chaos { percent, seed }) = self.chaos else { return };
        let kinds = fault_kinds().chaos();
        let whole = (percent / 100.0).clamp(0.0, 1.0);
        // Independent faults that strike so many of a hundred together.
        let each = 1.0 - (1.0 - whole).powf(1.0 / kinds.len().max(1) as f64);
        for one in kinds {
            let mut rule = json!({ "path": CHAOS_PATH, "probability": each });
            if let Some(method) = &one.method {
                rule["method"] = json!(method);
            }
            match Wish::parse(&json!({ "match": rule, "fault": one.fault })) {
                Ok(wish) => drop(self.add(wish, seed)),
                Err(error) => tracing::error!(%error, "a fault of chaos is wrong"),
            }
        }
    }
}
