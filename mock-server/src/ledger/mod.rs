//! What happened on the wire, and why: every exchange of an org, in order.
//!
//! Appending is on the way of every request, so it only moves what is there; JSON is made when somebody reads.

mod exchange;
mod filter;
mod gaps;

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

pub(crate) use exchange::Exchange;
pub(crate) use filter::Filter;
pub(crate) use gaps::Gap;
use gaps::Gaps;

/// How many bytes of a body are kept.
pub(crate) const BODY_CAP: usize = 16 * 1024;

/// What a ledger keeps at most; the oldest exchanges go first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Exchanges.
    pub(crate) exchanges: usize,
    /// Bytes of heads and bodies.
    pub(crate) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { exchanges: 100_000, bytes: 64 * 1024 * 1024 }
    }
}

/// The ledger of an org.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    bounds: Bounds,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: VecDeque<Arc<Exchange>>,
    /// The number of the newest exchange; 0 before the first one.
    newest: u64,
    bytes: usize,
    dropped: u64,
    gaps: Gaps,
}

/// What a reader of the ledger gets.
#[derive(Debug)]
pub(crate) struct Page {
    /// The exchanges, in order.
    pub(crate) exchanges: Vec<Arc<Exchange>>,
    /// How many exchanges the bounds have pushed out.
    pub(crate) dropped: u64,
}

impl Ledger {
    /// A ledger that keeps less than usual.
    #[cfg(test)]
    pub(crate) fn with_bounds(bounds: Bounds) -> Self {
        Self { bounds, kept: Mutex::default() }
    }

    /// Appends an exchange and gives it its number.
    pub(crate) fn append(&self, mut exchange: Exchange) {
        let bytes = exchange.size();
        let mut pushed_out = Vec::new();
        let mut kept = self.kept.lock();
        kept.newest += 1;
        exchange.seq = kept.newest;
        if exchange.trace.gap
            && let Some(operation) = exchange.trace.operation
        {
            kept.gaps.count(operation, &exchange.request.method, exchange.request.path());
        }
        kept.bytes += bytes;
        kept.exchanges.push_back(Arc::new(exchange));
        while kept.exchanges.len() > self.bounds.exchanges || kept.bytes > self.bounds.bytes {
            let Some(oldest) = kept.exchanges.pop_front() else { break };
            kept.bytes -= oldest.size();
            kept.dropped += 1;
            pushed_out.push(oldest);
        }
        drop(kept);
        // Freed here, outside of the lock.
        drop(pushed_out);
    }

    /// The exchanges that pass a filter.
    pub(crate) fn read(&self, filter: &Filter) -> Page {
        let kept = self.kept.lock();
        let from = kept.exchanges.partition_point(|exchange| exchange.seq <= filter.since);
        let candidates: Vec<_> = kept.exchanges.range(from..).cloned().collect();
        let dropped = kept.dropped;
        drop(kept);
        let exchanges = candidates.into_iter().filter(|exchange| filter.admits(exchange)).collect();
        Page { exchanges, dropped }
    }

    /// The number of the newest exchange; 0 before the first one.
    pub(crate) fn newest(&self) -> u64 {
        self.kept.lock().newest
    }

    /// The operations that were asked for and are not implemented.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        self.kept.lock().gaps.list()
    }

    /// Empties the ledger; the numbers go on.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept.lock();
        let newest = kept.newest;
        let old = std::mem::replace(&mut *kept, Kept { newest, ..Kept::default() });
        kept.gaps = old.gaps;
        drop(kept);
        drop(old.exchanges);
    }

    /// Back to the beginning: the next exchange is number 1 again, and no gap is known.
    pub(crate) fn reset(&self) {
        let old = std::mem::take(&mut *self.kept.lock());
        drop(old);
    }
}

#[cfg(test)]
mod tests;
