//! `GET /api/v1/logs`: the System Log (mgmt-facts §9).
//!
//! Polling (ascending, without `until`) follows the order of writing and always has a next page, so that a reader who
//! goes on from it sees every event once. A bounded query follows the order of `published` and ends.

mod keywords;
mod wish;

use http::StatusCode;
use jiff::Timestamp;

use super::answer::Asked;
use super::link;
use super::own::Operations;
use super::page::Wanted;
use crate::exchange::{Reply, Trace};
use crate::gate::roles::Reach;
use crate::org::event_log::{Entry, Place, RETENTION};
use crate::query::{Case, JsonText};
use crate::wire::ApiError;
use wish::{Span, Wish};

/// What is here.
pub(super) const OPERATIONS: Operations = &[("listLogEvents", list)];

/// A page of events.
fn list(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    if asked.reach == Reach::Nothing {
        return Err(ApiError::AccessDenied);
    }
    let wish = Wish::read(asked)?;
    let (page, next) = match wish.span {
        Span::Polling(place) => polled(asked, &wish, place),
        Span::Bounded { since, until, after, descending } => {
            let events = asked.state.events.between(since.max(oldest(asked)), until.min(horizon(asked)));
            if descending {
                bounded(&wish, events.rev().filter(|(place, _)| after.is_none_or(|after| *place < after)))
            } else {
                bounded(&wish, events.filter(|(place, _)| after.is_none_or(|after| *place > after)))
            }
        }
    };
    trace.note("operation", format!("{} event(s) of {}", page.len(), asked.state.events.len()));
    let mut body = Vec::with_capacity(page.iter().map(|entry| entry.event.text.len() + 1).sum::<usize>() + 2);
    body.push(b'[');
    for (nth, entry) in page.iter().enumerate() {
        if nth > 0 {
            body.push(b',');
        }
        body.extend_from_slice(entry.event.text.as_bytes());
    }
    body.push(b']');
    let next = next.map(|place| format!("{}_{}", place.ms, place.nth));
    let known: Vec<_> = wish.known.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let wanted = Wanted { limit: wish.limit, take: wish.take, after: wish.after };
    Ok(link::add(Reply::json(StatusCode::OK, body), asked.request, &wanted, &known, next.as_deref()))
}

/// Events older than this are gone, also when nothing has been written since.
fn oldest(asked: &Asked<'_>) -> i64 {
    asked.request.now.as_millisecond().saturating_sub(RETENTION)
}

/// Where the org lags behind, events from here on are not in the log yet.
fn horizon(asked: &Asked<'_>) -> i64 {
    let now = asked.request.now;
    let lag = asked.state.settings.search_lag;
    lag.and_then(|lag| now.checked_sub(lag).ok()).map_or(i64::MAX, Timestamp::as_millisecond)
}

/// The next events behind a place. The page that follows begins behind the last one here or, when there are no more,
/// behind everything that was looked at.
fn polled<'e>(asked: &'e Asked<'_>, wish: &Wish, place: Place) -> (Vec<&'e Entry>, Option<Place>) {
    let log = &asked.state.events;
    let place = place.max(Place { ms: oldest(asked), nth: 0 });
    let horizon = horizon(asked);
    let there = || log.behind(place).take_while(|entry| entry.place.ms < horizon);
    let page: Vec<_> = there().filter(|entry| wish.fits(&entry.event.text)).take(wish.take).collect();
    let looked_at_all = page.len() < wish.take;
    let next = match page.last() {
        Some(last) if !looked_at_all => last.place,
        _ if looked_at_all && horizon < i64::MAX => there().last().map_or(place, |last| last.place),
        _ if looked_at_all => log.end().map_or(place, |end| end.max(place)),
        _ => place,
    };
    (page, Some(next))
}

/// The next events of a bounded query; there is a next page while events are left.
fn bounded<'e>(
    wish: &Wish,
    events: impl Iterator<Item = (Place, &'e Entry)>,
) -> (Vec<&'e Entry>, Option<Place>) {
    let mut events = events.filter(|(_, entry)| wish.fits(&entry.event.text));
    let page: Vec<_> = events.by_ref().take(wish.take).collect();
    let next = page.last().map(|(place, _)| *place).filter(|_| events.next().is_some());
    (page.into_iter().map(|(_, entry)| entry).collect(), next)
}

impl Wish {
    /// Whether an event is one that was asked for.
    fn fits(&self, text: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(&JsonText(text), Case::Sensitive))
            && self.keywords.iter().all(|word| keywords::has(text, word))
    }
}
