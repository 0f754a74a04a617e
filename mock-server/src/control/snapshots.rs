//! Snapshots of an org: taken, listed, gone back to.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::answer::{ControlError, Found, Named};
use super::body::Json;
use crate::facts::nearest;
use crate::org::Org;

/// The body of `POST …/restore`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    id: String,
}

/// Storing a snapshot waits for the disk: not on a thread that serves sockets.
async fn waited<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ControlError> + Send + 'static,
) -> Result<T, ControlError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())))
}

pub(super) async fn take(Named(hosted): Named) -> Result<Response, ControlError> {
    let id = waited(move || {
        let org = hosted.org();
        let id = org.snapshot(org.clock().now()).ok_or_else(|| {
            let message = "there are 1000 snapshots; DELETE /_mock/orgs/{name}/snapshots/{id} forgets one";
            ControlError::new(StatusCode::CONFLICT, message)
        })?;
        kept(org)?;
        Ok(id)
    });
    let body = json!({ "id": id.await? }).to_string();
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

pub(super) async fn restore(
    Named(hosted): Named,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, ControlError> {
    waited(move || {
        let org = hosted.org();
        if !org.restore(&wanted.id) {
            return Err(unknown(org, &wanted.id));
        }
        kept(org)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn list(Named(hosted): Named) -> Found {
    let shown = |(id, at): &(String, jiff::Timestamp)| json!({ "id": id, "taken": at.to_string() });
    Found(hosted.org().snapshots().iter().map(shown).collect())
}

pub(super) async fn forget(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, ControlError> {
    waited(move || {
        let org = hosted.org();
        if !org.forget_snapshot(&id) {
            return Err(unknown(org, &id));
        }
        kept(org)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn kept(org: &Org) -> Result<(), ControlError> {
    match org.failure() {
        None => Ok(()),
        Some(failure) => {
            let message = format!("the data folder cannot be written: {failure}; make room and start again");
            Err(ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, message))
        }
    }
}

fn unknown(org: &Org, id: &str) -> ControlError {
    let all = org.snapshots();
    let hint = match nearest(id, all.iter().map(|(id, _)| id.as_str())) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "GET /_mock/orgs/{name}/snapshots lists them".to_owned(),
    };
    ControlError::new(StatusCode::NOT_FOUND, format!("id: there is no snapshot {id:?}; {hint}"))
}
