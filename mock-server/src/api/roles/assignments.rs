//! Who holds which role: list, assign, read, take away.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{KIND, Principal, PrincipalKind, custom_role, resource, resource_set, targets};
use crate::api::answer::Asked;
use crate::api::verbs::{self, Listed};
use crate::api::{body, events};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::held_role::targetable_assignment;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::ApiError;

/// The roles of a principal; of a user also those that come through groups.
pub(super) fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    let state = asked.state;
    let own = state.below(KIND, &principal.document.id).after(None);
    let groups = match principal.kind {
        PrincipalKind::User => Some(state.holders("members", &principal.document.id, None)),
        _ => None,
    };
    let through_groups = groups.into_iter().flatten().flat_map(|group| state.below(KIND, group).after(None));
    let roles = own.chain(through_groups);
    let expand = asked.query("expand").unwrap_or_default();
    if let "targets/groups" | "targets/catalog/apps" = expand.as_str() {
        let mut shown = Vec::new();
        for role in roles {
            let mut role_shown = role.whole();
            role_shown["_embedded"] = targets::embedded(asked, role, &expand);
            shown.push(role_shown);
        }
        let body = verbs::based(&Value::Array(shown), &asked.request.base_url);
        return Ok(Reply::json(StatusCode::OK, body));
    }
    let listed = Listed { asked, resource: resource(KIND)?, known: &[] };
    Ok(listed.whole(roles))
}

/// One of them.
pub(super) fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    let role = find(asked, &principal, asked.parameter(1))?;
    Ok(verbs::shown(asked, resource(KIND)?, StatusCode::OK, role))
}

/// An assignment of the principal, or of a group that a user is in.
pub(super) fn find<'s>(
    asked: &'s Asked<'_>,
    principal: &Principal,
    id: &str,
) -> Result<&'s Arc<Document>, ApiError> {
    let own = principal.assignment(asked.state, id);
    if own.is_ok() || principal.kind != PrincipalKind::User {
        return own;
    }
    let mut groups = asked.state.holders("members", &principal.document.id, None);
    groups.find_map(|group| asked.state.below(KIND, group).get(id)).map_or(own, Ok)
}

