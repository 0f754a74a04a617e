//! What happened on the wire, and why: every exchange of an org, in order.
//!
//! Appending is on the way of every request, so it only copies what is there; JSON is made when somebody reads.

mod exchange;
mod filter;
mod gaps;
mod har;
mod outcome;
mod reading;
mod row;
mod secrets;
mod shown;

use http::Version;
use parking_lot::Mutex;
use tokio::sync::watch;

use exchange::{Exchange, Fresh};
pub(crate) use filter::Filter;
pub(crate) use gaps::Gap;
use gaps::Gaps;
pub(crate) use reading::{Format, Reading};
pub(crate) use row::Packed;
use row::Row;
use secrets::Tags;
use shown::Shown;

use crate::exchange::{Reply, Request, Trace};

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

/// The bytes that a ledger keeps unless told otherwise, in MiB.
const USUAL_MIB: usize = 64;

impl Bounds {
    /// So many MiB; 0 for no ledger.
    pub(crate) fn mib(mib: usize) -> Self {
        let exchanges = 100_000_usize.saturating_mul(mib.max(USUAL_MIB)) / USUAL_MIB;
        Self { exchanges, bytes: mib.saturating_mul(1024 * 1024) }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::mib(USUAL_MIB)
    }
}

/// The ledger of an org.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    bounds: Bounds,
    kept: Mutex<Kept>,
    tags: Tags,
    /// Wakes those who wait for the next exchange.
    news: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: Row,
    /// The number of the newest exchange; 0 before the first one.
    newest: u64,
    dropped: u64,
    /// The number of the newest exchange that was pushed out.
    pushed_out: u64,
    /// How often the ledger was emptied.
    emptied: u64,
    gaps: Gaps,
}

/// An exchange that cannot be read again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Its bytes.
    #[error("an exchange cannot be unpacked: {0}")]
    Packed(#[from] postcard::Error),
    /// Its JSON.
    #[error("an exchange cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// What a reader of the ledger gets.
#[derive(Debug)]
pub(crate) struct Page {
    /// The exchanges, in order.
    pub(crate) exchanges: Vec<Packed>,
    /// How many exchanges the bounds have pushed out.
    pub(crate) dropped: u64,
    /// The number of the newest exchange, whether it passes or not.
    pub(crate) newest: u64,
    /// How often the ledger was emptied: numbers of before mean nothing afterwards.
    pub(crate) emptied: u64,
    /// The number of the newest exchange that was pushed out.
    pub(crate) pushed_out: u64,
}

impl Ledger {
    /// A ledger with bounds of its own.
    pub(crate) fn with_bounds(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Whether it keeps anything: one of 0 MiB does not.
    pub(crate) fn keeps(&self) -> bool {
        self.bounds.bytes > 0
    }

    /// Keeps a request, the reply as it goes over the wire, and why; gives it its number.
    pub(crate) fn append(&self, request: &Request, version: Version, trace: &Trace, reply: &Reply) {
        let gap = trace.operation.filter(|_| trace.gap);
        {
            let mut kept = self.kept.lock();
            if let Some(operation) = gap {
                kept.gaps.count(operation, &request.method, request.path());
            }
            let number = kept.newest + 1;
            if let Err(error) = kept.exchanges.push(number, &Fresh { request, version, trace, reply }) {
                return tracing::error!(%error, "an exchange was not kept");
            }
            kept.newest = number;
            while kept.exchanges.len() > self.bounds.exchanges || kept.exchanges.bytes() > self.bounds.bytes {
                let Some(oldest) = kept.exchanges.pop() else { break };
                kept.dropped += 1;
                kept.pushed_out = oldest;
            }
        }
        if self.news.receiver_count() > 0 {
            self.news.send_replace(());
        }
    }

    /// The exchanges that pass a filter.
    pub(crate) fn read(&self, filter: &Filter) -> Page {
        let mut page = self.after(filter.since, usize::MAX);
        page.exchanges.retain(|packed| filter.admits(packed));
        page.exchanges.truncate(filter.limit.unwrap_or(usize::MAX));
        page
    }

    /// So many exchanges after a number.
    pub(crate) fn after(&self, since: u64, most: usize) -> Page {
        let mut kept = self.kept.lock();
        Page {
            exchanges: kept.exchanges.after(since, most),
            dropped: kept.dropped,
            newest: kept.newest,
            emptied: kept.emptied,
            pushed_out: kept.pushed_out,
        }
    }

    /// Told of every exchange and whenever the ledger is emptied. Subscribe first, then read.
    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Writes an exchange as one JSON object.
    ///
    /// # Errors
    /// [`Unreadable`]; never so far.
    pub(crate) fn write(&self, packed: &Packed, plain: bool) -> Result<String, Unreadable> {
        let exchange = packed.open()?;
        Ok(serde_json::to_string(&self.show(&exchange, plain)?)?)
    }

    /// Writes a page in the form that a reader wants.
    ///
    /// # Errors
    /// [`Unreadable`]; never so far.
    pub(crate) fn write_page(&self, page: &Page, format: Format, plain: bool) -> Result<Vec<u8>, Unreadable> {
        let mut written = Vec::new();
        let mut entries = Vec::new();
        for packed in &page.exchanges {
            let exchange = packed.open()?;
            let shown = self.show(&exchange, plain)?;
            match format {
                Format::Ndjson => {
                    serde_json::to_writer(&mut written, &shown)?;
                    written.push(b'\n');
                }
                Format::Json => {
                    written.push(if written.is_empty() { b'[' } else { b',' });
                    serde_json::to_writer(&mut written, &shown)?;
                }
                Format::Har => entries.push(har::entry(&shown)),
            }
        }
        match format {
            Format::Ndjson => {}
            Format::Json if written.is_empty() => written.extend_from_slice(b"[]"),
            Format::Json => written.push(b']'),
            Format::Har => serde_json::to_writer(&mut written, &har::archive(entries, page.dropped))?,
        }
        Ok(written)
    }

    fn show<'a>(&self, exchange: &'a Exchange<'_>, plain: bool) -> serde_json::Result<Shown<'a>> {
        if plain { Shown::plain(exchange) } else { Shown::veiled(exchange, &self.tags) }
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
        let (newest, emptied) = (kept.newest, kept.emptied + 1);
        let old = std::mem::replace(&mut *kept, Kept { newest, emptied, ..Kept::default() });
        kept.gaps = old.gaps;
        drop(kept);
        drop(old.exchanges);
        self.news.send_replace(());
    }

    /// Back to the beginning: the next exchange is number 1 again, and no gap is known.
    pub(crate) fn reset(&self) {
        let mut kept = self.kept.lock();
        let emptied = kept.emptied + 1;
        let old = std::mem::replace(&mut *kept, Kept { emptied, ..Kept::default() });
        drop(kept);
        drop(old);
        self.tags.clear();
        self.news.send_replace(());
    }
}

#[cfg(test)]
mod tests;
