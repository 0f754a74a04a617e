//! The nonces that DPoP proofs must carry at the token endpoint (token-facts §7): a new one every 24 hours, the older
//! ones good for three days in all. None is stored: a nonce is the keyed digest of its day, so an org knows its own again.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use subtle::{Choice, ConstantTimeEq};

use super::ids::Ids;

/// How long a nonce is handed out, in seconds.
const ROTATION: i64 = 24 * 60 * 60;

/// On so many days a nonce is taken, the day on which it was handed out included.
const DAYS: i64 = 3;

/// Bytes of a nonce, which makes 32 characters.
const LENGTH: usize = 24;

/// The nonces of an org. The key, more than a kilobyte, is made at the first use: an org that nobody proves anything to
/// needs none.
#[derive(Debug, Default)]
pub struct Nonces(OnceLock<Box<hmac::Key>>);

impl Nonces {
    /// The nonce of the day.
    pub fn current(&self, ids: &Ids, now: Timestamp) -> String {
        self.of(ids, day(now))
    }

    /// Whether a nonce is this org's and not yet three days old.
    pub fn takes(&self, ids: &Ids, now: Timestamp, nonce: &str) -> bool {
        let today = day(now);
        let mut known = Choice::from(0);
        for back in 0..DAYS {
            known |= self.of(ids, today.saturating_sub(back)).as_bytes().ct_eq(nonce.as_bytes());
        }
        bool::from(known)
    }

    fn of(&self, ids: &Ids, day: i64) -> String {
        let key = self.0.get_or_init(|| Box::new(hmac::Key::new(hmac::HMAC_SHA256, &ids.secret())));
        let digest = hmac::sign(key, &day.to_be_bytes());
        URL_SAFE_NO_PAD.encode(digest.as_ref().get(..LENGTH).unwrap_or_default())
    }
}

fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(ROTATION)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_nonce_is_replaced_each_day_and_taken_on_three() {
        let (nonces, ids) = (Nonces::default(), Ids::new(Some(1)));
        let first = nonces.current(&ids, at(0));
        assert_eq!(first.len(), 32);
        assert_eq!(nonces.current(&ids, at(ROTATION - 1)), first);
        assert_ne!(nonces.current(&ids, at(ROTATION)), first);
        for (second, taken) in [(0, true), (3 * ROTATION - 1, true), (3 * ROTATION, false), (-1, false)] {
            assert_eq!(nonces.takes(&ids, at(second), &first), taken, "{second}");
        }
        for other in ["", "x", &first[1..], &first.to_lowercase()] {
            assert!(!nonces.takes(&ids, at(0), other), "{other}");
        }
    }

    #[test]
    fn an_org_knows_its_own_nonces_only() {
        let nonce = |seed| {
            let ids = Ids::new(seed);
            Nonces::default().current(&ids, at(0))
        };
        assert_eq!(nonce(Some(1)), nonce(Some(1)));
        assert_ne!(nonce(Some(1)), nonce(Some(2)));
        assert_ne!(nonce(None), nonce(None));
    }
}
