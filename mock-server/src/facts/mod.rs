//! The tables of `fixtures/`, parsed once. A table that contradicts itself stops the program at its first use, and
//! the tests before that.

pub mod app_catalog;
pub mod dialects;
pub mod error_coverage;
pub mod errors;
pub mod events;
pub mod fault_kinds;
pub mod gathered;
pub mod limits;
mod nearest;
pub mod operations;
pub mod resources;
pub mod roles;
pub mod schema_exceptions;
pub mod schemas;
pub mod scopes;
pub mod words;

pub use nearest::nearest;

use std::sync::LazyLock;

use app_catalog::AppCatalog;
use dialects::Dialects;
use errors::{ManagementErrors, OAuthErrors};
use events::EventTypes;
use limits::Limits;
use operations::Operations;
use resources::Resources;
use roles::Roles;
use scopes::Scopes;

/// Everything that is known about Okta.
#[derive(Debug)]
pub struct Facts {
    /// The 732 operations of the Management API.
    pub operations: Operations,
    /// The operations of the authorization servers.
    pub oauth_operations: Operations,
    /// Kinds of resources.
    pub resources: Resources,
    /// The error catalogue of the Management API.
    pub errors: ManagementErrors,
    /// The error catalogue of the authorization servers.
    pub oauth_errors: OAuthErrors,
    /// Types of System Log events.
    pub events: EventTypes,
    /// Scopes.
    pub scopes: Scopes,
    /// Admin roles.
    pub roles: Roles,
    /// Rate limits.
    pub limits: Limits,
    /// Switches where real orgs differ.
    pub dialects: Dialects,
    /// The apps that Okta knows by name.
    pub apps: AppCatalog,
}

impl Facts {
    /// Parses the embedded tables.
    ///
    /// # Errors
    /// A message that names the table, the row and what contradicts what.
    pub fn load() -> Result<Self, String> {
        // The tables that do not need each other are read side by side: an org is to start in milliseconds.
        std::thread::scope(|scope| {
            let catalogues =
                scope.spawn(|| Ok::<_, String>((ManagementErrors::load()?, OAuthErrors::load()?)));
            let events = EventTypes::load()?;
            let limits = Limits::load()?;
            let roles = Roles::load()?;
            let operations = Operations::management(&limits, &roles)?;
            let oauth_operations = Operations::oauth(&limits, &roles)?;
            let (resources, scopes, dialects) = (Resources::load()?, Scopes::load()?, Dialects::load()?);
            let (errors, oauth_errors) =
                catalogues.join().map_err(|_| "the error catalogues could not be read".to_owned())??;
            Ok(Self {
                operations,
                oauth_operations,
                resources,
                errors,
                oauth_errors,
                events,
                scopes,
                roles,
                limits,
                dialects,
                apps: AppCatalog::load()?,
            })
        })
    }
}

/// The facts. Parsed at the first call (a few milliseconds), which [`crate::MockOrg`] makes before it listens.
///
/// # Panics
/// When a table contradicts itself; a test of this module makes sure that none does.
pub fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> = LazyLock::new(|| match Facts::load() {
        Ok(facts) => facts,
        Err(message) => panic!("fixtures: {message}"),
    });
    &FACTS
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_tables_agree_with_each_other() {
        let facts = Facts::load().unwrap();
        assert_eq!(facts.operations.len(), 732);
        assert_eq!(facts.errors.len(), 251);
        assert_eq!(facts.oauth_errors.len(), 476);
        for operation in facts.operations.all() {
            for scope in &operation.scopes {
                assert!(facts.scopes.knows(scope), "{}: scope {scope} is not in scopes.toml", operation.id);
            }
        }
    }
}
