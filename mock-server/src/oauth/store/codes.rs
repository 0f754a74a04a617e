//! Authorization codes: 300 seconds, once (token-facts §10).

use serde::{Deserialize, Serialize};

use super::{Allowed, Kept, decide, keep};
use crate::org::Org;
use crate::org::state::OrgState;

/// How long a code can be redeemed, in seconds.
pub const LIFETIME: i64 = 300;

#[derive(Serialize, Deserialize)]
struct Code {
    allowed: Allowed,
    expires_at: i64,
}

impl Kept for Code {
    const KIND: &'static str = "codes";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// A new code for what a user has allowed. `now` in epoch seconds.
pub fn issue(org: &Org, now: i64, allowed: Allowed) -> String {
    let code = org.ids().word(43);
    keep(org, now, &code, &Code { allowed, expires_at: now.saturating_add(LIFETIME) }, 0);
    code
}

/// What a code stands for, if it can be redeemed; it still can afterwards.
pub fn find(state: &OrgState, now: i64, code: &str) -> Option<Allowed> {
    Code::live(state, now, code).map(|code| code.allowed)
}

/// Redeems a code: the first caller gets what it stands for, no other does.
pub fn take(org: &Org, now: i64, code: &str) -> Option<Allowed> {
    decide(org, now, |state| Some((find(state, now, code)?, vec![Code::forget(code)])))
}
