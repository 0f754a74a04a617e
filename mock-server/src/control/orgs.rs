//! Making, listing and deleting orgs, and what is done to one as a whole.

use std::borrow::Cow;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::answer::{ControlError, Found, Named};
use super::body::Json;
use crate::directory::{Caller, Hosted, NewOrg, Ready};
use crate::http::host_name;
use crate::org::OrgOptions;
use crate::org::keys::SigningKeys;
use crate::org::mutation::Mutations;
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
    /// Names in its certificate, besides localhost and those that the process was started with.
    #[serde(default)]
    host_names: Vec<String>,
    /// Not for users: how the org is not like Okta, for `orgtwin selftest`.
    #[serde(default)]
    mutations: Vec<String>,
}

pub(super) async fn list(caller: Caller) -> Found {
    let orgs = caller.directory.list();
    let orgs = orgs.iter().map(|hosted| {
        let Ready { name, base_url, tls_base_url, control_url, .. } = &*seen_by(&caller, hosted.ready());
        let mut shown = json!({ "name": name, "base_url": base_url, "control_url": control_url });
        if let Some(url) = tls_base_url {
            shown["tls_base_url"] = json!(url);
        }
        shown
    });
    Found(orgs.collect())
}

pub(super) async fn create(caller: Caller, Json(wanted): Json<Wanted>) -> Result<Response, ControlError> {
    let Wanted { name, org, rate_limits, seed, users, max_page, tls, host_names, mutations } = wanted;
    let mutations = Mutations::named(&mutations)
        .map_err(|unknown| ControlError::new(StatusCode::BAD_REQUEST, unknown.to_string()))?;
    let options =
        OrgOptions { name: None, seed, users: users.unwrap_or(0), max_page, rate_limits, mutations };
    let new = NewOrg { name, document: org, options, tls, host_names, kept: None };
    let hosted = caller.directory.create(new).await?;
    let body = serde_json::to_vec(&*seen_by(&caller, hosted.ready())).map_err(|error| {
        let message = format!("the org is there, its description is not: {error}");
        ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    })?;
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// A server that listens on every address is reached by its other ports under the name that the caller used.
fn seen_by<'a>(caller: &Caller, ready: &'a Ready) -> Cow<'a, Ready> {
    let called = caller.arrival.base_url.split_once("://").map_or("", |(_, host)| host);
    if !caller.directory.house().address.is_unspecified() || called.is_empty() {
        return Cow::Borrowed(ready);
    }
    Cow::Owned(ready.under(host_name(called)))
}

pub(super) async fn delete(caller: Caller, Named(hosted): Named) -> Result<StatusCode, ControlError> {
    caller.directory.delete(&hosted.ready().name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reset(Named(hosted): Named) -> StatusCode {
    hosted.reset();
    StatusCode::NO_CONTENT
}

pub(super) async fn expire_tokens(Named(hosted): Named) -> StatusCode {
    hosted.org().expire_tokens();
    StatusCode::NO_CONTENT
}

/// Rotates the signing keys.
///
/// # Errors
/// The system has no randomness.
pub(super) async fn rotated(hosted: Arc<Hosted>) -> Result<Arc<SigningKeys>, ControlError> {
    let failed = |error: String| ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, error);
    // Making a key takes longer than a runtime's thread should be held up.
    let rotated = tokio::task::spawn_blocking(move || hosted.org().rotate_keys()).await;
    rotated.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
}

/// The ids of the published keys afterwards, the signing one first.
pub(super) async fn rotate_keys(Named(hosted): Named) -> Result<Found, ControlError> {
    let keys = rotated(hosted).await?;
    let published: Vec<_> = keys.published().map(|key| key["kid"].clone()).collect();
    Ok(Found(json!({ "signing": keys.kid(), "published": published })))
}

pub(super) async fn gaps(Named(hosted): Named) -> Found {
    Found(json!(hosted.ledger().gaps()))
}
