//! The client's own clock. The suite may move it: then who waits goes on from the new time.

use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::watch;

/// A clock that can be moved forward.
pub(crate) struct Clock {
    /// How far it was moved, in milliseconds.
    ahead: watch::Sender<i64>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { ahead: watch::Sender::new(0) }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        (machine() + self.mark()).div_euclid(1000)
    }

    /// Moves it forward.
    pub(crate) fn advance(&self, ms: i64) {
        self.ahead.send_modify(|ahead| *ahead += ms);
    }

    /// How far it was moved so far.
    pub(crate) fn mark(&self) -> i64 {
        *self.ahead.borrow()
    }

    /// Waits; what the clock was moved since `mark` counts as waited already.
    pub(crate) async fn sleep(&self, ms: i64, mark: i64) {
        let until = machine() + mark + ms;
        let mut moved = self.ahead.subscribe();
        loop {
            let left = until - machine() - *moved.borrow_and_update();
            let Ok(left) = u64::try_from(left) else { return };
            if tokio::time::timeout(Duration::from_millis(left), moved.changed()).await.is_err() {
                return;
            }
        }
    }
}

/// Milliseconds since 1970, by the clock of this machine.
fn machine() -> i64 {
    UNIX_EPOCH.elapsed().ok().and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}
