//! The folder: opened by one process, read once at the start, written from then on.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use redb::{Builder, Database, DatabaseError};

use super::backend::Backend;
use super::disk_log::DiskLog;
use super::rows::{OrgRow, SnapshotRow};
use super::tables::{self, Op};
use super::{PersistError, Sync};
use crate::org::change::Snapshot;
use crate::org::key_ring::{KeepKey, KeyRing};
use crate::org::keys::{SigningKey, SigningKeys};
use crate::org::seed::Credentials;
use crate::org::state::OrgState;
use crate::org::stored::{self, StoredSettings, VERSION};
use crate::org::{Kept, Org};

/// The database.
const FILE: &str = "orgs.redb";
/// Whoever holds it has the folder.
const LOCK: &str = "lock";
/// What the database may keep of its file in memory.
const CACHE: usize = 16 * 1024 * 1024;

/// The open folder.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    database: Database,
    queue: Mutex<Queue>,
    /// One writes for all who wait.
    writing: Mutex<()>,
    written: AtomicU64,
    broken: OnceLock<String>,
    bases: Mutex<Bases>,
    next_org: AtomicU32,
    _lock: File,
}

/// What waits to be written.
#[derive(Debug, Default)]
struct Queue {
    ops: Vec<Op>,
    pushed: u64,
}

/// The numbers of what documents made, by address: an address is not used again while it is pointed at, be it weakly.
#[derive(Debug, Default)]
struct Bases {
    numbers: HashMap<usize, (u32, Weak<OrgState>)>,
    next: u32,
}

/// An org that the folder had.
#[derive(Debug)]
pub(crate) struct KeptOrg {
    /// Its name.
    pub(crate) name: String,
    /// The ports that it had last: plain, TLS.
    pub(crate) ports: (u16, Option<u16>),
    /// The org, whose changes are kept from now on.
    pub(crate) org: Org,
}

/// What a base makes of nothing.
fn nothing() -> Result<OrgState, String> {
    let settings = serde_json::json!({
        "name": "", "org_id": "", "dialect": [], "limits": {}, "sign_in_picker": false, "token_generation": 0,
    });
    let settings: StoredSettings = serde_json::from_value(settings).map_err(|error| error.to_string())?;
    let settings = settings.read().map_err(|error| error.to_string())?;
    Ok(OrgState::empty(settings, SigningKeys::fixture()))
}

