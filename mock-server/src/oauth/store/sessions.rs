//! Sessions of signed-in users: what the cookie `sid` names.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Kept, decide, keep};
use crate::org::Org;
use crate::org::state::OrgState;

/// How long a session lasts, in seconds: two hours, as in an org whose policy nobody has changed.
pub const LIFETIME: i64 = 7200;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The id: the value of the cookie, and `sid` of ID tokens.
    pub id: Arc<str>,
    /// The user's id.
    pub user_id: Arc<str>,
    /// When the user signed in, in epoch seconds.
    pub auth_time: i64,
    /// When the session ends by itself, in epoch seconds.
    pub expires_at: i64,
    /// How the user signed in.
    pub amr: Vec<String>,
}

impl Kept for Session {
    const KIND: &'static str = "sessions";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// A session for a user who has just signed in.
pub fn start(org: &Org, now: i64, user_id: &str, amr: Vec<String>) -> Session {
    let session = Session {
        id: format!("102{}", org.ids().word(22)).into(),
        user_id: user_id.into(),
        auth_time: now,
        expires_at: now.saturating_add(LIFETIME),
        amr,
    };
    keep(org, now, &session.id, &session, 0);
    session
}

/// The session with an id, if it has not ended.
pub fn find(state: &OrgState, now: i64, id: &str) -> Option<Session> {
    Session::live(state, now, id)
}

/// Ends a session. Whether there was one.
pub fn end(org: &Org, now: i64, id: &str) -> bool {
    let ended = decide(org, now, |state| Session::read(state, id).map(|_| ((), vec![Session::forget(id)])));
    ended.is_some()
}

/// Lets a session last its time again from now. The session, if it has not ended.
pub fn refresh(org: &Org, now: i64, id: &str) -> Option<Session> {
    decide(org, now, |state| {
        let mut session = Session::live(state, now, id)?;
        session.expires_at = now.saturating_add(LIFETIME);
        Some((session.clone(), vec![session.put(id)]))
    })
}

/// Ends all sessions of a user.
pub fn end_all(org: &Org, now: i64, user_id: &str) {
    decide(org, now, |state| {
        let all = state.all(Session::KIND).after(None);
        let own = all.filter(|one| one.hidden.get("user_id").is_some_and(|user| user == user_id));
        Some(((), own.map(|one| Session::forget(&one.id)).collect()))
    });
}
