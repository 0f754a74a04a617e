//! Changes: the only thing that alters an org. Time, ids and randomness are inside them, so that applying the
//! same changes to the same state gives the same state.
//!
//! Two narrow traits stand behind the door of state: [`ChangeLog`] and [`Counters`]. Nothing else knows that
//! storage exists.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event_log::LogEvent;
use super::keys::SigningKeys;
use super::state::{OrgState, Settings};

pub use crate::limits::{Counters, MemoryCounters};

/// One alteration of an org.
#[derive(Debug, Clone)]
pub enum Change {
    /// Stores a document, or replaces the one with this id.
    Put {
        /// Where it lies.
        shelf: Shelf,
        /// The document's id.
        id: Arc<str>,
        /// The object as shown, without `_links`.
        value: Arc<Value>,
        /// What is never shown.
        hidden: Arc<Value>,
    },
    /// Removes a document, every relation of it, and all that lies below it.
    Remove {
        /// Where it lies.
        shelf: Shelf,
        /// The document's id.
        id: Arc<str>,
    },
    /// Relates two documents (`members`: a group and a user).
    Link {
        /// The name of the relation.
        relation: &'static str,
        /// The one that has.
        from: Arc<str>,
        /// The one that is had.
        to: Arc<str>,
    },
    /// Undoes a relation.
    Unlink {
        /// The name of the relation.
        relation: &'static str,
        /// The one that has.
        from: Arc<str>,
        /// The one that is had.
        to: Arc<str>,
    },
    /// Writes an event into the System Log.
    Event(Arc<LogEvent>),
    /// Replaces the org's settings.
    Settings(Arc<Settings>),
    /// Replaces the org's signing keys.
    Keys(Arc<SigningKeys>),
}

impl Change {
    /// Stores a document: the object as shown, without `_links`, and what is never shown.
    pub fn put(
        shelf: impl Into<Shelf>,
        id: impl Into<Arc<str>>,
        value: impl Into<Arc<Value>>,
        hidden: impl Into<Arc<Value>>,
    ) -> Self {
        Self::Put { shelf: shelf.into(), id: id.into(), value: value.into(), hidden: hidden.into() }
    }

    /// Removes a document.
    pub fn remove(shelf: impl Into<Shelf>, id: impl Into<Arc<str>>) -> Self {
        Self::Remove { shelf: shelf.into(), id: id.into() }
    }
}

/// Where documents of a kind lie: at the top of the org, or below an object of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shelf {
    /// The kind, which is the name of its resource file.
    pub kind: &'static str,
    /// The ids of the objects above it, the outermost first, joined by `/`; empty at the top.
    pub parent: Arc<str>,
}

impl Shelf {
    /// The shelf of a kind below objects, the outermost first.
    pub fn below(kind: &'static str, parents: &[&str]) -> Self {
        Self { kind, parent: parents.join("/").into() }
    }
}

impl From<&'static str> for Shelf {
    fn from(kind: &'static str) -> Self {
        Self { kind, parent: Arc::default() }
    }
}

/// Changes that happen together or not at all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// When, by the org's clock.
    pub at: Timestamp,
    /// What.
    pub changes: Arc<[Change]>,
}

/// Where commits go, and where those of other replicas come from.
pub trait ChangeLog: Send + Sync + std::fmt::Debug {
    /// Appends a commit to the log that has `expected` commits, and returns the new number of commits.
    ///
    /// # Errors
    /// [`Conflict`] when the log has grown meanwhile: catch up with [`ChangeLog::since`] and try again.
    fn append(&self, expected: u64, commit: Commit) -> Result<u64, Conflict>;

    /// The commits after the first `version` ones; none when the log no longer has them all.
    fn since(&self, version: u64) -> Option<Vec<Commit>>;

    /// Forgets every commit: the org starts again from its document.
    fn clear(&self);

    /// The org is now in this state, whatever the log said; returns the number of commits that count as appended.
    fn adopt(&self, state: &Arc<OrgState>) -> u64;

    /// Told after every commit, while nobody else writes, so that the log can be cut at this state.
    fn grown(&self, _: &Arc<OrgState>) {}

    /// The org's life between commits has changed: its clock, the realm of its tokens.
    fn note(&self, _: Life) {}

    /// A state that has been kept under a name, or is no longer.
    fn snapshot(&self, _: &str, _: Option<&Snapshot>) {}

    /// The org listens on these ports.
    fn listens(&self, _: u16, _: Option<u16>) {}

    /// The org is gone.
    fn forget(&self) {}

    /// Waits until all that was said is kept, as safely as this log keeps anything.
    fn settle(&self) {}

    /// Why nothing can be kept any more; what was answered since may be lost.
    fn failure(&self) -> Option<&str> {
        None
    }
}

/// What an org has besides its state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// The realm of its tokens.
    pub realm: u32,
    /// How far its clock is from real time, in milliseconds.
    pub offset_ms: i64,
    /// The time at which its clock stands, in epoch milliseconds.
    pub frozen_ms: Option<i64>,
}

/// A state to go back to.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// When it was taken, by the org's clock.
    pub at: Timestamp,
    /// The state.
    pub state: Arc<OrgState>,
}

/// Somebody else appended first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log has {found} commits, {expected} were expected")]
pub struct Conflict {
    /// What the writer believed.
    pub expected: u64,
    /// What the log has.
    pub found: u64,
}
