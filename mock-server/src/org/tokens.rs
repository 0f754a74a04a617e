//! The access tokens of an org: their numbers, and those that were verified lately.
//!
//! A token that this org has issued carries its number and its generation in its `jti`, masked, so that the org needs
//! to remember no token in order to know it again.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;

use super::ids::Ids;

/// An access token whose signature is this org's. Whether it may be used now is decided anew each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Its `jti`, read.
    pub id: TokenId,
    /// The client it was issued to (`cid`).
    pub client_id: Arc<str>,
    /// The user on whose behalf (`uid`); none for client credentials.
    pub user: Option<Arc<str>>,
    /// The family of refresh tokens that it was issued beside (`oar…`): it falls with them.
    pub family: Option<Arc<str>>,
    /// Its scopes (`scp`), in the order of the request.
    pub scopes: Vec<Arc<str>>,
    /// Its issuer (`iss`).
    pub issuer: Arc<str>,
    /// The thumbprint of the key that it is bound to (`cnf.jkt`); none for a bearer token.
    pub jkt: Option<Arc<str>>,
    /// When it was issued, in epoch seconds.
    pub issued_at: i64,
    /// When it expires, in epoch seconds.
    pub expires_at: i64,
}

impl AccessToken {
    /// How the ledger calls it: `T1`.
    pub fn tag(&self) -> String {
        format!("T{}", self.id.serial)
    }

    /// Whether it has a scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| **one == *scope)
    }
}

/// What a `jti` of this org says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenId {
    /// The org that issued it, and its life since the last reset: orgs share fixture keys, but not tokens.
    pub realm: u32,
    /// The token's number in the org, from 1.
    pub serial: u64,
    /// The generation in which it was issued (`Settings::token_generation`).
    pub generation: u16,
}

/// Random bytes of a `jti`; the others hide realm, generation and number.
const RANDOM: usize = 18;

impl TokenId {
    /// `AT.` and 43 characters (token-facts §13).
    pub fn to_jti(self, ids: &Ids) -> String {
        let mut bytes = [0; 32];
        ids.fill(&mut bytes[..RANDOM]);
        bytes[RANDOM..RANDOM + 4].copy_from_slice(&self.realm.to_be_bytes());
        bytes[RANDOM + 4..RANDOM + 6].copy_from_slice(&self.generation.to_be_bytes());
        bytes[RANDOM + 6..].copy_from_slice(&self.serial.to_be_bytes());
        mask(&mut bytes);
        let mut jti = String::with_capacity(46);
        jti.push_str("AT.");
        URL_SAFE_NO_PAD.encode_string(bytes, &mut jti);
        jti
    }

    /// Reads a `jti`, and the id of the family of refresh tokens at its end (`AT.….oar…`). Any 43 characters say
    /// something: believe it only of a token with a good signature.
    pub fn from_jti(jti: &str) -> Option<(Self, Option<&str>)> {
        let jti = jti.strip_prefix("AT.")?;
        let (own, family) = match jti.split_once('.') {
            Some((own, family)) => (own, Some(family)),
            None => (jti, None),
        };
        let mut bytes = [0; 32];
        let length = URL_SAFE_NO_PAD.decode_slice(own, &mut bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        mask(&mut bytes);
        let (realm, rest) = bytes[RANDOM..].split_first_chunk::<4>()?;
        let (generation, serial) = rest.split_first_chunk::<2>()?;
        let id = Self {
            realm: u32::from_be_bytes(*realm),
            generation: u16::from_be_bytes(*generation),
            serial: u64::from_be_bytes(*serial.first_chunk()?),
        };
        Some((id, family))
    }
}

fn mask(bytes: &mut [u8; 32]) {
    let (random, hidden) = bytes.split_at_mut(RANDOM);
    for (byte, random) in hidden.iter_mut().zip(random) {
        *byte ^= *random;
    }
}

/// So many verified tokens are remembered; the oldest are forgotten and verified again.
const VERIFIED: usize = 4096;

/// So many strings that are no tokens of this org keep their tags.
const STRANGERS: usize = 4096;

/// The registry. Its maps are made at the first use: a fork of an org that is never called costs nothing.
#[derive(Debug, Default)]
pub struct Tokens {
    realm: AtomicU32,
    issued: AtomicU64,
    verified: OnceLock<papaya::HashMap<Arc<str>, Arc<AccessToken>>>,
    order: Mutex<VecDeque<Arc<str>>>,
    /// Boxed: most orgs are never shown a token that is none.
    strangers: Mutex<Option<Box<Strangers>>>,
}

#[derive(Debug, Default)]
struct Strangers {
    seen: u64,
    numbers: HashMap<[u8; 32], u64>,
    order: VecDeque<[u8; 32]>,
}

impl Tokens {
    pub(super) fn new(ids: &Ids) -> Self {
        Self { realm: AtomicU32::new(realm(ids)), ..Self::default() }
    }

    /// The tokens of an org that goes on: those that it has issued before are its own.
    pub(super) fn resumed(realm: u32) -> Self {
        Self { realm: AtomicU32::new(realm), ..Self::default() }
    }

