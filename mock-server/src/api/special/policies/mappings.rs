//! What policies are for: the apps that have one, seen as apps and as mappings. Mappings are not made here any more
//! but for device signal collection (recorded: "Policy mappings are no longer supported on this endpoint.").

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{default_of, kind_of, policies};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::set;
use crate::api::target::{Target, reaches};
use crate::api::verbs::{based, page_of};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::facts::resources::BASE_MARK;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// The beginning of a mapping's id; the rest is that of what is mapped.
const PREFIX: &str = "rsm";

/// The member of an app's hidden part that names its policy of a type.
pub(super) fn member(kind: &str) -> Option<&'static str> {
    match kind {
        "ACCESS_POLICY" => Some("/accessPolicy"),
        "PROFILE_ENROLLMENT" => Some("/profileEnrollment"),
        _ => None,
    }
}

/// The apps that have a policy, the oldest first.
pub(super) fn apps_of<'s>(state: &'s OrgState, policy: &'s str) -> impl Iterator<Item = Arc<Document>> + 's {
    state.all("apps").after(None).filter(move |app| has(app, policy)).cloned()
}

fn has(app: &Document, policy: &str) -> bool {
    ["accessPolicy", "profileEnrollment"]
        .iter()
        .any(|member| app.hidden.get(member).and_then(Value::as_str) == Some(policy))
}

/// The change that gives an app another policy.
pub(super) fn moved(app: &Arc<Document>, member: &str, policy: &str) -> Change {
    let mut hidden = Value::clone(&app.hidden);
    set(&mut hidden, member, policy.into());
    Change::put("apps", app.id.clone(), app.value(), hidden)
}

fn found(asked: &Asked<'_>, trace: &mut Trace) -> Result<Arc<Document>, ApiError> {
    let target = Target::of(asked, policies()?, asked.state)?;
    let policy = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&policy), trace)?;
    Ok(policy)
}

/// `GET /policies/{id}/app`.
pub(super) fn apps(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let policy = found(asked, trace)?;
    let kind = facts().resources.get("apps").ok_or(ApiError::NoSuchPath)?;
    let apps = asked.state.all("apps");
    page_of(
        asked,
        kind,
        (20, 200),
        |id| apps.place(id),
        |place| Box::new(apps.after(place).filter(move |app| has(app, &policy.id) && reaches(asked, app))),
    )
}

/// A mapping as it is shown.
fn shown(policy: &str, id: &str, rel: &str, path: &str) -> Value {
    let link = |path: String| json!({ "href": format!("{BASE_MARK}/api/v1/{path}"), "hints": { "allow": ["GET", "PUT", "DELETE"] } });
    json!({
        "id": id,
        "_links": {
            rel: link(path.to_owned()),
            "self": link(format!("policies/{policy}/mappings/{id}")),
            "policy": link(format!("policies/{policy}")),
        }
    })
}

/// All mappings of a policy.
fn all(state: &OrgState, policy: &Document) -> Vec<Value> {
    let of_app =
        |app: Arc<Document>| shown(&policy.id, &id_of(&app), "application", &format!("apps/{}", app.id));
    let stored = state.on(&shelf(&policy.id)).after(None).map(|mapping| {
        let to = mapping.text("/resourceId").unwrap_or_default();
        shown(&policy.id, &mapping.id, "authenticationPolicy", &format!("policies/{to}"))
    });
    apps_of(state, &policy.id).map(of_app).chain(stored).collect()
}

fn id_of(app: &Document) -> String {
    format!("{PREFIX}{}", app.id.get(3..).unwrap_or_default())
}

fn shelf(policy: &str) -> Shelf {
    Shelf::below("policy_mappings", &[policy])
}

/// `GET /policies/{id}/mappings`.
pub(super) fn list(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let policy = found(asked, trace)?;
    let all = Value::from(all(asked.state, &policy));
    Ok(Reply::json(StatusCode::OK, based(&all, &asked.request.base_url)))
}

fn missing(asked: &Asked<'_>) -> ApiError {
    ApiError::NotFound(asked.parameter(1).to_owned(), "PolicyMapping")
}

/// `GET /policies/{id}/mappings/{mappingId}`.
pub(super) fn get(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let policy = found(asked, trace)?;
    let wanted = asked.parameters.get(1).map(|id| json!(id)).unwrap_or_default();
    let mapping = all(asked.state, &policy).into_iter().find(|mapping| mapping["id"] == wanted);
    let mapping = mapping.ok_or_else(|| missing(asked))?;
    Ok(Reply::json(StatusCode::OK, based(&mapping, &asked.request.base_url)))
}

/// `POST /policies/{id}/mappings`.
pub(super) fn create(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let policy = found(asked, trace)?;
    let wanted = body::checked(asked)?;
    if !policy.is("/type", "DEVICE_SIGNAL_COLLECTION") {
        let what = "Policy mappings are no longer supported on this endpoint.";
        return Err(ApiError::Validation(what.to_owned(), Vec::new()));
    }
    let to = wanted.get("resourceId").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !asked.state.get("policies", &to).is_some_and(|other| other.is("/type", "ACCESS_POLICY")) {
        return Err(ApiError::NotFound(to, "Policy"));
    }
    let id: Arc<str> = asked.org.ids().next(PREFIX).into();
    asked.org.commit(asked.request.now, |_| {
        let value = json!({ "id": &*id, "resourceId": to, "resourceType": "ACCESS_POLICY" });
        Ok::<_, ApiError>(vec![Change::put(shelf(&policy.id), id.clone(), value, Value::Null)])
    })?;
    let mapping = shown(&policy.id, &id, "authenticationPolicy", &format!("policies/{to}"));
    Ok(Reply::json(StatusCode::OK, based(&mapping, &asked.request.base_url)))
}

/// `DELETE /policies/{id}/mappings/{mappingId}`: an app gets the default policy.
pub(super) fn delete(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let policy = found(asked, trace)?;
    let wanted = asked.parameter(1).to_owned();
    asked.org.commit(asked.request.now, |state| {
        if state.on(&shelf(&policy.id)).get(&wanted).is_some() {
            return Ok(vec![Change::remove(shelf(&policy.id), wanted.as_str())]);
        }
        let app =
            apps_of(state, &policy.id).find(|app| id_of(app) == wanted).ok_or_else(|| missing(asked))?;
        let value = policy.value();
        let kind = kind_of(&value).unwrap_or_default();
        match (member(kind), default_of(state, kind)) {
            (Some(member), Some(other)) => Ok(vec![moved(&app, member, &other.id)]),
            _ => Err(missing(asked)),
        }
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
