//! Counters outside the value that an org is: windows of rate limits, and ids that may be used once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::facts::limits::BucketId;

/// Counts that change on every request. Memory by default; a shared store when several replicas serve one org.
pub trait Counters: Send + Sync + std::fmt::Debug {
    /// Counts one request in the window that is open at `now` (epoch seconds), or opens one.
    fn hit(&self, key: WindowKey, now: i64, window_seconds: u32) -> Window;

    /// Whether an id is seen for the first time; it is remembered until `until` (epoch seconds).
    fn first_time(&self, id: &[u8], now: i64, until: i64) -> bool;

    /// Forgets everything.
    fn clear(&self);
}

/// Whose window of which bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WindowKey {
    bucket: BucketId,
    principal: u64,
}

impl WindowKey {
    /// The window of a principal, or of the whole org.
    pub fn new(bucket: BucketId, principal: Option<&str>) -> Self {
        let principal = principal.map_or(0, |name| {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            hasher.finish() | 1
        });
        Self { bucket, principal }
    }
}

/// A window after a request was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it opened, in epoch seconds.
    pub opened: i64,
    /// How many requests it has seen.
    pub count: u32,
}

/// Counters in memory. The maps are made at the first use: a fork of an org that is never called costs nothing.
#[derive(Debug, Default)]
pub struct MemoryCounters {
    windows: OnceLock<papaya::HashMap<WindowKey, AtomicU64>>,
    seen: OnceLock<papaya::HashMap<Box<[u8]>, i64>>,
    insertions: AtomicUsize,
}

/// After so many new ids the outdated ones are dropped.
const SWEEP_EVERY: usize = 4096;

/// Opening second in the upper 40 bits, count in the lower 24.
const COUNT_BITS: u32 = 24;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

impl Counters for MemoryCounters {
    fn hit(&self, key: WindowKey, now: i64, window_seconds: u32) -> Window {
        let second = u64::try_from(now).unwrap_or(0);
        let windows = self.windows.get_or_init(papaya::HashMap::new).pin();
        let cell = windows.get_or_insert_with(key, || AtomicU64::new(second << COUNT_BITS));
        let next = |packed: u64| {
            let opened = packed >> COUNT_BITS;
            // A clock that was set back opens a new window too.
            let open = second >= opened && second < opened + u64::from(window_seconds);
            if open {
                packed + u64::from(packed & COUNT_MASK < COUNT_MASK)
            } else {
                (second << COUNT_BITS) | 1
            }
        };
        let before = cell.fetch_update(Ordering::AcqRel, Ordering::Acquire, |packed| Some(next(packed)));
        let packed = next(before.unwrap_or_default());
        Window {
            opened: i64::try_from(packed >> COUNT_BITS).unwrap_or(0),
            count: u32::try_from(packed & COUNT_MASK).unwrap_or(u32::MAX),
        }
    }

    fn first_time(&self, id: &[u8], now: i64, until: i64) -> bool {
        let seen = self.seen.get_or_init(papaya::HashMap::new).pin();
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
    fn an_id_is_new_once_until_it_is_forgotten() {
        let counters = MemoryCounters::default();
        assert!(counters.first_time(b"jti", 0, 10));
        assert!(!counters.first_time(b"jti", 9, 19));
        assert!(counters.first_time(b"jti", 10, 20));
        assert!(counters.first_time(b"other", 10, 20));
        counters.clear();
        assert!(counters.first_time(b"jti", 11, 20));
    }

    #[test]
    fn hits_from_many_threads_are_all_counted() {
        let counters = MemoryCounters::default();
        let key = WindowKey::new(BucketId(3), Some("0oa1"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..1000).for_each(|_| {
                        counters.hit(key, 5, 60);
                    })
                });
            }
        });
        assert_eq!(counters.hit(key, 6, 60), Window { opened: 5, count: 4001 });
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
