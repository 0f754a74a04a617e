//! What operations do, a file a verb or two. Which operation does what is said in `fixtures/resources/`.

mod create;
mod delete;
mod get;
mod lifecycle;
mod list;
mod related;
mod search;
mod write;

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::answer::Asked;
use super::draft::Draft;
use super::target::Target;
use super::{events, mappings, special};
use crate::exchange::{Reply, Trace};
use crate::facts::resources::{Act, Answer, BASE_MARK, Resource, Verb};
use crate::org::document::{Document, Rendered};
use crate::wire::ApiError;

pub(super) use create::create_with;
pub(super) use list::{Listed, page_of};

/// Does what the verb says.
pub(super) fn perform(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &'static Act,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    match &act.verb {
        Verb::List => list::list(asked, resource, trace),
        Verb::Get => get::get(asked, resource, trace),
        Verb::Create => create::create(asked, resource, act, trace),
        Verb::Replace | Verb::Update | Verb::Put => write::write(asked, resource, act, trace),
        Verb::Delete => delete::delete(asked, resource, act, trace),
        Verb::DeleteAll => delete::delete_all(asked, resource, act, trace),
        Verb::Lifecycle(name) => lifecycle::change(asked, resource, act, name, trace),
        Verb::Related(relation) | Verb::Holders(relation) => {
            related::list(asked, resource, &act.verb, relation, trace)
        }
        Verb::Relate(relation) => related::relate(asked, resource, act, relation, true, trace),
        Verb::Unrelate(relation) => related::relate(asked, resource, act, relation, false, trace),
        Verb::Accept => accept(asked, resource, act, trace),
        Verb::FeatureOff => Err(ApiError::catalogued("E0000015", "", "")),
    }
}

/// Needs the object; what Okta then does happens outside the org.
fn accept(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let object = match target.name.as_str() {
        "" => None,
        _ => Some(target.find(asked, asked.state)?),
    };
    target.permit(asked, object.map(AsRef::as_ref), trace)?;
    trace.note("operation", "nothing in the org changes");
    Ok(answer(asked, resource, act, StatusCode::OK, object))
}

/// What comes with every write, whatever the verb: the kind's own code, an app's mappings, the event in the log.
pub(in crate::api) fn settle(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    if let Some(special) = special::of(draft.target.resource) {
        special.write(draft)?;
    }
    mappings::follow(draft);
    events::note(draft);
    Ok(())
}

/// The status of success.
fn status(asked: &Asked<'_>, act: &Act) -> StatusCode {
    let code = act.status.or_else(|| asked.operation.status.first().copied()).unwrap_or(200);
    StatusCode::from_u16(code).unwrap_or(StatusCode::OK)
}

/// The reply to a success.
fn answer(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    usual: StatusCode,
    object: Option<&Arc<Document>>,
) -> Reply {
    let status = if act.status.is_some() { status(asked, act) } else { usual };
    match (act.answer, object) {
        (Some(Answer::None), _) | (None, None) => Reply::empty(status),
        (Some(Answer::Empty), _) | (Some(Answer::Object), None) => Reply::json(status, "{}"),
        (_, Some(_)) if status == StatusCode::NO_CONTENT => Reply::empty(status),
        (_, Some(document)) => shown(asked, resource, status, document),
    }
}

/// An object as a caller sees it: its stored bytes, unless its kind is shown by code.
pub(in crate::api) fn shown(
    asked: &Asked<'_>,
    resource: &'static Resource,
    status: StatusCode,
    document: &Arc<Document>,
) -> Reply {
    let base_url = &asked.request.base_url;
    let body = match special::of(resource).and_then(|special| special.show(asked, document)) {
        Some(value) => based(&value, base_url),
        None => document.bytes(base_url),
    };
    let mut reply = Reply::json(status, body);
    if resource.object_link {
        let path = asked.request.path().trim_end_matches('/');
        let own = if asked.operation.path.ends_with('}') { "" } else { &format!("/{}", document.id) };
        let link = format!("<{base_url}{path}{own}>; rel=\"self\"");
        reply = reply.with_text(header::LINK, &link);
    }
    match document.etag.as_deref().and_then(|tag| HeaderValue::from_str(tag).ok()) {
        Some(tag) if status == StatusCode::OK && asked.operation.reads => reply.with(header::ETAG, tag),
        _ => reply,
    }
}

/// The bytes of a value, its links on the caller's base URL.
pub(in crate::api) fn based(value: &Value, base_url: &str) -> Vec<u8> {
    let text = value.to_string();
    if !text.contains(BASE_MARK) {
        return text.into_bytes();
    }
    let mut body = Vec::with_capacity(text.len());
    Rendered::new(&text).write(base_url, &mut body);
    body
}
