//! One object, by id or by another name that Okta takes.

use std::sync::Arc;

use http::StatusCode;

use super::shown;
use crate::api::answer::Asked;
use crate::api::draft::Draft;
use crate::api::target::{ONLY, Target};
use crate::exchange::{Reply, Trace};
use crate::facts::resources::Resource;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// `GET` of one object: found first, then reached by a role (mgmt-facts §10).
pub(super) fn get(
    asked: &Asked<'_>,
    resource: &'static Resource,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let object = match resource.optional {
        true => target.find(asked, asked.state)?.clone(),
        false => object_in(asked, asked.state, &target)?,
    };
    target.permit(asked, Some(&object), trace)?;
    Ok(shown(asked, resource, StatusCode::OK, &object))
}

/// The object that the path names, in a state. A singleton that nobody has written yet is as its file says.
pub(super) fn object_in(
    asked: &Asked<'_>,
    state: &OrgState,
    target: &Target,
) -> Result<Arc<Document>, ApiError> {
    match target.find(asked, state) {
        Ok(object) => Ok(object.clone()),
        Err(_) if target.resource.singleton => unwritten(asked, target),
        Err(missing) => Err(missing),
    }
}

/// A singleton as it is before anybody writes it.
fn unwritten(asked: &Asked<'_>, target: &Target) -> Result<Arc<Document>, ApiError> {
    let nothing = serde_json::Map::new();
    let draft = Draft::unwritten(asked, asked.state, target, ONLY.into(), &nothing, &serde_json::Value::Null);
    let (value, hidden) = (draft.value, Arc::new(draft.hidden));
    let parent = &target.shelf.parent;
    Ok(Arc::new(Document::new(ONLY.into(), 0, &value, hidden, parent, Some(target.resource))))
}
