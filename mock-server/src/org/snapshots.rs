//! States that an org can go back to: pointers, so that a snapshot costs nothing until the org moves on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use parking_lot::Mutex;

use super::Org;
use super::change::Snapshot;

/// So many snapshots an org has at most: each of them keeps alive what was changed since.
const MOST: usize = 1_000;

/// The snapshots of an org, by their ids (`snap-1`).
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<BTreeMap<String, Snapshot>>);

impl Snapshots {
    pub(super) fn of(kept: Vec<(String, Snapshot)>) -> Self {
        Self(Mutex::new(kept.into_iter().collect()))
    }
}

impl Org {
    /// Keeps the state as it is now; returns the snapshot's id, or none when there are too many of them.
    pub fn snapshot(&self, at: Timestamp) -> Option<String> {
        let id = {
            // Nobody writes meanwhile: the log says the same of the order of things.
            let _writer = self.writer.lock();
            let mut all = self.snapshots.0.lock();
            if all.len() >= MOST {
                return None;
            }
            let number = |id: &String| id.strip_prefix("snap-").and_then(|number| number.parse::<u64>().ok());
            let next = all.keys().filter_map(number).max().unwrap_or(0) + 1;
            let (id, snapshot) = (format!("snap-{next}"), Snapshot { at, state: self.state.load_full() });
            self.log.snapshot(&id, Some(&snapshot));
            all.insert(id.clone(), snapshot);
            id
        };
        self.log.settle();
        Some(id)
    }

    /// Goes back to a snapshot; false when there is none with this id. The clock, the counters and the tokens that were
    /// issued stay as they are.
    pub fn restore(&self, id: &str) -> bool {
        {
            let mut version = self.writer.lock();
            let Some(snapshot) = self.snapshots.0.lock().get(id).cloned() else { return false };
            *version = self.log.adopt(&snapshot.state);
            self.state.store(snapshot.state);
            self.past.clear();
            self.outbox.clear();
        }
        self.log.settle();
        true
    }

    /// The snapshots: ids and when they were taken, the oldest first.
    pub fn snapshots(&self) -> Vec<(String, Timestamp)> {
        let all = self.snapshots.0.lock();
        let mut all: Vec<_> = all.iter().map(|(id, snapshot)| (id.clone(), snapshot.at)).collect();
        all.sort_by_key(|(id, _)| (id.len(), id.clone()));
        all
    }

    /// Forgets a snapshot; false when there is none with this id.
    pub fn forget_snapshot(&self, id: &str) -> bool {
        let gone = self.snapshots.0.lock().remove(id).is_some();
        if gone {
            self.log.snapshot(id, None);
            self.log.settle();
        }
        gone
    }
}
