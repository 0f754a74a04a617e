//! The keys that the org signs with towards a provider, and requests for certificates of others.

use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{idp, named, parameter};
use crate::api::answer::Asked;
use crate::api::apps::certificate_bytes;
use crate::api::body;
use crate::api::draft::key_id;
use crate::api::own::Operations;
use crate::api::verbs::parameter as query;
use crate::exchange::{Reply, Trace};
use crate::org::certificate::{self, Certified};
use crate::org::change::{Change, Shelf};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[
    ("generateIdentityProviderSigningKey", generate),
    ("cloneIdentityProviderKey", clone),
    ("listActiveIdentityProviderSigningKey", active),
    ("generateCsrForIdentityProvider", request),
    ("publishCsrForIdentityProvider", publish),
];

/// The type in the 404 for keys, and for requests (mgmt-facts §2).
const KEY: &str = "IdpTrust";
const CSR: &str = "CertificateSigningRequest";

fn keys(idp: &str) -> Shelf {
    Shelf::below("idp_signing_keys", &[idp])
}

fn csrs(idp: &str) -> Shelf {
    Shelf::below("idp_csrs", &[idp])
}

/// A new key with a certificate that is valid for so many years.
fn generate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let years = query(asked, "validityYears").and_then(|years| years.parse::<i64>().ok());
    let Some(years) = years.filter(|years| (2..=10).contains(years)) else {
        let cause = "Validity years out of range. It should be 2 - 10 years";
        return Err(ApiError::invalid("generateKey", cause));
    };
    let made = certificate::certify(asked.org.ids(), &asked.state.settings.name, asked.request.now, years)
        .map_err(|error| ApiError::invalid("generateKey", error.to_string()))?;
    store(asked, &idp, &made, None)?;
    trace.note("operation", format!("{} has a key more: {}", idp.id, made.kid));
    Ok(created(asked, &idp, "keys", &made.kid, made.shown.to_string()))
}

/// The same key for another provider.
fn clone(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let kid = parameter(asked, 1);
    let key = asked.state.on(&keys(&idp.id)).get(kid);
    let key = key.ok_or_else(|| ApiError::NotFound(kid.to_owned(), KEY))?;
    let target = named(asked, &query(asked, "targetIdpId").unwrap_or_default())?;
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
    let wanted = Value::Object(body::checked(asked)?);
    let names = wanted.pointer("/subjectAltNames/dnsNames").and_then(Value::as_array);
    let names: Vec<String> =
        names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let made = certificate::request(wanted.get("subject").unwrap_or(&Value::Null), &names)
        .map_err(|error| ApiError::invalid("csr", error.to_string()))?;
    let id = key_id(asked);
    let created_at = okta_timestamp(asked.request.now);
    let value = json!({ "id": id, "created": created_at, "csr": made.request, "kty": "RSA" });
    let put = Change::put(csrs(&idp.id), id.as_str(), value, json!({ "private": made.private }));
    let state = asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![put.clone()]))?;
    let stored = state.on(&csrs(&idp.id)).get(&id).ok_or_else(|| ApiError::NotFound(id.clone(), CSR))?;
    trace.note("operation", format!("{} asks for a certificate: {id}", idp.id));
    let mut body = Vec::with_capacity(stored.len(&asked.request.base_url));
    stored.write(&asked.request.base_url, &mut body);
    Ok(created(asked, &idp, "csrs", &id, body))
}

/// The certificate that was issued for a request becomes a key.
fn publish(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let id = parameter(asked, 1);
    let stored = asked.state.on(&csrs(&idp.id)).get(id);
    let stored = stored.ok_or_else(|| ApiError::NotFound(id.to_owned(), CSR))?;
    let private = stored.hidden.get("private").and_then(Value::as_str).unwrap_or_default();
    let refused = |cause: &str| ApiError::invalid("certificate", cause);
    let certificate =
        certificate_bytes(&asked.request.body).ok_or_else(|| refused("The certificate is malformed."))?;
    let made = certificate::published(asked.org.ids(), private, &certificate, asked.request.now)
        .map_err(|_| refused("The certificate is malformed."))?
        .ok_or_else(|| refused("The certificate doesn't match the CSR."))?;
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