impl Store {
    /// Opens a folder, and makes it if it is not there.
    ///
    /// # Errors
    /// [`PersistError`] says what is wrong with the folder, and the remedy.
    pub(crate) fn open(folder: &Path, sync: Sync) -> Result<Arc<Self>, PersistError> {
        let bad_folder = |path: &Path| {
            let path = path.to_owned();
            move |source| PersistError::Folder { path, source }
        };
        std::fs::create_dir_all(folder).map_err(bad_folder(folder))?;
        let lock = private(&folder.join(LOCK)).map_err(bad_folder(folder))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PersistError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(bad_folder(folder)(source)),
        }
        let path = folder.join(FILE);
        let file = private(&path).map_err(bad_folder(&path))?;
        let database = Backend::new(file, sync)
            .and_then(|backend| Builder::new().set_cache_size(CACHE).create_with_backend(backend))
            .map_err(|error| refused(&path, &error))?;
        let foreign =
            |error: redb::Error| PersistError::Foreign { path: path.clone(), cause: error.to_string() };
        let found = tables::prepare(&database, VERSION).map_err(foreign)?;
        if found > VERSION {
            return Err(PersistError::Newer { path, found: found.to_string(), known: VERSION });
        }
        Ok(Arc::new(Self {
            path,
            database,
            queue: Mutex::default(),
            writing: Mutex::default(),
            written: AtomicU64::new(0),
            broken: OnceLock::new(),
            bases: Mutex::default(),
            next_org: AtomicU32::new(0),
            _lock: lock,
        }))
    }

    /// The orgs that the folder has. Call once, before any is made.
    ///
    /// # Errors
    /// [`PersistError::Damaged`] says what cannot be read.
    pub(crate) fn orgs(self: &Arc<Self>) -> Result<Vec<KeptOrg>, PersistError> {
        self.read().map_err(|cause| PersistError::Damaged { path: self.path.clone(), cause })
    }

    fn read(self: &Arc<Self>) -> Result<Vec<KeptOrg>, String> {
        let failed = |error: redb::Error| error.to_string();
        let mut rows = Vec::new();
        for (number, row) in tables::orgs(&self.database).map_err(failed)? {
            rows.push((number, serde_json::from_slice::<OrgRow>(&row).map_err(|error| error.to_string())?));
        }
        // An org that was deleted and made again in the moment of the end is there twice.
        let names: HashMap<String, u32> =
            rows.iter().map(|(number, row)| (row.name.clone(), *number)).collect();
        rows.retain(|(number, row)| names.get(&row.name) == Some(number));
        let used: Vec<u32> = rows.iter().map(|(_, row)| row.base).collect();
        let numbers: Vec<u32> = rows.iter().map(|(number, _)| *number).collect();
        tables::sweep(&self.database, &used, &numbers).map_err(failed)?;
        let key_ring = Arc::<KeyRing>::default();
        for (kid, der) in tables::keys(&self.database).map_err(failed)? {
            key_ring.put_back(stored::signing_key(&kid, &der).map_err(|error| error.to_string())?);
        }
        let mut bases = HashMap::new();
        let mut kept = Vec::new();
        for (number, row) in rows {
            let (base, credentials) = match bases.get(&row.base) {
                Some(known) => known,
                None => {
                    let base = self.base(row.base)?;
                    bases.entry(row.base).or_insert(base)
                }
            };
            self.next_org.fetch_max(number + 1, Ordering::Relaxed);
            kept.push(self.org(number, row, (base, credentials), &key_ring)?);
        }
        let mut known = self.bases.lock();
        for (number, (base, _)) in bases {
            known.next = known.next.max(number + 1);
            known.numbers.insert(Arc::as_ptr(&base).addr(), (number, Arc::downgrade(&base)));
        }
        Ok(kept)
    }

    fn base(&self, number: u32) -> Result<(Arc<OrgState>, Arc<Credentials>), String> {
        let (parts, credentials) = tables::base(&self.database, number).map_err(|error| error.to_string())?;
        let state = nothing()?.with(&parts).map_err(|error| error.to_string())?;
        let credentials = serde_json::from_slice(&credentials).map_err(|error| error.to_string())?;
        Ok((Arc::new(state), Arc::new(credentials)))
    }

    fn org(
        self: &Arc<Self>,
        number: u32,
        row: OrgRow,
        (base, credentials): (&Arc<OrgState>, &Arc<Credentials>),
        key_ring: &Arc<KeyRing>,
    ) -> Result<KeptOrg, String> {
        let settings = row.settings.clone().read().map_err(|error| error.to_string())?;
        let origin = if settings == *base.settings {
            base.clone()
        } else {
            let mut own = OrgState::clone(base);
            own.settings = Arc::new(settings);
            Arc::new(own)
        };
        let state = |label: &str| -> Result<Arc<OrgState>, String> {
            let parts = tables::state(&self.database, number, label).map_err(|error| error.to_string())?;
            if parts.is_empty() {
                return Ok(origin.clone());
            }
            origin.with(&parts).map(Arc::new).map_err(|error| error.to_string())
        };
        let mut commits = Vec::new();
        let (mut next, mut bytes) = (0, 0);
        for (number, commit) in tables::log(&self.database, number).map_err(|error| error.to_string())? {
            (next, bytes) = (number + 1, bytes + commit.len());
            commits.push(stored::decode(&commit).map_err(|error| format!("commit {number}: {error}"))?);
        }
        let now = state("")?.replayed(&commits);
        let mut snapshots = Vec::new();
        for SnapshotRow { id, at } in &row.snapshots {
            snapshots.push((id.clone(), Snapshot { at: *at, state: state(id)? }));
        }
        let name = row.name.clone();
        let ports = (row.port, row.tls_port);
        let org = Org::resumed(Kept {
            base: base.clone(),
            origin: origin.clone(),
            state: Arc::new(now),
            credentials: credentials.clone(),
            key_ring: key_ring.clone(),
            tail: row.tail,
            life: row.life,
            snapshots,
        });
        let keeper: Arc<dyn KeepKey> = self.clone();
        org.key_ring().keep_with(&keeper);
        let log = DiskLog::new(self.clone(), number, row, origin, (next, bytes));
        Ok(KeptOrg { name, ports, org: org.logged(Box::new(log)) })
    }

    /// Keeps a new org from now on.
    ///
    /// # Errors
    /// What cannot be stored, or written.
    pub(crate) fn keep(self: &Arc<Self>, org: Org, name: &str) -> Result<Org, String> {
        let (base, origin) = org.begun();
        let (base, origin) = (base.clone(), origin.clone());
        let row = OrgRow {
            name: name.to_owned(),
            base: self.base_number(&base, org.credentials())?,
            settings: StoredSettings::of(&origin.settings),
            tail: org.ids().tail(),
            life: org.life(),
            port: 0,
            tls_port: None,
            snapshots: Vec::new(),
        };
        let keeper: Arc<dyn KeepKey> = self.clone();
        org.key_ring().keep_with(&keeper);
        let number = self.next_org.fetch_add(1, Ordering::Relaxed);
        let log = DiskLog::new(self.clone(), number, row, origin, (0, 0));
        Ok(org.logged(Box::new(log)))
    }

    fn base_number(&self, base: &Arc<OrgState>, credentials: &Credentials) -> Result<u32, String> {
        let mut bases = self.bases.lock();
        let address = Arc::as_ptr(base).addr();
        if let Some((number, _)) = bases.numbers.get(&address) {
            return Ok(*number);
        }
        let number = bases.next;
        let parts = base.since(&nothing()?).map_err(|error| error.to_string())?;
        let credentials = serde_json::to_vec(credentials).map_err(|error| error.to_string())?;
        self.push(Op::Base { base: number, parts, credentials });
        bases.next += 1;
        bases.numbers.retain(|_, (_, base)| base.strong_count() > 0);
        bases.numbers.insert(address, (number, Arc::downgrade(base)));
        Ok(number)
    }

    /// Lets something be written; [`Store::settle`] waits for it.
    pub(super) fn push(&self, op: Op) -> u64 {
        let mut queue = self.queue.lock();
        queue.ops.push(op);
        queue.pushed += 1;
        queue.pushed
    }

    /// Waits until what was pushed up to a ticket is written: by who writes now, or else together with all that waits.
    pub(super) fn settle(&self, ticket: u64) {
        if self.written.load(Ordering::Acquire) >= ticket {
            return;
        }
        let _writing = self.writing.lock();
        if self.written.load(Ordering::Acquire) >= ticket || self.broken.get().is_some() {
            return;
        }
        let (ops, pushed) = {
            let mut queue = self.queue.lock();
            (std::mem::take(&mut queue.ops), queue.pushed)
        };
        match tables::write(&self.database, &ops) {
            Ok(()) => self.written.store(pushed, Ordering::Release),
            Err(error) => self.fail(error.to_string()),
        }
    }

    /// The database.
    #[cfg(test)]
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Nothing is kept from here on, and nobody is told otherwise.
    pub(super) fn fail(&self, cause: String) {
        tracing::error!(cause, path = %self.path.display(), "the data folder cannot be written");
        let _ = self.broken.set(cause);
    }

    /// Why nothing can be written any more.
    pub(super) fn failure(&self) -> Option<&str> {
        self.broken.get().map(String::as_str)
    }
}

impl KeepKey for Store {
    fn keep(&self, key: &SigningKey) {
        if let Ok(der) = stored::pkcs8(key) {
            let ticket = self.push(Op::Key { kid: key.kid().to_owned(), der });
            self.settle(ticket);
        }
    }
}

/// A file that only its owner reads: it holds secrets.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn refused(path: &Path, error: &DatabaseError) -> PersistError {
    let (path, cause) = (path.to_owned(), error.to_string());
    match error {
        DatabaseError::UpgradeRequired(_) => PersistError::Foreign { path, cause },
        DatabaseError::Storage(redb::StorageError::Corrupted(_)) => PersistError::Damaged { path, cause },
        _ => PersistError::Foreign { path, cause },
    }
}
