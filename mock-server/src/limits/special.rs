//! Limits that are about somebody: a user, a phone, a mailbox (ratelimit-oin-facts §1.7).

use jiff::Timestamp;

use super::{Charge, Counted, Counters, Holder, LimitSettings, WindowKey, WindowSize};
use crate::facts::facts;
use crate::facts::limits::{OFF, Special};

/// Counts what a special limit is about. `name`: whose it is.
///
/// # Errors
/// One too many: what the headers of the 429 say.
pub fn admit(
    counters: &dyn Counters,
    settings: &LimitSettings,
    special: Special,
    name: &str,
    now: Timestamp,
) -> Result<(), Charge> {
    let Some(size) = size(settings, special) else { return Ok(()) };
    let holder = match special {
        Special::AuthnUserName | Special::TokenUser => Holder::User,
        _ => Holder::Recipient,
    };
    let key = WindowKey { counted: Counted::Special(special), holder, name };
    let window = counters.hit(key, size, now.as_second());
    if window.count <= size.limit {
        return Ok(());
    }
    let reset = window.opened + i64::from(size.seconds);
    Err(Charge { limit: size.limit, remaining: 0, reset, exceeded: true })
}

/// What a special limit allows in an org; none where it does not hold.
pub fn size(settings: &LimitSettings, special: Special) -> Option<WindowSize> {
    if let Some(own) = settings.buckets.iter().find(|one| one.bucket == special.name()) {
        return Some(WindowSize { limit: own.limit, seconds: own.window_seconds });
    }
    if settings.profile == OFF {
        return None;
    }
    let row = facts().limits.special(special)?;
    Some(WindowSize { limit: row.limit, seconds: row.window_seconds })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::super::{BucketOverride, MemoryCounters};
    use super::*;

    /// How many of ten pass at once, and after how long the next one does.
    #[test]
    fn each_limit_admits_what_its_row_says() {
        let settings = LimitSettings::profile("integrator-2026");
        for (special, limit, seconds) in [
            (Special::AuthnUserName, 4, 1),
            (Special::TokenUser, 4, 1),
            (Special::OtpFactor, 5, 300),
            (Special::EmailFactor, 1, 5),
            (Special::SmsPhone, 1, 30),
            (Special::VoicePhone, 1, 30),
        ] {
            let counters = MemoryCounters::default();
            let pass = |name: &str, after: i64| {
                let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1000 + after);
                admit(&counters, &settings, special, name, now).is_ok()
            };
            assert_eq!((0..10).filter(|_| pass("ada", 0)).count(), limit, "{special:?}");
            assert!(pass("bob", 0), "{special:?}: another's is not concerned");
            assert!(!pass("ada", seconds - 1) && pass("ada", seconds), "{special:?}");
        }
    }

    #[test]
    fn a_mailbox_gets_thirty_a_minute() {
        let (settings, counters) = (LimitSettings::profile("workforce"), MemoryCounters::default());
        let pass =
            || admit(&counters, &settings, Special::EmailRecipient, "a@b.example", Timestamp::UNIX_EPOCH);
        assert_eq!((0..40).filter(|_| pass().is_ok()).count(), 30);
        assert_eq!(pass().map_err(|charge| (charge.limit, charge.remaining, charge.reset)), Err((30, 0, 60)));
    }

    #[test]
    fn off_admits_all_but_what_was_set() {
        let counters = MemoryCounters::default();
        let mut settings = LimitSettings::profile(OFF);
        let pass = |settings: &LimitSettings| {
            (0..9)
                .filter(|_| {
                    admit(&counters, settings, Special::TokenUser, "u", Timestamp::UNIX_EPOCH).is_ok()
                })
                .count()
        };
        assert_eq!(pass(&settings), 9);
        let own = BucketOverride {
            bucket: Special::TokenUser.name().to_owned(),
            limit: 2,
            window_seconds: 60,
            burst: 1,
        };
        settings.buckets.push(own);
        assert_eq!(pass(&settings), 2);
    }
}
