//! Refresh tokens (token-facts §10). All that follow from one sign-in are a family: they share what the user has
//! allowed and the end of their time, and they fall together, with the access tokens that were issued beside them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Allowed, Kept, decide};
use crate::org::Org;
use crate::org::change::Change;
use crate::org::mutation::Mutation;
use crate::org::state::OrgState;

/// How long a family lives, in seconds: 90 days.
pub const LIFETIME: i64 = 90 * 86_400;

/// How long a family that nobody uses lives, in seconds: 7 days.
pub const IDLE: i64 = 7 * 86_400;

/// How often a client gets a new refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// Never: the same value comes back.
    Static,
    /// At each use; the old value works on for so many seconds.
    Rotate(i64),
}

/// A family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// Its id (`oar…`), which ends the `jti` of its access tokens.
    pub id: Arc<str>,
    /// What the user has allowed.
    pub allowed: Allowed,
    /// When the family began, in epoch seconds.
    pub created_at: i64,
    /// When the family ends, however often it is used.
    pub expires_at: i64,
    /// When it ends if nobody uses it.
    pub idle_at: i64,
    /// How long it lives when nobody uses it, in seconds.
    pub idle: i64,
    /// The newest value.
    pub newest: Arc<str>,
    /// Revoked by the client, or because a value was used that had been replaced.
    pub revoked: bool,
}

impl Kept for Family {
    const KIND: &'static str = "refresh_families";

    fn until(&self) -> i64 {
        self.expires_at.min(self.idle_at)
    }
}

/// One value.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Value {
    family: Arc<str>,
    expires_at: i64,
    /// When another took its place, in epoch seconds.
    replaced_at: Option<i64>,
}

impl Kept for Value {
    const KIND: &'static str = "refresh_tokens";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// A refresh token as it is given to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The value.
    pub token: Arc<str>,
    /// Its family.
    pub family: Family,
}

/// Why a refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Nobody knows it.
    #[error("it is no refresh token of this org")]
    Unknown,
    /// Its family's time is over.
    #[error("it has expired")]
    Expired,
    /// Its family was revoked.
    #[error("it was revoked")]
    Revoked,
    /// It was replaced too long ago, and was used again: that has killed its family.
    #[error("it had been replaced: its family is revoked")]
    Reused,
}

/// The first refresh token of a family that lives as long as the org server's.
pub fn issue(org: &Org, now: i64, allowed: Allowed) -> Refreshed {
    issue_for(org, now, allowed, LIFETIME, IDLE)
}

/// The first refresh token of a family. `lifetime` is the family's, `idle` how long it lives when nobody uses it, in
/// seconds.
pub fn issue_for(org: &Org, now: i64, allowed: Allowed, lifetime: i64, idle: i64) -> Refreshed {
    let token: Arc<str> = org.ids().word(43).into();
    let family = Family {
        id: org.ids().next("oar").into(),
        allowed,
        created_at: now,
        expires_at: now.saturating_add(lifetime),
        idle_at: now.saturating_add(idle),
        idle,
        newest: token.clone(),
        revoked: false,
    };
    let value = Value { family: family.id.clone(), expires_at: family.expires_at, replaced_at: None };
    decide(org, now, |state| {
        let old = Value::sweep(state, now, 0).chain(Family::sweep(state, now, 0));
        Some(((), old.chain([family.put(&family.id), value.put(&token)]).collect()))
    });
    Refreshed { token, family }
}

/// The family with an id.
pub fn family(state: &OrgState, id: &str) -> Option<Family> {
    Family::read(state, id)
}

/// The family of a value, if a client could use it now. Uses nothing up.
///
/// # Errors
/// [`Unusable`]; [`Unusable::Reused`] is told, its consequence is [`rotate`]'s.
pub fn find(state: &OrgState, now: i64, token: &str, rotation: Rotation) -> Result<Family, Unusable> {
    let value = Value::read(state, token).ok_or(Unusable::Unknown)?;
    let family = Family::read(state, &value.family).ok_or(Unusable::Expired)?;
    if family.revoked {
        return Err(Unusable::Revoked);
    }
    if now >= family.until() {
        return Err(Unusable::Expired);
    }
    if state.settings.mutations.has(Mutation::RefreshReuse) {
        return Ok(family);
    }
    match (value.replaced_at, rotation) {
        (Some(at), Rotation::Rotate(leeway)) if now >= at.saturating_add(leeway) => Err(Unusable::Reused),
        // The client's rotation was switched off after this value was replaced.
        (Some(_), Rotation::Static) => Err(Unusable::Reused),
        _ => Ok(family),
    }
}

/// Uses a refresh token: the value for next time, which is the same one for [`Rotation::Static`]. Within the leeway a
/// replaced value gives another new one.
///
/// # Errors
/// [`Unusable`]; a value that was replaced too long ago revokes its family.
pub fn rotate(org: &Org, now: i64, token: &str, rotation: Rotation) -> Result<Refreshed, Unusable> {
    let fresh: Arc<str> = org.ids().word(43).into();
    let used = decide(org, now, |state| {
        let mut family = match find(state, now, token, rotation) {
            Ok(family) => family,
            Err(Unusable::Reused) => {
                let reused = Value::read(state, token).and_then(|value| Family::read(state, &value.family));
                return Some((Err(Unusable::Reused), reused.map(revoked).into_iter().collect()));
            }
            Err(unusable) => return Some((Err(unusable), Vec::new())),
        };
        let mut value = Value::read(state, token)?;
        family.idle_at = now.saturating_add(family.idle);
        let mut changes = Vec::new();
        if rotation != Rotation::Static {
            family.newest = fresh.clone();
            changes.push(Value { replaced_at: None, ..value.clone() }.put(&fresh));
            // The leeway runs from the first use.
            value.replaced_at = value.replaced_at.or(Some(now));
            changes.push(value.put(token));
        }
        changes.push(family.put(&family.id));
        let token = if rotation == Rotation::Static { token.into() } else { fresh.clone() };
        Some((Ok(Refreshed { token, family }), changes))
    });
    used.unwrap_or(Err(Unusable::Unknown))
}

/// A user's families that can be used now, oldest first.
pub fn of_user(state: &OrgState, now: i64, user_id: &str) -> Vec<Family> {
    let all = state.all(Family::KIND).after(None).filter_map(|one| Family::live(state, now, &one.id));
    all.filter(|family| *family.allowed.user_id == *user_id && !family.revoked).collect()
}

/// Whose a value is, also when it can be used no more.
pub fn owner(state: &OrgState, token: &str) -> Option<Family> {
    Family::read(state, &Value::read(state, token)?.family)
}

/// Revokes a family: its refresh tokens and the access tokens that were issued beside them.
pub fn revoke_family(org: &Org, now: i64, id: &str) {
    decide(org, now, |state| Some(((), vec![revoked(Family::read(state, id)?)])));
}

fn revoked(mut family: Family) -> Change {
    family.revoked = true;
    family.put(&family.id)
}
