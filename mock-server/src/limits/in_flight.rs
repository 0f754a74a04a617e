//! Requests in flight: from when a request's head was read until its reply was handed to the socket
//! (ratelimit-oin-facts §1.7, concurrency).

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::Holder;

/// How many requests of an org are in flight: of all, and of each principal and browser.
#[derive(Debug, Default)]
pub struct InFlight {
    all: Arc<AtomicU32>,
    names: RandomState,
    each: OnceLock<papaya::HashMap<u64, Arc<AtomicU32>, RandomState>>,
    holders: AtomicUsize,
}

/// After so many new holders those without a request are dropped.
const TIDY_EVERY: usize = 4096;

impl InFlight {
    /// A request has arrived.
    pub fn arrive(&self) -> Flight {
        Flight { all: Some(Seat::take(&self.all)), each: Mutex::default() }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.all.load(Ordering::Acquire)
    }

    /// It is a holder's: how many of the holder's there are with it.
    pub fn belongs(&self, flight: &Flight, holder: Holder, name: &str) -> u32 {
        let each = self.each.get_or_init(papaya::HashMap::default).pin();
        let count = each.get_or_insert_with(self.names.hash_one((holder, name)), || {
            self.holders.fetch_add(1, Ordering::Relaxed);
            Arc::default()
        });
        let seat = Seat::take(count);
        let nth = seat.nth;
        flight.each.lock().push(seat);
        if self.holders.load(Ordering::Relaxed) >= TIDY_EVERY {
            self.holders.store(0, Ordering::Relaxed);
            // Who is counted right now has a second owner of the count.
            each.retain(|_, count| Arc::strong_count(count) > 1);
        }
        nth
    }
}

/// A request in flight; it has landed when this is dropped. The default counts nowhere.
#[derive(Debug, Default)]
pub struct Flight {
    all: Option<Seat>,
    /// A principal's and a browser's.
    each: Mutex<SmallVec<[Seat; 2]>>,
}

impl Flight {
    /// The how manieth of the org's it was when it arrived; 0 when it is not counted.
    pub fn nth(&self) -> u32 {
        self.all.as_ref().map_or(0, |seat| seat.nth)
    }

    /// Whether it is counted.
    pub fn is_counted(&self) -> bool {
        self.all.is_some()
    }
}

#[derive(Debug)]
struct Seat {
    count: Arc<AtomicU32>,
    nth: u32,
}

impl Seat {
    fn take(count: &Arc<AtomicU32>) -> Self {
        Self { count: count.clone(), nth: count.fetch_add(1, Ordering::AcqRel) + 1 }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_count_until_they_have_landed() {
        let sky = InFlight::default();
        let first = sky.arrive();
        let second = sky.arrive();
        assert_eq!((first.nth(), second.nth(), sky.count()), (1, 2, 2));
        assert_eq!(sky.belongs(&first, Holder::ApiToken, "00T1"), 1);
        assert_eq!(sky.belongs(&second, Holder::ApiToken, "00T1"), 2);
        assert_eq!(sky.belongs(&second, Holder::Browser, "00T1"), 1);
        drop(first);
        assert_eq!((sky.count(), sky.arrive().nth()), (1, 2));
        let third = sky.arrive();
        assert_eq!(sky.belongs(&third, Holder::ApiToken, "00T1"), 2);
        drop((second, third));
        assert_eq!(sky.count(), 0);
        assert_eq!(Flight::default().nth(), 0);
    }

    #[test]
    fn nobody_is_lost_or_counted_twice_by_many_threads() {
        let sky = InFlight::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let sky = &sky;
                scope.spawn(move || {
                    for nth in 0..3000 {
                        let flight = sky.arrive();
                        assert!(flight.nth() <= 4);
                        assert!(
                            sky.belongs(&flight, Holder::User, &format!("{}", (nth + thread) % 7000)) <= 4
                        );
                    }
                });
            }
        });
        assert_eq!(sky.count(), 0);
    }
}
