//! A change log in memory: it keeps the commits of this process only.

use parking_lot::Mutex;

use super::change::{ChangeLog, Commit, Conflict};

/// A change log in memory.
#[derive(Debug, Default)]
pub(super) struct MemoryLog(Mutex<Vec<Commit>>);

impl ChangeLog for MemoryLog {
    fn append(&self, expected: u64, commit: Commit) -> Result<u64, Conflict> {
        let mut commits = self.0.lock();
        let found = commits.len() as u64;
        if found != expected {
            return Err(Conflict { expected, found });
        }
        commits.push(commit);
        Ok(found + 1)
    }

    fn since(&self, version: u64) -> Vec<Commit> {
        let commits = self.0.lock();
        let from = usize::try_from(version).unwrap_or(usize::MAX).min(commits.len());
        commits[from..].to_vec()
    }

    fn clear(&self) {
        self.0.lock().clear();
    }
}
