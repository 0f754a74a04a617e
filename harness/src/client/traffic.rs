//! What an org sees while a client is at work that says nothing itself: when it has begun, and when it is done.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::target::Org;

/// How often the ledger is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long exchanges under way are waited for.
const DRAIN: Duration = Duration::from_secs(2);

/// When the client is done, by what the org saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Nothing for so long after the last request, of which there must be one.
    Quiet(Duration),
    /// So many requests.
    Requests(usize),
}

/// The traffic of a scenario's org, or of none, as when an adapter is linted.
pub(crate) struct Traffic(Option<Org>);

impl Traffic {
    /// At this org.
    pub(crate) fn of(org: Org) -> Self {
        Self(Some(org))
    }

    /// Nowhere.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// `127.0.0.1:41233`, where the org listens with TLS.
    pub(crate) fn tls_address(&self) -> Option<String> {
        let url = self.0.as_ref()?.ready.tls_base_url.as_deref()?;
        Some(url.trim_start_matches("https://").to_owned())
    }

    /// The number of the last exchange so far.
    ///
    /// # Errors
    /// The org does not answer, in words.
    pub(crate) async fn last_seq(&self) -> Result<u64, String> {
        match &self.0 {
            Some(org) => {
                org.ledger().await.map(|ledger| ledger.last_seq()).map_err(|error| error.to_string())
            }
            None => Ok(0),
        }
    }

    /// Waits until the client is done that was started after exchange `after`; how many requests it made. No deadline:
    /// the session has one.
    ///
    /// # Errors
    /// The org does not answer, in words.
    pub(crate) async fn until(&self, done: Done, after: u64) -> Result<usize, String> {
        let Some(org) = &self.0 else { return Ok(0) };
        let mut seen = after;
        let mut requests = 0;
        let mut last = Instant::now();
        loop {
            let news = org.ledger_since(seen).await.map_err(|error| error.to_string())?;
            if let Some(newest) = news.0.last() {
                seen = newest.seq;
                last = Instant::now();
                requests += news.0.iter().filter(|exchange| !exchange.is_bystander()).count();
            }
            let over = match done {
                Done::Quiet(window) => requests > 0 && last.elapsed() >= window && self.open().await? == 0,
                Done::Requests(wanted) => requests >= wanted,
            };
            if over {
                return Ok(requests);
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until exchanges under way are over and in the ledger: a client may end before its last answer comes.
    ///
    /// # Errors
    /// The org does not answer, in words.
    pub(crate) async fn drain(&self) -> Result<(), String> {
        let until = Instant::now() + DRAIN;
        while self.open().await? > 0 && Instant::now() < until {
            sleep(LOOK).await;
        }
        Ok(())
    }

    async fn open(&self) -> Result<u64, String> {
        match &self.0 {
            Some(org) => org.in_flight().await.map_err(|error| error.to_string()),
            None => Ok(0),
        }
    }
}
