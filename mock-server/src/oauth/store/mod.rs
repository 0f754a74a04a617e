//! What the authorization servers remember between two requests: documents of the org that no API shows. They are
//! written through the one door of state ([`Org::commit`]); what may be used once is used up inside the commit, so that
//! of two requests at the same moment one wins.

pub mod allowed;
pub mod codes;
pub mod device_codes;
pub mod pushed_requests;
pub mod refresh_tokens;
pub mod revoked_tokens;
pub mod session_tokens;
pub mod sessions;

use std::cell::RefCell;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::org::Org;
use crate::org::change::Change;
use crate::org::state::OrgState;

pub use allowed::Allowed;

/// Something that is remembered for a time.
trait Kept: Serialize + DeserializeOwned {
    /// The collection.
    const KIND: &'static str;

    /// Until when it is of use, in epoch seconds.
    fn until(&self) -> i64;

    /// The change that stores it.
    fn put(&self, id: &str) -> Change {
        Change::put(Self::KIND, id, Value::Null, serde_json::to_value(self).unwrap_or_default())
    }

    /// The one with an id, also when its time is over.
    fn read(state: &OrgState, id: &str) -> Option<Self> {
        Self::deserialize(&*state.get(Self::KIND, id)?.hidden).ok()
    }

    /// The one with an id, if its time is not over.
    fn live(state: &OrgState, now: i64, id: &str) -> Option<Self> {
        Self::read(state, id).filter(|one| now < one.until())
    }

    /// The change that forgets one.
    fn forget(id: &str) -> Change {
        Change::remove(Self::KIND, id)
    }

    /// The changes that forget the oldest ones if they are of no use any more: at each new one a few, so that they never
    /// pile up. `keep` is how long an outdated one is still told apart from an unknown one, in seconds.
    fn sweep(state: &OrgState, now: i64, keep: i64) -> impl Iterator<Item = Change> {
        let old = state.all(Self::KIND).after(None).take(SWEPT);
        let outdated = move |hidden| Self::deserialize(hidden).is_ok_and(|one| one.until() + keep <= now);
        old.take_while(move |document| outdated(&*document.hidden)).map(|document| Self::forget(&document.id))
    }
}

/// So many are looked at when a new one is made.
const SWEPT: usize = 4;

/// Changes the org and returns what the decision found; none when it refused, and then nothing has changed.
fn decide<T>(org: &Org, now: i64, decision: impl Fn(&OrgState) -> Option<(T, Vec<Change>)>) -> Option<T> {
    let found = RefCell::new(None);
    let at = Timestamp::from_second(now).unwrap_or_default();
    let committed = org.commit(at, |state| {
        let (value, changes) = decision(state).ok_or(Refused)?;
        *found.borrow_mut() = Some(value);
        Ok::<_, Refused>(changes)
    });
    committed.ok().and_then(|_| found.into_inner())
}

/// Stores a new one.
fn keep<T: Kept>(org: &Org, now: i64, id: &str, one: &T, remembered: i64) {
    decide(org, now, |state| Some(((), T::sweep(state, now, remembered).chain([one.put(id)]).collect())));
}

/// A decision refused; its caller knows why.
struct Refused;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
