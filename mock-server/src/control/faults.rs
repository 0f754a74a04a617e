//! An org's faults: what goes wrong on purpose.

use axum::extract::{FromRequestParts, Path};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::answer::{ControlError, Found, Named};
use super::body::Json;
use crate::directory::Hosted;
use crate::facts::fault_kinds::{FaultKind, fault_kinds};
use crate::faults::Wish;

/// The fault that the path names.
pub(super) struct OfId(String);

impl<S: Send + Sync> FromRequestParts<S> for OfId {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((_, id)) = path.map_err(|rejection| ControlError::bad(rejection.body_text()))?;
        Ok(Self(id))
    }
}

/// The kinds there are, with their parameters.
pub(super) async fn kinds() -> Found {
    Found(fault_kinds().all().iter().map(FaultKind::shown).collect())
}

pub(super) async fn add(Named(hosted): Named, Json(body): Json<Value>) -> Result<Response, ControlError> {
    let id = wish(&hosted, &body)?;
    Ok((StatusCode::CREATED, Found(json!({ "id": id }))).into_response())
}

/// Makes a fault and returns its id.
pub(super) fn wish(hosted: &Hosted, body: &Value) -> Result<String, ControlError> {
    let wish = Wish::parse(body).map_err(|error| ControlError::bad(error.to_string()))?;
    let seed = hosted.org().ids().secret();
    let seed = seed.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    Ok(hosted.faults().add(wish, seed))
}

pub(super) async fn list(Named(hosted): Named) -> Found {
    Found(Value::Array(hosted.faults().list()))
}

pub(super) async fn read(Named(hosted): Named, OfId(id): OfId) -> Result<Found, ControlError> {
    hosted.faults().get(&id).map(Found).ok_or_else(|| none(&hosted, &id))
}

pub(super) async fn remove(Named(hosted): Named, OfId(id): OfId) -> Result<StatusCode, ControlError> {
    if hosted.faults().remove(&id) { Ok(StatusCode::NO_CONTENT) } else { Err(none(&hosted, &id)) }
}

pub(super) async fn clear(Named(hosted): Named) -> StatusCode {
    hosted.faults().clear();
    StatusCode::NO_CONTENT
}

fn none(hosted: &Hosted, id: &str) -> ControlError {
    let ids = hosted.faults().ids();
    let there =
        if ids.is_empty() { "there are none".to_owned() } else { format!("there are {}", ids.join(", ")) };
    ControlError::new(StatusCode::NOT_FOUND, format!("there is no fault {id:?}; {there}"))
}
