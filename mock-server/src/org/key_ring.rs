//! The key pairs of custom authorization servers, by key id. A server's document names its keys; a pair is made when it
//! is first needed, because making one takes a tenth of a second and most servers never sign. Forks share the ring, so
//! that a server has the same keys in all of them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock, Weak};

use parking_lot::RwLock;

use super::keys::{KeyError, SigningKey, fixture_pem};

/// The pairs that were made so far.
#[derive(Debug, Default)]
pub struct KeyRing {
    pairs: RwLock<HashMap<Arc<str>, Arc<SigningKey>>>,
    keeper: OnceLock<Weak<dyn KeepKey>>,
}

/// Who keeps pairs beyond this process.
pub trait KeepKey: Send + Sync + std::fmt::Debug {
    /// Keeps a pair; returns when it is kept.
    fn keep(&self, key: &SigningKey);
}

impl KeyRing {
    /// The pair with an id.
    ///
    /// # Errors
    /// [`KeyError`] when the system has no randomness to make it of.
    pub fn key(&self, kid: &str) -> Result<Arc<SigningKey>, KeyError> {
        if let Some(known) = self.pairs.read().get(kid) {
            return Ok(known.clone());
        }
        let made = match fixtures().iter().find(|key| key.kid() == kid) {
            Some(fixture) => fixture.clone(),
            None => Arc::new(SigningKey::generate_named(kid)?),
        };
        // Of two that were made at the same time, the first one counts. Nobody signs with one that is not kept.
        let mut pairs = self.pairs.write();
        if let Some(known) = pairs.get(kid) {
            return Ok(known.clone());
        }
        let keeper = self.keeper.get().and_then(Weak::upgrade);
        if let Some(keeper) = keeper.filter(|_| fixtures().iter().all(|key| key.kid() != kid)) {
            keeper.keep(&made);
        }
        pairs.insert(kid.into(), made.clone());
        Ok(made)
    }

    /// Puts a pair back that was kept.
    pub fn put_back(&self, key: Arc<SigningKey>) {
        self.pairs.write().insert(key.kid().into(), key);
    }

    /// Has the pairs that will be made kept, and those that were made.
    pub fn keep_with(&self, keeper: &Arc<dyn KeepKey>) {
        if self.keeper.set(Arc::downgrade(keeper)).is_ok() {
            self.pairs.read().values().for_each(|key| keeper.keep(key));
        }
    }
}

/// The keys of the server `default`, known to everybody.
fn fixtures() -> &'static [Arc<SigningKey>] {
    static KEYS: LazyLock<Vec<Arc<SigningKey>>> = LazyLock::new(|| {
        let pems = ["server-signing-1", "server-signing-2"].into_iter().filter_map(fixture_pem);
        pems.filter_map(|pem| SigningKey::from_pem(pem).ok()).map(Arc::new).collect()
    });
    &KEYS
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_has_one_pair() {
        let ring = KeyRing::default();
        let one = ring.key("k1").unwrap();
        assert_eq!(one.kid(), "k1");
        assert_eq!(one.jwk(), ring.key("k1").unwrap().jwk());
        assert_ne!(one.jwk()["n"], ring.key("k2").unwrap().jwk()["n"]);
    }

    #[test]
    fn the_server_default_has_the_keys_of_the_program() {
        let kids: Vec<_> = fixtures().iter().map(|key| key.kid().to_owned()).collect();
        let new_org = include_str!("../../../fixtures/new-org/authorization_servers.json");
        assert_eq!(kids.len(), 2);
        assert!(kids.iter().all(|kid| new_org.contains(kid.as_str())), "{kids:?}");
    }
}
