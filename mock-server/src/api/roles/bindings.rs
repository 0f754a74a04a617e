//! Bindings of custom roles to resource sets, and their members. A member is an assignment of the role on the set: what is
//! written here is the same as what `…/roles` of a user, a group or a client writes.

use std::sync::Arc;

use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::assignments;
use super::{KIND, Principal, PrincipalKind, custom_role, permitted, resource_set};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::special::iam;
use crate::exchange::{Reply, Trace};
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The kind of bindings.
const BINDINGS: &str = "resource_set_bindings";

/// The set and the role that a path names; the role is bound to the set.
struct Bound {
    set: Arc<Document>,
    role: Arc<Document>,
}

impl Bound {
    fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        let set = set(asked)?;
        let role = custom_role(asked, asked.state, asked.parameter(1))?.clone();
        let bound = asked.state.below(BINDINGS, &set.id).get(&role.id).is_some();
        if bound {
            Ok(Self { set, role })
        } else {
            Err(ApiError::NotFound(role.id.to_string(), "CustomRole"))
        }
    }

    fn href(&self, asked: &Asked<'_>) -> String {
        let (base, set, role) = (&asked.request.base_url, &self.set.id, &self.role.id);
        format!("{base}/api/v1/iam/resource-sets/{set}/bindings/{role}")
    }

    /// The answer to what changes a binding: links and nothing else.
    fn edited(&self, asked: &Asked<'_>) -> Reply {
        let own = self.href(asked);
        let all = own.rsplit_once('/').map_or("", |(all, _)| all);
        let set = all.trim_end_matches("/bindings");
        let links = json!({
            "self": { "href": own }, "bindings": { "href": all }, "resource-set": { "href": set },
        });
        answer(own.clone(), &json!({ "_links": links }))
    }

    /// Principals and the ids of their assignments.
    fn members<'s>(&self, state: &'s OrgState) -> &'s [(Arc<str>, Arc<str>)] {
        state.derived.bound(&self.set.id, &self.role.id)
    }

    /// The member of this id.
    fn member<'s>(&self, state: &'s OrgState, id: &str) -> Result<&'s (Arc<str>, Arc<str>), ApiError> {
        let found = self.members(state).iter().find(|(_, assignment)| **assignment == *id);
        found.ok_or_else(|| ApiError::NotFound(id.to_owned(), "RoleAssignment"))
    }
}

fn set(asked: &Asked<'_>) -> Result<Arc<Document>, ApiError> {
    let set = resource_set(asked, asked.state, asked.parameter(0))?.clone();
    permitted(asked)?;
    Ok(set)
}

/// An answer with the `Link` that iam objects carry (mgmt-facts §3).
fn answer(own: String, value: &Value) -> Reply {
    Reply::json(StatusCode::OK, value.to_string()).with_text(header::LINK, &format!("<{own}>; rel=\"self\""))
}

/// Adds resources to a set; answered with the set.
pub(super) fn add_resources(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let set = set(asked)?;
    let wanted = texts(&body::checked(asked)?, "additions");
    let shelf = Shelf::from("resource_sets");
    let state = asked.org.commit(asked.request.now, |state| {
        let set = resource_set(asked, state, &set.id)?;
        let mut changes = iam::added(asked, state, &set.id, &wanted)?;
        let mut value = set.value();
        value["lastUpdated"] = json!(crate::org::clock::okta_timestamp(asked.request.now));
        changes.push(Change::put(shelf.clone(), set.id.clone(), value, set.hidden.clone()));
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("{} holds more", set.id));
    let set = resource_set(asked, &state, &set.id)?;
    let mut body = Vec::new();
    set.write(&asked.request.base_url, &mut body);
    let own = format!("{}/api/v1/iam/resource-sets/{}", asked.request.base_url, set.id);
    Ok(Reply::json(StatusCode::OK, body).with_text(header::LINK, &format!("<{own}>; rel=\"self\"")))
}

/// The roles that are bound to a set.
pub(super) fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let set = set(asked)?;
    let base = &asked.request.base_url;
    let whole = format!("{base}/api/v1/iam/resource-sets/{}", set.id);
    let roles: Vec<Value> = asked
        .state
        .below(BINDINGS, &set.id)
        .after(None)
        .map(|binding| {
            let role = format!("{base}/api/v1/iam/roles/{}", binding.id);
            let members = format!("{whole}/bindings/{}/members", binding.id);
            json!({
                "id": binding.id,
                "_links": { "self": { "href": role }, "members": { "href": members } },
            })
        })
        .collect();
    let own = format!("{whole}/bindings");
    let links = json!({ "self": { "href": own }, "resource-set": { "href": whole } });
    Ok(answer(own, &json!({ "roles": roles, "_links": links })))
}

/// One of them.
pub(super) fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let bound = Bound::of(asked)?;
    let own = bound.href(asked);
    let set = format!("{}/api/v1/iam/resource-sets/{}", asked.request.base_url, bound.set.id);
    let links = json!({
        "self": { "href": own },
        "members": { "href": format!("{own}/members") },
        "resource-set": { "href": set },
    });
    Ok(answer(own, &json!({ "id": bound.role.id, "_links": links })))
}

