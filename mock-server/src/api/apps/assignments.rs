//! Users, groups and policies of an app, and its logo.

use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::{app, newest, put};
use crate::api::answer::Asked;
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::api::verbs::{create_with, shown};
use crate::api::{body, images, special};
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("assignUserToApplication", assign),
    ("updateGroupAssignmentToApplication", patch_group),
    ("assignApplicationPolicy", assign_policy),
    ("uploadApplicationLogo", upload_logo),
];

/// Assigns a user. One that has the app already, by a group or otherwise, is changed.
fn assign(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let mut wanted = body::checked(asked)?;
    let id = wanted.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if id.is_empty() {
        return Err(ApiError::invalid("id", "id: The field cannot be left blank"));
    }
    let users = asked.state.all("users");
    let user = users.get(&id).or_else(|| users.by_alias(&id));
    let user = user.ok_or_else(|| ApiError::NotFound(id.clone(), "User"))?.clone();
    wanted.entry("scope").or_insert_with(|| json!("USER"));
    let resource = facts().resources.get("app_users").ok_or(ApiError::NoSuchPath)?;
    let target = Target {
        resource,
        shelf: Shelf::below("app_users", &[&app.id]),
        parents: vec![app.clone()],
        name: user.id.to_string(),
    };
    let assigned = create_with(asked, &target, &wanted)?;
    trace.note("operation", format!("{} may use {}", user.id, app.id));
    Ok(shown(asked, resource, StatusCode::OK, &assigned))
}

/// Changes an assignment by a JSON patch: `replace` of the priority or of members of the profile.
fn patch_group(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let steps: Vec<Map<String, Value>> =
        serde_json::from_slice(&asked.request.body).map_err(|_| ApiError::MalformedBody)?;
    let id = asked.parameter(1);
    let resource = facts().resources.get("app_groups").ok_or(ApiError::NoSuchPath)?;
    let shelf = Shelf::below("app_groups", &[&app.id]);
    let now = okta_timestamp(asked.request.now);
    let state = asked.org.commit(asked.request.now, |state| {
        let old = state.on(&shelf).get(id);
        let old = old.ok_or_else(|| ApiError::NotFound(id.to_owned(), &resource.type_name))?;
        let mut value = old.value();
        for step in &steps {
            apply(&mut value, step)?;
        }
        value["lastUpdated"] = json!(now);
        let own = value["priority"].as_i64();
        let moved = own.map(|own| special::assignments::room(state, &shelf, &old.id, own));
        let mut changes = vec![Change::put(shelf.clone(), old.id.clone(), value, old.hidden.clone())];
        changes.extend(moved.into_iter().flatten());
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("the assignment of {id} to {} is changed", app.id));
    let changed = state.on(&shelf).get(id).cloned();
    let changed = changed.ok_or_else(|| ApiError::NotFound(id.to_owned(), &resource.type_name))?;
    Ok(shown(asked, resource, StatusCode::OK, &changed))
}

fn apply(value: &mut Value, step: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |name: &str| step.get(name).and_then(Value::as_str).unwrap_or_default();
    let path = text("path");
    let allowed = path == "/priority" || path == "/profile" || path.starts_with("/profile/");
    let new = step.get("value").cloned().unwrap_or_default();
    match text("op") {
        "add" | "replace" if allowed => crate::api::draft::set(value, path, new),
        "remove" if path.starts_with("/profile/") => crate::api::draft::unset(value, path),
        op => {
            let cause = format!("op: {op} of {path} is not supported");
            return Err(ApiError::invalid("patch", cause));
        }
    }
    Ok(())
}

/// Puts an app under another policy, by the policy's type.
fn assign_policy(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let id = asked.parameter(1);
    let policy =
        asked.state.get("policies", id).ok_or_else(|| ApiError::NotFound(id.to_owned(), "Policy"))?;
    let kind = policy.text("/type").unwrap_or_default();
    let member = match &*kind {
        "ACCESS_POLICY" => "accessPolicy",
        "PROFILE_ENROLLMENT" => "profileEnrollment",
        _ => {
            let cause = format!("A policy of type {kind} cannot be assigned to an app");
            return Err(ApiError::invalid("Policy", cause));
        }
    };
    own_policy(asked, &app, policy, member)?;
    asked.org.commit(asked.request.now, |state| {
        let app = newest(state, "apps", &app.id)?;
        let mut hidden = Value::clone(&app.hidden);
        hidden[member] = json!(policy.id);
        Ok::<_, ApiError>(vec![Change::put("apps", app.id.clone(), app.value(), hidden)])
    })?;
    trace.note("operation", format!("{} is under the policy {id}", app.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// The policies of Okta's own apps are theirs alone (recorded).
fn own_policy(asked: &Asked<'_>, app: &Document, policy: &Document, member: &str) -> Result<(), ApiError> {
    let mut apps = asked.state.all("apps").after(None);
    let first_party = apps.find(|other| {
        let name = other.text("/name").unwrap_or_default();
        other.hidden[member] == *policy.id
            && other.id != app.id
            && facts().apps.app(&name).is_some_and(|listed| listed.first_party)
    });
    let system = special::apps::system_policy(asked.state, &policy.text("/type").unwrap_or_default());
    match first_party {
        Some(other) if system.as_deref() != Some(&*policy.id) => {
            let label = other.text("/label").unwrap_or_default();
            let cause = format!(
                "This policy belongs to \"{label}\", and re-assignment of this policy is not allowed"
            );
            Err(ApiError::invalid("Policy", cause))
        }
        _ => Ok(()),
    }
}

/// Keeps a logo, and says in the app where it is (recorded: `Location` on the CDN).
fn upload_logo(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let uploaded = images::upload(asked, &images::APP_LOGO)?;
    asked.org.commit(asked.request.now, |state| {
        let app = newest(state, "apps", &app.id)?;
        let mut hidden = Value::clone(&app.hidden);
        let old = hidden.get("logo").and_then(Value::as_str).map(str::to_owned);
        hidden["logo"] = json!(uploaded.marked);
        if let Some(link) = hidden.pointer_mut("/links/logo/0/href") {
            *link = json!(uploaded.marked);
        }
        let mut changes = vec![put("apps", &app.id, app.value(), hidden), uploaded.kept.clone()];
        changes.extend(images::forgotten(state, old.as_deref()));
        Ok::<_, ApiError>(changes)
    })?;
    trace.note("operation", format!("{} has a logo", app.id));
    Ok(Reply::empty(StatusCode::CREATED).with_text(header::LOCATION, &uploaded.url))
}
