//! Linked objects: a user's manager, a manager's people. A definition names both ends; each end has a document for each
//! relationship, with the users on the other end in the order in which they were linked.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Reply, Trace, other, user};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::api::link;
use crate::api::own::Operations;
use crate::api::page::Wanted;
use crate::api::special::Special;
use crate::api::verbs::based;
use crate::facts::resources::BASE_MARK;
use crate::org::change::{Change, Shelf};
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("assignLinkedObjectValueForPrimary", assign),
    ("listLinkedObjectsForUser", list),
    ("deleteLinkedObjectForUser", delete),
];

/// The kind of the documents.
const VALUES: &str = "linked_values";

/// The definitions.
pub(in crate::api) struct LinkedObjects;

impl Special for LinkedObjects {
    /// What was linked by a definition goes with it; names are used once.
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let name = |end: &str| {
            draft.value.pointer(&format!("/{end}/name")).and_then(Value::as_str).unwrap_or_default()
        };
        let names = [name("primary").to_owned(), name("associated").to_owned()];
        match draft.action {
            Action::Create => {
                let is_taken = |name: &str| {
                    let mut all = draft.state.all("linked_objects").after(None);
                    all.any(|one| one.is("/primary/name", name) || one.is("/associated/name", name))
                };
                let taken: Vec<_> = [("primary", &names[0]), ("associated", &names[1])]
                    .into_iter()
                    .filter(|(_, name)| is_taken(name) || names[0] == names[1])
                    .map(|(end, _)| end)
                    .collect();
                if !taken.is_empty() {
                    return Err(ApiError::LinkedObjectTaken(taken));
                }
            }
            Action::Delete => {
                let held = draft.state.everywhere(VALUES).flat_map(|(parent, values)| {
                    names
                        .iter()
                        .filter(|name| values.get(name).is_some())
                        .map(move |name| (parent.clone(), name))
                });
                let gone: Vec<_> = held
                    .map(|(parent, name)| Change::remove(Shelf { kind: VALUES, parent }, name.as_str()))
                    .collect();
                draft.also.extend(gone);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The names of both ends of the relationship that has a name: the primary's, the associated one's.
fn definition(state: &OrgState, name: &str) -> Result<(String, String), ApiError> {
    let all = state.all("linked_objects");
    let found = all.get(name).or_else(|| all.by_alias(name));
    let found = found.ok_or_else(|| ApiError::NotFound(name.to_owned(), "LinkedObjectProperty"))?;
    let end = |pointer: &str| found.text(pointer).unwrap_or_default().into_owned();
    Ok((end("/primary/name"), end("/associated/name")))
}

/// The users on the other end of a user's relationship.
fn linked(state: &OrgState, user: &str, relationship: &str) -> Vec<String> {
    let values = state.below(VALUES, user).get(relationship);
    let ids = values.map(|values| values.value());
    let ids = ids.as_ref().and_then(|values| values.get("users")?.as_array());
    ids.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The change that sets them.
fn put(user: &str, relationship: &str, ids: &[String]) -> Change {
    let shelf = Shelf::below(VALUES, &[user]);
    if ids.is_empty() {
        return Change::remove(shelf, relationship);
    }
    Change::put(shelf, relationship, json!({ "users": ids }), Value::Null)
}

/// The changes that take an associated user from its primary one.
fn part(
    state: &OrgState,
    associated: &str,
    (primary_name, associated_name): &(String, String),
) -> Vec<Change> {
    let mut changes = Vec::new();
    for primary in linked(state, associated, primary_name) {
        let mut others = linked(state, &primary, associated_name);
        others.retain(|one| one != associated);
        changes.push(put(&primary, associated_name, &others));
    }
    changes.push(put(associated, primary_name, &[]));
    changes
}

/// `PUT /users/{associated}/linkedObjects/{name}/{primary}`.
fn assign(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let associated = user(asked, trace)?;
    let name = asked.parameter(1);
    let primary = other(asked, asked.state, asked.parameter(2))?.id.clone();
    asked.org.commit(asked.request.now, |state| {
        let names = definition(state, name)?;
        if associated.id == primary {
            return Err(ApiError::invalid("primaryUserId", "A user cannot be linked to itself."));
        }
        let before = linked(state, &associated.id, &names.0);
        if before == [primary.to_string()] {
            return Ok(Vec::new());
        }
        let mut changes = if before.is_empty() { Vec::new() } else { part(state, &associated.id, &names) };
        let mut others = linked(state, &primary, &names.1);
        others.push(associated.id.to_string());
        changes.push(put(&associated.id, &names.0, &[primary.to_string()]));
        changes.push(put(&primary, &names.1, &others));
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("the {name} of user {} is {primary}", associated.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `GET /users/{id}/linkedObjects/{name}`: either end.
fn list(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    let name = asked.parameter(1);
    definition(asked.state, name)?;
    let live = |id: &String| asked.state.get("users", id).is_some();
    let items: Vec<Value> = linked(asked.state, &user.id, name)
        .iter()
        .filter(|id| live(id))
        .map(|id| json!({ "_links": { "self": { "href": format!("{BASE_MARK}/api/v1/users/{id}") } } }))
        .collect();
    let body = based(&Value::Array(items), &asked.request.base_url);
    let wanted = Wanted { limit: 1000, take: 1000, after: None };
    Ok(link::add(Reply::json(StatusCode::OK, body), asked.request, &wanted, &[], None))
}

/// `DELETE /users/{id}/linkedObjects/{name}`: of the associated user its primary one, of the primary user all its
/// associated ones.
fn delete(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    let name = asked.parameter(1);
    asked.org.commit(asked.request.now, |state| {
        let names = definition(state, name)?;
        if names.0 == name {
            return Ok(part(state, &user.id, &names));
        }
        let mut changes: Vec<Change> =
            linked(state, &user.id, &names.1).iter().map(|one| put(one, &names.0, &[])).collect();
        changes.push(put(&user.id, &names.1, &[]));
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("user {} has no {name} any more", user.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
