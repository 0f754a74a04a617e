//! Second factors seen from outside: what a phone, a mailbox or a token shows, and what a person taps on a phone. Tests
//! ask and tap by the control API; an org has no other phone.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Org;
use super::change::{Change, Shelf};
use super::clock::okta_timestamp;
use super::document::Document;
use super::state::OrgState;
use super::{own_event, passcode};

/// The kind.
pub const KIND: &str = "user_factors";

/// A push that somebody has to answer, or has answered. Kept in the hidden part of its factor.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Push {
    /// The id of its transaction.
    pub id: String,
    /// When nobody waits for it any more: seconds since 1970.
    pub expires_at: i64,
    /// How it came out.
    pub result: PushResult,
    /// The number that the person has to choose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<u8>,
}

/// How a push came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PushResult {
    /// Nobody has answered yet.
    Waiting,
    /// It was approved.
    Success,
    /// It was refused.
    Rejected,
    /// Nobody has answered in time.
    Timeout,
}

impl PushResult {
    /// As Okta writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Success => "SUCCESS",
            Self::Rejected => "REJECTED",
            Self::Timeout => "TIMEOUT",
        }
    }
}

impl Push {
    /// How it has come out at a time.
    pub fn result(&self, now: i64) -> PushResult {
        if self.result == PushResult::Waiting && now >= self.expires_at {
            PushResult::Timeout
        } else {
            self.result
        }
    }

    /// The pushes of a factor, the oldest first.
    pub fn of(hidden: &Value) -> Vec<Self> {
        let pushes = hidden.get("pushes").cloned().unwrap_or_default();
        serde_json::from_value(pushes).unwrap_or_default()
    }
}

/// Why a tap does nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPush {
    /// There is no such factor.
    #[error("no user has the factor {0:?}; GET /api/v1/users/{{id}}/factors lists a user's")]
    Unknown(String),
    /// It is not on a phone.
    #[error("the factor {0} is of the type {1:?}, which shows no pushes; those of the type push do")]
    NoPhone(String, String),
    /// Nothing waits.
    #[error("no push of the factor {0} waits for an answer; POST …/factors/{0}/verify sends one")]
    Nothing(String),
}

/// What is known of a factor.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The id of its user.
    pub user: String,
    /// The factor.
    pub factor: Arc<Document>,
    /// The code that was sent last, or that a token or an authenticator app shows now.
    pub code: Option<String>,
    /// The push that waits for an answer.
    pub push: Option<Push>,
}

fn find(state: &OrgState, id: &str) -> Result<(Arc<str>, Arc<Document>), NoPush> {
    let mut all = state.everywhere(KIND);
    let found = all.find_map(|(user, factors)| Some((user.clone(), factors.get(id)?.clone())));
    found.ok_or_else(|| NoPush::Unknown(id.to_owned()))
}

/// The code that somebody who holds the factor knows now.
pub fn code(hidden: &Value, now: i64) -> Option<String> {
    let text = |name: &str| hidden.get(name).and_then(Value::as_str);
    text("code").map(str::to_owned).or_else(|| passcode::shown(text("secret")?, now))
}

/// Looks at a factor.
///
/// # Errors
/// [`NoPush::Unknown`].
pub fn look(state: &OrgState, id: &str, now: Timestamp) -> Result<Seen, NoPush> {
    let (user, factor) = find(state, id)?;
    let now = now.as_second();
    let waiting = |push: &Push| push.result(now) == PushResult::Waiting;
    let push = Push::of(&factor.hidden).into_iter().rev().find(waiting);
    Ok(Seen { user: user.to_string(), code: code(&factor.hidden, now), push, factor })
}

/// Taps on the phone: the push that waits is approved or refused, or the phone that is being set up is added or not.
///
/// # Errors
/// [`NoPush`].
pub fn tap(org: &Org, id: &str, approve: bool, now: Timestamp) -> Result<Seen, NoPush> {
    let state = org.commit(now, |state| {
        let (user, factor) = find(state, id)?;
        let kind = factor.text("/factorType").unwrap_or_default();
        if !matches!(&*kind, "push" | "signed_nonce") {
            return Err(NoPush::NoPhone(id.to_owned(), kind.into_owned()));
        }
        let (mut value, mut hidden) = (factor.value(), Value::clone(&factor.hidden));
        if factor.is("/status", "PENDING_ACTIVATION") {
            set_up(state, &user, &mut value, approve, now).ok_or_else(|| NoPush::Nothing(id.to_owned()))?;
        } else {
            let mut pushes = Push::of(&hidden);
            let waiting = |push: &&mut Push| push.result(now.as_second()) == PushResult::Waiting;
            let push = pushes.iter_mut().rev().find(waiting).ok_or_else(|| NoPush::Nothing(id.to_owned()))?;
            push.result = if approve { PushResult::Success } else { PushResult::Rejected };
            hidden["pushes"] = json!(pushes);
        }
        let activated = value["status"] == "ACTIVE" && !factor.is("/status", "ACTIVE");
        let actor = state.get("users", &user).filter(|_| activated).map(|user| own_event::user(user));
        let mut changes = vec![Change::put(Shelf::below(KIND, &[&user]), factor.id.clone(), value, hidden)];
        changes.extend(actor.map(|actor| {
            let (kind, targets) = ("user.mfa.factor.activate", [actor.clone()]);
            own_event::written(org.ids(), now, kind, &actor, &targets, &json!({ "factor": factor.id }))
        }));
        Ok(changes)
    })?;
    look(&state, id, now)
}

/// A phone that is added, or not; none when nobody waits for it any more.
fn set_up(state: &OrgState, user: &str, factor: &mut Value, approve: bool, now: Timestamp) -> Option<()> {
    let activation = factor.pointer_mut("/_embedded/activation")?;
    let expires: Timestamp = activation["expiresAt"].as_str()?.parse().ok()?;
    if activation["factorResult"] != "WAITING" || expires <= now {
        return None;
    }
    if !approve {
        activation["factorResult"] = json!("CANCELLED");
        return Some(());
    }
    let login = state.get("users", user).and_then(|user| user.text("/profile/login")).unwrap_or_default();
    let factor = factor.as_object_mut()?;
    factor.shift_remove("_embedded");
    factor.insert("status".to_owned(), json!("ACTIVE"));
    factor.insert("lastUpdated".to_owned(), json!(okta_timestamp(now)));
    let profile = json!({
        "credentialId": login, "deviceType": "SmartPhone_IPhone", "name": "Phone", "platform": "IOS",
        "version": "9.0",
    });
    factor.insert("profile".to_owned(), profile);
    Some(())
}
