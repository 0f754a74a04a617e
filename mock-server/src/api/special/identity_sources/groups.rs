//! The groups of an identity source: each is a group of the org, of the same id, which only the source changes. Its
//! members are named by their external ids; those whom the source has told of are members of the org's group.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{by_external, kind_of};
use crate::api::draft::{Action, Draft};
use crate::api::special::Special;
use crate::api::target::Target;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// `special = "identity_source_groups"`.
pub(in crate::api::special) struct Groups;

/// `special = "identity_source_members"`.
pub(in crate::api::special) struct Members;

impl Special for Groups {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action == Action::Delete {
            draft.also.push(Change::remove("groups", draft.id.clone()));
            return Ok(());
        }
        let profile = |name: &str| draft.value.pointer(&format!("/profile/{name}")).cloned();
        let (name, description) = (profile("displayName"), profile("description"));
        if name.as_ref().and_then(Value::as_str).is_none_or(str::is_empty) {
            let cause = "displayName: The field cannot be left blank";
            return Err(ApiError::invalid("displayName", cause));
        }
        let (mut value, hidden) = match draft.state.get("groups", &draft.id) {
            Some(old) => (old.value(), Value::clone(&old.hidden)),
            None => {
                let resource = kind_of("groups")?;
                let target =
                    Target { resource, shelf: "groups".into(), parents: Vec::new(), name: String::new() };
                let nothing = Map::new();
                let id = draft.id.clone();
                let new = Draft::unwritten(draft.asked, draft.state, &target, id, &nothing, &Value::Null);
                (new.value, new.hidden)
            }
        };
        value["type"] = json!("APP_GROUP");
        value["profile"]["name"] = name.unwrap_or_default();
        value["profile"]["description"] = description.unwrap_or_default();
        value["lastUpdated"] = json!(draft.now());
        draft.also.push(Change::put("groups", draft.id.clone(), value, hidden));
        Ok(())
    }
}

impl Special for Members {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if let (Action::Delete, [source, group]) = (&draft.action, draft.target.parents.as_slice()) {
            draft.also.extend(left(draft.state, &source.id, group, &draft.id));
        }
        Ok(())
    }
}

/// A member comes.
pub(super) fn joined(state: &OrgState, source: &str, group: &Document, external: &str) -> Vec<Change> {
    let shelf = Shelf::below("identity_source_members", &[source, &group.id]);
    let mut changes = vec![Change::put(shelf, external, json!({}), Value::Null)];
    changes.extend(user_of(state, source, external).map(|user| link(&group.id, &user, true)));
    changes
}

/// A member goes.
pub(super) fn left(state: &OrgState, source: &str, group: &Document, external: &str) -> Vec<Change> {
    let shelf = Shelf::below("identity_source_members", &[source, &group.id]);
    let mut changes = vec![Change::remove(shelf, external)];
    changes.extend(user_of(state, source, external).map(|user| link(&group.id, &user, false)));
    changes
}

/// The org's user who stands for a user of the source.
fn user_of(state: &OrgState, source: &str, external: &str) -> Option<Arc<str>> {
    let found = by_external(state, &Shelf::below("identity_source_users", &[source]), external)?;
    let user = found.hidden.get("user")?.as_str()?;
    state.get("users", user).map(|user| user.id.clone())
}

pub(super) fn link(group: &Arc<str>, user: &Arc<str>, on: bool) -> Change {
    let (relation, from, to) = ("members", group.clone(), user.clone());
    if on { Change::Link { relation, from, to } } else { Change::Unlink { relation, from, to } }
}
