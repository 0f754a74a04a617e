//! An org's rate limits: what it allows, what is used of it, and how that is changed.

use std::collections::{BTreeMap, HashMap};

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{ControlError, Found, Named};
use super::body::Json;
use crate::facts::facts;
use crate::facts::limits::{BucketId, Limits, Special};
use crate::facts::nearest;
use crate::limits::{CLIENT_BASED, Counted, Holder, OpenWindow, client_based, quota, special_size};
use crate::org::Org;
use crate::org::state::{BucketOverride, LimitSettings};

/// The body of `PUT …/rate-limits`. A profile undoes what was set before; buckets without a profile keep it and replace
/// the buckets set before. Among the buckets are the limits about somebody, by their names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    profile: Option<String>,
    buckets: Option<BTreeMap<String, Bucket>>,
    /// Requests of the org that may be in flight.
    concurrency: Option<u32>,
}

/// A bucket of its own size.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bucket {
    limit: u32,
    window_seconds: Option<u32>,
    /// So many times its limit an org may take.
    burst: Option<u32>,
}

impl Setting {
    /// # Errors
    /// The unknown name, with the nearest known one; what is missing.
    fn decide(self, current: &LimitSettings, facts: &Limits) -> Result<LimitSettings, ControlError> {
        if self.profile.is_none() && self.buckets.is_none() && self.concurrency.is_none() {
            let message = "nothing to do; send profile (a name), buckets ({\"/api/v1/users\":{\"limit\":3}}) or \
                concurrency (a number)";
            return Err(ControlError::bad(message));
        }
        let anew = self.profile.is_some();
        let profile = self.profile.unwrap_or_else(|| current.profile.clone());
        if !facts.has_profile(&profile) {
            return Err(unknown("profile", &profile, facts.profiles()));
        }
        let mut buckets = Vec::new();
        for (bucket, Bucket { limit, window_seconds, burst }) in self.buckets.unwrap_or_default() {
            let Some(usual) = window_of(facts, &bucket) else {
                let special = Special::ALL.iter().map(|special| special.name());
                return Err(unknown(
                    "bucket",
                    &bucket,
                    facts.bucket_names().chain([CLIENT_BASED]).chain(special),
                ));
            };
            let window_seconds = window_seconds.unwrap_or(usual);
            if window_seconds == 0 {
                let message = format!("buckets.{bucket}.window_seconds: a window lasts at least 1 second");
                return Err(ControlError::bad(message));
            }
            let burst = burst.unwrap_or(1);
            if burst == 0 {
                let message = format!("buckets.{bucket}.burst: 1 is no burst, 5 is five times the limit");
                return Err(ControlError::bad(message));
            }
            buckets.push(BucketOverride { bucket, limit, window_seconds, burst });
        }
        if !anew && buckets.is_empty() {
            buckets.clone_from(&current.buckets);
        }
        let kept = current.concurrency.filter(|_| !anew);
        Ok(LimitSettings { profile, buckets, concurrency: self.concurrency.or(kept) })
    }
}

