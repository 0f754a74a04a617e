//! The System Log of an org (mgmt-facts §9): events in the order in which they were written, each rendered once.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use imbl::Vector;

/// So many events an org keeps; the oldest go first. Okta keeps all of 90 days.
pub const KEPT: usize = 100_000;

/// How long an event is kept, in milliseconds: 90 days by the org's clock.
pub const RETENTION: i64 = 90 * 86_400_000;

/// An event as it is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// When it happened, in epoch milliseconds of the org's clock.
    pub published: i64,
    /// The JSON object, compact.
    pub text: Box<str>,
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was written, and its number.
    pub place: Place,
    /// The event.
    pub event: Arc<LogEvent>,
}

/// A place in the log: epoch milliseconds of writing, which never go back although an org's clock may, and the number of
/// the event among those of the same millisecond, from 1. A cursor names the place of the last event that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When.
    pub ms: i64,
    /// Which.
    pub nth: u32,
}

/// The events of an org. Cloning it costs a few pointers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventLog {
    entries: Vector<Entry>,
    /// The clock went back: the order of writing is not that of happening.
    disordered: bool,
}

impl EventLog {
    /// Writes an event, and forgets those that are too old or too many.
    pub(super) fn push(&mut self, event: &Arc<LogEvent>) {
        let last = self.end().unwrap_or(Place { ms: i64::MIN, nth: 0 });
        self.disordered |= event.published < last.ms;
        let place = if event.published > last.ms {
            Place { ms: event.published, nth: 1 }
        } else {
            Place { nth: last.nth.saturating_add(1), ..last }
        };
        let oldest = event.published.saturating_sub(RETENTION);
        while self.entries.front().is_some_and(|first| self.entries.len() >= KEPT || first.place.ms < oldest)
        {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { place, event: event.clone() });
    }

    /// Whether the clock went back while it was written.
    pub(super) fn is_disordered(&self) -> bool {
        self.disordered
    }

    /// All events, in the order of writing.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Forgets all, to be read back.
    pub(super) fn begin_anew(&mut self, disordered: bool) {
        *self = Self { entries: Vector::new(), disordered };
    }

    /// Puts an event back at its place, which is behind the others.
    pub(super) fn put_back(&mut self, entry: Entry) {
        self.entries.push_back(entry);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The place of the newest event.
    pub fn end(&self) -> Option<Place> {
        self.entries.last().map(|last| last.place)
    }

    /// The events behind a place, in the order of writing.
    pub fn behind(&self, place: Place) -> impl Iterator<Item = &Entry> {
        self.range(self.count_to(place)..self.len())
    }

    /// The events that happened from `since` on and before `until` (epoch milliseconds), oldest first, each with its
    /// place in that order.
    pub fn between(
        &self,
        since: i64,
        until: i64,
    ) -> Box<dyn DoubleEndedIterator<Item = (Place, &Entry)> + '_> {
        if !self.disordered {
            let before = |ms| self.count_to(Place { ms, nth: 0 });
            let from = before(since);
            let range = self.range(from..before(until).max(from));
            return Box::new(range.map(|entry| (entry.place, entry)));
        }
        let within = |entry: &&Entry| (since..until).contains(&entry.event.published);
        let mut found: Vec<_> = self.entries.iter().filter(within).collect();
        found.sort_by_key(|entry| (entry.event.published, entry.place));
        let mut last = Place { ms: i64::MIN, nth: 0 };
        let placed = found.into_iter().map(|entry| {
            let ms = entry.event.published;
            last = Place { ms, nth: if ms == last.ms { last.nth + 1 } else { 1 } };
            (last, entry)
        });
        Box::new(placed.collect::<Vec<_>>().into_iter())
    }

    /// How many events stand at a place or before it.
    fn count_to(&self, place: Place) -> usize {
        let reached = |entry: &Entry| if entry.place <= place { Ordering::Less } else { Ordering::Greater };
        self.entries.binary_search_by(reached).unwrap_or_else(|at| at)
    }

    fn range(&self, range: Range<usize>) -> impl DoubleEndedIterator<Item = &Entry> {
        range.filter_map(|at| self.entries.get(at))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(published: i64) -> Arc<LogEvent> {
        Arc::new(LogEvent { published, text: published.to_string().into() })
    }

    fn times(entries: impl Iterator<Item = Entry>) -> Vec<i64> {
        entries.map(|entry| entry.event.published).collect()
    }

    #[test]
    fn old_events_go() {
        let mut log = EventLog::default();
        for at in [0, 1, RETENTION, RETENTION + 1] {
            log.push(&event(at));
        }
        assert_eq!(times(log.behind(Place { ms: 0, nth: 0 }).cloned()), [1, RETENTION, RETENTION + 1]);
    }

    #[test]
    fn too_many_events_go() {
        let mut log = EventLog::default();
        for at in 0..KEPT as i64 + 3 {
            log.push(&event(at));
        }
        assert_eq!(log.len(), KEPT);
        assert_eq!(log.behind(Place { ms: 0, nth: 0 }).next().map(|entry| entry.place.ms), Some(3));
    }

    proptest! {
        /// A reader that goes on from the last place sees every event once, whatever the clock does.
        #[test]
        fn a_reader_sees_every_event_once(
            batches in proptest::collection::vec(proptest::collection::vec(0..50_i64, 0..4), 0..12),
            take in 1..4_usize,
        ) {
            let mut log = EventLog::default();
            let mut place = Place { ms: i64::MIN, nth: 0 };
            let (mut written, mut seen) = (Vec::new(), Vec::new());
            for batch in &batches {
                for at in batch {
                    log.push(&event(*at));
                    written.push(*at);
                }
                for entry in log.behind(place).take(take) {
                    seen.push(entry.event.published);
                    place = entry.place;
                }
            }
            seen.extend(log.behind(place).map(|entry| entry.event.published));
            prop_assert_eq!(seen, written);
        }

        #[test]
        fn a_window_holds_what_happened_in_it(
            at in proptest::collection::vec(0..50_i64, 0..30),
            since in 0..50_i64,
            length in 0..50_i64,
        ) {
            let mut log = EventLog::default();
            at.iter().for_each(|at| log.push(&event(*at)));
            let mut expected: Vec<_> =
                at.into_iter().filter(|at| (since..since + length).contains(at)).collect();
            expected.sort_unstable();
            prop_assert_eq!(times(log.between(since, since + length).map(|(_, entry)| entry.clone())), expected);
        }
    }
}
