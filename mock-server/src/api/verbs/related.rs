//! Lists of what belongs to an object: the members of a group, the groups of a user.

use std::sync::Arc;

use super::get::{find, may_see, refusal};
use super::list::{reaches, render, start};
use crate::api::answer::Asked;
use crate::api::page::{self, Sizes};
use crate::exchange::{Form, Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::{CursorForm, Relation, Resource, Verb};
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
    let owner = find(asked, resource, asked.parameters.first().map_or("", String::as_str))?;
    if !may_see(asked, resource, owner, trace) {
        return Err(refusal(asked, resource, owner));
    }
    let state = asked.state;
    let listed = state.all(&relation.kind);
    let Some(kind) = facts().resources.get(&relation.kind) else { return Err(ApiError::NoSuchPath) };
    let sizes = Sizes { default: relation.default, max: relation.max, cap: state.settings.max_page };
    let wanted =
        page::wanted(&Form::parse(asked.request.query().as_bytes()), sizes, &state.settings.dialect)?;
    let place = start(&wanted, kind, CursorForm::Id, |id| listed.place(id))?;
    let documents: Box<dyn Iterator<Item = &Arc<Document>>> = match verb {
        Verb::Holders(_) => Box::new(
            listed.after(place).filter(|holder| state.is_related(&relation.relation, &holder.id, &owner.id)),
        ),
        _ => Box::new(state.related(&relation.relation, &owner.id, place).filter_map(|id| listed.get(id))),
    };
    Ok(render(asked, CursorForm::Id, &wanted, documents.filter(|document| reaches_or_owns(asked, document))))
}

/// Members of a reached group are reached; a user sees its own groups.
fn reaches_or_owns(asked: &Asked<'_>, document: &Document) -> bool {
    reaches(asked, document)
        || asked.caller.user().is_some_and(|user| asked.state.is_related("members", &document.id, user))
}
