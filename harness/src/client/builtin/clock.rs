//! The reference client's clock. The harness may move it (`advance_clock`), so that waiting takes no real time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// A moment of a [`ClientClock`].
#[derive(Clone, Copy)]
pub(super) struct Mark(i64);

/// A clock that runs with real time, ahead of it by what it was advanced.
#[derive(Clone)]
pub(super) struct ClientClock {
    ahead_ms: watch::Sender<i64>,
}

impl ClientClock {
    pub(super) fn new() -> Self {
        Self { ahead_ms: watch::Sender::new(0) }
    }

    /// Milliseconds since the epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "a client has a clock of its own; only the org's is virtual"
    )]
    pub(super) fn now_ms(&self) -> i64 {
        let real = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(real.as_millis()).unwrap_or(i64::MAX).saturating_add(*self.ahead_ms.borrow())
    }

    /// Seconds since the epoch.
    pub(super) fn now_s(&self) -> i64 {
        self.now_ms() / 1000
    }

    /// Moves the clock forward and wakes who waits.
    pub(super) fn advance(&self, ms: u64) {
        let ms = i64::try_from(ms).unwrap_or(i64::MAX);
        self.ahead_ms.send_modify(|ahead| *ahead = ahead.saturating_add(ms));
    }

    /// A moment to count from: how far this clock was ahead then.
    pub(super) fn mark(&self) -> Mark {
        Mark(*self.ahead_ms.borrow())
    }

    /// Waits `ms` from now; what the clock was moved since `mark` counts as waited already, since it may be moved
    /// while the answer that makes us wait is still on its way.
    pub(super) async fn sleep_ms(&self, ms: i64, mark: Mark) {
        let moved_ms = self.ahead_ms.borrow().saturating_sub(mark.0);
        let until = self.now_ms().saturating_add(ms).saturating_sub(moved_ms);
        let mut moved = self.ahead_ms.subscribe();
        loop {
            let left = until - self.now_ms();
            let Ok(left @ 1..) = u64::try_from(left) else { return };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left)) => {}
                changed = moved.changed() => if changed.is_err() { return },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_moved() {
        let clock = ClientClock::new();
        let sleeper = clock.clone();
        let mark = clock.mark();
        let sleep = tokio::spawn(async move { sleeper.sleep_ms(3_600_000, mark).await });
        tokio::task::yield_now().await;
        clock.advance(1_800_000);
        tokio::task::yield_now().await;
        assert!(!sleep.is_finished(), "half an hour is not enough");
        clock.advance(1_800_001);
        assert!(sleep.await.is_ok());
        clock.sleep_ms(3_600_000, mark).await;
    }
}
