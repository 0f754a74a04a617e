//! What an org is: an immutable state, changed through one door, with a clock, ids and keys of its own.
//!
//! Pure and synchronous. A read loads a pointer and never waits; a whole request sees one state. A write applies
//! changes to a copy that shares all that did not change. Reset and fork copy pointers.

pub mod app;
mod app_users;
pub mod authorization_server;
pub mod certificate;
pub mod change;
pub mod client;
pub mod clock;
pub mod collection;
pub mod derived;
pub mod document;
pub mod event_log;
pub mod factor;
pub mod group_rule;
pub mod held_role;
pub mod ids;
pub mod imported_password;
pub mod key_ring;
pub mod key_sets;
pub mod keys;
pub mod limit_rules;
mod membership;
pub(crate) mod memory_log;
pub mod mutation;
pub mod network;
pub mod nonces;
pub mod orn;
pub mod outbox;
pub mod own_event;
pub mod passcode;
pub mod password_age;
mod past;
pub mod profile_mappings;
pub mod relations;
pub mod seed;
pub mod sign_in;
pub mod sign_on;
mod snapshots;
pub mod state;
pub mod stored;
pub mod submission;
pub mod tokens;
pub mod zone;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use parking_lot::Mutex;

use change::{Change, ChangeLog, Commit, Counters, Life, MemoryCounters, Snapshot};
use clock::Clock;
use ids::Ids;
use key_ring::KeyRing;
use key_sets::KeySets;
use keys::{KeyError, SigningKey, SigningKeys};
use memory_log::MemoryLog;
use mutation::Mutations;
use nonces::Nonces;
use outbox::Outbox;
use past::Past;
use seed::{Credentials, OrgDocument, SeedError};
use snapshots::Snapshots;
use state::{OrgState, Settings};
use tokens::Tokens;

use crate::limits::InFlight;

/// How an org is made from its document.
#[derive(Debug, Clone, Default)]
pub struct OrgOptions {
    /// Its name; wins over the document's.
    pub name: Option<String>,
    /// Makes ids and random values repeatable.
    pub seed: Option<u64>,
    /// Users to generate, added to those of the document.
    pub users: usize,
    /// Caps every page; wins over the document's.
    pub max_page: Option<usize>,
    /// The rate-limit profile; wins over the document's.
    pub rate_limits: Option<String>,
    /// How it is not like Okta: for the selftest of a suite only.
    pub mutations: Mutations,
}

/// A living org.
#[derive(Debug)]
pub struct Org {
    /// What its document made, before options that differ: shared by all orgs of the document.
    base: Arc<OrgState>,
    /// The state that reset returns to.
    origin: Arc<OrgState>,
    state: ArcSwap<OrgState>,
    writer: Mutex<u64>,
    log: Box<dyn ChangeLog>,
    counters: Box<dyn Counters>,
    in_flight: InFlight,
    tokens: Tokens,
    nonces: Nonces,
    outbox: Outbox,
    past: Past,
    clock: Clock,
    ids: Ids,
    credentials: Arc<Credentials>,
    key_ring: Arc<KeyRing>,
    key_sets: KeySets,
    snapshots: Snapshots,
    forks: AtomicU64,
}

/// An org as it was when its process ended.
#[derive(Debug)]
pub struct Kept {
    /// What its document made.
    pub base: Arc<OrgState>,
    /// The state that reset returns to.
    pub origin: Arc<OrgState>,
    /// The state that it was in.
    pub state: Arc<OrgState>,
    /// What a developer needs.
    pub credentials: Arc<Credentials>,
    /// The key pairs of its custom authorization servers.
    pub key_ring: Arc<KeyRing>,
    /// What every id ends in.
    pub tail: [u8; 3],
    /// Its clock, and the realm of its tokens.
    pub life: Life,
    /// The states to go back to, by their ids.
    pub snapshots: Vec<(String, Snapshot)>,
}

impl Org {
    /// Makes an org from its document.
    ///
    /// # Errors
    /// [`SeedError`] names what is wrong in the document: a key, a reference, a switch, a key file.
    pub fn new(document: &OrgDocument, options: &OrgOptions) -> Result<Self, SeedError> {
        let clock = Clock::default();
        let ids = Ids::new(options.seed);
        let seeded = seed::build(document, options, &ids, clock.now())?;
        let state = Arc::new(seeded.state);
        Ok(Self::from_parts(state.clone(), state, ids, Arc::new(seeded.credentials), Arc::default()))
    }

    /// An org that goes on.
    pub fn resumed(kept: Kept) -> Self {
        let ids = Ids::resumed(kept.tail);
        let mut org = Self::from_parts(kept.base, kept.origin, ids, kept.credentials, kept.key_ring);
        org.state = ArcSwap::new(kept.state);
        org.tokens = Tokens::resumed(kept.life.realm);
        org.clock = Clock::with_setting((kept.life.offset_ms, kept.life.frozen_ms));
        org.snapshots = Snapshots::of(kept.snapshots);
        org
    }

