//! Second factors of people, for tests that have no phone: what a factor shows, and taps on it.

use axum::extract::Path;
use http::StatusCode;
use serde_json::json;

use super::answer::{ControlError, Found, Named};
use crate::org::factor::{self, NoPush, Seen};

impl From<NoPush> for ControlError {
    fn from(error: NoPush) -> Self {
        let status = match &error {
            NoPush::Unknown(_) => StatusCode::NOT_FOUND,
            NoPush::NoPhone(..) | NoPush::Nothing(_) => StatusCode::CONFLICT,
        };
        Self::new(status, error.to_string())
    }
}

fn shown(seen: &Seen) -> Found {
    let text = |pointer: &str| seen.factor.text(pointer);
    let push = seen.push.as_ref().map(|push| json!({ "transaction": push.id, "answer": push.answer }));
    Found(json!({
        "id": seen.factor.id,
        "user": seen.user,
        "factorType": text("/factorType"),
        "status": text("/status"),
        "code": seen.code,
        "push": push,
    }))
}

pub(super) async fn look(
    Named(hosted): Named,
    Path((_, id)): Path<(String, String)>,
) -> Result<Found, ControlError> {
    let org = hosted.org();
    Ok(shown(&factor::look(&org.state(), &id, org.clock().now())?))
}

pub(super) async fn tap(
    Named(hosted): Named,
    Path((_, id, tap)): Path<(String, String, String)>,
) -> Result<Found, ControlError> {
    let approve = match tap.as_str() {
        "approve" => true,
        "deny" => false,
        other => {
            let message =
                format!("{other:?} is nothing that a person does with a phone; approve and deny are");
            return Err(ControlError::new(StatusCode::NOT_FOUND, message));
        }
    };
    let org = hosted.org();
    Ok(shown(&factor::tap(org, &id, approve, org.clock().now())?))
}
