//! Rate limits: fixed windows that open with the first request (ratelimit-oin-facts §1.1), limits about somebody, and
//! requests in flight. Arithmetic on a clock and on counters that are given.

mod counters;
mod in_flight;
mod special;

pub use counters::{Counted, Counters, Holder, MemoryCounters, OpenWindow, Window, WindowKey, WindowSize};
pub use in_flight::{Flight, InFlight};
pub use special::{admit, size as special_size};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::facts::facts;
use crate::facts::limits::{BucketId, OFF, Quota};

/// The name by which the limit of a client id, address and device is set.
pub const CLIENT_BASED: &str = "client-based";

/// The rate limits of an org: a profile, and what differs from it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitSettings {
    /// The name of the profile (`fixtures/rate-limits.toml`).
    pub profile: String,
    /// Buckets and special limits that differ: name, limit of a principal, seconds of a window.
    pub buckets: Vec<BucketOverride>,
    /// Requests that may be in flight, where that differs.
    pub concurrency: Option<u32>,
}

impl LimitSettings {
    /// Those of a profile.
    pub fn profile(name: impl Into<String>) -> Self {
        Self { profile: name.into(), ..Self::default() }
    }

    /// How many requests of the org may be in flight; none: any number.
    pub fn in_flight(&self) -> Option<u32> {
        self.concurrency.or_else(|| facts().limits.concurrency(&self.profile))
    }

    fn own(&self, name: &str) -> Option<&BucketOverride> {
        self.buckets.iter().find(|one| one.bucket == name)
    }
}

/// A bucket, or a limit about somebody, that differs from the profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketOverride {
    /// Its name (`/api/v1/users`, `sms phone`).
    pub bucket: String,
    /// Requests that a principal may make in a window, or that nobody in particular may.
    pub limit: u32,
    /// The length of a window, in seconds.
    pub window_seconds: u32,
    /// So many times its limit an org may take in a burst; 1 is no burst.
    pub burst: u32,
}

/// What a request was charged: the numbers of the three headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
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

/// What a request is charged to.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The bucket.
    pub bucket: BucketId,
    /// The principal: what kind of somebody, and who.
    pub principal: Option<(Holder, &'a str)>,
    /// The principal's share of the org's quota, in percent; none where the bucket is each user's own.
    pub share: Option<u32>,
    /// The client id, address and device, and whether their limit is enforced or only told.
    pub browser: Option<(&'a str, bool)>,
    /// The percentage of a limit at which admins are warned.
    pub warning: u32,
}

/// What came of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The numbers of the headers.
    pub charge: Charge,
    /// Whose limit they are.
    pub holder: Holder,
    /// What the System Log is to be told.
    pub notices: Vec<Notice>,
}

/// Something that the System Log is told of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub news: News,
    /// Whose limit it is.
    pub holder: Holder,
    /// The limit.
    pub limit: u32,
    /// The window, in seconds.
    pub window_seconds: u32,
    /// When it ends, in epoch seconds.
    pub reset: i64,
}

/// What happened to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum News {
    /// The threshold is reached.
    Warning,
    /// The limit is exceeded, and the burst is not.
    Burst,
    /// The limit is exceeded.
    Violation,
    /// A limit that is not enforced is exceeded.
    Notification,
}

