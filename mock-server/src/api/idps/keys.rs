//! The keys that the org signs with towards a provider, and requests for certificates of others.

use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{idp, named};
use crate::api::answer::Asked;
use crate::api::credential_keys::{self, CSR};
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::certificate::Certified;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("generateIdentityProviderSigningKey", generate),
    ("cloneIdentityProviderKey", clone),
    ("listActiveIdentityProviderSigningKey", active),
    ("generateCsrForIdentityProvider", request),
    ("publishCsrForIdentityProvider", publish),
];

/// The type in the 404 for keys (mgmt-facts §2).
const KEY: &str = "IdpTrust";

fn keys(idp: &str) -> Shelf {
    Shelf::below("idp_signing_keys", &[idp])
}

fn csrs(idp: &str) -> Shelf {
    Shelf::below("idp_csrs", &[idp])
}

/// A new key with a certificate that is valid for so many years.
fn generate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let made = credential_keys::asked_for(asked)?;
    store(asked, &idp, &made, None)?;
    trace.note("operation", format!("{} has a key more: {}", idp.id, made.kid));
    Ok(created(asked, &idp, "keys", &made.kid, made.shown.to_string()))
}

/// The same key for another provider.
fn clone(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let kid = asked.parameter(1);
    let key = asked.state.on(&keys(&idp.id)).get(kid);
    let key = key.ok_or_else(|| ApiError::NotFound(kid.to_owned(), KEY))?;
    let target = named(asked, &asked.query("targetIdpId").unwrap_or_default())?;
    if asked.state.on(&keys(&target.id)).get(kid).is_some() {
        let cause = "Key already exists in the list of key credentials for the target IdP.";
        return Err(ApiError::invalid("cloneKey", cause));
    }
    let put = Change::put(keys(&target.id), key.id.clone(), key.value(), key.hidden.clone());
    asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![put.clone()]))?;
    trace.note("operation", format!("{} has the key {kid} too", target.id));
    Ok(created(asked, &target, "keys", kid, key.value().to_string()))
}

/// The key that the org signs with now: the provider's own choice, or the org's key.
fn active(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let chosen = idp.text("/protocol/credentials/signing/kid");
    let kid = chosen.as_deref().or_else(|| idp.hidden.get("signing").and_then(Value::as_str));
    Ok(match kid.and_then(|kid| asked.state.on(&keys(&idp.id)).get(kid)) {
        Some(key) => Reply::json(StatusCode::OK, json!([key.value()]).to_string()),
        None => Reply::empty(StatusCode::NO_CONTENT),
    })
}

/// A request for a certificate.
fn request(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let credential_keys::Request { id, value, hidden, .. } = credential_keys::request(asked)?;
    let put = Change::put(csrs(&idp.id), id.as_str(), value, hidden);
    let state = asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![put.clone()]))?;
    let stored = state.on(&csrs(&idp.id)).get(&id).ok_or_else(|| ApiError::NotFound(id.clone(), CSR))?;
    trace.note("operation", format!("{} asks for a certificate: {id}", idp.id));
    Ok(created(asked, &idp, "csrs", &id, stored.bytes(&asked.request.base_url)))
}

/// The certificate that was issued for a request becomes a key.
fn publish(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let id = asked.parameter(1);
    let stored = asked.state.on(&csrs(&idp.id)).get(id);
    let stored = stored.ok_or_else(|| ApiError::NotFound(id.to_owned(), CSR))?;
    let made = credential_keys::issued(asked, stored)?;
    store(asked, &idp, &made, Some(Change::remove(csrs(&idp.id), stored.id.clone())))?;
    trace.note("operation", format!("{} has a key more: {}", idp.id, made.kid));
    Ok(created(asked, &idp, "keys", &made.kid, made.shown.to_string()))
}

fn store(asked: &Asked<'_>, idp: &Document, made: &Certified, also: Option<Change>) -> Result<(), ApiError> {
    let private = json!({ "private": made.private });
    let put = Change::put(keys(&idp.id), made.kid.as_str(), made.shown.clone(), private);
    asked.org.commit(asked.request.now, |state| {
        if state.get("idps", &idp.id).is_none() {
            return Err(ApiError::NotFound(idp.id.to_string(), KEY));
        }
        Ok(std::iter::once(put.clone()).chain(also.clone()).collect())
    })?;
    Ok(())
}

/// 201 with the address of what is new (recorded).
fn created(
    asked: &Asked<'_>,
    idp: &Document,
    collection: &str,
    name: &str,
    body: impl Into<bytes::Bytes>,
) -> Reply {
    let location =
        format!("{}/api/v1/idps/{}/credentials/{collection}/{name}", asked.request.base_url, idp.id);
    Reply::json(StatusCode::CREATED, body).with_text(header::LOCATION, &location)
}
