//! Passwords that come from somewhere else: a hash that another system has made (specification,
//! `PasswordCredentialHash`), or a hook that knows (`PasswordCredentialHook`). Okta keeps either until somebody signs in
//! with the right password, and the password as its own from then on.

use std::num::NonZeroU32;

use aws_lc_rs::{digest, pbkdf2};
use base64::Engine;
use base64::alphabet::{BCRYPT, STANDARD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use md5::{Digest, Md5};
use serde_json::Value;
use subtle::ConstantTimeEq;

/// So much work a hash may ask for: rounds of PBKDF2, for all blocks of the key together.
const MOST_ROUNDS: u64 = 10_000_000;

/// Padded or not: the systems that hashes come from differ.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
/// bcrypt's own order of letters; the last one may hold bits that mean nothing.
const RADIX64: GeneralPurpose =
    GeneralPurpose::new(&BCRYPT, LENIENT.with_decode_allow_trailing_bits(true).with_encode_padding(false));

/// A hash that cannot be one: the member, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {problem}")]
pub struct Unusable {
    member: &'static str,
    problem: String,
}

/// A hashed password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hash {
    how: How,
    value: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    Bcrypt { cost: u32, salt: [u8; 16] },
    Digest { algorithm: Algorithm, before: Vec<u8>, after: Vec<u8> },
    Pbkdf2 { sha512: bool, rounds: NonZeroU32, salt: Vec<u8> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

fn unusable(member: &'static str, problem: impl Into<String>) -> Unusable {
    Unusable { member, problem: problem.into() }
}

fn blank(member: &'static str) -> Unusable {
    unusable(member, "The field cannot be left blank")
}

impl Hash {
    /// Reads the member `hash` of a password.
    ///
    /// # Errors
    /// [`Unusable`] for a member that is missing, or that no hash of the algorithm has.
    pub fn read(hash: &Value) -> Result<Self, Unusable> {
        let text = |member: &str| hash.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
        let number = |member: &str| hash.get(member).and_then(Value::as_u64);
        let value = text("value").ok_or_else(|| blank("value"))?;
        let decoded = |member: &'static str, text: &str| {
            BASE64.decode(text).map_err(|_| unusable(member, "The value is not Base64."))
        };
        let algorithm = text("algorithm").ok_or_else(|| blank("algorithm"))?;
        if algorithm == "BCRYPT" {
            let cost = number("workFactor").ok_or_else(|| blank("workFactor"))?;
            let cost = u32::try_from(cost).ok().filter(|cost| (1..=20).contains(cost));
            let cost = cost.ok_or_else(|| unusable("workFactor", "The value must be between 1 and 20."))?;
            let salt = text("salt").ok_or_else(|| blank("salt"))?;
            let letters = "The value must be 22 characters of Radix-64.";
            let salt = RADIX64.decode(salt).ok().and_then(|salt| salt.try_into().ok());
            let salt = salt.ok_or_else(|| unusable("salt", letters))?;
            let value = RADIX64.decode(value).ok().filter(|value| value.len() == 23);
            let value =
                value.ok_or_else(|| unusable("value", "The value must be 31 characters of Radix-64."))?;
            return Ok(Self { how: How::Bcrypt { cost, salt }, value });
        }
        let value = decoded("value", value)?;
        let salt = text("salt").map(|salt| decoded("salt", salt)).transpose()?;
        if algorithm == "PBKDF2" {
            return Self::pbkdf2(value, salt, number, text("digestAlgorithm"));
        }
        let algorithm = match algorithm {
            "MD5" => Algorithm::Md5,
            "SHA-1" => Algorithm::Sha1,
            "SHA-256" => Algorithm::Sha256,
            "SHA-512" => Algorithm::Sha512,
            other => return Err(unusable("algorithm", format!("The algorithm {other} is not supported."))),
        };
        let (before, after) = match (salt, text("saltOrder")) {
            (None, _) => (Vec::new(), Vec::new()),
            (Some(salt), Some("PREFIX")) => (salt, Vec::new()),
            (Some(salt), Some("POSTFIX")) => (Vec::new(), salt),
            (Some(_), None) => return Err(blank("saltOrder")),
            (Some(_), Some(_)) => return Err(unusable("saltOrder", "The value must be PREFIX or POSTFIX.")),
        };
        Ok(Self { how: How::Digest { algorithm, before, after }, value })
    }

    fn pbkdf2(
        value: Vec<u8>,
        salt: Option<Vec<u8>>,
        number: impl Fn(&str) -> Option<u64>,
        algorithm: Option<&str>,
    ) -> Result<Self, Unusable> {
        let sha512 = match algorithm {
            Some("SHA256_HMAC") => false,
            Some("SHA512_HMAC") => true,
            Some(_) => {
                return Err(unusable("digestAlgorithm", "The value must be SHA256_HMAC or SHA512_HMAC."));
            }
            None => return Err(blank("digestAlgorithm")),
        };
        let salt = salt.ok_or_else(|| blank("salt"))?;
        let rounds = number("iterationCount").ok_or_else(|| blank("iterationCount"))?;
        if rounds < 4096 {
            return Err(unusable("iterationCount", "The value must be at least 4096."));
        }
        let size = number("keySize").ok_or_else(|| blank("keySize"))?;
        if size != value.len() as u64 || size == 0 {
            return Err(unusable("keySize", "The value must be the number of bytes of the hash."));
        }
        let blocks = size.div_ceil(if sha512 { 64 } else { 32 });
        let rounds = u32::try_from(rounds).ok().filter(|rounds| u64::from(*rounds) * blocks <= MOST_ROUNDS);
        let rounds = rounds.and_then(NonZeroU32::new).ok_or_else(|| {
            unusable("iterationCount", format!("The key must take at most {MOST_ROUNDS} iterations."))
        })?;
        Ok(Self { how: How::Pbkdf2 { sha512, rounds, salt }, value })
    }

    /// Whether a password has this hash. It takes as long as the hash asks for.
    pub fn fits(&self, password: &str) -> bool {
        match &self.how {
            How::Bcrypt { cost, salt } => {
                // The algorithm sees 72 bytes, the end of the text among them.
                let mut bytes = Vec::with_capacity(password.len() + 1);
                bytes.extend_from_slice(password.as_bytes());
                bytes.push(0);
                bytes.truncate(72);
                let made = bcrypt::bcrypt(*cost, *salt, &bytes);
                made.get(..self.value.len()).is_some_and(|made| made.ct_eq(&self.value).into())
            }
            How::Digest { algorithm, before, after } => {
                let salted = [before, password.as_bytes(), after].concat();
                let made: Vec<u8> = match algorithm {
                    Algorithm::Md5 => Md5::digest(&salted).to_vec(),
                    Algorithm::Sha1 => digested(&digest::SHA1_FOR_LEGACY_USE_ONLY, &salted),
                    Algorithm::Sha256 => digested(&digest::SHA256, &salted),
                    Algorithm::Sha512 => digested(&digest::SHA512, &salted),
                };
                made.ct_eq(&self.value).into()
            }
            How::Pbkdf2 { sha512, rounds, salt } => {
                let algorithm = if *sha512 { pbkdf2::PBKDF2_HMAC_SHA512 } else { pbkdf2::PBKDF2_HMAC_SHA256 };
                pbkdf2::verify(algorithm, *rounds, salt, password.as_bytes(), &self.value).is_ok()
            }
        }
    }
}

fn digested(algorithm: &'static digest::Algorithm, bytes: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, bytes).as_ref().to_vec()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    /// Hashes of `Cobol1959x`, made by Python (`hashlib`, `crypt`).
    #[test]
    fn a_password_fits_its_hash_and_no_other_one_does() {
        for hash in [
            json!({"algorithm": "MD5", "value": "RMATUsrigGE98dcqb1qi8Q=="}),
            json!({"algorithm": "MD5", "salt": "TXlTYWx0", "saltOrder": "PREFIX", "value": "quAZgD+VaFHRb+hQEoULpA=="}),
            json!({"algorithm": "MD5", "salt": "TXlTYWx0", "saltOrder": "POSTFIX", "value": "awKnKSd8hu1O2/NMYD2/Pw=="}),
            json!({"algorithm": "SHA-1", "value": "OLNcQ1kwpbxHIk3IuWx24UAEUtk="}),
            json!({"algorithm": "SHA-1", "salt": "TXlTYWx0", "saltOrder": "PREFIX", "value": "RIX0cSa8TnZnjF82uQxDafycwWY="}),
            json!({"algorithm": "SHA-1", "salt": "TXlTYWx0", "saltOrder": "POSTFIX", "value": "7JJqdtzxnBIYu2sVJBoBnmeJz1I="}),
            json!({"algorithm": "SHA-256", "value": "QEc32XfhRfkqdIMnPpH0meRn5066r8HVVGabdvFFxRc="}),
            json!({"algorithm": "SHA-256", "salt": "TXlTYWx0", "saltOrder": "PREFIX", "value": "Xy9C4ZHvMPpPGJZHkA4TsB5aNuBcpDgAAFrv+hVvP9c="}),
            json!({"algorithm": "SHA-256", "salt": "TXlTYWx0", "saltOrder": "POSTFIX", "value": "juGsgBx/tXed7f4QudcVJ+kcl22AE3j7NZJiQ/qmYhU="}),
            json!({"algorithm": "SHA-512", "value": "nt2CM9sqMrEwMmNtMPPCNyXKeya6qkUMZgVCrd5db343fFMj1ARsqqJbdVGDsZCDHmyvRjw72So01LqouSNW7Q=="}),
            json!({"algorithm": "SHA-512", "salt": "TXlTYWx0", "saltOrder": "PREFIX", "value": "kECPd8TjiEz8nZ/G8zX5trmV/t3ZXsBhlbbVsGttIBaNHZaiT0AiVnmeZ++lAq0sHvs8UMA3/Xe516ircsVnkw=="}),
            json!({"algorithm": "SHA-512", "salt": "TXlTYWx0", "saltOrder": "POSTFIX", "value": "1PqUmMZVYYf2ao6jxANIlL6ghSs3PJUyL78XQNkFY7JlXxoWF85wImom2indsNMQk7pmi4DkQrxlUC3kvg1Eyw=="}),
            json!({"algorithm": "PBKDF2", "digestAlgorithm": "SHA256_HMAC", "iterationCount": 4096, "keySize": 32, "salt": "TXlTYWx0", "value": "a571xjhgS/AVWYE/GUFA7G3wwOmLrYCsvleb/1SUqGE="}),
            json!({"algorithm": "PBKDF2", "digestAlgorithm": "SHA512_HMAC", "iterationCount": 4096, "keySize": 64, "salt": "TXlTYWx0", "value": "Kp3vFCfseg/3pMiaed7Z7xsCGOO6r10hT8FV+XbBWXivEq8L69cEOIeSZgCcVdMjkzwQEizXKwo6PykkeoGYnw=="}),
            json!({"algorithm": "PBKDF2", "digestAlgorithm": "SHA256_HMAC", "iterationCount": 4096, "keySize": 20, "salt": "TXlTYWx0", "value": "a571xjhgS/AVWYE/GUFA7G3wwOk="}),
            json!({"algorithm": "BCRYPT", "workFactor": 4, "salt": "abcdefghijklmnopqrstuu", "value": "wg5e0dcgSe09syibhVoa2.BiFP99Y3S"}),
            json!({"algorithm": "BCRYPT", "workFactor": 10, "salt": "abcdefghijklmnopqrstuu", "value": "2iAWl6RX9dKyZyNeprHT/FvgP2JYOTG"}),
        ] {
            let read = Hash::read(&hash).unwrap();
            assert!(read.fits("Cobol1959x"), "{hash}");
            assert!(!read.fits("Cobol1959y") && !read.fits(""), "{hash}");
        }
    }

    #[test]
    fn what_is_no_hash_is_told_by_its_member() {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        for (hash, told) in [
            (json!({ "algorithm": "MD5" }), "value: The field cannot be left blank"),
            (json!({ "value": "AAAA" }), "algorithm: The field cannot be left blank"),
            (
                json!({ "algorithm": "MD4", "value": "AAAA" }),
                "algorithm: The algorithm MD4 is not supported.",
            ),
            (json!({ "algorithm": "MD5", "value": "*" }), "value: The value is not Base64."),
            (
                json!({ "algorithm": "SHA-1", "value": "AAAA", "salt": "AAAA" }),
                "saltOrder: The field cannot be left blank",
            ),
            (
                json!({ "algorithm": "SHA-1", "value": "AAAA", "salt": "AAAA", "saltOrder": "INFIX" }),
                "saltOrder: The value must be PREFIX or POSTFIX.",
            ),
            (json!({ "algorithm": "BCRYPT", "value": "a" }), "workFactor: The field cannot be left blank"),
            (
                json!({ "algorithm": "BCRYPT", "value": "a", "workFactor": 21 }),
                "workFactor: The value must be between 1 and 20.",
            ),
            (
                json!({ "algorithm": "BCRYPT", "value": "a", "workFactor": 10, "salt": "short" }),
                "salt: The value must be 22 characters of Radix-64.",
            ),
            (
                json!({ "algorithm": "PBKDF2", "value": key, "salt": "AAAA", "digestAlgorithm": "SHA256_HMAC", "keySize": 32, "iterationCount": 4095 }),
                "iterationCount: The value must be at least 4096.",
            ),
            (
                json!({ "algorithm": "PBKDF2", "value": key, "salt": "AAAA", "digestAlgorithm": "SHA256_HMAC", "keySize": 32, "iterationCount": 4_000_000_000_u64 }),
                "iterationCount: The key must take at most 10000000 iterations.",
            ),
            (
                json!({ "algorithm": "PBKDF2", "value": key, "salt": "AAAA", "digestAlgorithm": "SHA256_HMAC", "keySize": 31, "iterationCount": 4096 }),
                "keySize: The value must be the number of bytes of the hash.",
            ),
        ] {
            assert_eq!(Hash::read(&hash).unwrap_err().to_string(), told, "{hash}");
        }
    }
}
