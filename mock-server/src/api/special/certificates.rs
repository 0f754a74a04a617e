//! The certificate of a custom domain: read as far as Okta shows it (subject, fingerprint, expiration).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Action, Draft};
use crate::api::events;
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::org::clock::okta_timestamp;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[("upsertCertificate", upsert)];

/// A certificate completes a domain that is verified.
fn upsert(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let resource = facts().resources.get("domains").ok_or(ApiError::NoSuchPath)?;
    let mut target = Target::of(asked, resource, asked.state)?;
    target.name = asked.parameter(0).to_owned();
    let domain = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&domain), trace)?;
    let request = body::object(asked.request)?;
    for member in ["type", "privateKey", "certificate"] {
        if request.get(member).and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(ApiError::invalid(member, format!("{member}: The field cannot be left blank")));
        }
    }
    let pem = request["certificate"].as_str().unwrap_or_default();
    let shown = read(pem).ok_or_else(|| {
        ApiError::invalid(
            "certificate",
            "certificate: The certificate is not a PEM-encoded X.509 certificate.",
        )
    })?;
    asked.org.commit(asked.request.now, |state| {
        let domain = target.find(asked, state)?;
        if !matches!(domain.text("/validationStatus").as_deref(), Some("VERIFIED" | "COMPLETED")) {
            return Err(ApiError::catalogued("E0000165", "", ""));
        }
        let nothing = serde_json::Map::new();
        let mut draft = Draft::update(asked, state, &target, domain, &nothing, Action::Update)?;
        draft.value["publicCertificate"] = shown.clone();
        draft.value["validationStatus"] = "COMPLETED".into();
        events::note(&mut draft);
        Ok(draft.into_changes())
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// What Okta shows of a certificate; none for a text that is none.
fn read(pem: &str) -> Option<Value> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (base64, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let base64: String = base64.chars().filter(|c| !c.is_whitespace()).collect();
    let der = STANDARD.decode(base64).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, mut rest, _) = element(certificate)?;
    // The version is explicit and optional; serial number, algorithm and issuer stand before the validity.
    if rest.first() == Some(&0xa0) {
        rest = element(rest)?.2;
    }
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, validity, rest) = element(rest)?;
    let (_, subject, _) = element(rest)?;
    let (tag, until, _) = element(element(validity)?.2)?;
    let print = digest::digest(&digest::SHA256, &der);
    let print: Vec<String> = print.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(json!({
        "subject": name(subject)?,
        "fingerprint": print.concat(),
        "expiration": time(tag, until)?,
    }))
}

/// The first element of some DER: tag, content, and what comes behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, behind) = rest.split_at_checked(length)?;
    Some((tag, content, behind))
}

/// `CN=login.example.com,O=Example`, of the attributes that certificates of domains have.
fn name(mut names: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    while !names.is_empty() {
        let (_, set, behind) = element(names)?;
        names = behind;
        let (_, pair, _) = element(set)?;
        let (_, oid, value) = element(pair)?;
        let (_, value, _) = element(value)?;
        let short = match oid {
            [0x55, 4, 3] => "CN",
            [0x55, 4, 6] => "C",
            [0x55, 4, 7] => "L",
            [0x55, 4, 8] => "ST",
            [0x55, 4, 10] => "O",
            [0x55, 4, 11] => "OU",
            _ => continue,
        };
        parts.push(format!("{short}={}", String::from_utf8_lossy(value)));
    }
    Some(parts.join(","))
}

/// A UTCTime (tag 23) or a GeneralizedTime as Okta writes times.
fn time(tag: u8, text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        23 if text.get(..2)? < "50" => format!("20{text}"),
        23 => format!("19{text}"),
        _ => text.to_owned(),
    };
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    Some(okta_timestamp(at.to_zoned(TimeZone::UTC).ok()?.timestamp()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_tells_its_subject_and_its_end() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut certificate = rcgen::CertificateParams::new(vec!["login.example.com".to_owned()]).unwrap();
        certificate.distinguished_name.push(rcgen::DnType::CommonName, "login.example.com");
        certificate.not_after = rcgen::date_time_ymd(2031, 2, 3);
        let pem = certificate.self_signed(&key).unwrap().pem();
        let shown = read(&pem).unwrap();
        assert!(shown["subject"].as_str().unwrap().contains("CN=login.example.com"), "{shown}");
        assert_eq!(shown["expiration"], "2031-02-03T00:00:00.000Z");
        assert_eq!(shown["fingerprint"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for text in ["", "abc", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", "MIIB"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
