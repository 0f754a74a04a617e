//! Provisioning connections of apps, and the groups that apps get.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

/// `special = "app_connections"`.
pub(super) struct Connections;

impl Special for Connections {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if !matches!(draft.action, Action::Create | Action::Replace | Action::Update) {
            return Ok(());
        }
        let scheme = draft.value.pointer("/profile/authScheme").and_then(Value::as_str);
        let Some(scheme) = scheme.filter(|scheme| *scheme != "UNKNOWN").map(str::to_owned) else {
            return Err(ApiError::invalid("profile", "authScheme: The field cannot be left blank"));
        };
        let enabled = match draft.asked.query("activate").as_deref() {
            Some(activate) => activate == "true",
            None => draft.value["status"] == "ENABLED",
        };
        // Recorded order.
        let mut value =
            json!({ "authScheme": scheme, "status": if enabled { "ENABLED" } else { "DISABLED" } });
        if let Some(url) = draft.value.get("baseUrl") {
            value["baseUrl"] = url.clone();
        }
        value["profile"] = draft.value["profile"].take();
        draft.value = value;
        Ok(())
    }

    /// A connection that nobody has made yet has no links (recorded).
    fn show(&self, _: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        document.is("/status", "UNKNOWN").then(|| document.value())
    }
}

/// `special = "group_push_mappings"`.
pub(super) struct GroupPush;

impl Special for GroupPush {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {}
            Action::Delete => {
                let target = draft.value["targetGroupId"].as_str().unwrap_or_default().to_owned();
                let wanted = draft.asked.query("deleteTargetGroup").as_deref() == Some("true");
                if wanted
                    && draft.state.get("groups", &target).is_some_and(|group| group.is("/type", "APP_GROUP"))
                {
                    draft.also.push(Change::remove("groups", target));
                }
                return Ok(());
            }
            _ => return Ok(()),
        }
        let source = draft.value["sourceGroupId"].as_str().unwrap_or_default().to_owned();
        let Some(source) = draft.state.get("groups", &source) else {
            return Err(ApiError::NotFound(source, "UserGroup"));
        };
        match draft.value["targetGroupId"].as_str() {
            Some(target) if draft.state.get("groups", target).is_none() => {
                return Err(ApiError::NotFound(target.to_owned(), "UserGroup"));
            }
            Some(_) => {}
            None => {
                let name = draft.hidden.get("targetGroupName").and_then(Value::as_str).map(str::to_owned);
                let name = name.or_else(|| source.text("/profile/name").map(|name| name.into_owned()));
                let id: Arc<str> = draft.asked.org.ids().next("00g").into();
                draft.value["targetGroupId"] = json!(id);
                draft.also.push(app_group(draft, &id, name.as_deref().unwrap_or_default()));
            }
        }
        Ok(())
    }
}

/// The group that a mapping makes in the app, as the org sees it.
fn app_group(draft: &Draft<'_>, id: &Arc<str>, name: &str) -> Change {
    let now = draft.now();
    let app = draft.target.parents.first().map(|app| app.id.to_string()).unwrap_or_default();
    let value = json!({
        "id": id,
        "created": now,
        "lastUpdated": now,
        "lastMembershipUpdated": now,
        "objectClass": ["okta:user_group"],
        "type": "APP_GROUP",
        "profile": { "name": name, "description": null },
        "source": { "id": app },
    });
    Change::put("groups", id.clone(), value, Value::Null)
}
