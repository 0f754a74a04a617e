//! Counters outside the value that an org is: windows of rate limits, and ids that may be used once.

use std::cell::Cell;
use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

use crate::facts::limits::{BucketId, Special};

/// Counts that change on every request. Memory by default; a shared store when several replicas serve one org.
pub trait Counters: Send + Sync + std::fmt::Debug {
    /// Counts one request in the window that is open at `now` (epoch seconds), or opens one.
    fn hit(&self, key: WindowKey<'_>, size: WindowSize, now: i64) -> Window;

    /// The windows that are open at `now` (epoch seconds), in no order.
    fn open(&self, now: i64) -> Vec<OpenWindow>;

    /// Whether an id is seen for the first time; it is remembered until `until` (epoch seconds).
    fn first_time(&self, id: &[u8], now: i64, until: i64) -> bool;

    /// Forgets everything.
    fn clear(&self);
}

/// The counters as one request sees them that is decided more than once (`Trace::want`): what it used up in a decision
/// is new to it in the next one, and to nobody else.
#[derive(Debug)]
pub struct Spending<'a> {
    counters: &'a dyn Counters,
    spent: Mutex<&'a mut Vec<Box<[u8]>>>,
}

impl<'a> Spending<'a> {
    /// `spent`: the ids that the request has used up so far.
    pub fn new(counters: &'a dyn Counters, spent: &'a mut Vec<Box<[u8]>>) -> Self {
        Self { counters, spent: Mutex::new(spent) }
    }
}

impl Counters for Spending<'_> {
    fn hit(&self, key: WindowKey<'_>, size: WindowSize, now: i64) -> Window {
        self.counters.hit(key, size, now)
    }

    fn open(&self, now: i64) -> Vec<OpenWindow> {
        self.counters.open(now)
    }

    fn first_time(&self, id: &[u8], now: i64, until: i64) -> bool {
        let mut spent = self.spent.lock();
        if self.counters.first_time(id, now, until) {
            spent.push(Box::from(id));
            return true;
        }
        spent.iter().any(|own| **own == *id)
    }

    fn clear(&self) {
        self.counters.clear();
    }
}

/// What a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Requests of a bucket.
    Bucket(BucketId),
    /// What a special limit is about.
    Special(Special),
}

/// Who a window belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The whole org.
    Org,
    /// An API token, by its id.
    ApiToken,
    /// An OAuth client, by its id.
    OAuthClient,
    /// A user, by id or by the name that was typed.
    User,
    /// A client id, an address and a device, in lines.
    Browser,
    /// A phone, a mailbox, a factor.
    Recipient,
}

/// Whose window of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowKey<'a> {
    /// What it counts.
    pub counted: Counted,
    /// What kind of somebody it belongs to.
    pub holder: Holder,
    /// Who that is; nothing for the org.
    pub name: &'a str,
}

/// How much a window holds, and how long it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSize {
    /// Requests.
    pub limit: u32,
    /// Seconds.
    pub seconds: u32,
}

/// A window after a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it opened, in epoch seconds.
    pub opened: i64,
    /// How many requests it has seen.
    pub count: u32,
}

/// A window that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWindow {
    /// What it counts.
    pub counted: Counted,
    /// What kind of somebody it belongs to.
    pub holder: Holder,
    /// Who that is; nothing for the org.
    pub name: Box<str>,
    /// How much it holds.
    pub size: WindowSize,
    /// What it has seen.
    pub window: Window,
}

/// Counters in memory. The maps are made at the first use: a fork of an org that is never called costs nothing.
#[derive(Debug, Default)]
pub struct MemoryCounters {
    names: RandomState,
    windows: OnceLock<papaya::HashMap<Place, Slot, RandomState>>,
    openings: AtomicUsize,
    seen: OnceLock<papaya::HashMap<Box<[u8]>, i64, RandomState>>,
    insertions: AtomicUsize,
}

/// A window's place in the map: the name as its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    counted: Counted,
    holder: Holder,
    name: u64,
}

/// A window in the map.
#[derive(Debug)]
struct Slot {
    packed: AtomicU64,
    limit: AtomicU32,
    seconds: AtomicU32,
    name: Box<str>,
}

impl Slot {
    fn window(packed: u64) -> Window {
        Window {
            opened: i64::try_from(packed >> COUNT_BITS).unwrap_or(0),
            count: u32::try_from(packed & COUNT_MASK).unwrap_or(u32::MAX),
        }
    }

    fn is_open(&self, now: i64) -> bool {
        let window = Self::window(self.packed.load(Ordering::Acquire));
        let seconds = self.seconds.load(Ordering::Relaxed);
        window.count > 0 && now >= window.opened && now < window.opened.saturating_add(seconds.into())
    }
}

/// After so many new windows those that have closed are dropped.
const TIDY_EVERY: usize = 4096;

/// After so many new ids the outdated ones are dropped.
const SWEEP_EVERY: usize = 4096;

/// Opening second in the upper 40 bits, count in the lower 24.
const COUNT_BITS: u32 = 24;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

