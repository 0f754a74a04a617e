//! An org's own time. Every timestamp, expiry and window, and the `Date` header, come from it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Says that the clock runs.
const RUNNING: i64 = i64::MIN;

/// A clock that can be moved and stopped. Whole milliseconds.
#[derive(Debug)]
pub struct Clock {
    offset_ms: AtomicI64,
    frozen_ms: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset_ms: AtomicI64::new(0), frozen_ms: AtomicI64::new(RUNNING) }
    }
}

impl Clock {
    /// The org's time.
    pub fn now(&self) -> Timestamp {
        let frozen = self.frozen_ms.load(Ordering::Acquire);
        let ms = if frozen == RUNNING {
            real_ms().saturating_add(self.offset_ms.load(Ordering::Acquire))
        } else {
            frozen
        };
        at(ms)
    }

    /// Moves the clock forward, or back with a negative duration; a stopped clock stays stopped.
    pub fn advance(&self, by: SignedDuration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.set(at(self.now().as_millisecond().saturating_add(by_ms)));
    }

    /// Sets the clock; a stopped clock stays stopped at the new time.
    pub fn set(&self, now: Timestamp) {
        if self.frozen_ms.load(Ordering::Acquire) == RUNNING {
            self.offset_ms.store(now.as_millisecond().saturating_sub(real_ms()), Ordering::Release);
        } else {
            self.frozen_ms.store(now.as_millisecond(), Ordering::Release);
        }
    }

    /// Stops the clock at its time, or lets it run on from there.
    pub fn freeze(&self, frozen: bool) {
        let now = self.now();
        self.frozen_ms.store(if frozen { now.as_millisecond() } else { RUNNING }, Ordering::Release);
        self.set(now);
    }

    /// How far it is from real time in milliseconds, and the time at which it stands.
    pub fn setting(&self) -> (i64, Option<i64>) {
        let frozen = self.frozen_ms.load(Ordering::Acquire);
        (self.offset_ms.load(Ordering::Acquire), (frozen != RUNNING).then_some(frozen))
    }

    /// A clock with such a setting.
    pub fn with_setting((offset_ms, frozen_ms): (i64, Option<i64>)) -> Self {
        Self { offset_ms: offset_ms.into(), frozen_ms: frozen_ms.unwrap_or(RUNNING).into() }
    }

    /// Whether the clock is stopped.
    pub fn is_frozen(&self) -> bool {
        self.frozen_ms.load(Ordering::Acquire) != RUNNING
    }

    /// Back to real time.
    pub fn reset(&self) {
        self.offset_ms.store(0, Ordering::Release);
        self.frozen_ms.store(RUNNING, Ordering::Release);
    }
}

/// The one place where the real time is read.
#[expect(clippy::disallowed_methods, reason = "the source of time")]
fn real_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

fn at(ms: i64) -> Timestamp {
    let ms = ms.clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A timestamp as Okta writes it in documents: UTC, milliseconds always `.000` (mgmt-facts §6.1).
pub fn okta_timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// A timestamp as Okta writes it in the System Log: UTC with its milliseconds.
pub fn log_timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_stands_and_can_be_moved() {
        let clock = Clock::default();
        clock.freeze(true);
        let then = clock.now();
        assert_eq!(clock.now(), then);
        clock.advance(SignedDuration::from_secs(3600));
        assert_eq!(clock.now().duration_since(then), SignedDuration::from_secs(3600));
        clock.freeze(false);
        assert!(clock.now().duration_since(then) >= SignedDuration::from_secs(3600));
    }

    #[test]
    fn extremes_do_not_panic() {
        let clock = Clock::default();
        for duration in [SignedDuration::MAX, SignedDuration::MIN, SignedDuration::MIN] {
            clock.advance(duration);
            clock.now();
        }
        clock.set(Timestamp::MAX);
        clock.advance(SignedDuration::from_secs(1));
        clock.now();
    }

    #[test]
    fn documents_show_whole_seconds() {
        let at: Timestamp = "2025-09-25T17:32:02.987Z".parse().unwrap();
        assert_eq!(okta_timestamp(at), "2025-09-25T17:32:02.000Z");
        assert_eq!(log_timestamp(at), "2025-09-25T17:32:02.987Z");
    }
}
