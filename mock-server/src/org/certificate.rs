//! Signing certificates of apps and identity providers, and requests for them.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::string::Ia5String;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, DnValue, KeyPair, PKCS_RSA_SHA256, PublicKeyData,
    RsaKeySize, SanType, SerialNumber, date_time_ymd,
};
use serde_json::{Map, Value, json};

use super::client::{KeyError, der, jwk_from_pem};
use super::clock::okta_timestamp;
use super::ids::Ids;

/// A key with a certificate.
#[derive(Debug, Clone)]
pub struct Certified {
    /// The key id: 43 characters of base64url.
    pub kid: String,
    /// The key as Okta shows it (recorded members and order).
    pub shown: Value,
    /// The private key: PKCS#8 in base64.
    pub private: String,
}

/// A request for a certificate.
#[derive(Debug)]
pub struct Requested {
    /// The request: PKCS#10 in base64.
    pub request: String,
    /// The private key: PKCS#8 in base64.
    pub private: String,
}

/// A new RSA key with a certificate that it signs itself. Takes a tenth of a second.
///
/// # Errors
/// [`KeyError`] when the system has no randomness.
pub fn certify(ids: &Ids, org_name: &str, now: Timestamp, years: i64) -> Result<Certified, KeyError> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(refused)?;
    let mut params = CertificateParams::default();
    params.distinguished_name = subject(org_name)?;
    let mut serial = [0; 6];
    ids.fill(&mut serial);
    serial[0] &= 0x7f;
    params.serial_number = Some(SerialNumber::from(serial.to_vec()));
    let ends = later(now, years);
    params.not_before = date_time_ymd(1970, 1, 1) + since_1970(now.as_second() - 60);
    params.not_after = date_time_ymd(1970, 1, 1) + since_1970(ends.as_second());
    let certificate = params.self_signed(&key).map_err(refused)?;
    let kid = ids.key_id();
    let shown = shown(&kid, certificate.der(), &key.public_key_pem(), now, ends)?;
    Ok(Certified { kid, shown, private: STANDARD.encode(key.serialize_der()) })
}

/// A request for a certificate with this subject (`commonName`, `countryName`, …) and these DNS names.
///
/// # Errors
/// [`KeyError`] when the system has no randomness, or a name is no DNS name.
pub fn request(subject: &Value, names: &[String]) -> Result<Requested, KeyError> {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(refused)?;
    let mut params = CertificateParams::default();
    let mut distinguished = DistinguishedName::new();
    for (name, kind) in [
        ("countryName", DnType::CountryName),
        ("stateOrProvinceName", DnType::StateOrProvinceName),
        ("localityName", DnType::LocalityName),
        ("organizationName", DnType::OrganizationName),
        ("organizationalUnitName", DnType::OrganizationalUnitName),
        ("commonName", DnType::CommonName),
    ] {
        if let Some(text) = subject.get(name).and_then(Value::as_str) {
            distinguished.push(kind, text);
        }
    }
    params.distinguished_name = distinguished;
    for name in names {
        let name = Ia5String::try_from(name.as_str()).map_err(refused)?;
        params.subject_alt_names.push(SanType::DnsName(name));
    }
    let request = params.serialize_request(&key).map_err(refused)?;
    Ok(Requested { request: STANDARD.encode(request.der()), private: STANDARD.encode(key.serialize_der()) })
}

/// The key of a certificate that was issued for a request: as it is shown, or none when the certificate is for another
/// key.
///
/// # Errors
/// [`KeyError`] when this is no certificate, or the private key is none.
pub fn published(
    ids: &Ids,
    private: &str,
    certificate: &[u8],
    now: Timestamp,
) -> Result<Option<Certified>, KeyError> {
    let unreadable = || KeyError::new("it is no X.509 certificate".to_owned());
    let stored = STANDARD.decode(private).map_err(refused)?;
    let key = KeyPair::try_from(stored.as_slice()).map_err(refused)?;
    let ends = ends(certificate).ok_or_else(unreadable)?;
    let own = key.subject_public_key_info();
    if !certificate.windows(own.len()).any(|window| window == own) {
        return Ok(None);
    }
    let mut kid = [0; 32];
    ids.fill(&mut kid);
    let kid = URL_SAFE_NO_PAD.encode(kid);
    let shown = shown(&kid, certificate, &key.public_key_pem(), now, ends)?;
    Ok(Some(Certified { kid, shown, private: private.to_owned() }))
}

/// What is in a certificate that somebody else made.
#[derive(Debug)]
pub struct Uploaded {
    /// When it ends.
    pub ends: Timestamp,
    /// Its SHA-256 in base64url.
    pub thumbprint: String,
    /// Its public key as a JWK.
    pub public: Map<String, Value>,
}

/// Reads a certificate as it stands in `x5c`: base64 with or without line breaks. None when it is no X.509 certificate, or
/// when its key is of a kind that nothing here can use.
pub fn uploaded(base64: &str) -> Option<Uploaded> {
    let packed: String = base64.chars().filter(|one| !one.is_whitespace()).collect();
    let certificate = STANDARD.decode(packed).ok()?;
    let ends = ends(&certificate)?;
    let rest = validity_of(&certificate)?;
    let (_, rest) = der(rest, 0x30)?;
    let (_, rest) = der(rest, 0x30)?;
    let (_, behind) = der(rest, 0x30)?;
    let key = STANDARD.encode(&rest[..rest.len() - behind.len()]);
    let public =
        jwk_from_pem(&format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n")).ok()?;
    Some(Uploaded { ends, thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate)), public })
}

