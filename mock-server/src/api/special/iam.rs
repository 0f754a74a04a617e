//! Custom admin roles and resource sets: what a request says of permissions and resources becomes objects below.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::facts::resources::BASE_MARK;
use crate::org::change::{Change, Shelf};
use crate::org::orn::Orn;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is special about custom roles.
pub(super) struct IamRoles;

impl Special for IamRoles {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                let now = draft.now();
                let shelf = Shelf::below("iam_role_permissions", &[&draft.id]);
                let mut permissions: Vec<String> = texts(draft.body.get("permissions")).collect();
                permissions.sort();
                permissions.dedup();
                for permission in permissions {
                    is_permission(&permission)?;
                    let value = json!({ "label": permission, "created": now, "lastUpdated": now, "conditions": null });
                    draft.also.push(Change::put(shelf.clone(), permission, value, Value::Null));
                }
            }
            Action::Delete => {
                for set in draft.state.all("resource_sets").after(None) {
                    draft.also.extend(unbound(draft.state, &set.id, &draft.id));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn list_links(&self, asked: &Asked<'_>) -> Option<Value> {
        Some(json!({ "self": own(asked) }))
    }
}

/// What is special about the permissions of custom roles.
pub(super) struct IamRolePermissions;

impl Special for IamRolePermissions {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        is_permission(&draft.id)
    }
}

/// What is special about resource sets.
pub(super) struct ResourceSets;

impl Special for ResourceSets {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                let wanted: Vec<String> = texts(draft.body.get("resources")).collect();
                let more = added(draft.asked, draft.state, &draft.id, &wanted)?;
                draft.also.extend(more);
            }
            Action::Delete => {
                let bindings = draft.state.below("resource_set_bindings", &draft.id).after(None);
                for binding in bindings {
                    draft.also.extend(unbound(draft.state, &draft.id, &binding.id));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn list_links(&self, asked: &Asked<'_>) -> Option<Value> {
        Some(json!({ "self": own(asked) }))
    }
}

/// What is special about the resources of a set.
pub(super) struct Resources;

impl Special for Resources {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action == Action::Create {
            let text = draft.body.get("resourceOrnOrUrl").and_then(Value::as_str).unwrap_or_default();
            let orn = known(draft.state, text)?;
            let (value, hidden) = orn.resource(&draft.id, &draft.now());
            draft.value["orn"] = value["orn"].clone();
            draft.hidden = hidden;
        }
        Ok(())
    }

    fn list_links(&self, asked: &Asked<'_>) -> Option<Value> {
        let set = asked.request.path().trim_end_matches('/').trim_end_matches("/resources");
        Some(json!({ "resource-set": { "href": format!("{BASE_MARK}{set}") }, "self": own(asked) }))
    }
}

fn own(asked: &Asked<'_>) -> Value {
    json!({ "href": format!("{BASE_MARK}{}", asked.request.path().trim_end_matches('/')) })
}

fn texts(list: Option<&Value>) -> impl Iterator<Item = String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned)
}

/// Whether a text can be a permission. Which there are grows with every release, so the form decides.
fn is_permission(text: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() >= 3 && parts[0] == "okta" && parts.iter().all(|part| !part.is_empty()) {
        return Ok(());
    }
    Err(ApiError::invalid("permissions", format!("permissions: {text} is not a permission")))
}

/// The resource that a request names, if what it names is there.
fn known(state: &OrgState, text: &str) -> Result<Orn, ApiError> {
    let orn = Orn::read(text, &state.settings.org_id)
        .ok_or_else(|| ApiError::invalid("resources", format!("resources: {text} is not a resource")))?;
    if let Some((kind, id)) = orn.object()
        && state.get(kind, id).is_none()
    {
        let cause = format!("resources: {text} is not a resource of this org");
        return Err(ApiError::invalid("resources", cause));
    }
    Ok(orn)
}

/// The changes that add resources to a set; what it has already is left out.
pub(in crate::api) fn added(
    asked: &Asked<'_>,
    state: &OrgState,
    set: &str,
    wanted: &[String],
) -> Result<Vec<Change>, ApiError> {
    let shelf = Shelf::below("resource_set_resources", &[set]);
    let now = crate::org::clock::okta_timestamp(asked.request.now);
    let mut changes = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for text in wanted {
        let orn = known(state, text)?;
        let held = state.on(&shelf).after(None).any(|resource| resource.is("/orn", &orn.text));
        if held || seen.contains(&orn.text) {
            continue;
        }
        let id: Arc<str> = asked.org.ids().next("ire").into();
        let (value, hidden) = orn.resource(&id, &now);
        changes.push(Change::put(shelf.clone(), id, value, hidden));
        seen.push(orn.text);
    }
    Ok(changes)
}

/// The changes that take a custom role on a resource set from all who hold it.
pub(in crate::api) fn unbound<'s>(
    state: &'s OrgState,
    set: &str,
    role: &str,
) -> impl Iterator<Item = Change> + 's {
    let bound = state.derived.bound(set, role).iter();
    bound.map(|(principal, id)| Change::remove(Shelf::below("role_assignments", &[principal]), id.clone()))
}