    /// Has the org write its changes to a log from now on.
    pub fn logged(mut self, log: Box<dyn ChangeLog>) -> Self {
        self.log = log;
        self
    }

    fn from_parts(
        base: Arc<OrgState>,
        origin: Arc<OrgState>,
        ids: Ids,
        credentials: Arc<Credentials>,
        key_ring: Arc<KeyRing>,
    ) -> Self {
        Self {
            state: ArcSwap::new(origin.clone()),
            base,
            origin,
            writer: Mutex::new(0),
            log: Box::<MemoryLog>::default(),
            counters: Box::<MemoryCounters>::default(),
            in_flight: InFlight::default(),
            tokens: Tokens::new(&ids),
            nonces: Nonces::default(),
            outbox: Outbox::default(),
            past: Past::default(),
            clock: Clock::default(),
            ids,
            credentials,
            key_ring,
            key_sets: KeySets::default(),
            snapshots: Snapshots::default(),
            forks: AtomicU64::new(0),
        }
    }

    /// Another org that begins as this one began: pointer copies, with a clock, counters and ids of its own.
    pub fn fork(&self, options: &OrgOptions) -> Self {
        let nth = self.forks.fetch_add(1, Ordering::Relaxed) + 1;
        let mut origin = self.origin.clone();
        let own = options.name.is_some() || options.max_page.is_some() || options.rate_limits.is_some();
        if own || !options.mutations.is_empty() {
            let mut state = OrgState::clone(&origin);
            let mut settings = Settings::clone(&state.settings);
            if let Some(name) = &options.name {
                settings.name.clone_from(name);
            }
            if let Some(profile) = &options.rate_limits {
                settings.limits = state::LimitSettings::profile(profile);
            }
            settings.max_page = options.max_page.or(settings.max_page);
            settings.mutations = options.mutations;
            state.settings = Arc::new(settings);
            origin = Arc::new(state);
        }
        let ids = self.ids.fork(options.seed, nth);
        Self::from_parts(self.base.clone(), origin, ids, self.credentials.clone(), self.key_ring.clone())
    }

    /// Back to the document: state, clock, counters and the log of changes.
    pub fn reset(&self) {
        let mut version = self.writer.lock();
        self.log.clear();
        *version = 0;
        self.state.store(self.origin.clone());
        self.counters.clear();
        self.key_sets.clear();
        self.tokens.clear(&self.ids);
        self.outbox.clear();
        self.past.clear();
        self.clock.reset();
        self.log.note(self.life());
        drop(version);
        self.log.settle();
    }

    /// What the org has besides its state.
    pub fn life(&self) -> Life {
        let (offset_ms, frozen_ms) = self.clock.setting();
        Life { realm: self.tokens.realm(), offset_ms, frozen_ms }
    }

    /// Keeps the clock as it is now. Call when it was moved.
    pub fn keep_clock(&self) {
        self.log.note(self.life());
        self.log.settle();
    }

    /// Keeps the ports that the org listens on.
    pub fn listens(&self, port: u16, tls_port: Option<u16>) {
        self.log.listens(port, tls_port);
    }

    /// Has nothing of the org kept.
    pub fn forget(&self) {
        self.log.forget();
    }

    /// Why the org's writes are no longer kept.
    pub fn failure(&self) -> Option<&str> {
        self.log.failure()
    }

    /// What its document made, and the state that reset returns to.
    pub fn begun(&self) -> (&Arc<OrgState>, &Arc<OrgState>) {
        (&self.base, &self.origin)
    }

    /// The state as it is now. Hold on to it for a whole request.
    pub fn state(&self) -> Arc<OrgState> {
        self.state.load_full()
    }

    /// The state that a search sees, where the org's searches lag behind its writes and something was written since.
    pub fn searched(&self, now: Timestamp) -> Option<Arc<OrgState>> {
        let lag = self.state.load().settings.search_lag?;
        self.past.at(now.checked_sub(lag).ok()?)
    }

    /// Changes the org: `decide` sees the newest state and says what is to happen, all of it or nothing. What follows
    /// for members of groups happens in the same commit.
    ///
    /// # Errors
    /// Whatever `decide` refuses with; then nothing has changed.
    pub fn commit<E>(
        &self,
        at: Timestamp,
        decide: impl Fn(&OrgState) -> Result<Vec<Change>, E>,
    ) -> Result<Arc<OrgState>, E> {
        let mut version = self.writer.lock();
        loop {
            let current = self.state.load_full();
            let changes: Arc<[Change]> =
                membership::followed(&current, decide(&current)?, at, &self.ids).into();
            let next = Arc::new(applied(&current, &changes));
            match self.log.append(*version, Commit { at, changes: changes.clone() }) {
                Ok(grown) => {
                    *version = grown;
                    self.state.store(next.clone());
                    if let Some(lag) = next.settings.search_lag {
                        self.past.keep(at, current, lag);
                    }
                    self.log.grown(&next);
                    self.post(&next, &changes);
                    drop(version);
                    self.log.settle();
                    return Ok(next);
                }
                Err(_) => *version = self.catch_up(*version),
            }
        }
    }

