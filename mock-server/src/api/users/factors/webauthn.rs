//! WebAuthn: a key is registered by an attestation and used by assertions (W3C Web Authentication, §7.1 and §7.2). What a
//! browser says is checked in full; of attestation statements those of the formats `none`, `packed` and `fido-u2f` are,
//! those of others are taken as they are.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value as Cbor;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fido::{Ceremony, Client, Reader, bytes, certified, client, sha256};
use super::proof::wrong;
use crate::api::draft::{Draft, set};
use crate::wire::ApiError;

/// Flags of the authenticator's data: a person was there, a credential is attached.
const PRESENT: u8 = 0x01;
const ATTESTED: u8 = 0x40;

/// A key that was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Key {
    /// An uncompressed point of P-256.
    Es256(Vec<u8>),
    /// Modulus and exponent.
    Rs256(Vec<u8>, Vec<u8>),
}

impl Key {
    fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
            }
            Self::Rs256(n, e) => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }

    /// A COSE key (RFC 9053).
    fn of(cose: &Cbor) -> Option<Self> {
        let bytes = |label: i128| member(cose, label).and_then(Cbor::as_bytes).cloned();
        let number = |label: i128| member(cose, label).and_then(Cbor::as_integer).map(i128::from);
        match (number(1)?, number(3)?) {
            (2, -7) if number(-1) == Some(1) => {
                let (x, y) = (bytes(-2)?, bytes(-3)?);
                (x.len() == 32 && y.len() == 32).then(|| Self::Es256([vec![4], x, y].concat()))
            }
            (3, -257) => Some(Self::Rs256(bytes(-1)?, bytes(-2)?)),
            _ => None,
        }
    }
}

fn member(map: &Cbor, label: i128) -> Option<&Cbor> {
    let mut pairs = map.as_map()?.iter();
    pairs.find(|(key, _)| key.as_integer().map(i128::from) == Some(label)).map(|(_, value)| value)
}

fn named<'c>(map: &'c Cbor, name: &str) -> Option<&'c Cbor> {
    map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// A key is about to be registered: its challenge, and the keys that the user has.
pub(super) fn begin(draft: &mut Draft<'_>) {
    draft.hidden["challenge"] = draft.value["_embedded"]["activation"]["challenge"].clone();
    let others = draft.state.on(&draft.target.shelf).after(None);
    let others =
        others.filter(|factor| factor.is("/factorType", "webauthn") && factor.is("/status", "ACTIVE"));
    let others: Vec<Value> = others
        .filter_map(|factor| {
            Some(json!({ "type": "public-key", "id": factor.text("/profile/credentialId")? }))
        })
        .collect();
    set(&mut draft.value, "/_embedded/activation/excludeCredentials", json!(others));
}

/// Takes an attestation or an assertion.
pub(super) fn take(
    draft: &mut Draft<'_>,
    ceremony: Ceremony,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    match ceremony {
        Ceremony::Create => register(draft, body),
        Ceremony::Get => assert(draft, body),
    }
}

fn register(draft: &mut Draft<'_>, body: &Map<String, Value>) -> Result<(), ApiError> {
    let attestation = bytes(body, "attestation")?;
    let client = client(draft, body, "webauthn.create")?;
    let attestation: Cbor = ciborium::from_reader(&attestation[..])
        .map_err(|_| wrong("attestation is no attestation object in CBOR."))?;
    let data = named(&attestation, "authData").and_then(Cbor::as_bytes);
    let data = data.ok_or_else(|| wrong("attestation has no authData."))?;
    let made =
        Made::read(data).ok_or_else(|| wrong("authData has no credential with a key of ES256 or RS256."))?;
    check_party(&client, &made.seen)?;
    let format = named(&attestation, "fmt").and_then(Cbor::as_text).unwrap_or_default();
    let statement = named(&attestation, "attStmt").unwrap_or(&Cbor::Null);
    if !made.is_stated(format, statement, data, &client.hash) {
        return Err(wrong(&format!("The attestation statement of the format {format:?} is not right.")));
    }
    let id = URL_SAFE_NO_PAD.encode(&made.id);
    set(&mut draft.value, "/profile", json!({ "credentialId": id, "authenticatorName": "Security Key" }));
    draft.hidden["key"] = json!(made.key);
    draft.hidden["count"] = json!(made.seen.count);
    Ok(())
}

