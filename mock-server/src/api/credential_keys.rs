//! The keys that apps and identity providers sign with, and the requests for certificates of theirs: what is the same
//! for both.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::Asked;
use super::body;
use crate::org::certificate::{self, Certified};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::ApiError;

/// The type name of a request for a certificate.
pub(super) const CSR: &str = "CertificateSigningRequest";

/// How long the certificates are valid that nobody asked for, in years.
const USUAL_YEARS: i64 = 10;

/// A key that the org makes by itself; `about` is what a failure is about.
pub(super) fn made_by_org(asked: &Asked<'_>, about: &str) -> Result<Certified, ApiError> {
    asked.spare_keys.take(|| certified(asked, USUAL_YEARS, about))
}

/// A key of that kind, made now.
pub(super) fn fresh(asked: &Asked<'_>) -> Result<Certified, ApiError> {
    certified(asked, USUAL_YEARS, "signing")
}

/// A key whose certificate is valid for as many years as the query says.
pub(super) fn asked_for(asked: &Asked<'_>) -> Result<Certified, ApiError> {
    let years = asked.query("validityYears").and_then(|years| years.parse::<i64>().ok());
    let years = years.filter(|years| (2..=10).contains(years)).ok_or_else(|| {
        ApiError::invalid("generateKey", "Validity years out of range. It should be 2 - 10 years")
    })?;
    certified(asked, years, "generateKey")
}

fn certified(asked: &Asked<'_>, years: i64, about: &str) -> Result<Certified, ApiError> {
    certificate::certify(asked.org.ids(), &asked.state.settings.name, asked.request.now, years)
        .map_err(|error| ApiError::invalid(about, error.to_string()))
}

/// A request for a certificate that is being made.
pub(super) struct Request {
    pub id: String,
    /// The request: PKCS#10 in base64.
    pub pkcs10: String,
    pub value: Value,
    pub hidden: Value,
}

/// Makes the request for a certificate that a body describes: a subject, and DNS names.
pub(super) fn request(asked: &Asked<'_>) -> Result<Request, ApiError> {
    let wanted = Value::Object(body::checked(asked)?);
    let names = wanted.pointer("/subjectAltNames/dnsNames").and_then(Value::as_array);
    let names: Vec<String> =
        names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let made = certificate::request(wanted.get("subject").unwrap_or(&Value::Null), &names)
        .map_err(|error| ApiError::invalid("csr", error.to_string()))?;
    let id = asked.org.ids().key_id();
    let created = okta_timestamp(asked.request.now);
    let value = json!({ "id": id, "created": created, "csr": made.request, "kty": "RSA" });
    Ok(Request { id, pkcs10: made.request, value, hidden: json!({ "private": made.private }) })
}

/// The key of the certificate in the body, which was issued for a stored request.
pub(super) fn issued(asked: &Asked<'_>, request: &Document) -> Result<Certified, ApiError> {
    let private = request.hidden.get("private").and_then(Value::as_str).unwrap_or_default();
    let refused = |cause: &str| ApiError::invalid("certificate", cause);
    let certificate = der(&asked.request.body).ok_or_else(|| refused("The certificate is malformed."))?;
    certificate::published(asked.org.ids(), private, &certificate, asked.request.now)
        .map_err(|_| refused("The certificate is malformed."))?
        .ok_or_else(|| refused("The certificate doesn't match the CSR."))
}

/// A certificate as DER: it comes as DER, as PEM, or as base64.
fn der(body: &[u8]) -> Option<Vec<u8>> {
    if body.first() == Some(&0x30) {
        return Some(body.to_vec());
    }
    let text = std::str::from_utf8(body).ok()?;
    let inside = text.split("-----").nth(2).unwrap_or(text);
    let packed: String = inside.chars().filter(|one| !one.is_whitespace()).collect();
    STANDARD.decode(packed).ok().filter(|bytes| !bytes.is_empty())
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
