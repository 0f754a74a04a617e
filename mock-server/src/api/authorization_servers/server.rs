//! A server that is being written: its keys, when they are changed, and what a new one has from the beginning.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api::draft::{Action, Draft, set, unset};
use crate::api::special::Special;
use crate::org::clock::okta_timestamp;
use crate::org::keys::PERIOD;
use crate::org::seed::server_parts;
use crate::wire::ApiError;

/// What is special about servers.
pub(in crate::api) struct Server;

/// What a new server has; its policies are for its administrator to write (recorded).
const FIRST_PARTS: [&str; 2] = ["authorization_server_scopes", "authorization_server_claims"];

impl Special for Server {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                let keys =
                    [("ACTIVE", draft.asked.org.ids().key_id()), ("NEXT", draft.asked.org.ids().key_id())];
                set(&mut draft.value, "/credentials/signing/kid", json!(keys[0].1));
                // Recorded: a new server changes its keys by itself, whatever the request says.
                set(&mut draft.value, "/credentials/signing/rotationMode", json!("AUTO"));
                let keys: Value =
                    keys.iter().map(|(status, kid)| json!({ "kid": kid, "status": status })).collect();
                set(&mut draft.hidden, "/keys", keys);
                schedule(draft);
                draft.also.extend(server_parts(draft.asked.org.ids(), &FIRST_PARTS, &draft.id, &draft.now()));
            }
            Action::Replace | Action::Update => schedule(draft),
            _ => {}
        }
        Ok(())
    }
}

/// When the keys change by themselves; a server whose keys an administrator changes has no such time.
fn schedule(draft: &mut Draft<'_>) {
    const AT: &str = "/credentials/signing/nextRotation";
    if draft.value.pointer("/credentials/signing/rotationMode").is_some_and(|mode| mode == "MANUAL") {
        unset(&mut draft.value, AT);
        return;
    }
    let known = draft.value.pointer(AT).is_some_and(Value::is_string);
    let last = draft.value.pointer("/credentials/signing/lastRotated").and_then(Value::as_str);
    let last = last.and_then(|time| time.parse::<Timestamp>().ok());
    if let (false, Some(last)) = (known, last) {
        set(&mut draft.value, AT, json!(next_rotation(last)));
    }
}

/// When keys that began to sign at a time are changed by themselves.
pub(super) fn next_rotation(last: Timestamp) -> String {
    okta_timestamp(last.saturating_add(SignedDuration::from_secs(PERIOD)).unwrap_or(last))
}
