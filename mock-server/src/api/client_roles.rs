//! `/oauth2/v1/clients/{id}/roles`: the admin roles of a service app, which decide what its tokens reach
//! (mgmt-facts §7.2).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Asked;
use super::own::Operations;
use super::{body, clients, events};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::held_role::targetable_assignment;
use crate::org::state::OrgState;
use crate::system_log::Entity;
use crate::wire::{ApiError, not_implemented};

/// What is here.
pub(super) const OPERATIONS: Operations = &[
    ("listRolesForClient", list),
    ("assignRoleToClient", assign),
    ("retrieveClientRole", get),
    ("deleteRoleFromClient", unassign),
];

/// The collection.
const KIND: &str = "role_assignments";

/// The name of the type in `Not found`.
const TYPE: &str = "RoleAssignment";

/// The roles of a client.
fn list(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let client = client(asked)?;
    let shown: Vec<Value> = of(asked.state, &client).map(|role| shown(role, &client, asked)).collect();
    Ok(Reply::json(StatusCode::OK, json!(shown).to_string()))
}

/// One of them.
fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let client = client(asked)?;
    let role = find(asked.state, &client, assignment(asked))?;
    Ok(Reply::json(StatusCode::OK, shown(role, &client, asked).to_string()))
}

/// Assigns a standard role.
fn assign(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let client = client(asked)?;
    let wanted = body::object(asked.request)?;
    let Some(role_type) = wanted.get("type").and_then(Value::as_str).filter(|name| !name.is_empty()) else {
        let cause = "type: The field cannot be left blank".to_owned();
        return Err(ApiError::Validation("type".to_owned(), vec![cause]));
    };
    if asked.state.derived.client(&client).is_none_or(|client| client.application_type != "service") {
        return Err(ApiError::RolesForServiceAppsOnly);
    }
    if role_type == "CUSTOM" {
        trace.gap = true;
        trace.note("operation", "assigning custom roles is not implemented");
        return Ok(not_implemented(asked.org.ids(), "assignRoleToClient (CUSTOM)"));
    }
    // Clients cannot be mobile administrators (mgmt-facts §7.2).
    let role = facts().roles.standard(role_type).filter(|role| role.role_type != "MOBILE_ADMIN");
    let role = role.ok_or(ApiError::RoleType)?;

    let shown_id = targetable_assignment(role_type).unwrap_or_else(|| asked.org.ids().next("ra1"));
    let id: Arc<str> = format!("{client}/{shown_id}").into();
    let now = okta_timestamp(asked.request.now);
    let value = Arc::new(json!({
        "id": shown_id,
        "label": role.label,
        "type": role.role_type,
        "status": "ACTIVE",
        "created": now,
        "lastUpdated": now,
        "assignmentType": "CLIENT",
    }));
    let held = json!({ "standard": { "type": role.role_type, "groups": [] } });
    let hidden = Arc::new(json!({ "principal": client, "role": held }));
    let state = asked.org.commit(asked.request.now, |state| {
        if of(state, &client).any(|held| held.is("/type", role_type)) {
            return Err(ApiError::DuplicateRole);
        }
        let holder = Entity::client(state, &client);
        let told = events::privilege(asked, state, holder, (&shown_id, &role.label), true);
        Ok(vec![Change::put(KIND, id.clone(), value.clone(), hidden.clone()), told])
    })?;
    trace.note("operation", format!("{client} is {role_type} now"));
    Ok(Reply::json(StatusCode::CREATED, shown(find(&state, &client, &shown_id)?, &client, asked).to_string()))
}

/// Takes a role away.
fn unassign(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let client = client(asked)?;
    asked.org.commit(asked.request.now, |state| {
        let role = find(state, &client, assignment(asked))?;
        let label = role.text("/label").unwrap_or_default();
        let holder = Entity::client(state, &client);
        let told = events::privilege(asked, state, holder, (assignment(asked), &label), false);
        Ok(vec![Change::remove(KIND, role.id.clone()), told])
    })?;
    trace.note("operation", format!("{client} has one role less"));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The client that the path names: it is there, and the caller's role reaches it.
fn client(asked: &Asked<'_>) -> Result<Arc<str>, ApiError> {
    let client = clients::find(asked.state, asked.parameters.first().map_or("", String::as_str))?;
    if asked.reach == Reach::Nothing { Err(ApiError::AccessDenied) } else { Ok(client.id.clone()) }
}

fn assignment<'a>(asked: &'a Asked<'_>) -> &'a str {
    asked.parameters.get(1).map_or("", String::as_str)
}

/// The assignments of a principal.
fn of<'s>(state: &'s OrgState, principal: &str) -> impl Iterator<Item = &'s Arc<Document>> {
    state.all(KIND).after(None).filter(move |role| role.hidden["principal"] == *principal)
}

fn find<'s>(state: &'s OrgState, client: &str, id: &str) -> Result<&'s Arc<Document>, ApiError> {
    let found = of(state, client).find(|role| role.is("/id", id));
    found.ok_or_else(|| ApiError::NotFound(id.to_owned(), TYPE))
}

/// An assignment with its link to the client (recorded).
fn shown(role: &Document, client: &str, asked: &Asked<'_>) -> Value {
    let mut shown = role.value();
    shown["_links"] = json!({
        "assignee": { "href": format!("{}/oauth2/v1/clients/{client}", asked.request.base_url) }
    });
    shown
}