/// Charges a request to every window that it is nested in (RL-2): the browser's, the principal's share, the org's quota.
/// A request that one of them refuses costs the next ones nothing (RL-6). None when nothing is limited.
pub fn charge(
    counters: &dyn Counters,
    settings: &LimitSettings,
    asking: &Asking<'_>,
    now: Timestamp,
) -> Option<Verdict> {
    let mut bill = Bill { counters, asking, now: now.as_second(), notices: Vec::new() };
    let mut shown = None;
    if let Some((name, enforced)) = asking.browser
        && let Some(size) = client_based(settings)
    {
        let (own, _) = bill.hit(Holder::Browser, name, size);
        if own.exceeded {
            let news = if enforced { News::Violation } else { News::Notification };
            bill.tell(news, Holder::Browser, size, own.reset);
        }
        if enforced {
            if own.exceeded {
                return Some(bill.verdict(own, Holder::Browser));
            }
            shown = Some((own, Holder::Browser));
        }
    }
    let Some(quota) = quota(settings, asking.bucket) else {
        return shown.map(|(own, holder)| bill.verdict(own, holder));
    };
    let size = |limit| WindowSize { limit, seconds: quota.window_seconds };
    if let Some((holder, name)) = asking.principal {
        let size = size(asking.share.map_or(quota.nobody, |share| quota.of(share)));
        let (own, count) = bill.hit(holder, name, size);
        bill.warn(count, holder, size, own.reset);
        if own.exceeded {
            bill.tell(News::Violation, holder, size, own.reset);
        }
        if own.exceeded || asking.share.is_none() {
            return Some(bill.verdict(own, holder));
        }
        shown = shown.or(Some((own, holder)));
    }
    let size = size(if asking.principal.is_some() { quota.org } else { quota.nobody });
    let (mut org, count) = bill.hit(Holder::Org, "", size);
    bill.warn(count, Holder::Org, size, org.reset);
    let most = size.limit.saturating_mul(quota.burst);
    org.exceeded = count > most;
    if quota.burst > 1 && count == size.limit.saturating_add(1) {
        bill.tell(News::Burst, Holder::Org, size, org.reset);
    }
    if org.exceeded || (quota.burst > 1 && count == most) {
        bill.tell(News::Violation, Holder::Org, size, org.reset);
    }
    Some(match shown {
        Some((own, _)) if org.exceeded => {
            bill.verdict(Charge { remaining: 0, exceeded: true, reset: org.reset, ..own }, Holder::Org)
        }
        Some((own, holder)) => bill.verdict(own, holder),
        None => bill.verdict(org, Holder::Org),
    })
}

struct Bill<'a> {
    counters: &'a dyn Counters,
    asking: &'a Asking<'a>,
    now: i64,
    notices: Vec<Notice>,
}

impl Bill<'_> {
    /// Counts in one window: its numbers, and what it has seen.
    fn hit(&self, holder: Holder, name: &str, size: WindowSize) -> (Charge, u32) {
        let key = WindowKey { counted: Counted::Bucket(self.asking.bucket), holder, name };
        let window = self.counters.hit(key, size, self.now);
        let charge = Charge {
            limit: size.limit,
            remaining: size.limit.saturating_sub(window.count),
            reset: window.opened + i64::from(size.seconds),
            exceeded: window.count > size.limit,
        };
        (charge, window.count)
    }

    fn warn(&mut self, count: u32, holder: Holder, size: WindowSize, reset: i64) {
        let at = (u64::from(size.limit) * u64::from(self.asking.warning)).div_ceil(100);
        if count > 0 && u64::from(count) == at {
            self.tell(News::Warning, holder, size, reset);
        }
    }

    fn tell(&mut self, news: News, holder: Holder, size: WindowSize, reset: i64) {
        self.notices.push(Notice { news, holder, limit: size.limit, window_seconds: size.seconds, reset });
    }

    fn verdict(self, charge: Charge, holder: Holder) -> Verdict {
        Verdict { charge, holder, notices: self.notices }
    }
}

/// What a bucket holds in an org: a single bucket that was set wins over the profile.
pub fn quota(settings: &LimitSettings, bucket: BucketId) -> Option<Quota> {
    let facts = &facts().limits;
    let name = &facts.bucket(bucket)?.name;
    if let Some(own) = settings.own(name) {
        return Some(Quota {
            org: own.limit.saturating_mul(2),
            principal: own.limit,
            nobody: own.limit,
            window_seconds: own.window_seconds,
            burst: own.burst,
        });
    }
    if settings.profile == OFF {
        return None;
    }
    facts.quota(&settings.profile, bucket)
}

