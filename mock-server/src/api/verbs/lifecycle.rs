//! An object changes its state.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{answer, get, settle, status};
use crate::api::answer::Asked;
use crate::api::draft::{self, Action, Draft, refused};
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::{Act, Resource, Transition};
use crate::org::document::Document;
use crate::wire::ApiError;

/// `POST …/lifecycle/{name}`.
pub(super) fn change(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    name: &str,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let Some(transition) = resource.lifecycle.get(name) else { return Err(ApiError::NoSuchPath) };
    let target = Target::of(asked, resource, asked.state)?;
    let object = get::object_in(asked, asked.state, &target)?;
    target.permit(asked, Some(&object), trace)?;
    let state = asked.commit(|state| {
        let object = get::object_in(asked, state, &target)?;
        if !moves(resource, transition, &object)? {
            return Ok(Vec::new());
        }
        let nothing = Map::new();
        let action = Action::Lifecycle(name.to_owned());
        let mut draft = Draft::update(asked, state, &target, &object, &nothing, action)?;
        if let (Some(pointer), Some(to)) = (&resource.state, &transition.to) {
            draft::set(&mut draft.value, pointer, Value::from(to.as_str()));
        }
        for (pointer, value) in &transition.sets {
            let value = draft.filled(value);
            draft::set(&mut draft.value, pointer, value);
        }
        settle(&mut draft)?;
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    trace.note("operation", format!("{} {}: {name}", resource.kind, object.id));
    let usual = status(asked, act);
    let document = state.on(&target.shelf).get(&object.id);
    let document = if usual == StatusCode::NO_CONTENT { None } else { document };
    Ok(answer(asked, resource, act, usual, document))
}

/// Whether the state changes; the error of the file where it may not.
fn moves(resource: &Resource, transition: &Transition, object: &Document) -> Result<bool, ApiError> {
    let value = object.value();
    let now = resource.state_of(&value).unwrap_or_default();
    if transition.idle.iter().any(|state| state == now) {
        return Ok(false);
    }
    if transition.from.is_empty() || transition.from.iter().any(|state| state == now) {
        return Ok(true);
    }
    match &transition.otherwise {
        Some(refusal) => Err(refused(refusal)),
        None => Ok(false),
    }
}
