//! The clock, the common faults and the meters of the buckets, as every page of exchanges shows them.

use crate::control::answer::ControlError;
use crate::directory::Hosted;

/// What the side of a page shows.
pub(super) struct Controls {
    pub(super) now: String,
    pub(super) frozen: bool,
    pub(super) common: &'static [Common],
    pub(super) faults: Vec<Fault>,
    pub(super) profile: String,
    pub(super) meters: Vec<Meter>,
}

/// A fault that a button makes.
pub(super) struct Common {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) about: &'static str,
    /// The body of `POST …/faults`.
    pub(super) body: &'static str,
}

/// The common faults, each for one request of a client.
pub(super) const COMMON: [Common; 0] = [];

/// A fault that is set.
pub(super) struct Fault {
    pub(super) id: String,
    pub(super) text: String,
}

/// A window that is open.
pub(super) struct Meter {
    pub(super) bucket: String,
    pub(super) whose: String,
    pub(super) limit: u32,
    pub(super) remaining: u32,
    pub(super) resets_in: i64,
}

impl Meter {
    pub(super) fn used(&self) -> u32 {
        self.limit.saturating_sub(self.remaining)
    }

    pub(super) fn high(&self) -> u32 {
        self.limit.saturating_mul(4) / 5
    }
}

impl Controls {
    /// Of an org, now.
    pub(super) fn of(hosted: &Hosted) -> Self {
        let clock = hosted.org().clock();
        let state = hosted.org().state();
        Self {
            now: clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            frozen: clock.is_frozen(),
            common: &COMMON,
            faults: Vec::new(),
            profile: state.settings.limits.profile.clone(),
            meters: Vec::new(),
        }
    }
}

/// Sets a common fault.
pub(super) fn add(_hosted: &Hosted, _common: &Common) -> Result<(), ControlError> {
    Ok(())
}

/// Removes a fault.
pub(super) fn remove(_hosted: &Hosted, _id: &str) {}
