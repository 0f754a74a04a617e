//! The ledger as it grows: server-sent events, one an exchange, its number as the event's id.
//!
//! The reader is the one who pulls: nothing is buffered for it but a few exchanges, and the org never waits. Who reads so
//! slowly that the ledger has pushed out what comes next is told so and dropped; `Last-Event-ID` goes on from there.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::RawQuery;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use futures::stream::unfold;
use http::HeaderMap;
use tokio::sync::watch;

use super::answer::{ControlError, Named};
use super::ledger::reading;
use crate::directory::Hosted;
use crate::ledger::{Format, Reading};

/// How often a silent stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// So many exchanges are looked at in one go.
const BATCH: usize = 64;

pub(super) async fn follow(
    Named(hosted): Named,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ControlError> {
    let mut reading = reading(query.as_deref())?;
    if matches!(reading.format, Some(Format::Har | Format::Ndjson)) {
        return Err(ControlError::bad("format: a stream has events of JSON; leave it out"));
    }
    if let Some(id) = headers.get("last-event-id") {
        let id = id.to_str().ok().and_then(|id| id.trim().parse().ok());
        reading.filter.since = id.ok_or_else(|| {
            ControlError::bad("Last-Event-ID is no number; send the id of the last event, or leave it out")
        })?;
        reading.since_given = true;
    }
    let following = Following::new(hosted, reading);
    let events = unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("heartbeat")))
}

struct Following {
    hosted: Arc<Hosted>,
    reading: Reading,
    news: watch::Receiver<()>,
    since: u64,
    /// How often the ledger was emptied when it was last read.
    emptied: u64,
    /// How many exchanges may still be sent.
    left: usize,
    events: VecDeque<Event>,
    over: bool,
}

impl Following {
    fn new(hosted: Arc<Hosted>, mut reading: Reading) -> Self {
        let news = hosted.ledger().news();
        // Numbers may begin again while the reader follows: what it has seen is known here only.
        let seen = std::mem::take(&mut reading.filter.since);
        let page = hosted.ledger().after(seen, 0);
        let mut events = VecDeque::new();
        let since = if !reading.since_given {
            page.newest
        } else if seen > page.newest {
            events.push_back(emptied());
            0
        } else {
            if seen > 0 && page.pushed_out > seen {
                events.push_back(Event::default().comment(missed(page.pushed_out - seen)));
            }
            seen
        };
        let since = since.max(page.pushed_out);
        events.push_back(Event::default().comment(format!("from {since}")));
        let left = reading.filter.limit.unwrap_or(usize::MAX);
        Self { hosted, reading, news, since, emptied: page.emptied, left, events, over: false }
    }

    /// The next event; nothing when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if !self.read() {
                tokio::select! {
                    biased;
                    () = self.hosted.tasks().stopped() => self.end("the org is gone"),
                    told = self.news.changed() => self.over = told.is_err(),
                }
            } else if self.events.is_empty() {
                // Nothing of it was wanted; others want the thread.
                tokio::task::yield_now().await;
            }
        }
    }

    /// Looks at the next exchanges; false when there are none.
    fn read(&mut self) -> bool {
        let ledger = self.hosted.ledger();
        let page = ledger.after(self.since, BATCH);
        if page.emptied != self.emptied {
            (self.emptied, self.since) = (page.emptied, 0);
            self.events.push_back(emptied());
            return true;
        }
        if page.pushed_out > self.since {
            self.end(&missed(page.pushed_out - self.since));
            return true;
        }
        let mut wanted = Vec::new();
        for exchange in &page.exchanges {
            self.since = exchange.seq;
            if self.left == 0 {
                break;
            }
            if self.reading.filter.admits(exchange)
                && let Ok(written) = ledger.write(exchange, self.reading.plain)
            {
                self.left -= 1;
                wanted.push(Event::default().id(exchange.seq.to_string()).data(written));
            }
        }
        self.over = self.left == 0;
        self.events.extend(wanted);
        !page.exchanges.is_empty()
    }

    /// The stream ends with a comment that says why.
    fn end(&mut self, reason: &str) {
        self.events.push_back(Event::default().comment(reason));
        self.over = true;
    }
}

/// The ledger was emptied: what a reader shows of it is of the past.
fn emptied() -> Event {
    Event::default().event("emptied").data("{}")
}

fn missed(exchanges: u64) -> String {
    format!(
        "{exchanges} exchanges were pushed out before they were read; read faster, filter more, or raise --ledger-mib"
    )
}
