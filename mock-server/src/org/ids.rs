//! Where an org's ids and random bytes come from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The characters of Okta's ids, besides digits and lower case (mgmt-facts §6.1).
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The stream of a seeded generator that secrets come from; ids come from stream 0.
const SECRETS: u64 = 1;

/// A source of ids. With the same seed it gives the same ids in the same order.
#[derive(Debug)]
pub struct Ids {
    rng: Mutex<ChaCha8Rng>,
    tail: [u8; 3],
    seed: Option<u64>,
}

impl Ids {
    /// A source from a seed, or from the operating system's randomness.
    pub fn new(seed: Option<u64>) -> Self {
        let mut rng = generator(seed);
        let mut tail = [0; 3];
        fill_alphanumeric(&mut rng, &mut tail);
        // The tails seen in real orgs end in a digit (`1d7`, `4x6`, `697`).
        tail[2] = b'1' + u8::try_from(rng.next_u32() % 9).unwrap_or(0);
        Self { rng: Mutex::new(rng), tail, seed }
    }

    /// A source that goes on where another one was lost: new ids, the same tail.
    pub fn resumed(tail: [u8; 3]) -> Self {
        Self { rng: Mutex::new(generator(None)), tail, seed: None }
    }

    /// What every id ends in.
    pub fn tail(&self) -> [u8; 3] {
        self.tail
    }

    /// A source for a copy of the org: other ids, the same tail. `nth` tells copies of a seeded org apart.
    pub fn fork(&self, seed: Option<u64>, nth: u64) -> Self {
        let seed = seed.or_else(|| self.seed.map(|own| own.wrapping_add(nth)));
        Self { rng: Mutex::new(generator(seed)), tail: self.tail, seed }
    }

    /// A new id: the prefix of its kind, then random characters, then the org's tail; 20 characters in all.
    pub fn next(&self, prefix: &str) -> String {
        let mut random = [0; 20];
        let length = 20_usize.saturating_sub(prefix.len() + self.tail.len());
        fill_alphanumeric(&mut self.rng.lock(), &mut random[..length]);
        let mut id = String::with_capacity(20);
        id.push_str(prefix);
        id.extend(random[..length].iter().chain(&self.tail).map(|byte| char::from(*byte)));
        id
    }

    /// A random word of letters and digits: secrets, link numbers.
    pub fn word(&self, length: usize) -> String {
        let mut word = vec![0; length];
        fill_alphanumeric(&mut self.rng.lock(), &mut word);
        word.into_iter().map(char::from).collect()
    }

    /// A secret of this source that takes nothing from the others: with the same seed the same one.
    pub fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        let mut rng = generator(self.seed);
        rng.set_stream(SECRETS);
        rng.fill_bytes(&mut secret);
        secret
    }

    /// A random UUID of version 4, as text.
    pub fn uuid(&self) -> String {
        let bytes = self.uuid_bytes();
        let hex = bytes.iter().fold(String::with_capacity(32), |hex, byte| hex + &format!("{byte:02x}"));
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// The sixteen bytes of a random UUID of version 4.
    pub fn uuid_bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        bytes
    }

    /// The id of a key that Okta makes: 43 characters of base64url.
    pub fn key_id(&self) -> String {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Random bytes: token ids, error ids, request ids.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.rng.lock().fill_bytes(bytes);
    }
}

fn generator(seed: Option<u64>) -> ChaCha8Rng {
    seed.map_or_else(system_generator, ChaCha8Rng::seed_from_u64)
}

/// The one place where the system's randomness is read for ids.
#[expect(clippy::disallowed_methods, reason = "the source of randomness")]
fn system_generator() -> ChaCha8Rng {
    ChaCha8Rng::from_rng(&mut rand::rng())
}

fn fill_alphanumeric(rng: &mut ChaCha8Rng, bytes: &mut [u8]) {
    rng.fill_bytes(bytes);
    for byte in bytes {
        *byte = ALPHABET[usize::from(*byte) % ALPHABET.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_its_prefix_and_twenty_characters() {
        let ids = Ids::new(Some(7));
        let (one, two) = (ids.next("00u"), ids.next("0oa"));
        assert!(one.starts_with("00u") && two.starts_with("0oa"));
        assert_eq!((one.len(), two.len()), (20, 20));
        assert_eq!(one[17..], two[17..], "the tail is the org's");
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (one, two) = (Ids::new(Some(7)), Ids::new(Some(7)));
        for _ in 0..5 {
            assert_eq!(one.next("00u"), two.next("00u"));
        }
        assert_ne!(Ids::new(Some(8)).next("00u"), Ids::new(Some(7)).next("00u"));
    }
}
