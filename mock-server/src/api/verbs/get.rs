//! One object, by id or by another name that Okta takes.

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};

use super::list::reaches;
use crate::api::answer::Asked;
use crate::exchange::{Reply, Trace};
use crate::facts::dialects::Switch;
use crate::facts::resources::Resource;
use crate::org::document::Document;
use crate::wire::ApiError;

/// `GET` of one object: found first, then reached by a role (mgmt-facts §10).
pub(super) fn get(
    asked: &Asked<'_>,
    resource: &'static Resource,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let document = find(asked, resource, asked.parameters.last().map_or("", String::as_str))?;
    if !may_see(asked, resource, document, trace) {
        return Err(refusal(asked, resource, document));
    }
    let mut body = Vec::with_capacity(document.alone.len(&asked.request.base_url));
    document.alone.write(&asked.request.base_url, &mut body);
    let reply = Reply::json(StatusCode::OK, body);
    Ok(match document.etag.as_deref().and_then(|tag| HeaderValue::from_str(tag).ok()) {
        Some(tag) => reply.with(header::ETAG, tag),
        None => reply,
    })
}

/// The object that a path names. `me` is the user behind the caller.
pub(super) fn find<'s>(
    asked: &Asked<'s>,
    resource: &'static Resource,
    name: &str,
) -> Result<&'s Arc<Document>, ApiError> {
    let state = asked.state;
    let found = match (resource.kind.as_str(), name) {
        ("users", "me") => asked.caller.user().and_then(|id| state.get("users", id)),
        (kind, name) => {
            let collection = state.all(kind);
            collection
                .get(name)
                .or_else(|| collection.by_alias(name).filter(|_| !resource.aliases.is_empty()))
        }
    };
    found.ok_or_else(|| ApiError::NotFound(name.to_owned(), &resource.type_name))
}

/// Whether a role reaches it, or the caller is it.
pub(super) fn may_see(
    asked: &Asked<'_>,
    resource: &Resource,
    document: &Document,
    trace: &mut Trace,
) -> bool {
    if reaches(asked, document) {
        return true;
    }
    let own = resource.kind == "users" && asked.caller.user() == Some(&*document.id);
    if own {
        trace.note("role", "everybody may read their own user");
    }
    own
}

/// How an object that no role reaches is refused.
pub(super) fn refusal(asked: &Asked<'_>, resource: &'static Resource, document: &Document) -> ApiError {
    if asked.state.settings.dialect.is(Switch::RoleLessSingle, "not_found") {
        ApiError::NotFound(document.id.to_string(), &resource.type_name)
    } else {
        ApiError::AccessDenied
    }
}
