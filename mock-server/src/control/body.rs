//! Bodies of control calls: JSON objects that refuse unknown fields.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::answer::ControlError;
use crate::org::seed::read::from_json;

/// A JSON body; an empty one reads as `{}`.
pub(super) struct Json<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.map(|value| value.to_str().unwrap_or_default().to_owned());
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        if bytes.trim_ascii().is_empty() {
            return parse(b"{}").map(Self);
        }
        let media_type =
            content_type.as_deref().map(|value| value.split(';').next().unwrap_or_default().trim());
        match media_type {
            Some(json) if json.eq_ignore_ascii_case("application/json") => parse(&bytes).map(Self),
            other => {
                let sent = other.unwrap_or("none");
                let message =
                    format!("the content type is {sent:?}; send JSON with `Content-Type: application/json`");
                Err(ControlError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
            }
        }
    }
}

fn unread(rejection: &BytesRejection) -> ControlError {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ControlError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {} MiB", super::MAX_BODY / 1024 / 1024),
        ),
        status => ControlError::new(status, format!("the body could not be read: {}", rejection.body_text())),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ControlError> {
    from_json(bytes).map_err(|error| ControlError::bad(format!("the body: {error}")))
}
