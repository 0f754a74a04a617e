//! What WebAuthn and U2F have in common: texts of bytes, the client's data, signatures.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::proof::wrong;
use crate::api::draft::Draft;
use crate::wire::ApiError;

/// What a person does with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// It is registered.
    Create,
    /// It is used.
    Get,
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD_ALPHABET: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_ALPHABET: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// The bytes of a member in Base64 of either alphabet.
pub(super) fn bytes(body: &Map<String, Value>, name: &str) -> Result<Vec<u8>, ApiError> {
    let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text =
        text.ok_or_else(|| ApiError::invalid(name, format!("{name}: The field cannot be left blank")))?;
    let alphabet = if text.contains(['-', '_']) { URL_ALPHABET } else { STANDARD_ALPHABET };
    alphabet.decode(text).map_err(|_| ApiError::invalid(name, format!("{name}: The value is not Base64.")))
}

/// What the browser says that it was asked for. U2F has another name for the type.
#[derive(Deserialize)]
struct ClientData {
    #[serde(alias = "typ")]
    r#type: String,
    challenge: String,
    origin: String,
}

/// The client's data of a request.
pub(super) struct Client {
    pub(super) origin: String,
    pub(super) hash: Vec<u8>,
}

/// The client's data: of the right type, for the challenge of this org, from a page of this org or a trusted one. The
/// challenge is used up.
pub(super) fn client(
    draft: &mut Draft<'_>,
    body: &Map<String, Value>,
    kind: &str,
) -> Result<Client, ApiError> {
    let bytes = bytes(body, "clientData")?;
    let data: ClientData =
        serde_json::from_slice(&bytes).map_err(|_| wrong("clientData is no JSON object of client data."))?;
    if data.r#type != kind {
        return Err(wrong(&format!("clientData is of the type {}, not {kind}.", data.r#type)));
    }
    let challenge = draft.hidden.get("challenge").and_then(Value::as_str);
    if challenge.is_none_or(|challenge| challenge != data.challenge.trim_end_matches('=')) {
        return Err(wrong("clientData answers another challenge."));
    }
    if !is_trusted(draft, &data.origin) {
        return Err(wrong(&format!("The origin {} is not one of the org or a trusted one.", data.origin)));
    }
    draft.hidden["challenge"] = Value::Null;
    Ok(Client { origin: data.origin, hash: sha256(&bytes) })
}

fn is_trusted(draft: &Draft<'_>, origin: &str) -> bool {
    let mut trusted = draft.state.all("trusted_origins").after(None);
    *draft.asked.request.base_url == *origin
        || trusted.any(|one| one.is("/status", "ACTIVE") && one.is("/origin", origin))
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// Bytes from the front of others.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    /// The next so many.
    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    /// The next one.
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).and_then(|one| one.first().copied())
    }

    /// The next four, as a number.
    pub(super) fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
}

/// Whether the key in a certificate has signed a message with ES256.
pub(super) fn certified(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let der = rustls_pki_types::CertificateDer::from(certificate);
    let certificate = webpki::EndEntityCert::try_from(&der);
    let algorithm = webpki::aws_lc_rs::ECDSA_P256_SHA256;
    certificate.is_ok_and(|own| own.verify_signature(algorithm, message, signature).is_ok())
}
