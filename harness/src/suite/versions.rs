//! An integration as it is registered: what its new version asks a customer for, and what the version before did.

use std::collections::{BTreeMap, BTreeSet};

/// What installations of an integration have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions {
    /// The scopes of an installation of the new version.
    pub(crate) scopes: Vec<String>,
    /// The scopes of one of the version before.
    pub(crate) scopes_before: Vec<String>,
    /// What a customer enters for its tenant settings, by their names.
    pub(crate) settings: BTreeMap<String, String>,
    /// Those of them that the new version brings.
    pub(crate) new_settings: BTreeSet<String>,
}

impl Default for Versions {
    /// Some integration that has learnt to read groups, and asks for a region since.
    fn default() -> Self {
        let words = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Self {
            scopes: words(&["okta.users.read", "okta.groups.read"]),
            scopes_before: words(&["okta.users.read"]),
            settings: BTreeMap::from([("region".to_owned(), "eu".to_owned())]),
            new_settings: BTreeSet::from(["region".to_owned()]),
        }
    }
}
