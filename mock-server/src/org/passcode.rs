//! Time-based one-time passwords (RFC 6238, SHA-1, 30 seconds, 6 digits), as authenticator apps show them.

use aws_lc_rs::hmac;

/// Base32 of RFC 4648.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Seconds that a code lasts.
const STEP: i64 = 30;

/// The secret of random bytes, as it is shown: a character for each five bits.
pub fn secret(bytes: &[u8]) -> String {
    let (mut text, mut buffer, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    text
}

/// Whether a code fits a secret now, or one step earlier or later.
pub fn fits(secret: &str, code: &str, now: i64) -> bool {
    let Some(key) = bytes(secret) else { return false };
    (-1..=1).any(|step| at(&key, now.div_euclid(STEP) + step) == code)
}

/// The code of a secret, as it is shown now; none for a secret that is none.
pub fn shown(secret: &str, now: i64) -> Option<String> {
    bytes(secret).map(|key| at(&key, now.div_euclid(STEP)))
}

fn bytes(secret: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for one in secret.bytes().take_while(|one| *one != b'=') {
        let one = one.to_ascii_uppercase();
        let value = ALPHABET.iter().position(|known| *known == one)?;
        buffer = buffer << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits & 255) as u8);
        }
    }
    Some(bytes)
}

fn at(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
    let cut: [u8; 4] = tag.get(offset..offset + 4).and_then(|cut| cut.try_into().ok()).unwrap_or_default();
    format!("{:06}", (u32::from_be_bytes(cut) & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B (the last six of eight digits).
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = b"12345678901234567890";
        for (now, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(at(key, now / STEP), code);
            assert!(fits(&secret(key), code, now));
            assert!(fits(&secret(key), code, now + STEP));
            assert!(!fits(&secret(key), code, now + 3 * STEP));
        }
    }
}
