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
pub(super) const COMMON: [Common; 6] = [
    Common {
        name: "rate-limited",
        label: "429",
        about: "The bucket is used up; its window ends in two seconds",
        body: r#"{"match":{"times":1},"fault":{"rate_limited":{"kind":"minute","reset_in_seconds":2}}}"#,
    },
    Common {
        name: "unavailable",
        label: "503",
        about: "The service is unavailable, and nothing is done",
        body: r#"{"match":{"times":1},"fault":{"status":503}}"#,
    },
    Common {
        name: "slow",
        label: "Slow",
        about: "The answer comes two seconds late",
        body: r#"{"match":{"times":1},"fault":{"delay_ms":2000}}"#,
    },
    Common {
        name: "reset",
        label: "Reset",
        about: "The connection is reset before the answer",
        body: r#"{"match":{"times":1},"fault":{"reset_connection":true}}"#,
    },
    Common {
        name: "half",
        label: "Half a body",
        about: "The body ends before its length",
        body: r#"{"match":{"times":1},"fault":{"truncate_body":true}}"#,
    },
    Common {
        name: "no-token",
        label: "Revoked token",
        about: "The token that the request carries is revoked first",
        body: r#"{"match":{"path":"/api/**","times":1},"fault":{"revoke_token":true}}"#,
    },
];

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
