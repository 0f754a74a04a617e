//! Objects go, with all that lies below them.

use http::StatusCode;
use serde_json::Map;

use super::{answer, settle};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, refused};
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::{Act, Resource};
use crate::org::change::Change;
use crate::org::mutation::Mutation;
use crate::wire::ApiError;

/// `DELETE` of one object.
pub(super) fn delete(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    let object = match target.find(asked, asked.state) {
        Ok(object) => Some(object.clone()),
        Err(_) if resource.singleton && !resource.optional || resource.delete_again => None,
        Err(missing) => return Err(missing),
    };
    target.permit(asked, object.as_deref(), trace)?;
    if asked.state.settings.mutations.has(Mutation::Deletion) {
        return Ok(answer(asked, resource, act, StatusCode::NO_CONTENT, None));
    }
    asked.commit(|state| {
        let Ok(object) = target.find(asked, state) else { return Ok(Vec::new()) };
        if let Some(guard) = &resource.delete
            && guard.unless.holds(&object.value())
        {
            return Err(refused(&guard.otherwise));
        }
        let nothing = Map::new();
        let mut draft = Draft::update(asked, state, &target, object, &nothing, Action::Delete)?;
        settle(&mut draft)?;
        let mut changes = vec![Change::remove(target.shelf.clone(), object.id.clone())];
        changes.extend(draft.also);
        Ok(changes)
    })?;
    trace.note("operation", format!("{} {} is gone", resource.kind, target.name));
    Ok(answer(asked, resource, act, StatusCode::NO_CONTENT, None))
}

/// `DELETE` of a collection.
pub(super) fn delete_all(
    asked: &Asked<'_>,
    resource: &'static Resource,
    act: &Act,
    trace: &mut Trace,
) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource, asked.state)?;
    target.permit(asked, None, trace)?;
    asked.commit(|state| {
        let all = state.on(&target.shelf).after(None);
        Ok::<_, ApiError>(all.map(|object| Change::remove(target.shelf.clone(), object.id.clone())).collect())
    })?;
    trace.note("operation", format!("{}: all are gone", resource.kind));
    Ok(answer(asked, resource, act, StatusCode::NO_CONTENT, None))
}
