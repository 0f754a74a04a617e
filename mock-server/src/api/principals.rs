//! What no verb says of API tokens, of shares of rate limits, and of the apps of a group.

use std::sync::Arc;

use http::StatusCode;

use super::answer::Asked;
use super::own::Operations;
use super::special::groups::apps_of;
use super::special::principals::ABOUT;
use super::target::Target;
use super::verbs::{self, Listed};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::gate::caller::Caller;
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is here.
pub(super) const OPERATIONS: Operations = &[
    ("revokeCurrentApiToken", revoke_current),
    ("listPrincipalRateLimitEntities", list_shares),
    ("listAssignedApplicationsForGroup", apps_of_group),
];

/// The token that asks revokes itself.
fn revoke_current(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let Caller::ApiToken { token, .. } = asked.caller else { return Err(ApiError::InvalidSession) };
    asked.org.commit(asked.request.now, |state| {
        let shares = state.all("principal_rate_limits").after(None);
        let share = shares.filter(|share| share.is("/principalId", token));
        let share = share.map(|share| Change::remove("principal_rate_limits", share.id.clone()));
        Ok::<_, ApiError>(share.chain([Change::remove("api_tokens", token.clone())]).collect())
    })?;
    trace.note("operation", format!("{token} is gone"));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The shares of the principals of a type; the filter must name the type (recorded).
fn list_shares(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    if asked.reach == Reach::Nothing {
        return Err(ApiError::AccessDenied);
    }
    let filter = asked.query("filter").unwrap_or_default();
    let conditions: Vec<(&str, &str)> = filter.split(" and ").filter_map(condition).collect();
    if !conditions.iter().any(|(member, _)| *member == "principalType") {
        let cause =
            "The provided filter parameter did not contain the required attrbute filter \"principalType\"";
        return Err(ApiError::invalid(ABOUT, cause));
    }
    let resource = facts().resources.get("principal_rate_limits").ok_or(ApiError::NoSuchPath)?;
    let shares = asked.state.all("principal_rate_limits").after(None);
    let wanted = shares
        .filter(|share| conditions.iter().all(|(member, value)| share.is(&format!("/{member}"), value)));
    Ok(Listed { asked, resource, known: &[] }.whole(wanted))
}

/// `principalType eq "SSWS_TOKEN"`.
fn condition(text: &str) -> Option<(&str, &str)> {
    let (member, value) = text.trim().split_once(" eq ")?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    Some((member.trim(), value))
}

/// The apps that a group is assigned to.
fn apps_of_group(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let groups = facts().resources.get("groups").ok_or(ApiError::NoSuchPath)?;
    let apps = facts().resources.get("apps").ok_or(ApiError::NoSuchPath)?;
    let target = Target::of(asked, groups, asked.state)?;
    let group = target.find(asked, asked.state)?;
    target.permit(asked, Some(group), trace)?;
    let all = asked.state.all("apps");
    verbs::page_of(
        asked,
        apps,
        (20, 200),
        |id| all.place(id),
        |place| {
            let behind = move |app: &&Arc<Document>| place.is_none_or(|place| app.seq > place);
            Box::new(apps_of(asked.state, &group.id).filter(behind))
        },
    )
}