fn assert(draft: &mut Draft<'_>, body: &Map<String, Value>) -> Result<(), ApiError> {
    let data = bytes(body, "authenticatorData")?;
    let signature = bytes(body, "signatureData")?;
    let client = client(draft, body, "webauthn.get")?;
    let seen = Seen::read(&mut Reader(&data)).ok_or_else(|| wrong("authenticatorData is too short."))?;
    check_party(&client, &seen)?;
    let key: Option<Key> = draft.hidden.get("key").and_then(|key| Key::deserialize(key).ok());
    let message = [&data[..], &client.hash].concat();
    if !key.is_some_and(|key| key.has_signed(&message, &signature)) {
        return Err(wrong("The signature is not one of the registered key."));
    }
    let before = draft.hidden.get("count").and_then(Value::as_u64).unwrap_or_default();
    if (before > 0 || seen.count > 0) && u64::from(seen.count) <= before {
        return Err(wrong("The signature counter has not grown."));
    }
    draft.hidden["count"] = json!(seen.count);
    Ok(())
}

/// The relying party is the host of the page or a domain above it, and a person was there.
fn check_party(client: &Client, seen: &Seen) -> Result<(), ApiError> {
    let host = client.origin.split_once("://").map_or("", |(_, rest)| rest);
    let mut party = host.split(':').next();
    while let Some(name) = party {
        if sha256(name.as_bytes()) == seen.party {
            return if seen.flags & PRESENT == 0 { Err(wrong("Nobody touched the key.")) } else { Ok(()) };
        }
        party = name.split_once('.').map(|(_, above)| above).filter(|above| above.contains('.'));
    }
    Err(wrong("The key answers another relying party."))
}

/// The first part of the authenticator's data.
struct Seen {
    party: Vec<u8>,
    flags: u8,
    count: u32,
}

impl Seen {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self { party: reader.take(32)?.to_vec(), flags: reader.byte()?, count: reader.number()? })
    }
}

/// A credential that has been made.
struct Made {
    seen: Seen,
    id: Vec<u8>,
    key: Key,
}

impl Made {
    fn read(data: &[u8]) -> Option<Self> {
        let mut reader = Reader(data);
        let seen = Seen::read(&mut reader).filter(|seen| seen.flags & ATTESTED != 0)?;
        reader.take(16)?;
        let length = u16::from_be_bytes(reader.take(2)?.try_into().ok()?);
        let id = reader.take(length.into()).filter(|id| !id.is_empty())?.to_vec();
        let key = Key::of(&ciborium::from_reader(reader.0).ok()?)?;
        Some(Self { seen, id, key })
    }

    /// Whether the statement is right, as far as its format is known.
    fn is_stated(&self, format: &str, statement: &Cbor, data: &[u8], hash: &[u8]) -> bool {
        let signature = named(statement, "sig").and_then(Cbor::as_bytes).map(Vec::as_slice);
        let certificate = named(statement, "x5c").and_then(Cbor::as_array).and_then(|all| all.first());
        let certificate = certificate.and_then(Cbor::as_bytes);
        match (format, signature) {
            ("none", _) => true,
            ("packed", Some(signature)) => {
                let message = [data, hash].concat();
                match certificate {
                    Some(certificate) => certified(certificate, &message, signature),
                    None => self.key.has_signed(&message, signature),
                }
            }
            ("fido-u2f", Some(signature)) => {
                let Key::Es256(point) = &self.key else { return false };
                let message = [&[0], &self.seen.party[..], hash, &self.id, point].concat();
                certificate.is_some_and(|certificate| certified(certificate, &message, signature))
            }
            ("packed" | "fido-u2f" | "", _) => false,
            _ => true,
        }
    }
}
