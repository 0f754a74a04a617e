//! Keys made outside a commit. Whether an object needs one is found out inside, where nobody else may write; to make one
//! takes a tenth of a second. So a commit that finds none ready gives up, the key is made, and the commit is tried again.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::answer::Asked;
use crate::org::certificate::Certified;
use crate::org::change::Change;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The keys of one request that wait to be used.
#[derive(Debug, Default)]
pub(super) struct SpareKeys {
    ready: RefCell<Vec<Certified>>,
    /// How many of them this try has taken.
    taken: Cell<usize>,
    inside: Cell<bool>,
    wanted: Cell<bool>,
}

impl SpareKeys {
    /// A key, made by `make` unless a commit is under way: there it comes from those that are ready, and none means that
    /// the commit will be tried again.
    pub(super) fn take(
        &self,
        make: impl FnOnce() -> Result<Certified, ApiError>,
    ) -> Result<Certified, ApiError> {
        if !self.inside.get() {
            return make();
        }
        let nth = self.taken.replace(self.taken.get() + 1);
        self.ready.borrow().get(nth).cloned().ok_or_else(|| {
            self.wanted.set(true);
            ApiError::invalid("signing", "a key is being made")
        })
    }
}

impl Asked<'_> {
    /// Changes the org, like [`Org::commit`](crate::org::Org::commit); keys that it needs are made before.
    pub(super) fn commit(
        &self,
        decide: impl Fn(&OrgState) -> Result<Vec<Change>, ApiError>,
    ) -> Result<Arc<OrgState>, ApiError> {
        let keys = &self.spare_keys;
        loop {
            keys.taken.set(0);
            keys.wanted.set(false);
            keys.inside.set(true);
            let outcome = self.org.commit(self.request.now, &decide);
            keys.inside.set(false);
            if outcome.is_ok() || !keys.wanted.get() {
                return outcome;
            }
            let key = super::credential_keys::fresh(self)?;
            keys.ready.borrow_mut().push(key);
        }
    }
}
