//! Device codes: 600 seconds, asked about every 5 seconds at most (token-facts §10, device.*).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Kept, decide};
use crate::org::Org;
use crate::org::state::OrgState;

/// How long a device code and its user code live, in seconds.
pub const LIFETIME: i64 = 600;

/// How long a device waits between two questions, in seconds.
pub const INTERVAL: i64 = 5;

/// So long an expired code is still told apart from an unknown one, in seconds.
const REMEMBERED: i64 = 3600;

/// The characters of user codes: those that nobody takes for another, and that form no words.
const USER_CODE: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// A device code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCode {
    /// What the device asks with.
    pub device_code: Arc<str>,
    /// What the user types: eight letters.
    pub user_code: String,
    /// The client.
    pub client_id: Arc<str>,
    /// The custom authorization server; none for the org's own.
    pub server: Option<Arc<str>>,
    /// The scopes asked for, in their order.
    pub scopes: Vec<Arc<str>>,
    /// When it ends, in epoch seconds.
    pub expires_at: i64,
    /// What the user has decided.
    pub decision: Decision,
    /// When the device asked last, in epoch seconds.
    pub asked_at: Option<i64>,
}

/// What the user has decided about a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// Nothing yet.
    Pending,
    /// The device may act for this user.
    Approved(Approval),
    /// It may not.
    Denied,
}

/// Who has approved a device, and how that user signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The user's id.
    pub user_id: Arc<str>,
    /// When the user signed in, in epoch seconds.
    pub auth_time: i64,
    /// How.
    pub amr: Vec<String>,
    /// The session.
    pub session: Option<Arc<str>>,
}

/// What a device is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There is no such code, or it was redeemed.
    Unknown,
    /// Another client has it.
    OtherClient,
    /// Another authorization server has issued it.
    OtherServer,
    /// Its time is over.
    Expired,
    /// The user has not decided.
    Pending,
    /// The device asks too often.
    SlowDown,
    /// The user has said no.
    Denied,
    /// The user has said yes; the code is used up.
    Approved(Box<DeviceCode>, Approval),
}

impl Kept for DeviceCode {
    const KIND: &'static str = "device_codes";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// A new device code.
pub fn issue(
    org: &Org,
    now: i64,
    client_id: Arc<str>,
    server: Option<Arc<str>>,
    scopes: Vec<Arc<str>>,
) -> DeviceCode {
    let code = DeviceCode {
        device_code: org.ids().uuid().into(),
        user_code: user_code(org),
        client_id,
        server,
        scopes,
        expires_at: now.saturating_add(LIFETIME),
        decision: Decision::Pending,
        asked_at: None,
    };
    super::keep(org, now, &code.device_code, &code, REMEMBERED);
    code
}

/// The undecided code that a user has typed: letter case and hyphens do not matter.
pub fn by_user_code(state: &OrgState, now: i64, typed: &str) -> Option<DeviceCode> {
    let typed: String =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_uppercase()).collect();
    let all = state.all(DeviceCode::KIND).after(None);
    all.filter_map(|document| DeviceCode::deserialize(&*document.hidden).ok())
        .find(|code| code.user_code == typed && now < code.expires_at && code.decision == Decision::Pending)
}

/// How many codes of a client wait for their users.
pub fn waiting(state: &OrgState, now: i64, client_id: &str) -> usize {
    let all = state.all(DeviceCode::KIND).after(None);
    all.filter_map(|document| DeviceCode::deserialize(&*document.hidden).ok())
        .filter(|code| *code.client_id == *client_id)
        .filter(|code| now < code.expires_at && code.decision == Decision::Pending)
        .count()
}

/// Writes down what the user has decided. False when the code is gone, expired or decided already.
pub fn settle(org: &Org, now: i64, device_code: &str, decision: &Decision) -> bool {
    let settled = decide(org, now, |state| {
        let mut code = DeviceCode::live(state, now, device_code)?;
        if code.decision != Decision::Pending {
            return None;
        }
        code.decision = decision.clone();
        Some(((), vec![code.put(device_code)]))
    });
    settled.is_some()
}

/// A device asks: counts the question, and uses the code up when the user has approved.
pub fn ask(org: &Org, now: i64, client_id: &str, server: Option<&str>, device_code: &str) -> Answer {
    let answer = decide(org, now, |state| {
        let Some(mut code) = DeviceCode::read(state, device_code) else {
            return Some((Answer::Unknown, Vec::new()));
        };
        if *code.client_id != *client_id {
            return Some((Answer::OtherClient, Vec::new()));
        }
        if code.server.as_deref() != server {
            return Some((Answer::OtherServer, Vec::new()));
        }
        if now >= code.expires_at {
            return Some((Answer::Expired, Vec::new()));
        }
        match code.decision.clone() {
            Decision::Approved(approval) => {
                Some((Answer::Approved(Box::new(code), approval), vec![DeviceCode::forget(device_code)]))
            }
            Decision::Denied => Some((Answer::Denied, vec![DeviceCode::forget(device_code)])),
            Decision::Pending => {
                let early = code.asked_at.is_some_and(|asked| now < asked.saturating_add(INTERVAL));
                code.asked_at = Some(now);
                let answer = if early { Answer::SlowDown } else { Answer::Pending };
                Some((answer, vec![code.put(device_code)]))
            }
        }
    });
    answer.unwrap_or(Answer::Unknown)
}

fn user_code(org: &Org) -> String {
    let mut bytes = [0; 8];
    org.ids().fill(&mut bytes);
    bytes.iter().map(|byte| char::from(USER_CODE[usize::from(*byte) % USER_CODE.len()])).collect()
}
