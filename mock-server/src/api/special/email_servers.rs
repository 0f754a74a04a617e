//! Custom SMTP servers: emails go out by one of them, or by Okta's own.

use super::Special;
use crate::api::draft::{Action, Draft};
use crate::wire::ApiError;

/// `special = "email_servers"`.
pub(super) struct EmailServers;

impl Special for EmailServers {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let writes = matches!(draft.action, Action::Create | Action::Update);
        if !writes || draft.value["enabled"] != true {
            return Ok(());
        }
        let mut others = draft.state.all("email_servers").after(None).filter(|other| other.id != draft.id);
        match others.any(|other| other.value()["enabled"] == true) {
            true => Err(ApiError::catalogued("E0000222", "", "")),
            false => Ok(()),
        }
    }
}