/// The usual window of a bucket or of a limit about somebody, in seconds.
fn window_of(facts: &Limits, name: &str) -> Option<u32> {
    if name == CLIENT_BASED {
        return Some(facts.client_based().window_seconds);
    }
    let bucket = facts.bucket_named(name).and_then(|id| facts.bucket(id)).map(|bucket| bucket.window_seconds);
    let special = || Some(facts.special(Special::named(name)?)?.window_seconds);
    bucket.or_else(special)
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> ControlError {
    let known: Vec<&str> = known.collect();
    let near = nearest(name, known.iter().copied());
    let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
    ControlError::bad(format!("there is no {what} {name:?}{hint}; there are {}", known.join(", ")))
}

/// Chooses a profile.
pub(super) fn choose(org: &Org, profile: String) -> Result<(), ControlError> {
    let setting = Setting { profile: Some(profile), buckets: None, concurrency: None };
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

/// `GET …/rate-limits`: the profile, and each limit with its open windows.
pub(super) async fn read(Named(hosted): Named) -> Found {
    Found(told(hosted.org()))
}

/// What the org limits, and what is left of it.
pub(super) fn told(org: &Org) -> Value {
    let settings = &org.state().settings.limits;
    let now = org.clock().now().as_second();
    let mut open: HashMap<Counted, Vec<OpenWindow>> = HashMap::new();
    for window in org.counters().open(now) {
        open.entry(window.counted).or_default().push(window);
    }
    let mut windows = |counted: Counted| {
        let mut windows = open.remove(&counted).unwrap_or_default();
        windows.sort_by(|one, other| (one.holder as u8, &one.name).cmp(&(other.holder as u8, &other.name)));
        windows.iter().map(meter).collect::<Vec<_>>()
    };
    let facts = &facts().limits;
    let ids = (0..).map(BucketId);
    let buckets = facts.bucket_names().zip(ids).map(|(name, id)| {
        let quota = quota(settings, id);
        json!({
            "name": name,
            "limit": quota.map(|quota| quota.org),
            "principal_limit": quota.map(|quota| quota.principal),
            "window_seconds": quota.map(|quota| quota.window_seconds),
            "burst": quota.map(|quota| quota.burst),
            "windows": windows(Counted::Bucket(id)),
        })
    });
    let buckets: Vec<Value> = buckets.collect();
    let special = Special::ALL.iter().map(|special| {
        let size = special_size(settings, *special);
        json!({
            "name": special.name(),
            "limit": size.map(|size| size.limit),
            "window_seconds": size.map(|size| size.seconds),
            "windows": windows(Counted::Special(*special)),
        })
    });
    let special: Vec<Value> = special.collect();
    let browsers = client_based(settings);
    json!({
        "profile": settings.profile,
        "concurrency": { "limit": settings.in_flight(), "in_flight": org.in_flight().count() },
        "client_based": browsers.map(|size| json!({ "limit": size.limit, "window_seconds": size.seconds })),
        "buckets": buckets,
        "special": special,
    })
}

/// An open window: whose it is, and the numbers that a 200 of it would carry.
fn meter(open: &OpenWindow) -> Value {
    let kind = match open.holder {
        Holder::Org => "org",
        Holder::ApiToken => "token",
        Holder::OAuthClient => "client",
        Holder::User => "user",
        Holder::Browser => "browser",
        Holder::Recipient => "recipient",
    };
    let mut whose = json!({ "kind": kind });
    if open.holder == Holder::Browser {
        for (member, line) in ["client_id", "address", "device"].into_iter().zip(open.name.split('\n')) {
            whose[member] = if line.is_empty() { Value::Null } else { line.into() };
        }
    } else if open.holder != Holder::Org {
        whose["id"] = (*open.name).into();
    }
    json!({
        "whose": whose,
        "limit": open.size.limit,
        "used": open.window.count,
        "remaining": open.size.limit.saturating_sub(open.window.count),
        "reset": open.window.opened + i64::from(open.size.seconds),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn decide(body: &str) -> Result<LimitSettings, String> {
        let bucket =
            BucketOverride { bucket: "/api/v1/groups".to_owned(), limit: 1, window_seconds: 1, burst: 1 };
        let current =
            LimitSettings { profile: "tiny".to_owned(), buckets: vec![bucket], concurrency: Some(9) };
        let setting: Setting = serde_json::from_str(body).unwrap();
        setting.decide(&current, &facts().limits).map_err(|error| error.message)
    }

    #[test]
    fn a_profile_or_buckets_are_set() {
        let off = decide(r#"{"profile":"off"}"#).unwrap();
        assert_eq!(off, LimitSettings::profile("off"));
        let users = decide(r#"{"buckets":{"/api/v1/users":{"limit":3,"window_seconds":2}}}"#).unwrap();
        let bucket =
            BucketOverride { bucket: "/api/v1/users".to_owned(), limit: 3, window_seconds: 2, burst: 1 };
        let expected =
            LimitSettings { profile: "tiny".to_owned(), buckets: vec![bucket], concurrency: Some(9) };
        assert_eq!(users, expected);
        let whole = decide(r#"{"buckets":{"/api/v1/users":{"limit":3}}}"#).unwrap();
        assert_eq!(whole.buckets[0].window_seconds, 60);
        let somebody = decide(r#"{"buckets":{"sms phone":{"limit":3},"client-based":{"limit":2}}}"#).unwrap();
        let windows: Vec<_> = somebody.buckets.iter().map(|one| (&*one.bucket, one.window_seconds)).collect();
        assert_eq!(windows, [("client-based", 60), ("sms phone", 30)]);
        let in_flight = decide(r#"{"concurrency":2}"#).unwrap();
        assert_eq!((in_flight.concurrency, in_flight.buckets.len()), (Some(2), 1), "the buckets stay");
    }

    #[test]
    fn what_is_unknown_is_named() {
        for (body, part) in [
            ("{}", "nothing to do"),
            (r#"{"profile":"tinny"}"#, "did you mean \"tiny\"?"),
            (r#"{"buckets":{"/api/v1/user":{"limit":3}}}"#, "did you mean \"/api/v1/users\"?"),
            (r#"{"buckets":{"/api/v1/users":{"limit":3,"window_seconds":0}}}"#, "at least 1 second"),
            (r#"{"buckets":{"/api/v1/authn":{"limit":3,"burst":0}}}"#, "1 is no burst"),
            (r#"{"buckets":{"sms phones":{"limit":3}}}"#, "did you mean \"sms phone\"?"),
        ] {
            let message = decide(body).unwrap_err();
            assert!(message.contains(part), "{body}: {message}");
        }
    }
}
