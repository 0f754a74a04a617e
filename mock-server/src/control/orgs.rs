//! Making, listing and deleting orgs, and what is done to one as a whole.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::answer::{ControlError, Found};
use super::body::Json;
use super::org;
use crate::directory::{Caller, NewOrg};
use crate::org::OrgOptions;
use crate::org::seed::OrgDocument;

/// The body of `POST /_mock/orgs`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    name: Option<String>,
    org: Option<OrgDocument>,
    rate_limits: Option<String>,
    seed: Option<u64>,
    users: Option<usize>,
    max_page: Option<usize>,
    #[serde(default)]
    tls: bool,
}

pub(super) async fn list(caller: Caller) -> Found {
    let orgs = caller.directory.list();
    let orgs = orgs.iter().map(|hosted| {
        let ready = hosted.ready();
        let mut shown =
            json!({ "name": ready.name, "base_url": ready.base_url, "control_url": ready.control_url });
        if let Some(url) = &ready.tls_base_url {
            shown["tls_base_url"] = json!(url);
        }
        shown
    });
    Found(orgs.collect())
}

pub(super) async fn create(caller: Caller, Json(wanted): Json<Wanted>) -> Result<Response, ControlError> {
    let Wanted { name, org, rate_limits, seed, users, max_page, tls } = wanted;
    let options = OrgOptions { name: None, seed, users: users.unwrap_or(0), max_page, rate_limits };
    let hosted = caller.directory.create(NewOrg { name, document: org, options, tls }).await?;
    let body = serde_json::to_vec(hosted.ready()).map_err(|error| {
        ControlError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("the org is there, its description is not: {error}"),
        )
    })?;
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

pub(super) async fn delete(caller: Caller, Path(name): Path<String>) -> Result<StatusCode, ControlError> {
    match caller.directory.delete(&name).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(crate::directory::DeleteError::Unknown(name)) => {
            Err(ControlError::no_org(&caller.directory, &name))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn reset(caller: Caller, Path(name): Path<String>) -> Result<StatusCode, ControlError> {
    org(&caller, &name)?.reset();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn expire_tokens(
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    org(&caller, &name)?.org().expire_tokens();
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn gaps(caller: Caller, Path(name): Path<String>) -> Result<Found, ControlError> {
    Ok(Found(json!(org(&caller, &name)?.ledger().gaps())))
}
