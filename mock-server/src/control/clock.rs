//! An org's clock.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::answer::{ControlError, Found, Named};
use super::body::Json;
use crate::org::Org;
use crate::org::clock::Clock;

/// The years that every date format of the protocol can write.
const YEARS: (i64, i64) = (0, 253_370_764_800);

/// The body of `PUT …/clock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    pub(super) advance_seconds: Option<f64>,
    pub(super) now: Option<String>,
    pub(super) frozen: Option<bool>,
}

/// What is to be done with a clock.
#[derive(Debug, PartialEq)]
struct Move {
    to: Option<Timestamp>,
    frozen: Option<bool>,
}

impl Setting {
    /// # Errors
    /// What is missing, too much or no time.
    fn decide(&self, current: Timestamp) -> Result<Move, ControlError> {
        let to = match (self.advance_seconds, &self.now) {
            (Some(_), Some(_)) => {
                return Err(ControlError::bad(
                    "advance_seconds and now exclude each other; send one of them",
                ));
            }
            (None, None) if self.frozen.is_none() => {
                return Err(ControlError::bad(
                    "nothing to do; send advance_seconds (a number), now (RFC 3339) or frozen (true or false)",
                ));
            }
            (None, None) => None,
            (Some(seconds), None) => Some(later(current, seconds).ok_or_else(|| {
                ControlError::bad("advance_seconds: the clock must stay between the years 1970 and 9998")
            })?),
            (None, Some(text)) => Some(parse(text)?),
        };
        Ok(Move { to, frozen: self.frozen })
    }
}

fn later(current: Timestamp, seconds: f64) -> Option<Timestamp> {
    let by = SignedDuration::try_from_secs_f64(seconds).ok()?;
    current.checked_add(by).ok().filter(|to| is_writable(*to))
}

fn parse(text: &str) -> Result<Timestamp, ControlError> {
    let now: Timestamp = text.parse().map_err(|_| {
        ControlError::bad(format!(
            "now: {text:?} is no RFC 3339 time; write it like \"2026-01-31T12:00:00Z\""
        ))
    })?;
    if is_writable(now) {
        Ok(now)
    } else {
        Err(ControlError::bad("now: choose a year between 1970 and 9998"))
    }
}

fn is_writable(at: Timestamp) -> bool {
    (YEARS.0..YEARS.1).contains(&at.as_second())
}

fn shown(clock: &Clock) -> Found {
    let now = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    Found(json!({ "now": now, "frozen": clock.is_frozen() }))
}

pub(super) async fn read(Named(hosted): Named) -> Found {
    shown(hosted.org().clock())
}

/// Moves, stops or starts the clock, and keeps that beyond the process.
///
/// # Errors
/// What is missing, too much or no time.
pub(super) fn change(org: &Org, setting: &Setting) -> Result<(), ControlError> {
    let clock = org.clock();
    let Move { to, frozen } = setting.decide(clock.now())?;
    if let Some(to) = to {
        clock.set(to);
    }
    if let Some(frozen) = frozen {
        clock.freeze(frozen);
    }
    org.keep_clock();
    Ok(())
}

pub(super) async fn set(Named(hosted): Named, Json(setting): Json<Setting>) -> Result<Found, ControlError> {
    change(hosted.org(), &setting)?;
    Ok(shown(hosted.org().clock()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn decide(body: &str) -> Result<Move, String> {
        let setting: Setting = serde_json::from_str(body).unwrap();
        setting.decide("2026-01-01T00:00:00Z".parse().unwrap()).map_err(|error| error.message)
    }

    #[test]
    fn a_clock_is_moved_set_or_stopped() {
        let to = |text: &str| Some(text.parse().unwrap());
        for (body, expected) in [
            (r#"{"advance_seconds":3600}"#, Move { to: to("2026-01-01T01:00:00Z"), frozen: None }),
            (r#"{"advance_seconds":-0.5}"#, Move { to: to("2025-12-31T23:59:59.5Z"), frozen: None }),
            (r#"{"now":"2030-01-01T02:00:00+02:00"}"#, Move { to: to("2030-01-01T00:00:00Z"), frozen: None }),
            (r#"{"frozen":true}"#, Move { to: None, frozen: Some(true) }),
            (
                r#"{"now":"2030-01-01T00:00:00Z","frozen":true}"#,
                Move { to: to("2030-01-01T00:00:00Z"), frozen: Some(true) },
            ),
        ] {
            assert_eq!(decide(body), Ok(expected), "{body}");
        }
        for (body, part) in [
            ("{}", "nothing to do"),
            (r#"{"advance_seconds":1,"now":"2030-01-01T00:00:00Z"}"#, "exclude each other"),
            (r#"{"advance_seconds":1e300}"#, "1970 and 9998"),
            (r#"{"advance_seconds":-1e12}"#, "1970 and 9998"),
            (r#"{"now":"tomorrow"}"#, "RFC 3339"),
            (r#"{"now":"9999-01-01T00:00:00Z"}"#, "1970 and 9998"),
            (r#"{"now":"1969-12-31T23:59:59Z"}"#, "1970 and 9998"),
        ] {
            let message = decide(body).unwrap_err();
            assert!(message.contains(part), "{body}: {message}");
        }
    }
}