impl Counters for MemoryCounters {
    fn hit(&self, key: WindowKey<'_>, size: WindowSize, now: i64) -> Window {
        let second = u64::try_from(now).unwrap_or(0);
        let windows = self.windows.get_or_init(papaya::HashMap::default).pin();
        let new = Cell::new(false);
        let place = Place { counted: key.counted, holder: key.holder, name: self.names.hash_one(key.name) };
        let slot = windows.get_or_insert_with(place, || {
            new.set(true);
            Slot {
                packed: AtomicU64::new(second << COUNT_BITS),
                limit: AtomicU32::new(size.limit),
                seconds: AtomicU32::new(size.seconds),
                name: key.name.into(),
            }
        });
        if slot.limit.load(Ordering::Relaxed) != size.limit {
            slot.limit.store(size.limit, Ordering::Relaxed);
        }
        if slot.seconds.load(Ordering::Relaxed) != size.seconds {
            slot.seconds.store(size.seconds, Ordering::Relaxed);
        }
        let next = |packed: u64| {
            let opened = packed >> COUNT_BITS;
            // A clock that was set back opens a new window too.
            let open = second >= opened && second < opened + u64::from(size.seconds);
            if open {
                packed + u64::from(packed & COUNT_MASK < COUNT_MASK)
            } else {
                (second << COUNT_BITS) | 1
            }
        };
        let before =
            slot.packed.fetch_update(Ordering::AcqRel, Ordering::Acquire, |packed| Some(next(packed)));
        let window = Slot::window(next(before.unwrap_or_default()));
        if new.get() && self.openings.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            windows.retain(|_, slot| slot.is_open(now));
        }
        window
    }

    fn open(&self, now: i64) -> Vec<OpenWindow> {
        let Some(windows) = self.windows.get() else { return Vec::new() };
        let windows = windows.pin();
        let open = windows.iter().filter(|(_, slot)| slot.is_open(now));
        open.map(|(place, slot)| OpenWindow {
            counted: place.counted,
            holder: place.holder,
            name: slot.name.clone(),
            size: WindowSize {
                limit: slot.limit.load(Ordering::Relaxed),
                seconds: slot.seconds.load(Ordering::Relaxed),
            },
            window: Slot::window(slot.packed.load(Ordering::Acquire)),
        })
        .collect()
    }

    fn first_time(&self, id: &[u8], now: i64, until: i64) -> bool {
        let seen = self.seen.get_or_init(papaya::HashMap::default).pin();
        if self.insertions.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            seen.retain(|_, until| *until > now);
        }
        let mut first = false;
        seen.compute(Box::from(id), |entry| {
            first = entry.is_none_or(|(_, until)| *until <= now);
            if first { papaya::Operation::Insert(until) } else { papaya::Operation::Abort(()) }
        });
        first
    }

    fn clear(&self) {
        if let Some(windows) = self.windows.get() {
            windows.pin().clear();
        }
        if let Some(seen) = self.seen.get() {
            seen.pin().clear();
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_has_spent_is_its_own() {
        let counters = MemoryCounters::default();
        assert!(counters.first_time(b"another's", 0, 10));
        let mut spent = Vec::new();
        for decision in 0..2 {
            let own = Spending::new(&counters, &mut spent);
            assert!(own.first_time(b"jti", 0, 10), "{decision}");
            assert!(!own.first_time(b"another's", 0, 10), "{decision}");
        }
        assert!(!Spending::new(&counters, &mut Vec::new()).first_time(b"jti", 0, 10));
    }

    #[test]
    fn an_id_is_new_once_until_it_is_forgotten() {
        let counters = MemoryCounters::default();
        assert!(counters.first_time(b"jti", 0, 10));
        assert!(!counters.first_time(b"jti", 9, 19));
        assert!(counters.first_time(b"jti", 10, 20));
        assert!(counters.first_time(b"other", 10, 20));
        counters.clear();
        assert!(counters.first_time(b"jti", 11, 20));
    }

    fn key(name: &str) -> WindowKey<'_> {
        WindowKey { counted: Counted::Bucket(BucketId(3)), holder: Holder::OAuthClient, name }
    }

    const MINUTE: WindowSize = WindowSize { limit: 5, seconds: 60 };

    #[test]
    fn hits_from_many_threads_are_all_counted() {
        let counters = MemoryCounters::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..1000).for_each(|_| {
                        counters.hit(key("0oa1"), MINUTE, 5);
                    })
                });
            }
        });
        assert_eq!(counters.hit(key("0oa1"), MINUTE, 6), Window { opened: 5, count: 4001 });
    }

    #[test]
    fn windows_are_apart_by_what_they_count_and_whose_they_are() {
        let counters = MemoryCounters::default();
        let special = WindowKey { counted: Counted::Special(Special::TokenUser), ..key("0oa1") };
        let token = WindowKey { holder: Holder::ApiToken, ..key("0oa1") };
        for key in [key("0oa1"), key("0oa2"), special, token] {
            assert_eq!(counters.hit(key, MINUTE, 5).count, 1, "{key:?}");
        }
    }

    #[test]
    fn open_windows_are_told_with_their_holders() {
        let counters = MemoryCounters::default();
        counters.hit(key("0oa1"), MINUTE, 5);
        counters.hit(key("0oa1"), WindowSize { limit: 7, seconds: 30 }, 6);
        counters.hit(key("0oa2"), WindowSize { limit: 7, seconds: 1 }, 6);
        let open = counters.open(7);
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((&*open[0].name, open[0].size.limit, open[0].window.count), ("0oa1", 7, 2));
        assert!(counters.open(35).is_empty() && counters.open(4).is_empty());
    }

    #[test]
    fn windows_that_have_closed_are_dropped() {
        let counters = MemoryCounters::default();
        for nth in 0..TIDY_EVERY as i64 * 3 {
            counters.hit(key(&nth.to_string()), MINUTE, nth * 60);
        }
        assert!(counters.windows.get().unwrap().len() <= TIDY_EVERY);
    }

    #[test]
    fn only_one_thread_is_first() {
        let counters = MemoryCounters::default();
        let first = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| counters.first_time(b"jti", 0, 10))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|first| *first).count()
        });
        assert_eq!(first, 1);
    }
}