    /// Lets event hooks know of the events that have been written.
    fn post(&self, state: &OrgState, changes: &[Change]) {
        for change in changes {
            if let Change::Event(event) = change {
                self.outbox.post(state, &event.text);
            }
        }
    }

    /// Applies what others have appended to the log.
    fn catch_up(&self, version: u64) -> u64 {
        // A log that others append to keeps what this replica has not seen.
        let missed = self.log.since(version).unwrap_or_default();
        let mut state = self.state.load_full();
        for commit in &missed {
            state = Arc::new(applied(&state, &commit.changes));
        }
        self.state.store(state);
        version + missed.len() as u64
    }

    /// The commits since the org was made or reset; none when the log no longer has the first ones.
    pub fn history(&self) -> Option<Vec<Commit>> {
        self.log.since(0)
    }

    /// Writes events into the System Log.
    pub fn record(&self, at: Timestamp, events: Vec<Change>) {
        let outcome = self.commit(at, |_| Ok::<_, std::convert::Infallible>(events.clone()));
        let Ok(_) = outcome;
    }

    /// The state that follows from the document and these commits: what [`Org::state`] must equal.
    pub fn replayed(&self, commits: &[Commit]) -> OrgState {
        self.origin.replayed(commits)
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The source of ids and randomness.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// The key pairs of the custom authorization servers.
    pub fn key_ring(&self) -> &Arc<KeyRing> {
        &self.key_ring
    }

    /// The keys that were fetched from clients' own addresses.
    pub fn key_sets(&self) -> &KeySets {
        &self.key_sets
    }

    /// The signing keys of the org's own authorization server, as they are now.
    pub fn keys(&self) -> Arc<SigningKeys> {
        self.state.load().keys.clone()
    }

    /// Lets the next signing key take its turn, makes a new next one, and names the new key on every app. The old key
    /// stays published, and what it has signed stays valid. Takes a tenth of a second.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness; then nothing has changed.
    pub fn rotate_keys(&self) -> Result<Arc<SigningKeys>, KeyError> {
        let fresh = Arc::new(SigningKey::generate()?);
        let at = self.clock.now();
        let outcome = self.commit(at, |state| {
            let keys = Arc::new(state.keys.rotated(fresh.clone(), at.as_second()));
            let renamed = state.all("apps").after(None).filter_map(|app| {
                let mut value = app.value();
                *value.pointer_mut("/credentials/signing/kid")? = keys.kid().into();
                Some(Change::put("apps", app.id.clone(), value, app.hidden.clone()))
            });
            let changes = renamed.chain([Change::Keys(keys.clone())]).collect();
            Ok::<_, std::convert::Infallible>(changes)
        });
        let Ok(state) = outcome;
        Ok(state.keys.clone())
    }

    /// The counters of rate limits and of used `jti`s.
    pub fn counters(&self) -> &dyn Counters {
        self.counters.as_ref()
    }

    /// The requests that are in flight.
    pub fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    /// The access tokens: their numbers and tags, and those verified lately.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The nonces of proofs of possession.
    pub fn nonces(&self) -> &Nonces {
        &self.nonces
    }

    /// The events that wait to be delivered to event hooks.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// What a developer needs to use the org: clients, users, an API token.
    pub fn credentials(&self) -> &Arc<Credentials> {
        &self.credentials
    }

    /// The same, shared with all forks.
    pub fn shared_credentials(&self) -> &Arc<Credentials> {
        &self.credentials
    }

    /// Changes the settings.
    pub fn configure(&self, alter: impl Fn(&mut Settings)) {
        let at = self.clock.now();
        let outcome = self.commit(at, |state| {
            let mut settings = Settings::clone(&state.settings);
            alter(&mut settings);
            Ok::<_, std::convert::Infallible>(vec![Change::Settings(Arc::new(settings))])
        });
        let Ok(_) = outcome;
    }

    /// Every access token issued so far counts as expired (contracts §2).
    pub fn expire_tokens(&self) {
        self.configure(|settings| settings.token_generation = settings.token_generation.wrapping_add(1));
    }
}

/// A state after some changes, which are not committed by this.
pub fn applied(state: &OrgState, changes: &[Change]) -> OrgState {
    let mut next = state.clone();
    for change in changes {
        next.apply(change);
    }
    next
}
