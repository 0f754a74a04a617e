//! What hooks do: event hooks are verified, inline hooks executed, public keys of hooks shown. Deliveries of events are
//! made in `outgoing/`.

mod execute;
mod keys;
mod verify;

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::Value;

use super::answer::Asked;
use super::own::Operations;
use super::target::Target;
use crate::exchange::{Call, Reply, Trace};
use crate::facts::facts;
use crate::org::change::Shelf;
use crate::org::document::Document;
use crate::org::outbox::lines_of;
use crate::wire::ApiError;

/// The files and what is in them.
pub(super) const AREAS: [(&str, Operations); 3] = [
    ("hooks/execute.rs", execute::OPERATIONS),
    ("hooks/keys.rs", keys::OPERATIONS),
    ("hooks/verify.rs", verify::OPERATIONS),
];

/// The hook that the path names: it is there, and the caller's role reaches it.
fn hook(asked: &Asked<'_>, kind: &str) -> Result<(Target, Arc<Document>), ApiError> {
    let resource = facts().resources.get(kind).ok_or(ApiError::NoSuchPath)?;
    let name = asked.parameter(0).to_owned();
    let target = Target { resource, shelf: Shelf::from(resource.kind.as_str()), parents: Vec::new(), name };
    let found = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&found), &mut Trace::default())?;
    Ok((target, found))
}

/// A call to a hook's endpoint, with the header lines that it asks for.
fn call(
    method: Method,
    hook: &Document,
    more: Option<(String, String)>,
    body: impl Into<bytes::Bytes>,
) -> Call {
    let uri = hook.text("/channel/config/uri").unwrap_or_default().into_owned();
    Call::new(method, uri, lines_of(hook).into_iter().chain(more), body)
}

/// A document as its operation answers it.
fn shown(asked: &Asked<'_>, document: &Document) -> Reply {
    Reply::json(StatusCode::OK, document.bytes(&asked.request.base_url))
}

/// JSON that is an object.
fn object(body: &[u8]) -> Option<Value> {
    serde_json::from_slice::<Value>(body).ok().filter(Value::is_object)
}