/// A key with its certificate as Okta shows it.
fn shown(
    kid: &str,
    certificate: &[u8],
    public_pem: &str,
    now: Timestamp,
    ends: Timestamp,
) -> Result<Value, KeyError> {
    let public = jwk_from_pem(public_pem)?;
    let now = okta_timestamp(now);
    Ok(json!({
        "kty": "RSA",
        "created": now,
        "lastUpdated": now,
        "expiresAt": okta_timestamp(ends),
        "kid": kid,
        "use": "sig",
        "x5c": [STANDARD.encode(certificate)],
        "x5t#S256": URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate)),
        "e": public.get("e"),
        "n": public.get("n"),
    }))
}

/// The name in the certificates of an org (recorded).
fn subject(org_name: &str) -> Result<DistinguishedName, KeyError> {
    let mut subject = DistinguishedName::new();
    for (kind, text) in [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "California"),
        (DnType::LocalityName, "San Francisco"),
        (DnType::OrganizationName, "Okta"),
        (DnType::OrganizationalUnitName, "SSOProvider"),
        (DnType::CommonName, org_name),
    ] {
        subject.push(kind, text);
    }
    let email = Ia5String::try_from("info@okta.com").map_err(refused)?;
    subject.push(DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]), DnValue::Ia5String(email));
    Ok(subject)
}

/// So long after 1970.
fn since_1970(second: i64) -> Duration {
    Duration::from_secs(second.max(0).unsigned_abs())
}

fn later(now: Timestamp, years: i64) -> Timestamp {
    let local = now.to_zoned(TimeZone::UTC);
    local.checked_add(years.years()).map_or(now, |later| later.timestamp())
}

/// A certificate from its validity on: before it stand the version, which may lack, number, algorithm and issuer.
fn validity_of(certificate: &[u8]) -> Option<&[u8]> {
    let (body, _) = der(certificate, 0x30)?;
    let (body, _) = der(body, 0x30)?;
    let rest = der(body, 0xa0).map_or(body, |(_, rest)| rest);
    let (_, rest) = der(rest, 0x02)?;
    let (_, rest) = der(rest, 0x30)?;
    let (_, rest) = der(rest, 0x30)?;
    Some(rest)
}

/// The end of a certificate's validity.
fn ends(certificate: &[u8]) -> Option<Timestamp> {
    let (validity, _) = der(validity_of(certificate)?, 0x30)?;
    let time = |bytes: &'_ [u8]| -> Option<(String, usize)> {
        let (text, rest, century) = match der(bytes, 0x17) {
            Some((text, rest)) => (text, rest, "20"),
            None => der(bytes, 0x18).map(|(text, rest)| (text, rest, ""))?,
        };
        Some((format!("{century}{}", std::str::from_utf8(text).ok()?), bytes.len() - rest.len()))
    };
    let (_, length) = time(validity)?;
    let (text, _) = time(validity.get(length..)?)?;
    let part = |from: usize, to: usize| text.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    text.parse().ok()
}

fn refused(error: impl std::fmt::Display) -> KeyError {
    KeyError::new(error.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_ends_when_the_key_says_so() {
        let now: Timestamp = "2026-02-03T04:05:06Z".parse().unwrap();
        let made = certify(&Ids::new(Some(1)), "acme", now, 10).unwrap();
        let certificate = STANDARD.decode(made.shown["x5c"][0].as_str().unwrap()).unwrap();
        assert_eq!(made.shown["expiresAt"], "2036-02-03T04:05:06.000Z");
        assert_eq!(okta_timestamp(ends(&certificate).unwrap()), "2036-02-03T04:05:06.000Z");
        assert_eq!(made.kid.len(), 43);
        let seen = uploaded(&format!("{}\n", made.shown["x5c"][0].as_str().unwrap())).unwrap();
        assert_eq!(seen.public["n"], made.shown["n"]);
        assert_eq!(
            (json!(seen.thumbprint), seen.ends),
            (made.shown["x5t#S256"].clone(), ends(&certificate).unwrap())
        );
        assert!(uploaded("AAAA").is_none() && uploaded("no base64").is_none());
        let again = published(&Ids::new(Some(2)), &made.private, &certificate, now).unwrap().unwrap();
        assert_eq!(again.shown["n"], made.shown["n"]);
        let other = certify(&Ids::new(Some(1)), "acme", now, 10).unwrap();
        assert!(published(&Ids::new(Some(2)), &other.private, &certificate, now).unwrap().is_none());
        assert!(published(&Ids::new(Some(2)), &other.private, b"no certificate", now).is_err());
    }

    #[test]
    fn a_request_carries_its_subject() {
        let made = request(&json!({ "commonName": "SP Issuer" }), &["dev.okta.com".to_owned()]).unwrap();
        let request = STANDARD.decode(made.request).unwrap();
        for text in [b"SP Issuer".as_slice(), b"dev.okta.com"] {
            assert!(request.windows(text.len()).any(|window| window == text));
        }
    }
}
