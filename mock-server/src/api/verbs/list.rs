//! A list of a kind: pages of stored bytes, filtered to what was asked for and to what the caller's roles reach.

use std::sync::Arc;

use super::based;
use super::search::Wish;
use crate::api::answer::Asked;
use crate::api::page::{self, Sizes, Wanted};
use crate::api::target::{Target, reaches};
use crate::api::{link, special};
use crate::exchange::{Reply, Trace};
use crate::facts::resources::{CursorForm, Page, Resource};
use crate::gate::roles::Reach;
use crate::org::document::Document;
use crate::wire::ApiError;
use http::StatusCode;

/// `GET` of a collection.
pub(super) fn list(
    asked: &Asked<'_>,
    resource: &'static Resource,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let query = &asked.query;
    if asked.reach == Reach::Nothing {
        if !is_filtered(asked, resource) {
            return Err(ApiError::AccessDenied);
        }
        trace.note("operation", "without an admin role the list is empty");
    } else if !target.parents.is_empty() {
        target.permit(asked, None, trace)?;
    }
    if let Some(special) = special::of(resource) {
        special.list(asked)?;
    }
    let wish = Wish::read(resource, query, asked.state, asked.state.on(&target.shelf))?;
    let past = if wish.searches() { asked.org.searched(asked.request.now) } else { None };
    if past.is_some() {
        trace.note("operation", "searches of this org lag behind its writes");
    }
    let collection = past.as_deref().unwrap_or(asked.state).on(&target.shelf);
    let nested = !target.parents.is_empty();
    let shows = |document: &&Arc<Document>| nested || reaches(asked, document);
    let listed = Listed { asked, resource, known: &wish.known };
    let Some(page) = &resource.page else {
        let all = wish.of(collection, None).filter(shows);
        let Some(sort) = wish.sort() else { return Ok(listed.whole(all)) };
        let mut all: Vec<_> = all.collect();
        // Without pages nobody needs the ids to go on from: equal ones stay in the order of their creation.
        sort.apply(&mut all, |document| document.json(), |_| "");
        return Ok(listed.whole(all.into_iter()));
    };
    let (default, max) = wish.sizes(page);
    let sizes = Sizes { default, max, cap: asked.state.settings.max_page };
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let cursor = wish.cursor(page);
    if let Some(sort) = wish.sort() {
        let mark = match &wanted.after {
            Some(after) => Some(page::mark(after).ok_or_else(|| bad_cursor(page))?),
            None => None,
        };
        let documents = wish.sorted(sort, collection, mark.as_ref()).into_iter().filter(shows);
        let next = |last: &Document| page::marked(&sort.mark(&last.json(), &last.id));
        return Ok(listed.page_by(next, &wanted, documents));
    }
    let place = start(&wanted, page, cursor, |id| collection.place(id))?;
    let documents = wish.of(collection, place).filter(shows);
    Ok(match wish.links() {
        (true, true) => listed.page(cursor, &wanted, documents),
        (true, false) => listed.page(cursor, &wanted, documents.take(wanted.take)),
        (false, _) => listed.reply(&documents.take(wanted.take).collect::<Vec<_>>()),
    })
}

/// Whether a principal without a role sees an empty list, or is refused.
fn is_filtered(asked: &Asked<'_>, resource: &Resource) -> bool {
    resource.role_less.is_some_and(|switch| asked.state.settings.dialect.is(switch, "empty"))
}

/// The place behind which a page begins.
pub(super) fn start(
    wanted: &Wanted,
    page: &Page,
    cursor: CursorForm,
    place: impl Fn(&str) -> Option<u64>,
) -> Result<Option<u64>, ApiError> {
    let Some(after) = &wanted.after else { return Ok(None) };
    let known = page::id_of(cursor, after).and_then(|id| place(&id));
    known.map(Some).ok_or_else(|| bad_cursor(page))
}

