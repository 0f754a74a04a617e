//! Rate limits: fixed windows that open with the first request (ratelimit-oin-facts §1.1). Arithmetic on a clock and
//! on counters that are given.

mod counters;

pub use counters::{Counters, MemoryCounters, Window, WindowKey};

use jiff::Timestamp;

use crate::facts::facts;
use crate::facts::limits::{BucketId, OFF, Quota};

/// The rate limits of an org: a profile, and single buckets that differ from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LimitSettings {
    /// The name of the profile (`fixtures/rate-limits.toml`).
    pub profile: String,
    /// Buckets that differ: name, limit of a principal, seconds of a window.
    pub buckets: Vec<BucketOverride>,
}

/// A bucket that differs from the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketOverride {
    /// The bucket's name (`/api/v1/users`).
    pub bucket: String,
    /// Requests that a principal may make in a window.
    pub limit: u32,
    /// The length of a window, in seconds.
    pub window_seconds: u32,
}

/// What a request was charged: the numbers of the three headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// The bucket.
    pub bucket: BucketId,
    /// `x-rate-limit-limit`: what the principal may do in a window; without a principal, the org.
    pub limit: u32,
    /// `x-rate-limit-remaining`.
    pub remaining: u32,
    /// `x-rate-limit-reset`: epoch seconds at which the window ends.
    pub reset: i64,
    /// The request is one too many: 429.
    pub exceeded: bool,
}

/// The share of a principal that no entity says otherwise of, in percent (recorded: principal-rate-limits).
pub const USUAL_SHARE: u32 = 50;

/// Charges a request to its bucket: to the principal's share and to the org's quota (RL-2). `share` is the principal's
/// own, in percent, where it has one. None when nothing is limited.
pub fn charge(
    counters: &dyn Counters,
    settings: &LimitSettings,
    bucket: BucketId,
    principal: Option<&str>,
    share: Option<u32>,
    now: Timestamp,
) -> Option<Charge> {
    let quota = quota(settings, bucket)?;
    let hit = |principal: Option<&str>, limit: u32| {
        let window = counters.hit(WindowKey::new(bucket, principal), now.as_second(), quota.window_seconds);
        Charge {
            bucket,
            limit,
            remaining: limit.saturating_sub(window.count),
            reset: window.opened + i64::from(quota.window_seconds),
            exceeded: window.count > limit,
        }
    };
    let Some(principal) = principal else { return Some(hit(None, quota.org)) };
    let own = hit(Some(principal), quota.of(share.unwrap_or(USUAL_SHARE)));
    if own.exceeded {
        // A refused request costs the org nothing (RL-6).
        return Some(own);
    }
    let org = hit(None, quota.org);
    Some(if org.exceeded { Charge { remaining: 0, exceeded: true, reset: org.reset, ..own } } else { own })
}

/// What a bucket holds in an org: a single bucket that was set wins over the profile.
fn quota(settings: &LimitSettings, bucket: BucketId) -> Option<Quota> {
    let facts = &facts().limits;
    let name = &facts.bucket(bucket)?.name;
    if let Some(own) = settings.buckets.iter().find(|one| one.bucket == *name) {
        let org = own.limit.saturating_mul(2);
        return Some(Quota { org, principal: own.limit, window_seconds: own.window_seconds });
    }
    if settings.profile == OFF {
        return None;
    }
    facts.quota(&settings.profile, bucket)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn tiny() -> (LimitSettings, BucketId) {
        let bucket = facts().limits.bucket_named("/api/v1/users").unwrap();
        (LimitSettings { profile: "tiny".to_owned(), buckets: Vec::new() }, bucket)
    }

    #[test]
    fn a_principal_may_have_another_share() {
        let quota = Quota { org: 600, principal: 300, window_seconds: 60 };
        for (share, limit) in [(50, 300), (100, 600), (10, 60), (0, 0), (75, 450)] {
            assert_eq!(quota.of(share), limit, "{share} %");
        }
        // Where a profile gives a principal more than half, half of the percentage is more than half of the quota.
        assert_eq!(Quota { org: 600, principal: 600, window_seconds: 60 }.of(100), 600);
    }

    #[test]
    fn exactly_the_limit_succeeds_and_the_window_opens_with_the_first_request() {
        let (settings, bucket) = tiny();
        let counters = MemoryCounters::default();
        let start: Timestamp = "2026-11-24T10:00:41Z".parse().unwrap();
        let mut seen = Vec::new();
        for second in [0, 1, 2, 3, 59, 60, 61] {
            let now = start + SignedDuration::from_secs(second);
            let charge = charge(&counters, &settings, bucket, Some("00T1"), None, now).unwrap();
            seen.push((charge.remaining, charge.exceeded, charge.reset - start.as_second()));
        }
        assert_eq!(
            seen,
            [
                (2, false, 60),
                (1, false, 60),
                (0, false, 60),
                (0, true, 60),
                (0, true, 60),
                (2, false, 120),
                (1, false, 120)
            ]
        );
    }

    #[test]
    fn principals_have_shares_of_their_own_within_the_org_s_quota() {
        let (settings, bucket) = tiny();
        let counters = MemoryCounters::default();
        let now = Timestamp::UNIX_EPOCH;
        let passed = |principal: &str| {
            (0..3)
                .filter(|_| {
                    !charge(&counters, &settings, bucket, Some(principal), None, now).unwrap().exceeded
                })
                .count()
        };
        assert_eq!((passed("a"), passed("b")), (3, 3));
        // The org's six are used up: a third principal gets nothing.
        assert_eq!(passed("c"), 0);
    }

    #[test]
    fn a_bucket_that_was_set_wins_over_the_profile_and_off_limits_nothing() {
        let (_, bucket) = tiny();
        let counters = MemoryCounters::default();
        let off = LimitSettings { profile: OFF.to_owned(), buckets: Vec::new() };
        assert_eq!(charge(&counters, &off, bucket, Some("a"), None, Timestamp::UNIX_EPOCH), None);
        let own = BucketOverride { bucket: "/api/v1/users".to_owned(), limit: 1, window_seconds: 2 };
        let settings = LimitSettings { profile: OFF.to_owned(), buckets: vec![own] };
        let first = charge(&counters, &settings, bucket, Some("a"), None, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((first.limit, first.remaining, first.reset, first.exceeded), (1, 0, 2, false));
        assert!(
            charge(&counters, &settings, bucket, Some("a"), None, Timestamp::UNIX_EPOCH).unwrap().exceeded
        );
    }

    proptest! {
        /// Whatever the times of the requests: never more than the limit in one window, `reset` never over a window
        /// ahead, and never in the past.
        #[test]
        fn no_window_admits_more_than_its_limit(steps in prop::collection::vec(0_i64..40, 1..80)) {
            let (settings, bucket) = tiny();
            let counters = MemoryCounters::default();
            let mut now = 1_000_000;
            let mut admitted = std::collections::HashMap::<i64, u32>::new();
            for step in steps {
                now += step;
                let at = Timestamp::from_second(now).unwrap();
                let charge = charge(&counters, &settings, bucket, Some("a"), None, at).unwrap();
                prop_assert!(charge.reset > now && charge.reset <= now + 60);
                if !charge.exceeded {
                    *admitted.entry(charge.reset).or_default() += 1;
                }
            }
            prop_assert!(admitted.values().all(|count| *count <= 3));
        }
    }
}