/// What a client id, address and device may do in an org.
pub fn client_based(settings: &LimitSettings) -> Option<WindowSize> {
    if let Some(own) = settings.own(CLIENT_BASED) {
        return Some(WindowSize { limit: own.limit, seconds: own.window_seconds });
    }
    let usual = facts().limits.client_based();
    (settings.profile != OFF).then_some(WindowSize { limit: usual.limit, seconds: usual.window_seconds })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn by(bucket: BucketId, principal: &str) -> Asking<'_> {
        let principal = Some((Holder::ApiToken, principal));
        Asking { bucket, principal, share: Some(USUAL_SHARE), browser: None, warning: 60 }
    }

    fn bucket(name: &str) -> BucketId {
        facts().limits.bucket_named(name).unwrap()
    }

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn tiny() -> (LimitSettings, BucketId) {
        let bucket = bucket("/api/v1/users");
        (LimitSettings::profile("tiny"), bucket)
    }

    #[test]
    fn a_principal_may_have_another_share() {
        let quota = Quota { org: 600, principal: 300, nobody: 600, window_seconds: 60, burst: 1 };
        for (share, limit) in [(50, 300), (100, 600), (10, 60), (0, 0), (75, 450)] {
            assert_eq!(quota.of(share), limit, "{share} %");
        }
        // Where a profile gives a principal more than half, half of the percentage is more than half of the quota.
        assert_eq!(
            Quota { org: 600, principal: 600, nobody: 600, window_seconds: 60, burst: 1 }.of(100),
            600
        );
    }

    #[test]
    fn exactly_the_limit_succeeds_and_the_window_opens_with_the_first_request() {
        let (settings, bucket) = tiny();
        let counters = MemoryCounters::default();
        let start: Timestamp = "2026-11-24T10:00:41Z".parse().unwrap();
        let mut seen = Vec::new();
        for second in [0, 1, 2, 3, 59, 60, 61] {
            let now = start + SignedDuration::from_secs(second);
            let charge = charge(&counters, &settings, &by(bucket, "00T1"), now).unwrap().charge;
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
        let passed = |principal: &str| {
            (0..3)
                .filter(|_| {
                    !charge(&counters, &settings, &by(bucket, principal), NOW).unwrap().charge.exceeded
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
        let off = LimitSettings::profile(OFF);
        assert_eq!(charge(&counters, &off, &by(bucket, "a"), NOW), None);
        let own =
            BucketOverride { bucket: "/api/v1/users".to_owned(), limit: 1, window_seconds: 2, burst: 1 };
        let settings = LimitSettings { buckets: vec![own], ..off };
        let first = charge(&counters, &settings, &by(bucket, "a"), NOW).unwrap().charge;
        assert_eq!((first.limit, first.remaining, first.reset, first.exceeded), (1, 0, 2, false));
        assert!(charge(&counters, &settings, &by(bucket, "a"), NOW).unwrap().charge.exceeded);
    }

    /// What is told of the requests of a window, and at which of them.
    fn told(settings: &LimitSettings, asking: &Asking<'_>, requests: u32) -> Vec<(u32, News, Holder)> {
        let counters = MemoryCounters::default();
        let mut told = Vec::new();
        for nth in 1..=requests {
            let verdict = charge(&counters, settings, asking, NOW).unwrap();
            told.extend(verdict.notices.iter().map(|notice| (nth, notice.news, notice.holder)));
        }
        told
    }

    /// The documentation's own example (§1.7): 600, a threshold of 60 %.
    #[test]
    fn a_burst_is_warned_of_told_and_ended_at_five_times_the_limit() {
        let settings = LimitSettings::profile("one-app");
        let authn = Asking { principal: None, ..by(bucket("/api/v1/authn"), "") };
        assert_eq!(
            told(&settings, &authn, 3001),
            [
                (360, News::Warning, Holder::Org),
                (601, News::Burst, Holder::Org),
                (3000, News::Violation, Holder::Org),
                (3001, News::Violation, Holder::Org),
            ]
        );
        let counters = MemoryCounters::default();
        let refused = |_: &u32| charge(&counters, &settings, &authn, NOW).unwrap().charge.exceeded;
        assert_eq!((0..4000).filter(refused).count(), 1000);
    }

    #[test]
    fn a_share_does_not_burst() {
        let settings = LimitSettings::profile("integrator-2026");
        let token = by(bucket("/oauth2/v1/token"), "0oa1");
        let told = told(&settings, &token, 151);
        assert_eq!(told, [(90, News::Warning, Holder::ApiToken), (151, News::Violation, Holder::ApiToken)]);
    }

    #[test]
    fn the_threshold_is_a_setting() {
        let settings = LimitSettings::profile("tiny");
        let at = |warning| {
            let asking = Asking { warning, ..by(bucket("/api/v1/users"), "a") };
            told(&settings, &asking, 3).first().map(|(nth, ..)| *nth)
        };
        assert_eq!((at(30), at(60), at(90)), (Some(1), Some(2), Some(3)));
    }

    #[test]
    fn a_browser_has_a_limit_of_its_own_that_may_only_be_told() {
        let settings = LimitSettings::profile("workforce");
        let authorize =
            |browser| Asking { principal: None, browser, ..by(bucket("/oauth2/v1/authorize"), "") };
        let counters = MemoryCounters::default();
        let passed = |asking: &Asking<'_>| {
            (0..70).filter(|_| !charge(&counters, &settings, asking, NOW).unwrap().charge.exceeded).count()
        };
        assert_eq!(passed(&authorize(Some(("0oa1\n10.0.0.1\n", true)))), 60);
        assert_eq!(passed(&authorize(Some(("0oa1\n10.0.0.1\ndevice", true)))), 60, "another device");
        assert_eq!(passed(&authorize(Some(("0oa1\n10.0.0.2\n", false)))), 70, "only told");
        assert_eq!(passed(&authorize(None)), 70);
        let shown = charge(&counters, &settings, &authorize(Some(("0oa2\n\n", true))), NOW).unwrap().charge;
        assert_eq!((shown.limit, shown.remaining), (60, 59), "the headers show the browser's");
        let preview = told(&settings, &authorize(Some(("x", false))), 62);
        assert_eq!(
            preview,
            [(61, News::Notification, Holder::Browser), (62, News::Notification, Holder::Browser)]
        );
    }

    #[test]
    fn a_bucket_of_each_user_is_within_no_quota() {
        let settings = LimitSettings::profile("workforce");
        let counters = MemoryCounters::default();
        let passed = |user: &str| {
            let principal = Some((Holder::User, user));
            let asking = Asking { principal, share: None, ..by(bucket("/api/v1/users/me"), "") };
            (0..50).filter(|_| !charge(&counters, &settings, &asking, NOW).unwrap().charge.exceeded).count()
        };
        assert_eq!((passed("ada"), passed("bob"), passed("eve")), (40, 40, 40));
    }

    #[test]
    fn what_was_set_is_what_nobody_in_particular_may_do_too() {
        let own = |burst| BucketOverride {
            bucket: "/api/v1/authn".to_owned(),
            limit: 3,
            window_seconds: 60,
            burst,
        };
        for (burst, expected) in [(1, 3), (5, 15)] {
            let settings = LimitSettings { buckets: vec![own(burst)], ..LimitSettings::profile("workforce") };
            let counters = MemoryCounters::default();
            let asking = Asking { principal: None, ..by(bucket("/api/v1/authn"), "") };
            let refused = |_: &u32| charge(&counters, &settings, &asking, NOW).unwrap().charge.exceeded;
            assert_eq!((0..20).filter(|nth| !refused(nth)).count(), expected);
        }
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
                let charge = charge(&counters, &settings, &by(bucket, "a"), at).unwrap().charge;
                prop_assert!(charge.reset > now && charge.reset <= now + 60);
                if !charge.exceeded {
                    *admitted.entry(charge.reset).or_default() += 1;
                }
            }
            prop_assert!(admitted.values().all(|count| *count <= 3));
        }

        /// Whoever asks for whatever, in whatever order: nobody gets more than a share, all together get no more than
        /// the org's quota, and what one limit refuses costs the others nothing.
        #[test]
        fn nested_windows_admit_what_the_narrowest_admits(
            requests in prop::collection::vec((0_usize..4, 0_i64..3), 1..200),
            share in 10_u32..=100,
        ) {
            let (settings, bucket) = tiny();
            let counters = MemoryCounters::default();
            let quota = quota(&settings, bucket).unwrap();
            let names = ["a", "b", "c", "d"];
            let mut now = 5;
            let (mut own, mut all) = ([(0_i64, 0_u32); 4], (0_i64, 0_u32));
            let count = |window: &mut (i64, u32), now: i64| {
                if now >= window.0 + 60 || window.1 == 0 {
                    *window = (now, 0);
                }
                window.1 += 1;
                window.1
            };
            for (who, step) in requests {
                now += step;
                let asking = Asking { share: Some(share), ..by(bucket, names[who]) };
                let verdict = charge(&counters, &settings, &asking, Timestamp::from_second(now).unwrap()).unwrap();
                let mine = count(&mut own[who], now);
                let passes = mine <= quota.of(share) && count(&mut all, now) <= quota.org;
                prop_assert_eq!(verdict.charge.exceeded, !passes);
                prop_assert_eq!(verdict.charge.limit, quota.of(share));
            }
        }
    }
}
