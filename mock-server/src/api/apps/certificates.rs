//! The signing certificates of an app, and requests for others.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{app, newest, parameter};
use crate::api::answer::Asked;
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
    ("generateApplicationKey", generate),
    ("cloneApplicationKey", clone),
    ("generateCsrForApplication", request),
    ("publishCsrFromApplication", publish),
];

/// A new key with a certificate that is valid for so many years.
fn generate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let years = query(asked, "validityYears").and_then(|years| years.parse::<i64>().ok());
    let Some(years) = years.filter(|years| (2..=10).contains(years)) else {
        let cause = "Validity years out of range. It should be 2 - 10 years";
        return Err(ApiError::invalid("generateKey", cause));
    };
    let made = certificate::certify(asked.org.ids(), &asked.state.settings.name, asked.request.now, years)
        .map_err(|error| ApiError::invalid("generateKey", error.to_string()))?;
    store(asked, &app, &made, None)?;
    trace.note("operation", format!("{} has a key more: {}", app.id, made.kid));
    Ok(Reply::json(StatusCode::CREATED, made.shown.to_string()))
}

/// The same key for another app.
fn clone(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let kid = parameter(asked, 1);
    let key = asked.state.on(&Shelf::below("app_keys", &[&app.id])).get(kid);
    let key = key.ok_or_else(|| ApiError::NotFound(kid.to_owned(), "JsonWebKey"))?;
    let target = query(asked, "targetAid").unwrap_or_default();
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
    let wanted = Value::Object(body::checked(asked)?);
    let names: Vec<String> = wanted
        .pointer("/subjectAltNames/dnsNames")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let made = certificate::request(wanted.get("subject").unwrap_or(&Value::Null), &names)
        .map_err(|error| ApiError::invalid("csr", error.to_string()))?;
    let id = key_id(asked);
    let value = json!({
        "id": id,
        "created": okta_timestamp(asked.request.now),
        "csr": made.request,
        "kty": "RSA",
    });
    let shelf = Shelf::below("app_csrs", &[&app.id]);
    let put = Change::put(shelf.clone(), id.as_str(), value, json!({ "private": made.private }));
    let state = asked.org.commit(asked.request.now, |_| Ok::<_, ApiError>(vec![put.clone()]))?;
    let stored = state.on(&shelf).get(&id).ok_or_else(|| ApiError::NotFound(id.clone(), CSR))?;
    trace.note("operation", format!("{} asks for a certificate: {id}", app.id));
    let location = format!("{}/api/v1/apps/{}/credentials/csrs/{id}", asked.request.base_url, app.id);
    let reply = if asked.request.header("accept").is_some_and(|accept| accept.contains("application/pkcs10"))
    {
        let mut reply = Reply::json(StatusCode::CREATED, made.request);
        reply.headers.retain(|(name, _)| name != header::CONTENT_TYPE);
        reply.with(header::CONTENT_TYPE, HeaderValue::from_static("application/pkcs10; filename=okta.p10"))
    } else {
        Reply::json(StatusCode::CREATED, bytes(asked, stored))
    };
    Ok(reply.with_text(header::LOCATION, &location))
}

const CSR: &str = "CertificateSigningRequest";

/// The certificate that was issued for a request becomes a key of the app.
fn publish(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let id = parameter(asked, 1);
    let shelf = Shelf::below("app_csrs", &[&app.id]);
    let stored = asked.state.on(&shelf).get(id);
    let stored = stored.ok_or_else(|| ApiError::NotFound(id.to_owned(), CSR))?;
    let private = stored.hidden.get("private").and_then(Value::as_str).unwrap_or_default();
    let refused = |cause: &str| ApiError::invalid("certificate", cause);
    let certificate = der(&asked.request.body).ok_or_else(|| refused("The certificate is malformed."))?;
    let made = certificate::published(asked.org.ids(), private, &certificate, asked.request.now)
        .map_err(|_| refused("The certificate is malformed."))?
        .ok_or_else(|| refused("The certificate doesn't match the CSR."))?;
    store(asked, &app, &made, Some(Change::remove(shelf, stored.id.clone())))?;
    trace.note("operation", format!("{} has a key more: {}", app.id, made.kid));
    Ok(Reply::json(StatusCode::CREATED, made.shown.to_string()))
}

/// A certificate as DER: it comes as DER, as PEM, or as base64.
pub(in crate::api) fn der(body: &[u8]) -> Option<Vec<u8>> {
    if body.first() == Some(&0x30) {
        return Some(body.to_vec());
    }
    let text = std::str::from_utf8(body).ok()?;
    let inside = text.split("-----").nth(2).unwrap_or(text);
    let packed: String = inside.chars().filter(|one| !one.is_whitespace()).collect();
    STANDARD.decode(packed).ok().filter(|bytes| !bytes.is_empty())
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

/// A document as a caller sees it alone.
fn bytes(asked: &Asked<'_>, document: &Document) -> Vec<u8> {
    let mut body = Vec::with_capacity(document.len(&asked.request.base_url));
    document.write(&asked.request.base_url, &mut body);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_come_in_three_forms() {
        let plain = [0x30, 0x03, 0x02, 0x01, 0x00];
        let packed = STANDARD.encode(plain);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{packed}\n-----END CERTIFICATE-----\n");
        for form in [plain.to_vec(), packed.into_bytes(), pem.into_bytes()] {
            assert_eq!(der(&form).as_deref(), Some(&plain[..]));
        }
        assert_eq!(der(b"no certificate"), None);
        assert_eq!(der(b""), None);
    }
}
