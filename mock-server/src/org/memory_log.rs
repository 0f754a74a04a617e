//! A change log in memory: the newest commits of this process.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::change::{ChangeLog, Commit, Conflict};
use super::state::OrgState;

/// So many commits are kept. Nobody else appends to a log in memory, so nobody has to catch up with it; what is kept
/// serves those who look at what has just happened.
const KEPT: usize = 1024;

/// A change log in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryLog(Mutex<Tail>);

#[derive(Debug, Default)]
struct Tail {
    commits: VecDeque<Commit>,
    /// How many commits were appended in all.
    appended: u64,
}

impl ChangeLog for MemoryLog {
    fn append(&self, expected: u64, commit: Commit) -> Result<u64, Conflict> {
        let mut tail = self.0.lock();
        let found = tail.appended;
        if found != expected {
            return Err(Conflict { expected, found });
        }
        if tail.commits.len() == KEPT {
            tail.commits.pop_front();
        }
        tail.commits.push_back(commit);
        tail.appended += 1;
        Ok(tail.appended)
    }

    fn since(&self, version: u64) -> Option<Vec<Commit>> {
        let tail = self.0.lock();
        let missed = usize::try_from(tail.appended.saturating_sub(version)).ok()?;
        let dropped = tail.commits.len().checked_sub(missed)?;
        Some(tail.commits.range(dropped..).cloned().collect())
    }

    fn adopt(&self, _: &Arc<OrgState>) -> u64 {
        let mut tail = self.0.lock();
        // The commits no longer say how the state came about.
        tail.commits.clear();
        tail.appended += 1;
        tail.appended
    }

    fn clear(&self) {
        *self.0.lock() = Tail::default();
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_newest_commits_are_kept_and_nobody_is_told_a_part_for_the_whole() {
        let log = MemoryLog::default();
        let kept = KEPT as u64;
        for version in 0..kept + 2 {
            let at = Timestamp::from_second(version as i64).unwrap();
            log.append(version, Commit { at, changes: Arc::new([]) }).unwrap();
        }
        assert!(log.since(0).is_none() && log.since(1).is_none());
        assert_eq!(log.since(2).unwrap().len(), KEPT);
        assert_eq!(log.since(2).unwrap()[0].at, Timestamp::from_second(2).unwrap());
        assert!(log.since(kept + 2).unwrap().is_empty());
        assert_eq!(
            log.append(3, Commit { at: Timestamp::UNIX_EPOCH, changes: Arc::new([]) }).unwrap_err().found,
            kept + 2
        );
        log.clear();
        assert!(log.since(0).unwrap().is_empty());
    }
}
