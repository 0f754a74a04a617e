//! The states of the last seconds, for searches that lag behind writes: Okta's are eventually consistent
//! (mgmt-facts §4), ours are when the org says so.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

use super::state::OrgState;

/// States that were replaced, the oldest first, each with the time of its end.
#[derive(Debug, Default)]
pub(super) struct Past(Mutex<VecDeque<(Timestamp, Arc<OrgState>)>>);

impl Past {
    /// Keeps a state that has just been replaced, and forgets those that no search reaches any more.
    pub(super) fn keep(&self, replaced_at: Timestamp, state: Arc<OrgState>, lag: SignedDuration) {
        let mut states = self.0.lock();
        let over = states
            .iter()
            .take_while(|(end, _)| end.checked_add(lag).is_ok_and(|until| until <= replaced_at))
            .count();
        states.drain(..over);
        states.push_back((replaced_at, state));
    }

    /// The state at a moment, if it has been replaced since.
    pub(super) fn at(&self, moment: Timestamp) -> Option<Arc<OrgState>> {
        self.0.lock().iter().find(|(end, _)| *end > moment).map(|(_, state)| state.clone())
    }

    pub(super) fn clear(&self) {
        self.0.lock().clear();
    }
}