/// Assigns a role.
pub(super) fn assign(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    let wanted = body::object(asked.request)?;
    let text = |name: &str| wanted.get(name).and_then(Value::as_str).unwrap_or_default();
    let role_type = text("type");
    if role_type.is_empty() {
        return Err(ApiError::invalid("type", "type: The field cannot be left blank"));
    }
    may_hold(asked.state, &principal)?;
    let new = if role_type == "CUSTOM" {
        if let Some(blank) = ["role", "resource-set"].into_iter().find(|name| text(name).is_empty()) {
            return Err(ApiError::invalid(blank, format!("{blank}: The field cannot be left blank")));
        }
        let role = custom_role(asked, asked.state, text("role"))?;
        let set = resource_set(asked, asked.state, text("resource-set"))?;
        custom(asked, principal.kind, role, set)
    } else {
        standard(asked, principal.kind, role_type)?
    };
    let state = asked.org.commit(asked.request.now, |state| {
        let mut changes = new.changes(state, &principal.shelf())?;
        changes.push(new.told(asked, state, &principal.entity()));
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("{} is {role_type} now", principal.document.id));
    let role = principal.assignment(&state, &new.id)?;
    Ok(verbs::shown(asked, resource(KIND)?, StatusCode::CREATED, role))
}

/// Whether a principal may hold roles at all.
fn may_hold(state: &OrgState, principal: &Principal) -> Result<(), ApiError> {
    let document = &principal.document;
    let client = state.derived.client(&document.id);
    let group_type = document.text("/type");
    match (principal.kind, group_type.as_deref()) {
        (PrincipalKind::Client, _) if client.is_none_or(|client| client.application_type != "service") => {
            Err(ApiError::RolesForServiceAppsOnly)
        }
        (PrincipalKind::Group, Some("BUILT_IN")) => {
            let name = document.text("/profile/name").unwrap_or_default();
            Err(ApiError::catalogued("E0000211", &name, ""))
        }
        (PrincipalKind::Group, Some("APP_GROUP")) => Err(ApiError::catalogued("E0000194", "", "")),
        (PrincipalKind::Group, _) if state.count_related("members", &document.id) > 5000 => {
            Err(ApiError::catalogued("E0000193", "", ""))
        }
        (PrincipalKind::Group, _) => {
            let rules = state.derived.group_rules();
            let by_rule = rules.values().any(|rule| rule.groups.contains(&document.id));
            if by_rule { Err(ApiError::catalogued("E0000192", "", "")) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// An assignment that is being made.
pub(super) struct Assignment {
    id: Arc<str>,
    value: Arc<Value>,
    hidden: Arc<Value>,
    /// Of a custom role: the binding that it belongs to.
    binding: Option<Binding>,
}

/// A custom role on a resource set.
struct Binding {
    set: Arc<str>,
    role: Arc<str>,
}

/// The assignment of a standard role that is limited to nothing.
pub(super) fn standard(
    asked: &Asked<'_>,
    kind: PrincipalKind,
    role_type: &str,
) -> Result<Assignment, ApiError> {
    // Clients cannot be mobile administrators (mgmt-facts §7.2).
    let standard = facts().roles.standard(role_type);
    let standard = standard.filter(|_| kind != PrincipalKind::Client || role_type != "MOBILE_ADMIN");
    let standard = standard.ok_or(ApiError::RoleType)?;
    let prefix = if standard.resource_set.is_some() { "irb" } else { kind.id_prefix() };
    let id = targetable_assignment(role_type).unwrap_or_else(|| asked.org.ids().next(prefix));
    let mut first = json!({ "id": id, "label": standard.label, "type": role_type });
    if let Some(set) = &standard.resource_set {
        first = json!({
            "id": id, "role": role_type, "label": standard.label, "type": role_type, "resource-set": set,
        });
    }
    let value = assignment(asked, kind, first);
    let hidden = json!({ "role": { "standard": { "type": role_type, "groups": [], "apps": [] } } });
    Ok(Assignment { id: id.into(), value: value.into(), hidden: hidden.into(), binding: None })
}

/// The assignment of a custom role on a resource set.
pub(super) fn custom(asked: &Asked<'_>, kind: PrincipalKind, role: &Document, set: &Document) -> Assignment {
    let id = asked.org.ids().next("irb");
    let label = role.text("/label").unwrap_or_default();
    let first = json!({
        "id": id, "role": role.id, "label": label, "type": "CUSTOM", "resource-set": set.id,
    });
    let hidden = json!({ "role": { "custom": { "role": role.id, "resource-set": set.id } } });
    Assignment {
        id: id.into(),
        value: assignment(asked, kind, first).into(),
        hidden: hidden.into(),
        binding: Some(Binding { set: set.id.clone(), role: role.id.clone() }),
    }
}

fn assignment(asked: &Asked<'_>, kind: PrincipalKind, mut first: Value) -> Value {
    let now = okta_timestamp(asked.request.now);
    first["status"] = json!("ACTIVE");
    first["created"] = json!(now);
    first["lastUpdated"] = json!(now);
    first["assignmentType"] = json!(kind.name());
    first
}

/// The event of a role that somebody gets or loses.
pub(super) fn told(
    asked: &Asked<'_>,
    state: &OrgState,
    holder: &Entity,
    id: &str,
    role: &Value,
    on: bool,
) -> Change {
    let label = role.get("label").and_then(Value::as_str).unwrap_or_default();
    events::privilege(asked, state, holder.clone(), (id, label), on)
}

impl Assignment {
    /// Its event.
    pub(super) fn told(&self, asked: &Asked<'_>, state: &OrgState, holder: &Entity) -> Change {
        told(asked, state, holder, &self.id, &self.value, true)
    }

    /// The changes that make it, unless the principal holds the role already.
    pub(super) fn changes(&self, state: &OrgState, shelf: &Shelf) -> Result<Vec<Change>, ApiError> {
        let same = |held: &&Arc<Document>| {
            ["type", "role", "resource-set"]
                .iter()
                .all(|name| held.value().get(*name) == self.value.get(*name))
        };
        if state.on(shelf).after(None).any(|held| same(&held)) {
            return Err(ApiError::DuplicateRole);
        }
        let put = Change::put(shelf.clone(), self.id.clone(), self.value.clone(), self.hidden.clone());
        let mut changes = vec![put];
        if let Some(binding) = &self.binding {
            let bindings = Shelf::below("resource_set_bindings", &[&binding.set]);
            if state.on(&bindings).get(&binding.role).is_none() {
                let value = json!({ "id": binding.role });
                changes.push(Change::put(bindings, binding.role.clone(), value, Value::Null));
            }
        }
        Ok(changes)
    }
}

/// Takes a role away.
pub(super) fn unassign(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let principal = Principal::of(asked)?;
    asked.org.commit(asked.request.now, |state| {
        let role = principal.assignment(state, asked.parameter(1))?;
        let told = told(asked, state, &principal.entity(), &role.id, &role.value(), false);
        Ok::<_, ApiError>(vec![Change::remove(principal.shelf(), role.id.clone()), told])
    })?;
    trace.note("operation", format!("{} has one role less", principal.document.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