fn bad_cursor(page: &Page) -> ApiError {
    match page.bad_cursor.as_str() {
        "E0000031" => ApiError::InvalidCursor("E0000031"),
        _ => ApiError::InvalidCursor("E0000029"),
    }
}

/// A list that is being rendered.
pub(in crate::api) struct Listed<'a> {
    pub asked: &'a Asked<'a>,
    pub resource: &'static Resource,
    /// The query parameters that links repeat.
    pub known: &'a [(String, String)],
}

impl Listed<'_> {
    /// A page of documents, with its links.
    pub(in crate::api) fn page<'d>(
        &self,
        cursor: CursorForm,
        wanted: &Wanted,
        documents: impl Iterator<Item = &'d Arc<Document>>,
    ) -> Reply {
        self.page_by(|last| page::cursor(cursor, &last.id), wanted, documents)
    }

    /// A page of documents, with its links; `cursor` makes the one behind its last document.
    fn page_by<'d>(
        &self,
        cursor: impl Fn(&Document) -> String,
        wanted: &Wanted,
        mut documents: impl Iterator<Item = &'d Arc<Document>>,
    ) -> Reply {
        let page: Vec<_> = documents.by_ref().take(wanted.take).collect();
        let next = page.last().filter(|_| documents.next().is_some()).map(|last| cursor(last));
        let known: Vec<_> = self.known.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        link::add(self.reply(&page), self.asked.request, wanted, &known, next.as_deref())
    }

    /// All documents.
    pub(in crate::api) fn whole<'d>(&self, documents: impl Iterator<Item = &'d Arc<Document>>) -> Reply {
        let reply = self.reply(&documents.collect::<Vec<_>>());
        if self.resource.self_link { link::own(reply, self.asked.request, self.known) } else { reply }
    }

    fn reply(&self, page: &[&Arc<Document>]) -> Reply {
        let base_url = &self.asked.request.base_url;
        let special = special::of(self.resource).filter(|special| special.shows_in_lists(self.asked));
        let size = page.iter().map(|document| document.len_in_list(base_url) + 1).sum::<usize>() + 2;
        let mut body = Vec::with_capacity(size + 64);
        if let Some(wrap) = &self.resource.wrap {
            body.extend_from_slice(b"{\"");
            body.extend_from_slice(wrap.as_bytes());
            body.extend_from_slice(b"\":");
        }
        body.push(b'[');
        for (nth, document) in page.iter().enumerate() {
            if nth > 0 {
                body.push(b',');
            }
            match special.and_then(|special| special.show(self.asked, document)) {
                Some(value) => body.extend_from_slice(&based(&value, base_url)),
                None => document.write_in_list(base_url, &mut body),
            }
        }
        body.push(b']');
        if self.resource.wrap.is_some() {
            if let Some(links) = special::of(self.resource).and_then(|special| special.list_links(self.asked))
            {
                body.extend_from_slice(b",\"_links\":");
                body.extend_from_slice(&based(&links, base_url));
            }
            body.push(b'}');
        }
        Reply::json(StatusCode::OK, body)
    }
}

/// A page of some documents of a kind, cut as the kind's lists are.
pub(in crate::api) fn page_of<'d>(
    asked: &Asked<'_>,
    resource: &'static Resource,
    (default, max): (usize, usize),
    place: impl Fn(&str) -> Option<u64>,
    documents: impl FnOnce(Option<u64>) -> Box<dyn Iterator<Item = &'d Arc<Document>> + 'd>,
) -> Result<Reply, ApiError> {
    let sizes = Sizes { default, max, cap: asked.state.settings.max_page };
    let query = &asked.query;
    let wanted = page::wanted(query, sizes, &asked.state.settings.dialect)?;
    let after = match &wanted.after {
        Some(after) => Some(place(after).ok_or(ApiError::InvalidCursor("E0000029"))?),
        None => None,
    };
    Ok(Listed { asked, resource, known: &[] }.page(CursorForm::Id, &wanted, documents(after)))
}
