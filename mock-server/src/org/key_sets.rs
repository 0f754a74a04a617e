//! The keys of clients that publish them at an address of their own (`jwks_uri`), as they were last fetched.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use super::client::ClientKey;

/// The sets, by address.
#[derive(Debug, Default)]
pub struct KeySets(RwLock<HashMap<Arc<str>, Arc<KeySet>>>);

/// A set of keys.
#[derive(Debug)]
pub struct KeySet {
    /// The keys.
    pub keys: Vec<ClientKey>,
    /// When they were fetched, in epoch seconds.
    pub fetched_at: i64,
}

impl KeySets {
    /// The set that was last fetched from an address.
    pub fn get(&self, uri: &str) -> Option<Arc<KeySet>> {
        self.0.read().get(uri).cloned()
    }

    /// Keeps a set, in the place of the one before it.
    pub fn keep(&self, uri: &str, set: KeySet) -> Arc<KeySet> {
        let set = Arc::new(set);
        self.0.write().insert(uri.into(), set.clone());
        set
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.write().clear();
    }
}
