//! An org's rate limits.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Deserialize;

use super::answer::{ControlError, Named};
use super::body::Json;
use crate::facts::facts;
use crate::facts::limits::Limits;
use crate::facts::nearest;
use crate::org::Org;
use crate::org::state::{BucketOverride, LimitSettings};

/// The body of `PUT …/rate-limits`. A profile without buckets undoes the buckets set before; buckets without a
/// profile keep the profile and replace the buckets set before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    profile: Option<String>,
    buckets: Option<BTreeMap<String, Bucket>>,
}

/// A bucket of its own size.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bucket {
    limit: u32,
    window_seconds: Option<u32>,
}

impl Setting {
    /// # Errors
    /// The unknown name, with the nearest known one; what is missing.
    fn decide(self, current: &LimitSettings, facts: &Limits) -> Result<LimitSettings, ControlError> {
        if self.profile.is_none() && self.buckets.is_none() {
            let message =
                "nothing to do; send profile (a name) or buckets ({\"/api/v1/users\":{\"limit\":3}})";
            return Err(ControlError::bad(message));
        }
        let profile = self.profile.unwrap_or_else(|| current.profile.clone());
        if !facts.has_profile(&profile) {
            return Err(unknown("profile", &profile, facts.profiles()));
        }
        let mut buckets = Vec::new();
        for (bucket, Bucket { limit, window_seconds }) in self.buckets.unwrap_or_default() {
            let known = facts.bucket_named(&bucket).and_then(|id| facts.bucket(id));
            let Some(known) = known else { return Err(unknown("bucket", &bucket, facts.bucket_names())) };
            let window_seconds = window_seconds.unwrap_or(known.window_seconds);
            if window_seconds == 0 {
                let message = format!("buckets.{bucket}.window_seconds: a window lasts at least 1 second");
                return Err(ControlError::bad(message));
            }
            buckets.push(BucketOverride { bucket, limit, window_seconds });
        }
        Ok(LimitSettings { profile, buckets })
    }
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> ControlError {
    let known: Vec<&str> = known.collect();
    let near = nearest(name, known.iter().copied());
    let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
    ControlError::bad(format!("there is no {what} {name:?}{hint}; there are {}", known.join(", ")))
}

/// Chooses a profile.
pub(super) fn choose(org: &Org, profile: String) -> Result<(), ControlError> {
    let setting = Setting { profile: Some(profile), buckets: None };
    let limits = setting.decide(&org.state().settings.limits, &facts().limits)?;
    org.configure(|settings| settings.limits = limits.clone());
    Ok(())
}

pub(super) async fn set(
    Named(hosted): Named,
    Json(setting): Json<Setting>,
) -> Result<StatusCode, ControlError> {
    let limits = setting.decide(&hosted.org().state().settings.limits, &facts().limits)?;
    hosted.org().configure(|settings| settings.limits = limits.clone());
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn decide(body: &str) -> Result<LimitSettings, String> {
        let bucket = BucketOverride { bucket: "/api/v1/groups".to_owned(), limit: 1, window_seconds: 1 };
        let current = LimitSettings { profile: "tiny".to_owned(), buckets: vec![bucket] };
        let setting: Setting = serde_json::from_str(body).unwrap();
        setting.decide(&current, &facts().limits).map_err(|error| error.message)
    }

    #[test]
    fn a_profile_or_buckets_are_set() {
        let off = decide(r#"{"profile":"off"}"#).unwrap();
        assert_eq!(off, LimitSettings { profile: "off".to_owned(), buckets: Vec::new() });
        let users = decide(r#"{"buckets":{"/api/v1/users":{"limit":3,"window_seconds":2}}}"#).unwrap();
        let bucket = BucketOverride { bucket: "/api/v1/users".to_owned(), limit: 3, window_seconds: 2 };
        assert_eq!(users, LimitSettings { profile: "tiny".to_owned(), buckets: vec![bucket] });
        let whole = decide(r#"{"buckets":{"/api/v1/users":{"limit":3}}}"#).unwrap();
        assert_eq!(whole.buckets[0].window_seconds, 60);
    }

    #[test]
    fn what_is_unknown_is_named() {
        for (body, part) in [
            ("{}", "nothing to do"),
            (r#"{"profile":"tinny"}"#, "did you mean \"tiny\"?"),
            (r#"{"buckets":{"/api/v1/user":{"limit":3}}}"#, "did you mean \"/api/v1/users\"?"),
            (r#"{"buckets":{"/api/v1/users":{"limit":3,"window_seconds":0}}}"#, "at least 1 second"),
        ] {
            let message = decide(body).unwrap_err();
            assert!(message.contains(part), "{body}: {message}");
        }
    }
}
