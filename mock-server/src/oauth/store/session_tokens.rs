//! Session tokens: what `POST /api/v1/authn` gives, and `/authorize` takes once for a session.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Kept, decide, keep};
use crate::org::Org;
use crate::org::state::OrgState;

/// How long a session token can be used, in seconds.
pub const LIFETIME: i64 = 300;

#[derive(Serialize, Deserialize)]
struct SessionToken {
    user_id: Arc<str>,
    expires_at: i64,
}

impl Kept for SessionToken {
    const KIND: &'static str = "session_tokens";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// A session token for a user who has shown a password. `now` in epoch seconds.
pub fn issue(org: &Org, now: i64, user_id: &Arc<str>) -> String {
    let token = format!("20111{}", org.ids().word(60));
    let one = SessionToken { user_id: user_id.clone(), expires_at: now.saturating_add(LIFETIME) };
    keep(org, now, &token, &one, 0);
    token
}

/// Uses a session token up: the first caller gets the user's id, no other does.
pub fn take(org: &Org, now: i64, token: &str) -> Option<Arc<str>> {
    decide(org, now, |state: &OrgState| {
        let one = SessionToken::live(state, now, token)?;
        Some((one.user_id, vec![SessionToken::forget(token)]))
    })
}
