//! Telephony providers, of which one is primary, and service accounts of Okta Privileged Access.

use serde_json::Value;

use super::Special;
use crate::api::draft::{Action, Draft, set};
use crate::org::change::Change;
use crate::wire::ApiError;

/// The first provider is the primary one; making another primary demotes it.
pub(super) struct TelephonyProviders;

impl Special for TelephonyProviders {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let all = draft.state.all("telephony_providers");
        if draft.action == Action::Create && all.is_empty() {
            draft.value["isPrimaryProvider"] = true.into();
        }
        if draft.action == Action::Lifecycle("set_as_primary".to_owned()) {
            for other in all.after(None).filter(|other| other.id != draft.id) {
                let mut value = other.value();
                set(&mut value, "/isPrimaryProvider", false.into());
                draft.also.push(Change::put(
                    "telephony_providers",
                    other.id.clone(),
                    value,
                    other.hidden.clone(),
                ));
            }
        }
        Ok(())
    }
}

/// An account is told by what it belongs to: an app, or a user of the org.
pub(super) struct ServiceAccounts;

impl Special for ServiceAccounts {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action != Action::Create {
            return Ok(());
        }
        if let Some(orn) = draft.value.get("containerOrn").and_then(Value::as_str) {
            // orn:okta:idp:<org>:apps:<name>:<id>
            let mut parts = orn.rsplit(':');
            let (id, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let label = draft.state.get("apps", id).and_then(|app| Some(app.text("/label")?.into_owned()));
            let name = name.to_owned();
            draft.value["containerInstanceName"] = label.unwrap_or_else(|| name.clone()).into();
            draft.value["containerGlobalName"] = name.into();
            if draft.hidden["password"].is_string() {
                draft.value["status"] = "NO_ISSUES".into();
                draft.value["statusDetail"] = "UNMANAGED".into();
            }
        } else if draft.value.get("oktaUserId").is_some() {
            let id = draft.value["oktaUserId"].as_str().unwrap_or_default().to_owned();
            let user = draft.state.get("users", &id).ok_or_else(|| ApiError::NotFound(id.clone(), "User"))?;
            for (member, pointer) in [("username", "/profile/login"), ("email", "/profile/email")] {
                draft.value[member] = user.text(pointer).unwrap_or_default().into();
            }
        }
        Ok(())
    }
}
