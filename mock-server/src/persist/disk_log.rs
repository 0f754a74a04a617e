//! The log of an org that is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::rows::{OrgRow, SnapshotRow};
use super::store::Store;
use super::tables::Op;
use crate::org::change::{ChangeLog, Commit, Conflict, Life, Snapshot};
use crate::org::memory_log::MemoryLog;
use crate::org::state::OrgState;
use crate::org::stored;

/// A log is cut when it has so many bytes, and as many as the state that it was cut at last.
const LONG: usize = 1024 * 1024;

/// The log.
#[derive(Debug)]
pub(super) struct DiskLog {
    shared: Arc<Shared>,
    memory: MemoryLog,
}

#[derive(Debug)]
struct Shared {
    store: Arc<Store>,
    org: u32,
    /// None when the org is gone.
    row: Mutex<Option<OrgRow>>,
    origin: Arc<OrgState>,
    /// The number of the next commit.
    next: AtomicU64,
    /// The ticket of what was said last.
    ticket: AtomicU64,
    /// How many bytes the log has, and how many it may have.
    bytes: AtomicUsize,
    long: AtomicUsize,
    cutting: AtomicBool,
    /// Counts what makes a cut that is under way worthless: a reset, a restored snapshot.
    turn: Mutex<u64>,
}

impl DiskLog {
    pub(super) fn new(
        store: Arc<Store>,
        org: u32,
        row: OrgRow,
        origin: Arc<OrgState>,
        (next, bytes): (u64, usize),
    ) -> Self {
        let shared = Shared {
            store,
            org,
            row: Mutex::new(Some(row)),
            origin,
            next: next.into(),
            ticket: AtomicU64::new(0),
            bytes: bytes.into(),
            long: LONG.into(),
            cutting: AtomicBool::new(false),
            turn: Mutex::new(0),
        };
        Self { shared: Arc::new(shared), memory: MemoryLog::default() }
    }
}

impl Shared {
    fn say(&self, op: Op) {
        let ticket = self.store.push(op);
        self.ticket.fetch_max(ticket, Ordering::AcqRel);
    }

    /// Changes the row and has it written, unless the org is gone.
    fn alter(&self, change: impl FnOnce(&mut OrgRow)) {
        let mut held = self.row.lock();
        let Some(row) = held.as_mut() else { return };
        change(row);
        match serde_json::to_vec(row) {
            Ok(row) => self.say(Op::Org { org: self.org, row }),
            Err(error) => self.store.fail(error.to_string()),
        }
    }

    /// Puts a state in the place of the log.
    fn cut(&self, state: &OrgState, before: u64, turn: u64) {
        let parts = match state.since(&self.origin) {
            Ok(parts) => parts,
            Err(error) => return self.store.fail(error.to_string()),
        };
        let size: usize = parts.iter().map(Vec::len).sum();
        {
            let now = self.turn.lock();
            if *now != turn {
                return;
            }
            self.long.store(LONG.max(size), Ordering::Relaxed);
            self.say(Op::State { org: self.org, before, parts });
        }
        self.store.settle(self.ticket.load(Ordering::Acquire));
    }
}

impl ChangeLog for DiskLog {
    fn append(&self, expected: u64, commit: Commit) -> Result<u64, Conflict> {
        let encoded = stored::encode(&commit);
        let grown = self.memory.append(expected, commit)?;
        match encoded {
            Ok(bytes) => {
                self.shared.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
                let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
                self.shared.say(Op::Commit { org: self.shared.org, number, bytes });
            }
            Err(error) => self.shared.store.fail(error.to_string()),
        }
        Ok(grown)
    }

    fn since(&self, version: u64) -> Option<Vec<Commit>> {
        self.memory.since(version)
    }

    fn clear(&self) {
        self.memory.clear();
        *self.shared.turn.lock() += 1;
        self.shared.bytes.store(0, Ordering::Relaxed);
        let before = self.shared.next.load(Ordering::Relaxed);
        self.shared.say(Op::State { org: self.shared.org, before, parts: Vec::new() });
    }

    fn adopt(&self, state: &Arc<OrgState>) -> u64 {
        let turn = {
            let mut turn = self.shared.turn.lock();
            *turn += 1;
            *turn
        };
        self.shared.bytes.store(0, Ordering::Relaxed);
        self.shared.cut(state, self.shared.next.load(Ordering::Relaxed), turn);
        self.memory.adopt(state)
    }

    fn grown(&self, state: &Arc<OrgState>) {
        let shared = &self.shared;
        if shared.bytes.load(Ordering::Relaxed) < shared.long.load(Ordering::Relaxed)
            || shared.cutting.swap(true, Ordering::AcqRel)
        {
            return;
        }
        shared.bytes.store(0, Ordering::Relaxed);
        let (shared, state, turn) = (shared.clone(), state.clone(), *shared.turn.lock());
        let before = shared.next.load(Ordering::Relaxed);
        std::thread::spawn(move || {
            shared.cut(&state, before, turn);
            shared.cutting.store(false, Ordering::Release);
        });
    }

    fn note(&self, life: Life) {
        self.shared.alter(|row| row.life = life);
    }

    fn snapshot(&self, id: &str, snapshot: Option<&Snapshot>) {
        let parts = match snapshot.map(|snapshot| snapshot.state.since(&self.shared.origin)).transpose() {
            Ok(parts) => parts,
            Err(error) => return self.shared.store.fail(error.to_string()),
        };
        self.shared.say(Op::Snapshot { org: self.shared.org, id: id.to_owned(), parts });
        self.shared.alter(|row| {
            row.snapshots.retain(|one| one.id != id);
            if let Some(snapshot) = snapshot {
                row.snapshots.push(SnapshotRow { id: id.to_owned(), at: snapshot.at });
            }
        });
    }

    fn listens(&self, port: u16, tls_port: Option<u16>) {
        self.shared.alter(|row| (row.port, row.tls_port) = (port, tls_port));
        self.settle();
    }

    fn forget(&self) {
        {
            let mut row = self.shared.row.lock();
            *row = None;
            self.shared.say(Op::Forget { org: self.shared.org });
        }
        self.settle();
    }

    fn settle(&self) {
        self.shared.store.settle(self.shared.ticket.load(Ordering::Acquire));
    }

    fn failure(&self) -> Option<&str> {
        self.shared.store.failure()
    }
}
