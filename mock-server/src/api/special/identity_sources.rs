//! Identity sources: import sessions take data while they are open; groups have members by their external ids.

use http::StatusCode;
use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Action, Draft};
use crate::api::link;
use crate::api::own::Operations;
use crate::api::page::Wanted;
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::change::Change;
use crate::wire::ApiError;

/// The operations on members.
pub(in crate::api) const OPERATIONS: Operations =
    &[("getIdentitySourceGroupMemberships", members), ("createIdentitySourceGroupsMemberships", add_member)];

/// Import sessions.
pub(super) struct IdentitySourceSessions;

impl Special for IdentitySourceSessions {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let is = |status: &str| draft.old.as_ref().is_some_and(|old| old.is("/status", status));
        if draft.action != Action::Update {
            return Ok(());
        }
        if !is("CREATED") {
            let cause = "Only a session that is in CREATED status can take data.";
            return Err(ApiError::invalid("importSessionId", cause));
        }
        let path = &draft.asked.operation.path;
        if path.ends_with("/bulk-upsert") || path.ends_with("/bulk-delete") {
            let kind = draft.body.get("entityType").and_then(Value::as_str);
            if kind != Some("USERS") {
                let cause = "entityType: The field entityType is not valid.";
                return Err(ApiError::invalid("entityType", cause));
            }
        }
        Ok(())
    }
}

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
    asked.org.commit(asked.request.now, |_| {
        Ok::<_, ApiError>(vec![Change::put(target.shelf.clone(), id, json!({}), Value::Null)])
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
