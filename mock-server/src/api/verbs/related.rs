//! Lists of what belongs to an object: the members of a group, the groups of a user.

use std::sync::Arc;

use super::get::{find, may_see, refusal};
use super::list::{reaches, render, start};
use crate::api::answer::Asked;
use crate::api::page::{self, Sizes};
use crate::exchange::{Form, Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::{CursorForm, Resource};
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is listed, and in pages of which sizes.
pub(super) struct Listed {
    pub relation: &'static str,
    pub kind: &'static str,
    pub default: usize,
    pub max: usize,
}

/// What an object has in a relation, oldest first.
pub(super) fn related(
    asked: &Asked<'_>,
    resource: &'static Resource,
    listed: Listed,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let id = owner(asked, resource, trace)?;
    let collection = asked.state.all(listed.kind);
    pages(asked, &listed, |place| {
        asked.state.related(listed.relation, &id, place).filter_map(|id| collection.get(id))
    })
}

/// What has an object in a relation, oldest first.
pub(super) fn holders(
    asked: &Asked<'_>,
    resource: &'static Resource,
    listed: Listed,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let id = owner(asked, resource, trace)?;
    let collection = asked.state.all(listed.kind);
    pages(asked, &listed, |place| {
        collection.after(place).filter(|holder| asked.state.is_related(listed.relation, &holder.id, &id))
    })
}

/// The object whose belongings are asked for, if the caller may see it.
fn owner(asked: &Asked<'_>, resource: &'static Resource, trace: &mut Trace) -> Result<String, ApiError> {
    let document = find(asked, resource, asked.parameters.first().map_or("", String::as_str))?;
    if !may_see(asked, resource, document, trace) {
        return Err(refusal(asked, resource, document));
    }
    Ok(document.id.to_string())
}

fn pages<'s, I>(
    asked: &Asked<'s>,
    listed: &Listed,
    behind: impl Fn(Option<u64>) -> I,
) -> Result<Reply, ApiError>
where
    I: Iterator<Item = &'s Arc<Document>>,
{
    let Some(kind) = facts().resources.get(listed.kind) else { return Err(ApiError::NoSuchPath) };
    let sizes = Sizes { default: listed.default, max: listed.max, cap: asked.state.settings.max_page };
    let wanted =
        page::wanted(&Form::parse(asked.request.query().as_bytes()), sizes, &asked.state.settings.dialect)?;
    let place = start(&wanted, kind, CursorForm::Id, |id| asked.state.all(listed.kind).place(id))?;
    Ok(render(
        asked,
        CursorForm::Id,
        &wanted,
        behind(place).filter(|document| reaches_or_owns(asked, document)),
    ))
}

/// Members of a reached group are reached; a user sees its own groups.
fn reaches_or_owns(asked: &Asked<'_>, document: &Document) -> bool {
    reaches(asked, document)
        || asked.caller.user().is_some_and(|user| asked.state.is_related("members", &document.id, user))
}
