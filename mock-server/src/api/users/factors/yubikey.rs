//! YubiKeys: a code is the key's public name and a block that its seed has encrypted (Yubico's OTP specification). An org
//! knows the keys whose seeds an administrator has uploaded.

use std::sync::Arc;

use aws_lc_rs::cipher::{AES_128, DecryptingKey, DecryptionContext, UnboundCipherKey};
use serde_json::{Value, json};

use super::enrolled::WRONG_CODE;
use super::proof::wrong;
use crate::api::draft::{Draft, set};
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

const KIND: &str = "yubikey_tokens";
/// Sixteen letters that are at the same place on all keyboards.
const MODHEX: &[u8; 16] = b"cbdefghijklnrtuv";

/// Completes the factor of a key: it is one of the org's, and shows a code.
pub(super) fn enroll(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let code = draft.body.get("verify").and_then(|verify| verify.get("passCode")).and_then(Value::as_str);
    let code = code.ok_or_else(|| wrong(WRONG_CODE))?;
    let key = key_of(draft, code).filter(|key| key.is("/status", "UNASSIGNED")).cloned();
    let key = key.ok_or_else(|| wrong(WRONG_CODE))?;
    let counter = counter(&key, code).ok_or_else(|| wrong(WRONG_CODE))?;
    set(&mut draft.value, "/profile", json!({ "credentialId": key.text("/profile/serial") }));
    draft.hidden = json!({ "key": key.id, "used": counter });
    assign(draft, &key, "ACTIVE");
    Ok(())
}

/// Takes a code of the key: it counts on from the last one.
pub(super) fn take(draft: &mut Draft<'_>, code: &str) -> Result<(), ApiError> {
    let id = draft.hidden.get("key").and_then(Value::as_str).unwrap_or_default();
    let key = draft.state.get(KIND, id).filter(|key| is_of(key, code));
    let counter = key.and_then(|key| counter(key, code)).ok_or_else(|| wrong(WRONG_CODE))?;
    if draft.hidden.get("used").and_then(Value::as_u64).is_some_and(|used| counter <= used) {
        return Err(ApiError::catalogued("E0000082", "", ""));
    }
    draft.hidden["used"] = json!(counter);
    Ok(())
}

/// The key of a factor that goes is nobody's again.
pub(super) fn release(draft: &mut Draft<'_>) {
    let id = draft.hidden.get("key").and_then(Value::as_str).unwrap_or_default();
    if let Some(key) = draft.state.get(KIND, id).cloned() {
        assign(draft, &key, "UNASSIGNED");
    }
}

fn assign(draft: &mut Draft<'_>, key: &Document, status: &str) {
    let mut value = key.value();
    let now = draft.now();
    value["status"] = json!(status);
    value["lastUpdated"] = json!(now);
    if status == "ACTIVE" {
        value["activated"] = json!(now);
        value["lastVerified"] = json!(now);
    }
    draft.also.push(Change::put(KIND, key.id.clone(), value, key.hidden.clone()));
}

fn is_of(key: &Document, code: &str) -> bool {
    let name = key.hidden.get("publicId").and_then(Value::as_str);
    name.zip(code.len().checked_sub(32)).is_some_and(|(name, rest)| code.get(..rest) == Some(name))
}

fn key_of<'s>(draft: &Draft<'s>, code: &str) -> Option<&'s Arc<Document>> {
    draft.state.all(KIND).after(None).find(|key| is_of(key, code))
}

/// What a code of the key counts to; none for a code that is not the key's.
fn counter(key: &Document, code: &str) -> Option<u64> {
    let seed = |name: &str| hex(key.hidden.get(name)?.as_str()?);
    let block = modhex(code.get(code.len().checked_sub(32)?..)?)?;
    read(&seed("aesKey")?, &seed("privateId")?, block)
}

fn read(aes_key: &[u8], private_id: &[u8], mut block: Vec<u8>) -> Option<u64> {
    let key = DecryptingKey::ecb(UnboundCipherKey::new(&AES_128, aes_key).ok()?).ok()?;
    let plain = key.decrypt(&mut block, DecryptionContext::None).ok()?;
    let [_, _, _, _, _, _, low, high, .., use_in_session, _, _, _, _] = *plain else { return None };
    let right = plain.len() == 16 && plain.get(..6) == Some(private_id) && crc(plain) == 0xf0b8;
    right.then(|| u64::from(u16::from_le_bytes([low, high])) << 8 | u64::from(use_in_session))
}

/// ISO 13239.
fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 })
    })
}

fn modhex(text: &str) -> Option<Vec<u8>> {
    digits(text, |one| MODHEX.iter().position(|known| *known == one))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    digits(text, |one| char::from(one).to_digit(16).map(|digit| digit as usize))
}

fn digits(text: &str, digit: impl Fn(u8) -> Option<usize>) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// The seed of the specification's example, and a code that openssl has made with it.
    #[test]
    fn a_code_is_read_with_its_seed() {
        let key = hex("1fcc6d8ce39bf1604e0b17f3e0a11067").unwrap();
        let private_id = hex("b74be6169486").unwrap();
        let block = || modhex("jkddhefcftcftbdeuncuhjnkeklhjtru").unwrap();
        assert_eq!(read(&key, &private_id, block()), Some(258 << 8 | 7));
        assert_eq!(read(&key, &[0; 6], block()), None, "another private name");
        assert_eq!(read(&[0; 16], &private_id, block()), None, "another key");
        assert_eq!(read(&[0; 15], &private_id, block()), None, "no key");
        assert_eq!(read(&key, &private_id, vec![0; 15]), None, "no block");
        assert_eq!(modhex("cbdefghijklnrtuv").unwrap(), [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
        assert_eq!((modhex("xx"), hex("0")), (None, None));
    }
}
