//! An object is replaced, changed, or put where the path says.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};

use super::{answer, create_with, get, settle, status};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{self, Action, Draft};
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::{Act, Resource, Verb};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// `PUT`, `POST` or `PATCH` of one object.
pub(super) fn write(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let old = target.find(asked, asked.state).ok().cloned();
    if old.is_none() && !resource.singleton && act.verb != Verb::Put {
        target.find(asked, asked.state)?;
    }
    target.permit(asked, old.as_deref(), trace)?;
    // What is put may be said by the path alone (a permission of a role).
    let body = match act.verb {
        Verb::Put if asked.request.body.is_empty() => Map::new(),
        _ => body::object(asked.request)?,
    };
    if act.verb != Verb::Update {
        draft::check_required(resource, &body)?;
    }
    let body = body::fit(asked, body)?;
    if old.is_none() && !resource.singleton {
        let document = create_with(asked, &target, &body)?;
        return Ok(answer(asked, resource, act, status(asked, act), Some(&document)));
    }
    let state = asked.commit(|state| {
        let old = get::object_in(asked, state, &target)?;
        let mut draft = drafted(asked, state, &target, &old, &body, act)?;
        settle(&mut draft)?;
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    let id = old.as_ref().map_or(&*target.name, |old| &*old.id);
    let document = state.on(&target.shelf).get(id);
    trace.note("operation", format!("{} {id} is changed", resource.kind));
    // The first time that a singleton is put it is created, where the specification tells the two apart.
    let first = old.is_none() && act.verb == Verb::Put && asked.operation.status.contains(&201);
    let usual = if first { StatusCode::CREATED } else { status(asked, act) };
    Ok(answer(asked, resource, act, usual, document))
}

fn drafted<'a>(
    asked: &'a Asked<'a>,
    state: &'a OrgState,
    target: &'a Target,
    old: &Arc<Document>,
    body: &'a Map<String, Value>,
    act: &Act,
) -> Result<Draft<'a>, ApiError> {
    if act.verb == Verb::Update {
        Draft::update(asked, state, target, old, body, Action::Update)
    } else {
        Draft::replace(asked, state, target, old, body)
    }
}
