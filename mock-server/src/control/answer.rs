//! What the control API says: JSON, and errors that name the remedy.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::directory::{Caller, CreateError, DeleteError, Directory, Hosted};

/// A JSON answer: 200.
pub(super) struct Found(pub(super) Value);

impl IntoResponse for Found {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0.to_string()).into_response()
    }
}

/// A refusal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ControlError {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl ControlError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    fn no_org(directory: &Directory, name: &str) -> Self {
        let hint = match directory.near(name) {
            Some(near) => format!("did you mean {near:?}?"),
            None => "GET /_mock/orgs lists them".to_owned(),
        };
        Self::new(StatusCode::NOT_FOUND, format!("there is no org {name:?}; {hint}"))
    }
}

impl From<CreateError> for ControlError {
    fn from(error: CreateError) -> Self {
        let status = match &error {
            CreateError::Taken(_) => StatusCode::CONFLICT,
            CreateError::Listen { .. } | CreateError::KeyFile { .. } | CreateError::Unfinished(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            CreateError::Name(_)
            | CreateError::Document(_)
            | CreateError::Profile { .. }
            | CreateError::MaxPage
            | CreateError::Tls(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}

impl From<DeleteError> for ControlError {
    fn from(error: DeleteError) -> Self {
        let status = match &error {
            DeleteError::Unknown(_) => StatusCode::NOT_FOUND,
            DeleteError::First => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Found(json!({ "error": self.message }))).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = http::HeaderValue::from_static("Bearer realm=\"orgtwin control\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<ControlError> for Response {
    fn from(error: ControlError) -> Self {
        error.into_response()
    }
}

/// Whoever reaches a handler has been let in.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, "the caller is not known"))
    }
}

/// The org that the path names.
pub(crate) struct Named(pub(super) Arc<Hosted>);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let path = RawPathParams::from_request_parts(parts, state).await;
        let path = path.map_err(|rejection| ControlError::bad(rejection.body_text()))?;
        let name = path.iter().find(|(key, _)| *key == "name").map_or("", |(_, value)| value).to_owned();
        let hosted = caller.directory.get(&name);
        hosted.map(Self).ok_or_else(|| ControlError::no_org(&caller.directory, &name))
    }
}
