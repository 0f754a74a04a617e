//! Orgs that others are forked from: the document that the process was started with, compiled once.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::org::seed::{OrgDocument, SeedError};
use crate::org::{Org, OrgOptions};

/// How many templates are kept: they differ in the number of generated users.
const KEPT: usize = 8;
/// The seed of the objects of seeded orgs, when the process has none. The seed of such an org is that of the ids
/// that it gives out itself.
const COMMON_SEED: u64 = 0;

/// What templates differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    users: usize,
    seed: Option<u64>,
}

/// The templates.
#[derive(Debug)]
pub(super) struct Templates {
    document: OrgDocument,
    defaults: OrgOptions,
    made: Mutex<Vec<(Key, Arc<Org>)>>,
}

impl Templates {
    /// Templates of a document. The defaults hold for every org, unless it says otherwise.
    pub(super) fn new(document: OrgDocument, defaults: OrgOptions) -> Self {
        Self { document, defaults, made: Mutex::default() }
    }

    /// A fork, if its template is there.
    pub(super) fn ready_fork(&self, options: &OrgOptions) -> Option<Org> {
        let options = self.complete(options);
        let key = self.key(&options);
        let made = self.made.lock();
        let (_, template) = made.iter().find(|(known, _)| *known == key)?;
        Some(template.fork(&options))
    }

    /// A fork, its template made if need be.
    ///
    /// # Errors
    /// What is wrong in the document.
    pub(super) fn fork(&self, options: &OrgOptions) -> Result<Org, SeedError> {
        if let Some(org) = self.ready_fork(options) {
            return Ok(org);
        }
        let options = self.complete(options);
        let key = self.key(&options);
        let own = OrgOptions { users: key.users, seed: key.seed, ..OrgOptions::default() };
        let template = Arc::new(Org::new(&self.document, &own)?);
        let org = template.fork(&options);
        let mut made = self.made.lock();
        if !made.iter().any(|(known, _)| *known == key) {
            if made.len() >= KEPT {
                made.remove(0);
            }
            made.push((key, template));
        }
        Ok(org)
    }

    fn key(&self, options: &OrgOptions) -> Key {
        let seed = self.defaults.seed.or(options.seed.map(|_| COMMON_SEED));
        Key { users: options.users, seed }
    }

    fn complete(&self, options: &OrgOptions) -> OrgOptions {
        OrgOptions {
            name: options.name.clone(),
            seed: options.seed,
            users: if options.users == 0 { self.defaults.users } else { options.users },
            max_page: options.max_page.or(self.defaults.max_page),
            rate_limits: options.rate_limits.clone().or_else(|| self.defaults.rate_limits.clone()),
            mutations: options.mutations,
        }
    }
}
