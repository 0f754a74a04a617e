//! The clock, the common faults and the meters of the buckets, as every page of exchanges shows them.

use serde_json::Value;

use crate::control::answer::ControlError;
use crate::control::{faults, limits};
use crate::directory::Hosted;
use crate::org::state::OrgState;

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
        let limits = limits::told(hosted.org());
        Self {
            now: clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            frozen: clock.is_frozen(),
            common: &COMMON,
            faults: hosted.faults().list().iter().map(Fault::of).collect(),
            profile: limits["profile"].as_str().unwrap_or_default().to_owned(),
            meters: meters(hosted, &limits),
        }
    }
}

impl Fault {
    fn of(fault: &Value) -> Self {
        let text = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
        let remaining = fault["remaining"].as_u64().map(|left| format!(", {left} more")).unwrap_or_default();
        Self {
            id: fault["id"].as_str().unwrap_or_default().to_owned(),
            text: format!("{} on {}{remaining}", text(&fault["fault"]), text(&fault["match"])),
        }
    }
}

/// The open windows, the fullest first.
fn meters(hosted: &Hosted, limits: &Value) -> Vec<Meter> {
    let now = hosted.org().clock().now().as_second();
    let state = hosted.org().state();
    let kinds = [&limits["buckets"], &limits["special"]];
    let buckets = kinds.into_iter().filter_map(Value::as_array).flatten();
    let windows = buckets.flat_map(|bucket| {
        let windows = bucket["windows"].as_array().into_iter().flatten();
        windows.map(move |window| (bucket["name"].as_str().unwrap_or_default(), window))
    });
    let number =
        |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    let meter = |(bucket, window): (&str, &Value)| Meter {
        bucket: bucket.to_owned(),
        whose: whose(&state, &window["whose"]),
        limit: number(&window["limit"]),
        remaining: number(&window["remaining"]),
        resets_in: window["reset"].as_i64().unwrap_or_default().saturating_sub(now),
    };
    let mut meters: Vec<Meter> = windows.map(meter).collect();
    meters.sort_by_key(|meter| u64::from(meter.remaining) * 1000 / u64::from(meter.limit.max(1)));
    meters
}

fn whose(state: &OrgState, whose: &Value) -> String {
    let id = ["id", "client_id", "address"]
        .into_iter()
        .find_map(|member| whose[member].as_str())
        .unwrap_or_default();
    let named = |kind: &str, pointer: &str| {
        state.get(kind, id).and_then(|found| Some(found.text(pointer)?.into_owned())).unwrap_or(id.to_owned())
    };
    match whose["kind"].as_str().unwrap_or_default() {
        "org" => "the org".to_owned(),
        "client" => named("apps", "/label"),
        "token" => format!("API token {}", named("api_tokens", "/name")),
        "user" => named("users", "/profile/login"),
        kind => format!("{kind} {id}"),
    }
}

/// Sets a common fault.
///
/// # Errors
/// What is wrong with it; never so.
pub(super) fn add(hosted: &Hosted, common: &Common) -> Result<(), ControlError> {
    let body: Value =
        serde_json::from_str(common.body).map_err(|error| ControlError::bad(error.to_string()))?;
    faults::wish(hosted, &body).map(|_| ())
}

/// Removes a fault.
pub(super) fn remove(hosted: &Hosted, id: &str) {
    hosted.faults().remove(id);
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::faults::Wish;

    #[test]
    fn every_common_fault_is_one() {
        for common in COMMON {
            let body: Value = serde_json::from_str(common.body).unwrap();
            assert!(Wish::parse(&body).is_ok(), "{}", common.name);
            assert_eq!(body["match"]["times"], 1, "{}", common.name);
        }
    }
}
