//! The signing certificates of an app, and requests for others.

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{app, newest};
use crate::api::answer::Asked;
use crate::api::credential_keys::{self, CSR};
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::certificate::Certified;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("generateApplicationKey", generate),
    ("cloneApplicationKey", clone),
    ("generateCsrForApplication", request),
    ("publishCsrFromApplication", publish),
];

/// A new key with a certificate that is valid for so many years.
fn generate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let made = credential_keys::asked_for(asked)?;
    store(asked, &app, &made, None)?;
    trace.note("operation", format!("{} has a key more: {}", app.id, made.kid));
    Ok(Reply::json(StatusCode::CREATED, made.shown.to_string()))
}

/// The same key for another app.
fn clone(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let kid = asked.parameter(1);
    let key = asked.state.on(&Shelf::below("app_keys", &[&app.id])).get(kid);
    let key = key.ok_or_else(|| ApiError::NotFound(kid.to_owned(), "JsonWebKey"))?;
    let target = asked.query("targetAid").unwrap_or_default();
    let target = newest(asked.state, "apps", &target)?.clone();
    let shelf = Shelf::below("app_keys", &[&target.id]);
    if asked.state.on(&shelf).get(kid).is_some() {
        return Err(ApiError::invalid(
            "cloneKey",
            "Key already exists in the list of key credentials for the target app.",
        ));
    }
    let (value, hidden) = (key.value(), key.hidden.clone());
    let put = Change::put(shelf, key.id.clone(), value.clone(), hidden);
    asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![put.clone()]))?;
    trace.note("operation", format!("{} has the key {kid} too", target.id));
    Ok(Reply::json(StatusCode::CREATED, value.to_string()))
}

/// A request for a certificate: JSON, or PKCS#10 when that is asked for.
fn request(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let credential_keys::Request { id, pkcs10, value, hidden } = credential_keys::request(asked)?;
    let shelf = Shelf::below("app_csrs", &[&app.id]);
    let put = Change::put(shelf.clone(), id.as_str(), value, hidden);
    let state = asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![put.clone()]))?;
    let stored = state.on(&shelf).get(&id).ok_or_else(|| ApiError::NotFound(id.clone(), CSR))?;
    trace.note("operation", format!("{} asks for a certificate: {id}", app.id));
    let location = format!("{}/api/v1/apps/{}/credentials/csrs/{id}", asked.request.base_url, app.id);
    let reply = if asked.request.header("accept").is_some_and(|accept| accept.contains("application/pkcs10"))
    {
        let mut reply = Reply::json(StatusCode::CREATED, pkcs10);
        reply.headers.retain(|(name, _)| name != header::CONTENT_TYPE);
        reply.with(header::CONTENT_TYPE, HeaderValue::from_static("application/pkcs10; filename=okta.p10"))
    } else {
        Reply::json(StatusCode::CREATED, stored.bytes(&asked.request.base_url))
    };
    Ok(reply.with_text(header::LOCATION, &location))
}

/// The certificate that was issued for a request becomes a key of the app.
fn publish(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let id = asked.parameter(1);
    let shelf = Shelf::below("app_csrs", &[&app.id]);
    let stored = asked.state.on(&shelf).get(id);
    let stored = stored.ok_or_else(|| ApiError::NotFound(id.to_owned(), CSR))?;
    let made = credential_keys::issued(asked, stored)?;
    store(asked, &app, &made, Some(Change::remove(shelf, stored.id.clone())))?;
    trace.note("operation", format!("{} has a key more: {}", app.id, made.kid));
    Ok(Reply::json(StatusCode::CREATED, made.shown.to_string()))
}

fn store(asked: &Asked<'_>, app: &Document, made: &Certified, also: Option<Change>) -> Result<(), ApiError> {
    let shelf = Shelf::below("app_keys", &[&app.id]);
    let put = Change::put(shelf, made.kid.as_str(), made.shown.clone(), json!({ "private": made.private }));
    asked.org.commit(asked.request.now, |state| {
        newest(state, "apps", &app.id)?;
        Ok::<_, ApiError>(std::iter::once(put.clone()).chain(also.clone()).collect())
    })?;
    Ok(())
}