/// Binds a role to a set, for members or for nobody yet.
pub(super) fn create(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let set = set(asked)?;
    let wanted = body::checked(asked)?;
    let name = wanted.get("role").and_then(Value::as_str).unwrap_or_default();
    let role = custom_role(asked, asked.state, name)?.clone();
    let bound = Bound { set, role };
    bind(asked, &bound, &texts(&wanted, "members"))?;
    trace.note("operation", format!("{} is bound to {}", bound.role.id, bound.set.id));
    Ok(bound.edited(asked))
}

/// Adds members to a binding.
pub(super) fn add_members(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let bound = Bound::of(asked)?;
    bind(asked, &bound, &texts(&body::checked(asked)?, "additions"))?;
    trace.note("operation", format!("{} has more members on {}", bound.role.id, bound.set.id));
    Ok(bound.edited(asked))
}

fn bind(asked: &Asked<'_>, bound: &Bound, members: &[String]) -> Result<(), ApiError> {
    let mut principals = Vec::new();
    for text in members {
        let principal = principal(asked, text)?;
        let new = assignments::custom(asked, principal.kind, &bound.role, &bound.set);
        principals.push((principal.shelf(), new, principal.entity()));
    }
    asked.org.commit(asked.request.now, |state| {
        custom_role(asked, state, &bound.role.id)?;
        resource_set(asked, state, &bound.set.id)?;
        let shelf = Shelf::below(BINDINGS, &[&bound.set.id]);
        let value = json!({ "id": bound.role.id });
        let mut changes = vec![Change::put(shelf, bound.role.id.clone(), value, Value::Null)];
        for (shelf, new, holder) in &principals {
            match new.changes(state, shelf) {
                Ok(more) => {
                    changes.extend(more);
                    changes.push(new.told(asked, state, holder));
                }
                // Members may be added again.
                Err(ApiError::DuplicateRole) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(changes)
    })?;
    Ok(())
}

/// The principal that a URL of this org, or an ORN, names.
fn principal(asked: &Asked<'_>, text: &str) -> Result<Principal, ApiError> {
    let mut parts = text.rsplit(['/', ':']);
    let (id, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let kind = match kind {
        "users" => PrincipalKind::User,
        "groups" => PrincipalKind::Group,
        "clients" | "apps" => PrincipalKind::Client,
        _ => {
            let cause = format!("members: {text} is no user, no group and no client");
            return Err(ApiError::invalid("members", cause));
        }
    };
    Principal::find(asked, kind, id)
}

/// Takes a role off a set, and from all who hold it there.
pub(super) fn delete(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let bound = Bound::of(asked)?;
    asked.org.commit(asked.request.now, |state| {
        let shelf = Shelf::below(BINDINGS, &[&bound.set.id]);
        let mut changes: Vec<_> = iam::unbound(state, &bound.set.id, &bound.role.id).collect();
        changes.push(Change::remove(shelf, bound.role.id.clone()));
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("{} is no longer bound to {}", bound.role.id, bound.set.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Who holds the role on the set.
pub(super) fn members(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let bound = Bound::of(asked)?;
    let members = bound.members(asked.state).iter().filter_map(|member| shown(asked, member));
    let (members, binding) = (members.collect::<Vec<_>>(), bound.href(asked));
    let own = format!("{binding}/members");
    let links = json!({ "self": { "href": own }, "binding": { "href": binding } });
    Ok(answer(own, &json!({ "members": members, "_links": links })))
}

/// One of them.
pub(super) fn member(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let bound = Bound::of(asked)?;
    let id = asked.parameter(2);
    let member = bound.member(asked.state, id)?;
    let shown = shown(asked, member).ok_or_else(|| ApiError::NotFound(id.to_owned(), "RoleAssignment"))?;
    Ok(answer(format!("{}/members/{id}", bound.href(asked)), &shown))
}

fn shown(asked: &Asked<'_>, (principal, id): &(Arc<str>, Arc<str>)) -> Option<Value> {
    let assignment = asked.state.below(KIND, principal).get(id)?;
    let path = match assignment.text("/assignmentType").as_deref() {
        Some("USER") => "/api/v1/users",
        Some("GROUP") => "/api/v1/groups",
        _ => "/oauth2/v1/clients",
    };
    let value = assignment.value();
    Some(json!({
        "id": id,
        "created": value["created"],
        "lastUpdated": value["lastUpdated"],
        "_links": { "self": { "href": format!("{}{path}/{principal}", asked.request.base_url) } },
    }))
}

/// Takes the role on the set from a member.
pub(super) fn remove_member(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let bound = Bound::of(asked)?;
    asked.org.commit(asked.request.now, |state| {
        let (principal, id) = bound.member(state, asked.parameter(2))?;
        Ok::<_, ApiError>(vec![Change::remove(Shelf::below(KIND, &[principal]), id.clone())])
    })?;
    trace.note("operation", format!("{} has one member less on {}", bound.role.id, bound.set.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn texts(wanted: &Map<String, Value>, name: &str) -> Vec<String> {
    let items = wanted.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
