//! What belongs to an object: the members of a group, the groups of a user.

use std::sync::Arc;

use http::StatusCode;

use super::answer;
use super::list::page_of;
use crate::api::answer::Asked;
use crate::api::target::{Target, find, reaches};
use crate::api::{events, special};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::{Act, Relation, Resource, Verb};
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

/// What an object has in a relation, or what has the object in it; oldest first.
pub(super) fn list(
    asked: &Asked<'_>,
    resource: &'static Resource,
    verb: &'static Verb,
    relation: &'static Relation,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let owner = target.find(asked, asked.state)?;
    target.permit(asked, Some(owner), trace)?;
    let state = asked.state;
    let listed = state.all(&relation.kind);
    let kind = facts().resources.get(&relation.kind).ok_or(ApiError::NoSuchPath)?;
    let name = relation.relation.as_str();
    page_of(
        asked,
        kind,
        (relation.default, relation.max),
        |id| listed.place(id),
        |place| {
            let documents: Box<dyn Iterator<Item = &Arc<Document>>> = match verb {
                Verb::Holders(_) => {
                    Box::new(state.holders(name, &owner.id, place).filter_map(|id| listed.get(id)))
                }
                _ => Box::new(state.related(name, &owner.id, place).filter_map(|id| listed.get(id))),
            };
            Box::new(documents.filter(|document| reaches_or_owns(asked, document)))
        },
    )
}

/// Members of a reached group are reached; a user sees its own groups.
fn reaches_or_owns(asked: &Asked<'_>, document: &Document) -> bool {
    reaches(asked, document)
        || asked.caller.user().is_some_and(|user| asked.state.is_related("members", &document.id, user))
}

/// `PUT` or `DELETE` of one end of a relation. Both may be repeated.
pub(super) fn relate(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    relation: &'static Relation,
    on: bool,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let owner = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&owner), trace)?;
    let kind = facts().resources.get(&relation.kind).ok_or(ApiError::NoSuchPath)?;
    let name = asked.parameters.last().map_or("", String::as_str);
    let held_on = Shelf::from(kind.kind.as_str());
    let held = find(asked, asked.state, kind, &held_on, name)?.clone();
    asked.org.commit(asked.request.now, |state| {
        // Both may have gone since the request was admitted.
        target.find(asked, state)?;
        find(asked, state, kind, &held_on, &held.id)?;
        let (from, to) = (owner.id.clone(), held.id.clone());
        let name = relation.relation.as_str();
        if state.is_related(name, &from, &to) == on {
            return Ok(Vec::new());
        }
        let change = if on {
            Change::Link { relation: name, from, to }
        } else {
            Change::Unlink { relation: name, from, to }
        };
        let mut changes = vec![change];
        if let Some(special) = special::of(resource) {
            changes.extend(special.related(asked, state, &owner, &held, on)?);
        }
        events::note_related(asked, relation, &owner, &held, on, &mut changes);
        Ok::<_, ApiError>(changes)
    })?;
    let verb = if on { "has" } else { "no longer has" };
    trace.note("operation", format!("{} {} {verb} {}", resource.kind, owner.id, held.id));
    Ok(answer(asked, resource, act, StatusCode::NO_CONTENT, None))
}
