//! A new object.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{answer, settle, status};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{self, Draft};
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::{Act, Resource};
use crate::org::document::Document;
use crate::wire::ApiError;

/// `POST` to a collection.
pub(super) fn create(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    target.permit(asked, None, trace)?;
    let body = body::object(asked.request)?;
    draft::check_required(resource, &body)?;
    let body = body::fit(asked, body)?;
    let document = create_with(asked, &target, &body)?;
    trace.note("operation", format!("a new one of {}: {}", resource.kind, document.id));
    Ok(answer(asked, resource, act, status(asked, act), Some(&document)))
}

/// Stores a new object made of a request's.
pub(in crate::api) fn create_with(
    asked: &Asked<'_>,
    target: &Target,
    body: &Map<String, Value>,
) -> Result<Arc<Document>, ApiError> {
    let id = draft::new_id(asked, target, body)?;
    let state = asked.commit(|state| {
        let mut draft = Draft::create(asked, state, target, id.clone(), body)?;
        settle(&mut draft)?;
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    let stored = state.on(&target.shelf).get(&id).cloned();
    stored.ok_or_else(|| ApiError::NotFound(id.to_string(), &target.resource.type_name))
}
