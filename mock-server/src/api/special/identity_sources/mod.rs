//! Identity sources: their users and groups are users and groups of the org; import sessions take data while they are
//! open, and import it when they are started.

mod groups;
mod sessions;
mod users;

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Action, Draft};
use crate::api::link;
use crate::api::own::Operations;
use crate::api::page::Wanted;
use crate::api::target::Target;
use crate::api::verbs::settle;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::Resource;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

pub(super) use groups::{Groups, Members};
pub(super) use sessions::Sessions;
pub(super) use users::Users;

/// The operations on members.
pub(in crate::api) const OPERATIONS: Operations =
    &[("getIdentitySourceGroupMemberships", members), ("createIdentitySourceGroupsMemberships", add_member)];

fn members_of(asked: &Asked<'_>, trace: &mut Trace) -> Result<Target, ApiError> {
    let resource = facts().resources.get("identity_source_members").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, resource, asked.state)?;
    target.permit(asked, None, trace)?;
    Ok(target)
}

/// `GET …/membership`.
fn members(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let target = members_of(asked, trace)?;
    let all = asked.state.on(&target.shelf).after(None);
    let ids: Vec<&str> = all.map(|member| &*member.id).collect();
    let body = json!({ "memberExternalIds": ids }).to_string();
    let wanted = Wanted { limit: 200, take: 200, after: None };
    Ok(link::add(Reply::json(StatusCode::OK, body), asked.request, &wanted, &[], None))
}

/// `POST …/membership`.
fn add_member(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let target = members_of(asked, trace)?;
    let body = body::object(asked.request)?;
    let id = body.get("memberExternalId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| {
        ApiError::invalid("memberExternalId", "memberExternalId: The field cannot be left blank")
    })?;
    let (source, group) = (asked.parameter(0), &target.parents[1]);
    asked
        .org
        .commit(asked.request.now, |state| Ok::<_, ApiError>(groups::joined(state, source, group, id)))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// A kind of objects below an identity source, and the one that an external id names.
fn named(
    state: &OrgState,
    kind: &str,
    source: &Arc<Document>,
    external: &str,
) -> Result<(Target, Option<Arc<Document>>), ApiError> {
    let resource = kind_of(kind)?;
    let shelf = Shelf::below(&resource.kind, &[&source.id]);
    let found = by_external(state, &shelf, external).cloned();
    let target = Target { resource, shelf, parents: vec![source.clone()], name: external.to_owned() };
    Ok((target, found))
}

fn by_external<'s>(state: &'s OrgState, shelf: &Shelf, external: &str) -> Option<&'s Arc<Document>> {
    let found = state.on(shelf).by_alias(external);
    found.filter(|found| found.is("/externalId", external))
}

fn kind_of(kind: &str) -> Result<&'static Resource, ApiError> {
    facts().resources.get(kind).ok_or(ApiError::NoSuchPath)
}

/// What happens when a source says of one of its objects what it is now.
fn upserted(
    asked: &Asked<'_>,
    state: &OrgState,
    kind: &str,
    source: &Arc<Document>,
    body: &Map<String, Value>,
) -> Result<Vec<Change>, ApiError> {
    let external = body.get("externalId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let external = external
        .ok_or_else(|| ApiError::invalid("externalId", "externalId: The field cannot be left blank"))?;
    let (target, found) = named(state, kind, source, external)?;
    let mut draft = match &found {
        Some(old) => Draft::update(asked, state, &target, old, body, Action::Update)?,
        None => {
            let id = asked.org.ids().next(&target.resource.id_prefix).into();
            Draft::create(asked, state, &target, id, body)?
        }
    };
    settle(&mut draft)?;
    Ok(draft.into_changes())
}

/// What happens when a source no longer has one of its objects; nothing, when it never had.
fn removed(
    asked: &Asked<'_>,
    state: &OrgState,
    kind: &str,
    source: &Arc<Document>,
    external: &str,
) -> Result<Vec<Change>, ApiError> {
    let (target, found) = named(state, kind, source, external)?;
    let Some(old) = found else { return Ok(Vec::new()) };
    let nothing = Map::new();
    let mut draft = Draft::update(asked, state, &target, &old, &nothing, Action::Delete)?;
    settle(&mut draft)?;
    let mut changes = vec![Change::remove(target.shelf.clone(), old.id.clone())];
    changes.extend(draft.also);
    Ok(changes)
}
