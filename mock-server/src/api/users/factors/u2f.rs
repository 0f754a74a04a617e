//! U2F: the older way of keys (FIDO U2F raw message formats).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::fido::{Ceremony, Reader, bytes, certified, client, sha256};
use super::proof::wrong;
use crate::api::draft::{Draft, set};
use crate::wire::ApiError;

/// Takes a registration or a signature.
pub(super) fn take(
    draft: &mut Draft<'_>,
    ceremony: Ceremony,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    match ceremony {
        Ceremony::Create => register(draft, body),
        Ceremony::Get => sign(draft, body),
    }
}

fn register(draft: &mut Draft<'_>, body: &Map<String, Value>) -> Result<(), ApiError> {
    let data = bytes(body, "registrationData")?;
    let client = client(draft, body, "navigator.id.finishEnrollment")?;
    let made = Made::read(&data).ok_or_else(|| wrong("registrationData is no registration response."))?;
    let app = sha256(client.origin.as_bytes());
    let message = [&[0], &app[..], &client.hash, made.handle, made.point].concat();
    if !certified(made.certificate, &message, made.signature) {
        return Err(wrong("The signature is not one of the key's certificate."));
    }
    let id = URL_SAFE_NO_PAD.encode(made.handle);
    set(&mut draft.value, "/profile", json!({ "credentialId": id, "version": "U2F_V2" }));
    draft.hidden["key"] = json!(made.point);
    Ok(())
}

fn sign(draft: &mut Draft<'_>, body: &Map<String, Value>) -> Result<(), ApiError> {
    let data = bytes(body, "signatureData")?;
    let client = client(draft, body, "navigator.id.getAssertion")?;
    let mut reader = Reader(&data);
    let (Some(flags), Some(count)) = (reader.byte(), reader.number()) else {
        return Err(wrong("signatureData is too short."));
    };
    if flags & 1 == 0 {
        return Err(wrong("Nobody touched the key."));
    }
    let point: Vec<u8> =
        draft.hidden.get("key").and_then(|key| serde_json::from_value(key.clone()).ok()).unwrap_or_default();
    let app = sha256(client.origin.as_bytes());
    let message = [&app[..], &[flags], &count.to_be_bytes(), &client.hash].concat();
    if UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &point).verify(&message, reader.0).is_err() {
        return Err(wrong("The signature is not one of the registered key."));
    }
    let before = draft.hidden.get("count").and_then(Value::as_u64);
    if before.is_some_and(|before| u64::from(count) <= before) {
        return Err(wrong("The signature counter has not grown."));
    }
    draft.hidden["count"] = json!(count);
    Ok(())
}

/// A registration response: `05`, the key's point, the length of the handle, the handle, a certificate, a signature.
struct Made<'b> {
    point: &'b [u8],
    handle: &'b [u8],
    certificate: &'b [u8],
    signature: &'b [u8],
}

impl<'b> Made<'b> {
    fn read(data: &'b [u8]) -> Option<Self> {
        let mut reader = Reader(data);
        if reader.byte()? != 5 {
            return None;
        }
        let point = reader.take(65)?;
        let length = reader.byte()?;
        let handle = reader.take(length.into())?;
        // A DER sequence with a length of two bytes, as every certificate has.
        let [0x30, 0x82, high, low] = *reader.0.get(..4)? else { return None };
        let certificate = reader.take(usize::from(u16::from_be_bytes([high, low])) + 4)?;
        Some(Self { point, handle, certificate, signature: reader.0 })
    }
}
