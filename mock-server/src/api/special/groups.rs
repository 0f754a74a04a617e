//! Groups and their owners: which may be changed by whom, and what goes with a group.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::schemas;
use crate::facts::resources::BASE_MARK;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::held_role::EffectiveRole;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is special about groups.
pub(super) struct Groups;

impl Special for Groups {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let Some(old) = &draft.old else { return check_profile(draft) };
        if !old.is("/type", "OKTA_GROUP") {
            return Err(ApiError::AccessDenied);
        }
        for_super_admins(draft.asked, draft.state, old)?;
        if draft.action == Action::Delete {
            let rules = draft.state.all("group_rules").after(None).filter(|rule| assigns_to(rule, &old.id));
            let now = draft.now();
            // A rule that names a group which is gone is invalid (recorded).
            let invalid = rules.map(|rule| {
                let mut value = rule.value();
                value["status"] = json!("INVALID");
                value["lastUpdated"] = json!(now);
                value["allGroupsValid"] = json!(false);
                Change::put("group_rules", rule.id.clone(), value, rule.hidden.clone())
            });
            let invalid: Vec<_> = invalid.collect();
            draft.also.extend(invalid);
            return Ok(());
        }
        check_profile(draft)
    }

    /// Only Okta's own groups have members that can be set (mgmt-facts §1.4).
    fn related(
        &self,
        asked: &Asked<'_>,
        state: &OrgState,
        group: &Document,
        user: &Document,
        on: bool,
    ) -> Result<Vec<Change>, ApiError> {
        if !group.is("/type", "OKTA_GROUP") {
            return Err(ApiError::AccessDenied);
        }
        for_super_admins(asked, state, group)?;
        let (from, to) = (group.id.clone(), user.id.clone());
        let by_rule = Change::Unlink { relation: "members_by_rule", from, to };
        Ok(if on { Vec::new() } else { vec![by_rule] })
    }

    fn show(&self, asked: &Asked<'_>, group: &Arc<Document>) -> Option<Value> {
        if !asked.request.query().contains("expand=") {
            return None;
        }
        let expand = asked.query("expand")?;
        let mut embedded = json!({});
        for wanted in expand.split(',') {
            match wanted {
                "stats" => embedded["stats"] = stats(asked.state, group),
                "app" => embedded["app"] = Value::Null,
                _ => return None,
            }
        }
        let mut shown = group.whole();
        shown["_embedded"] = embedded;
        Some(shown)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

/// The profile holds what the schema of groups lets it hold, and no other group's unique values.
fn check_profile(draft: &Draft<'_>) -> Result<(), ApiError> {
    let schema = schemas::of_group(draft.state);
    let empty = Map::new();
    let named = draft.body.get("profile").and_then(Value::as_object).unwrap_or(&empty);
    let profile = draft.value.get("profile").and_then(Value::as_object).unwrap_or(&empty);
    schema.check_known("profile", named)?;
    schema.check_required(profile, false)?;
    schema.check_values(profile, named)?;
    schema.check_unique(profile, &draft.id, draft.state.all("groups"))
}

/// Groups that hold admin roles are managed by super admins only (mgmt-facts §7.7).
fn for_super_admins(asked: &Asked<'_>, state: &OrgState, group: &Document) -> Result<(), ApiError> {
    if state.derived.roles(&group.id).next().is_none() {
        return Ok(());
    }
    let is_super = |role: EffectiveRole<'_>| role.name() == "SUPER_ADMIN";
    let own = state.derived.roles(asked.caller.role_holder()).any(is_super);
    let through_groups = || {
        let user = asked.caller.user().into_iter();
        user.flat_map(|user| state.holders("members", user, None)).any(|group| {
            let mut roles = state.derived.roles(group);
            roles.any(is_super)
        })
    };
    if own || through_groups() { Ok(()) } else { Err(ApiError::AccessDenied) }
}

fn assigns_to(rule: &Document, group: &str) -> bool {
    let value = rule.value();
    let groups = value.pointer("/actions/assignUserToGroups/groupIds").and_then(Value::as_array);
    groups.into_iter().flatten().any(|id| id == group)
}

fn stats(state: &OrgState, group: &Document) -> Value {
    json!({
        "usersCount": state.count_related("members", &group.id),
        "appsCount": apps_of(state, &group.id).count(),
        "groupPushMappingsCount": 0,
        "hasAdminPrivilege": state.derived.roles(&group.id).next().is_some(),
        "_links": { "self": { "href": format!("{BASE_MARK}/api/v1/groups/{}/stats", group.id) } },
    })
}

/// The apps that a group is assigned to, in the order of their creation.
pub(in crate::api) fn apps_of<'s>(
    state: &'s OrgState,
    group: &'s str,
) -> impl Iterator<Item = &'s Arc<Document>> {
    let assigned = |app: &&Arc<Document>| state.below("app_groups", &app.id).get(group).is_some();
    state.all("apps").after(None).filter(assigned)
}

/// What is special about the owners of groups.
pub(super) struct GroupOwners;

impl Special for GroupOwners {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action != Action::Create {
            return Ok(());
        }
        let (kind, type_name) = match draft.value.pointer("/type").and_then(Value::as_str) {
            Some("GROUP") => ("groups", "UserGroup"),
            _ => ("users", "User"),
        };
        let owner = draft.state.get(kind, &draft.id);
        let owner = owner.ok_or_else(|| ApiError::NotFound(draft.id.to_string(), type_name))?;
        if draft.state.on(&draft.target.shelf).get(&draft.id).is_some() {
            return Err(ApiError::invalid("owner", "Provided owner is already assigned to this group"));
        }
        let text = |pointer: &str| owner.text(pointer).unwrap_or_default();
        let name = match kind {
            "groups" => text("/profile/name").into_owned(),
            _ => format!("{} {}", text("/profile/firstName"), text("/profile/lastName")),
        };
        draft.value["displayName"] = json!(name);
        draft.value["lastUpdated"] =
            json!(draft.asked.request.now.strftime("%Y-%m-%d %H:%M:%S.0").to_string());
        draft.hidden = json!({ "at": draft.asked.request.now.to_string() });
        Ok(())
    }

    /// The answer to a creation writes the time in another form than lists do (recorded).
    fn show(&self, _: &Asked<'_>, owner: &Arc<Document>) -> Option<Value> {
        let at: Timestamp = owner.hidden.get("at")?.as_str()?.parse().ok()?;
        let mut shown = owner.value();
        shown["lastUpdated"] = json!(at.strftime("%a %b %d %H:%M:%S UTC %Y").to_string());
        Some(shown)
    }
}
