//! Self-service features: what one needs and what needs it, and turning it on or off (`mode=force` takes them along).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set};
use crate::api::events;
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::api::verbs::{Listed, shown};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::Resource;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("listFeatureDependencies", |asked, trace| near(asked, true, trace)),
    ("listFeatureDependents", |asked, trace| near(asked, false, trace)),
    ("updateFeatureLifecycle", update),
];

fn named(asked: &Asked<'_>) -> Result<(&'static Resource, Target), ApiError> {
    let resource = facts().resources.get("features").ok_or(ApiError::NoSuchPath)?;
    Ok((resource, Target::of(asked, resource, asked.state)?))
}

fn near(asked: &Asked<'_>, dependencies: bool, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (resource, target) = named(asked)?;
    let feature = target.find(asked, asked.state)?;
    target.permit(asked, Some(feature), trace)?;
    let near = if dependencies { needs(asked.state, feature) } else { needed_by(asked.state, feature) };
    Ok(Listed { asked, resource, known: &[] }.whole(near.iter()))
}

/// What a feature needs.
fn needs(state: &OrgState, feature: &Document) -> Vec<Arc<Document>> {
    let ids = feature.hidden["needs"].as_array().into_iter().flatten().filter_map(Value::as_str);
    ids.filter_map(|id| state.get("features", id).cloned()).collect()
}

/// What needs it.
fn needed_by(state: &OrgState, feature: &Document) -> Vec<Arc<Document>> {
    let needs_it = |other: &&Arc<Document>| {
        other.hidden["needs"].as_array().into_iter().flatten().any(|id| *id == *feature.id)
    };
    state.all("features").after(None).filter(needs_it).cloned().collect()
}

/// Turns a feature on or off. What it needs must be on already, what needs it must be off, or `mode=force` says to
/// change them too; `E0000141` otherwise.
fn update(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (resource, target) = named(asked)?;
    let feature = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&feature), trace)?;
    let wanted = match asked.parameters.get(1).map(|name| name.to_ascii_lowercase()).as_deref() {
        Some("enable") => "ENABLED",
        Some("disable") => "DISABLED",
        _ => return Err(ApiError::NoSuchPath),
    };
    let force = asked.query("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("force"));
    let state = asked.org.commit(asked.request.now, |state| {
        let mut changes = Vec::new();
        let mut waiting = vec![target.find(asked, state)?.clone()];
        while let Some(next) = waiting.pop() {
            if next.is("/status", wanted) {
                continue;
            }
            if *next.id != *feature.id && !force {
                return Err(ApiError::catalogued("E0000141", "", ""));
            }
            let near = if wanted == "ENABLED" { needs(state, &next) } else { needed_by(state, &next) };
            waiting.extend(near);
            let nothing = Map::new();
            let action = Action::Lifecycle(wanted.to_ascii_lowercase());
            let mut draft = Draft::update(asked, state, &target, &next, &nothing, action)?;
            set(&mut draft.value, "/status", wanted.into());
            events::note(&mut draft);
            let also: Vec<Change> = draft.into_changes();
            changes.extend(also);
        }
        Ok(changes)
    })?;
    let feature = target.find(asked, &state)?;
    Ok(shown(asked, resource, StatusCode::OK, feature))
}
