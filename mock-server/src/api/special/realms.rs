//! Realms, the rules that put users into them, and what happens when a rule is carried out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::draft::{Action, Draft, set};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

/// Realms: the users of one that goes are in the default one again.
pub(super) struct Realms;

impl Special for Realms {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action != Action::Delete {
            return Ok(());
        }
        let users = draft.state.all("users").after(None);
        if users.into_iter().any(|user| user.is("/realmId", &draft.id)) {
            return Err(ApiError::catalogued("E0000178", "It has users.", ""));
        }
        Ok(())
    }
}

/// Realm assignments: their realm exists, and they have the domains of it.
pub(super) struct RealmAssignments;

impl Special for RealmAssignments {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if !matches!(draft.action, Action::Create | Action::Replace | Action::Update) {
            return Ok(());
        }
        let id = draft.value.pointer("/actions/assignUserToRealm/realmId").and_then(Value::as_str);
        let id = id.unwrap_or_default();
        let realm = draft.state.get("realms", id);
        let realm = realm.ok_or_else(|| ApiError::NotFound(id.to_owned(), "Realm"))?;
        let domains = realm.value().pointer("/profile/domains").cloned().unwrap_or_else(|| json!([]));
        set(&mut draft.value, "/domains", domains);
        Ok(())
    }
}

/// The carrying out of one assignment, or of all.
pub(super) struct RealmOperations;

impl Special for RealmOperations {
    /// Conditions are expressions, which are not evaluated here: a rule that has one moves nobody, a rule without one
    /// moves all users of other realms.
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let wanted = draft.body.get("assignmentId").and_then(Value::as_str).unwrap_or_default().to_owned();
        let all = draft.state.all("realm_assignments");
        let chosen: Vec<Arc<Document>> = if wanted == "ALL" {
            all.after(None).filter(|one| one.is("/status", "ACTIVE")).cloned().collect()
        } else {
            let found = all.get(&wanted);
            vec![found.ok_or_else(|| ApiError::NotFound(wanted.clone(), "RealmAssignment"))?.clone()]
        };
        let Some(first) = chosen.first() else { return Ok(()) };
        let rule = first.value();
        let realm_id = first.text("/actions/assignUserToRealm/realmId").unwrap_or_default().into_owned();
        let name = draft.state.get("realms", &realm_id).and_then(|realm| realm.text("/profile/name"));
        let configuration = json!({
            "id": first.id,
            "name": rule["name"],
            "conditions": rule["conditions"],
            "actions": rule["actions"],
        });
        let members = [
            ("/realmId", json!(realm_id)),
            ("/realmName", json!(name)),
            ("/assignmentOperation", json!({ "configuration": configuration })),
        ];
        for (pointer, value) in members {
            set(&mut draft.value, pointer, value);
        }
        let mut moved = 0;
        if rule.pointer("/conditions/expression/value").is_none() {
            for user in draft.state.all("users").after(None).filter(|user| !user.is("/realmId", &realm_id)) {
                let mut value = user.value();
                set(&mut value, "/realmId", json!(realm_id));
                draft.also.push(Change::put("users", user.id.clone(), value, user.hidden.clone()));
                moved += 1;
            }
        }
        set(&mut draft.value, "/numUserMoved", json!(moved));
        Ok(())
    }
}
