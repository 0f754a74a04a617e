//! Submissions to the OIN, as the Wizard keeps them, and instances to test with.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{ControlError, Found, Named};
use super::body::Json;
use super::console::ask;
use crate::directory::Hosted;
use crate::facts::nearest;
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::mutation::Mutation;
use crate::org::seed::read::from_json;
use crate::org::state::OrgState;
use crate::org::submission::{self, Fault, KIND, Status, Submission, Unmoved};

/// Where Okta's API has the instances.
pub(super) const INSTANCES: &str = "/integrations/api/v1/api-services";

/// What is shown and is not the author's to write: an edit may send it back as it was read.
const READ_ONLY: [&str; 8] = [
    "id",
    "status",
    "version",
    "versions",
    "defaultLogo",
    "lastUpdated",
    "lastPublished",
    "isNonFunctionalOnlySubmission",
];

/// The body of `POST …/status`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    status: String,
}

/// The body of `POST …/test-instance`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    version: Option<u64>,
}

impl From<Fault> for ControlError {
    fn from(fault: Fault) -> Self {
        let taken = fault.field == "type";
        Self::new(if taken { StatusCode::CONFLICT } else { StatusCode::BAD_REQUEST }, fault.to_string())
    }
}

impl From<Unmoved> for ControlError {
    fn from(unmoved: Unmoved) -> Self {
        Self::new(StatusCode::CONFLICT, unmoved.to_string())
    }
}

/// The submission that a body describes.
///
/// # Errors
/// All that the form refuses, each with its field.
fn read(mut body: Value) -> Result<Submission, ControlError> {
    if let Some(members) = body.as_object_mut() {
        READ_ONLY.iter().for_each(|name| drop(members.shift_remove(*name)));
    }
    let submission: Submission = from_json(body.to_string().as_bytes())
        .map_err(|error| ControlError::bad(format!("the body: {}{}", error.message, error.hint)))?;
    let faults: Vec<String> = submission.faults().iter().map(Fault::to_string).collect();
    if faults.is_empty() { Ok(submission) } else { Err(ControlError::bad(faults.join("; "))) }
}

fn find<'s>(state: &'s OrgState, id: &str) -> Result<&'s Document, ControlError> {
    state.get(KIND, id).map(AsRef::as_ref).ok_or_else(|| {
        let ids: Vec<&str> = state.all(KIND).after(None).map(|one| &*one.id).collect();
        let hint = match nearest(id, ids.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None if ids.is_empty() => "there are none".to_owned(),
            None => format!("there are {}", ids.join(", ")),
        };
        ControlError::new(StatusCode::NOT_FOUND, format!("there is no submission {id:?}; {hint}"))
    })
}

pub(super) async fn list(Named(hosted): Named) -> Found {
    let state = hosted.org().state();
    Found(state.all(KIND).after(None).map(|document| document.value()).collect())
}

pub(super) async fn create(Named(hosted): Named, Json(body): Json<Value>) -> Result<Response, ControlError> {
    let mut submission = read(body)?;
    submission.status = None;
    let org = hosted.org();
    let now = org.clock().now();
    let state = org.commit(now, |state| {
        Ok::<_, ControlError>(vec![submission::created(state, &submission, &okta_timestamp(now))?])
    })?;
    let newest = state.all(KIND).after(None).last();
    let shown = newest.map(|document| document.value()).unwrap_or_default();
    Ok((StatusCode::CREATED, Found(shown)).into_response())
}

pub(super) async fn read_one(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
) -> Result<Found, ControlError> {
    Ok(Found(find(&hosted.org().state(), &id)?.value()))
}

pub(super) async fn replace(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Result<Found, ControlError> {
    let submission = read(body)?;
    let org = hosted.org();
    let now = org.clock().now();
    let state = org.commit(now, |state| {
        let (document, at) = (find(state, &id)?, okta_timestamp(now));
        let edited = submission::edited(document, &submission, &at)?;
        let mut changes: Vec<Change> = edited.into_iter().collect();
        if state.settings.mutations.has(Mutation::Snapshot) {
            changes.extend(submission::followed(state, document, &submission, &at));
        }
        Ok::<_, ControlError>(changes)
    })?;
    Ok(Found(find(&state, &id)?.value()))
}

/// Instances that were made from it stay as they are.
pub(super) async fn delete(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ControlError> {
    let org = hosted.org();
    org.commit(org.clock().now(), |state| {
        let gone = Change::remove(KIND, find(state, &id)?.id.clone());
        Ok::<_, ControlError>(vec![gone])
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a step of the review.
pub(super) async fn step(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
    Json(wanted): Json<Step>,
) -> Result<Found, ControlError> {
    let to = Status::named(&wanted.status).ok_or_else(|| {
        let all = Status::ALL.map(Status::name);
        let known = all.map(|name| format!("{name:?}")).join(", ");
        ControlError::bad(format!("status: {:?} is none; there are {known}", wanted.status))
    })?;
    let org = hosted.org();
    let now = org.clock().now();
    let state = org.commit(now, |state| {
        Ok::<_, ControlError>(vec![submission::moved(state, find(state, &id)?, to, &okta_timestamp(now))?])
    })?;
    Ok(Found(find(&state, &id)?.value()))
}

/// Generates an instance, of the latest version unless another one is named. The answer is the only one with the secret.
pub(super) async fn test_instance(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
    Json(wanted): Json<Wanted>,
) -> Result<Response, ControlError> {
    let made = generate(&hosted, &id, wanted.version)?;
    Ok((StatusCode::CREATED, Found(made)).into_response())
}

/// Installs a version of a submission in its org and authorizes all of its scopes: what a client is handed.
///
/// # Errors
/// There is no such submission or version, or Okta's API refuses.
pub(super) fn generate(hosted: &Hosted, id: &str, version: Option<u64>) -> Result<Value, ControlError> {
    let state = hosted.org().state();
    let document = find(&state, id)?;
    let latest = submission::latest(document);
    let number = version.unwrap_or(latest);
    let version = submission::version(document, Some(number)).ok_or_else(|| {
        let message = format!("version: there is no version {number} of {id}; the last is {latest}");
        ControlError::new(StatusCode::NOT_FOUND, message)
    })?;
    let scopes = &version.submission.api_service.scopes;
    let body = json!({ "type": version.submission.kind, "grantedScopes": scopes });
    let target = format!("{INSTANCES}?version={number}");
    let made = ask(hosted, Method::POST, &target, Some(&body))
        .map_err(|problem| ControlError::new(StatusCode::CONFLICT, problem))?;
    Ok(json!({
        "name": version.submission.name,
        "client_id": made["id"],
        "client_secret": made["clientSecret"],
        "auth_method": "client_secret_basic",
        "scopes": scopes,
        "base_url": hosted.ready().base_url,
        "submission": id,
        "version": number,
    }))
}
