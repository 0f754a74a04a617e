//! What administrators enrol for users: phones, temporary access codes; the YubiKeys of an org.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Special;
use crate::api::draft::{Action, Draft, set};
use crate::org::clock::okta_timestamp;
use crate::wire::ApiError;

/// Authenticator enrolments.
pub(super) struct AuthenticatorEnrollments;

impl Special for AuthenticatorEnrollments {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action != Action::Create {
            return Ok(());
        }
        let id = draft.body.get("authenticatorId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let authenticator = draft.state.get("authenticators", &id);
        let authenticator = authenticator.ok_or_else(|| ApiError::NotFound(id.clone(), "Authenticator"))?;
        let wants_code = draft.asked.operation.path.ends_with("/tac");
        let key = if wants_code { "tac" } else { "phone_number" };
        if !authenticator.is("/key", key) {
            let cause = "authenticatorId: The authenticator does not support this operation.";
            return Err(ApiError::invalid("authenticatorId", cause));
        }
        let own = authenticator.value();
        for member in ["key", "type", "name"] {
            set(&mut draft.value, &format!("/{member}"), own[member].clone());
        }
        if wants_code {
            let minutes = draft.body.get("profile").and_then(|profile| profile["ttl"].as_str()?.parse().ok());
            let expires = SignedDuration::from_mins(minutes.unwrap_or(120));
            let now = draft.asked.request.now;
            let expires = okta_timestamp(now.saturating_add(expires).unwrap_or(now));
            let multi_use = draft.body.get("profile").map(|profile| profile["multiUse"] == true);
            let code = draft.asked.org.ids().word(16);
            let profile =
                json!({ "multiUse": multi_use.unwrap_or(false), "expiresAt": expires, "tac": code });
            set(&mut draft.value, "/profile", profile);
        }
        Ok(())
    }
}

/// YubiKey tokens: twelve digits name one.
pub(super) struct YubikeyTokens;

impl Special for YubikeyTokens {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let serial = draft.body.get("serialNumber").and_then(Value::as_str).unwrap_or_default();
        set(&mut draft.value, "/profile", json!({ "serial": format!("{serial:0>12}") }));
        Ok(())
    }
}