    /// The realm of the tokens that are issued now.
    pub(super) fn realm(&self) -> u32 {
        self.realm.load(Ordering::Acquire)
    }

    /// The id of the next token.
    pub fn next_id(&self, generation: u16) -> TokenId {
        let serial = self.issued.fetch_add(1, Ordering::Relaxed) + 1;
        TokenId { realm: self.realm.load(Ordering::Acquire), generation, serial }
    }

    /// Whether an id is of a token that this org has issued since it began or was reset.
    pub fn knows(&self, id: TokenId) -> bool {
        id.realm == self.realm.load(Ordering::Acquire)
    }

    /// A token that was verified before.
    pub fn verified(&self, token: &str) -> Option<Arc<AccessToken>> {
        self.verified.get()?.pin().get(token).cloned()
    }

    /// Remembers a token whose signature is known to be good.
    pub fn remember(&self, token: &str, verified: Arc<AccessToken>) {
        let map = self.verified.get_or_init(papaya::HashMap::new);
        let token: Arc<str> = token.into();
        if map.pin().insert(token.clone(), verified).is_some() {
            return;
        }
        let mut order = self.order.lock();
        order.push_back(token);
        if order.len() > VERIFIED
            && let Some(oldest) = order.pop_front()
        {
            map.pin().remove(&oldest);
        }
    }

    /// How the ledger calls a string that was presented as a token: `T1` for the first token of this org, `X1` for the
    /// first string that is none. Ask after the token was verified.
    pub fn tag(&self, token: &str) -> String {
        if let Some(own) = self.verified(token).filter(|own| self.knows(own.id)) {
            return own.tag();
        }
        format!("X{}", self.strangers.lock().get_or_insert_default().number(token))
    }

    /// Forgets every token that was issued; numbers go on.
    pub(super) fn clear(&self, ids: &Ids) {
        self.realm.store(realm(ids), Ordering::Release);
        let mut order = self.order.lock();
        order.clear();
        if let Some(map) = self.verified.get() {
            map.pin().clear();
        }
    }
}

fn realm(ids: &Ids) -> u32 {
    let mut bytes = [0; 4];
    ids.fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

impl Strangers {
    fn number(&mut self, token: &str) -> u64 {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
        let mut key = [0; 32];
        key.copy_from_slice(digest.as_ref());
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        self.seen += 1;
        self.numbers.insert(key, self.seen);
        self.order.push_back(key);
        if self.order.len() > STRANGERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.numbers.remove(&oldest);
        }
        self.seen
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn token(serial: u64) -> Arc<AccessToken> {
        Arc::new(AccessToken {
            id: TokenId { realm: 0, serial, generation: 0 },
            client_id: "0oa1".into(),
            user: None,
            family: None,
            scopes: Vec::new(),
            issuer: "http://localhost".into(),
            jkt: None,
            issued_at: 0,
            expires_at: 3600,
        })
    }

    #[test]
    fn a_jti_says_its_number_and_generation_and_looks_random() {
        let ids = Ids::new(Some(1));
        for id in [
            TokenId { realm: 7, serial: 1, generation: 0 },
            TokenId { realm: 7, serial: 1, generation: 0 },
            TokenId { realm: u32::MAX, serial: u64::MAX, generation: u16::MAX },
        ] {
            let jti = id.to_jti(&ids);
            assert_eq!(jti.len(), 46, "{jti}");
            assert!(!jti.ends_with("AAAAAAAE"), "{jti}");
            assert_eq!(TokenId::from_jti(&jti), Some((id, None)));
            assert_eq!(TokenId::from_jti(&format!("{jti}.oar1")), Some((id, Some("oar1"))));
        }
        for jti in ["", "AT.", "AT.AAAA", "ID.xyz", "AT.…"] {
            assert_eq!(TokenId::from_jti(jti), None, "{jti}");
        }
    }

    #[test]
    fn a_token_keeps_its_tag_and_strangers_have_others() {
        let tokens = Tokens::default();
        let serial = tokens.next_id(0).serial;
        tokens.remember("a.b.c", token(serial));
        assert_eq!(tokens.tag("a.b.c"), "T1");
        assert_eq!([tokens.tag("x"), tokens.tag("y"), tokens.tag("x")], ["X1", "X2", "X1"]);
    }

    #[test]
    fn memory_is_bounded() {
        let tokens = Tokens::default();
        for serial in 0..VERIFIED as u64 + 10 {
            tokens.remember(&format!("token {serial}"), token(serial));
            tokens.remember(&format!("token {serial}"), token(serial));
            tokens.tag(&format!("stranger {serial}"));
        }
        assert_eq!(tokens.verified.get().unwrap().len(), VERIFIED);
        assert!(tokens.verified("token 9").is_none() && tokens.verified("token 10").is_some());
        let strangers = tokens.strangers.lock();
        let strangers = strangers.as_deref().unwrap();
        assert_eq!((strangers.numbers.len(), strangers.order.len()), (STRANGERS, STRANGERS));
    }
}
