//! A list of a kind: pages of stored bytes, filtered to what the caller's roles reach.

use std::sync::Arc;

use http::StatusCode;

use crate::api::answer::Asked;
use crate::api::link;
use crate::api::page::{self, Sizes, Wanted};
use crate::exchange::{Form, Reply, Trace};
use crate::facts::resources::{CursorForm, Resource};
use crate::gate::roles::Reach;
use crate::org::document::Document;
use crate::wire::ApiError;

/// `GET` of a collection.
pub(super) fn list(
    asked: &Asked<'_>,
    resource: &'static Resource,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let sizes =
        Sizes { default: resource.page.default, max: resource.page.max, cap: asked.state.settings.max_page };
    let wanted =
        page::wanted(&Form::parse(asked.request.query().as_bytes()), sizes, &asked.state.settings.dialect)?;
    if asked.reach == Reach::Nothing {
        if !is_filtered(asked, resource) {
            return Err(ApiError::AccessDenied);
        }
        trace.note("operation", "without an admin role the list is empty");
        return Ok(link::add(Reply::json(StatusCode::OK, "[]"), asked.request, &wanted, &[], None));
    }
    let collection = asked.state.all(&resource.kind);
    let cursor = resource.page.cursor;
    let place = start(&wanted, resource, cursor, |id| collection.place(id))?;
    let documents = collection.after(place).filter(|document| document.listed && reaches(asked, document));
    Ok(render(asked, cursor, &wanted, documents))
}

/// Whether a principal without a role sees an empty list, or is refused.
fn is_filtered(asked: &Asked<'_>, resource: &Resource) -> bool {
    resource.role_less.is_some_and(|switch| asked.state.settings.dialect.is(switch, "empty"))
}

/// The place behind which a page begins.
pub(super) fn start(
    wanted: &Wanted,
    resource: &Resource,
    cursor: CursorForm,
    place: impl Fn(&str) -> Option<u64>,
) -> Result<Option<u64>, ApiError> {
    let Some(after) = &wanted.after else { return Ok(None) };
    let known = page::id_of(cursor, after).and_then(place);
    match (known, resource.page.bad_cursor.as_str()) {
        (Some(place), _) => Ok(Some(place)),
        (None, "E0000031") => Err(ApiError::InvalidCursor("E0000031")),
        (None, _) => Err(ApiError::InvalidCursor("E0000029")),
    }
}

/// A page of documents, with its links.
pub(super) fn render<'d>(
    asked: &Asked<'_>,
    cursor: CursorForm,
    wanted: &Wanted,
    mut documents: impl Iterator<Item = &'d Arc<Document>>,
) -> Reply {
    let base_url = &asked.request.base_url;
    let page: Vec<_> = documents.by_ref().take(wanted.take).collect();
    let size = page.iter().map(|document| document.in_list.len(base_url) + 1).sum::<usize>() + 2;
    let mut body = Vec::with_capacity(size);
    body.push(b'[');
    for (nth, document) in page.iter().enumerate() {
        if nth > 0 {
            body.push(b',');
        }
        document.in_list.write(base_url, &mut body);
    }
    body.push(b']');
    let next = page.last().filter(|_| documents.next().is_some()).map(|last| page::cursor(cursor, &last.id));
    link::add(Reply::json(StatusCode::OK, body), asked.request, wanted, &[], next.as_deref())
}

/// Whether the caller's roles reach a document.
pub(super) fn reaches(asked: &Asked<'_>, document: &Document) -> bool {
    match &asked.reach {
        Reach::Everything => true,
        Reach::Nothing => false,
        Reach::Own(user) => **user == *document.id,
        Reach::Groups(groups) => groups
            .iter()
            .any(|group| **group == *document.id || asked.state.is_related("members", group, &document.id)),
    }
}
