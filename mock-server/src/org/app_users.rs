//! Who has an app because a group has it: the users of apps follow the members of groups, in the same commit, whoever
//! moved them (a request, a group rule, a new user, a group that is gone).

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::change::{Change, Shelf};
use super::clock::okta_timestamp;
use super::document::Document;
use super::state::OrgState;

/// What happens to the users of apps after these changes.
pub(super) fn followed(state: &OrgState, changes: &[Change], at: Timestamp) -> Vec<Change> {
    let assigns = |change: &Change| matches!(change, Change::Put { shelf, .. } if shelf.kind == "app_groups");
    if !state.derived.has_group_apps() && !changes.iter().any(assigns) {
        return Vec::new();
    }
    let touched = touched(state, changes);
    if touched.is_empty() {
        return Vec::new();
    }
    let after = super::applied(state, changes);
    let now = okta_timestamp(at);
    touched.iter().filter_map(|(app, user)| settled(&after, app, user, &now)).collect()
}

/// The apps and the users whose groups have changed for each other.
fn touched(state: &OrgState, changes: &[Change]) -> BTreeSet<(Arc<str>, Arc<str>)> {
    let mut touched = BTreeSet::new();
    let mut members = |app: &Arc<str>, group: &str| {
        let members = state.related("members", group, None);
        touched.extend(members.map(|user| (app.clone(), user.clone())));
    };
    for change in changes {
        match change {
            Change::Put { shelf, id, .. } | Change::Remove { shelf, id } if shelf.kind == "app_groups" => {
                members(&shelf.parent, id);
            }
            Change::Remove { shelf, id } if shelf.kind == "groups" => {
                state.derived.group_apps(id).for_each(|app| members(app, id));
            }
            _ => {}
        }
    }
    for change in changes {
        if let Change::Link { relation: "members", from, to }
        | Change::Unlink { relation: "members", from, to } = change
        {
            touched.extend(state.derived.group_apps(from).map(|app| (app.clone(), to.clone())));
        }
    }
    touched
}

/// The change that makes a user of an app what its groups say; none when it is so. A user who has the app on its own
/// keeps it.
fn settled(state: &OrgState, app: &Arc<str>, user: &Arc<str>, now: &str) -> Option<Change> {
    let (person, _) = (state.get("users", user)?, state.get("apps", app)?);
    let shelf = Shelf::below("app_users", &[app]);
    let held = state.on(&shelf).get(user);
    let by = held.map(|held| held.hidden.get("group").and_then(Value::as_str));
    let groups = state.below("app_groups", app);
    let is_in = |group: &str| groups.get(group).is_some() && state.is_related("members", group, user);
    match by {
        Some(None) => return None,
        Some(Some(group)) if is_in(group) => return None,
        _ => {}
    }
    // The first by priority, which is the smallest number.
    let priority = |group: &Document| group.value().get("priority").and_then(Value::as_i64);
    let group = groups.after(None).filter(|group| is_in(&group.id)).min_by_key(|group| priority(group));
    match (held, group) {
        (None, None) => None,
        (Some(_), None) => Some(Change::remove(shelf, user.clone())),
        (Some(held), Some(group)) => {
            let mut hidden = Value::clone(&held.hidden);
            hidden["group"] = json!(group.id);
            Some(Change::put(shelf, user.clone(), held.value(), hidden))
        }
        (None, Some(group)) => {
            let value = json!({
                "id": user,
                "externalId": null,
                "created": now,
                "lastUpdated": now,
                "scope": "GROUP",
                "status": "ACTIVE",
                "statusChanged": now,
                "passwordChanged": null,
                "syncState": "DISABLED",
                "credentials": { "userName": person.text("/profile/login") },
                "profile": {},
            });
            Some(Change::put(shelf, user.clone(), value, json!({ "group": group.id })))
        }
    }
}
