//! Where Okta is special: code that a resource file names, because no data can say what happens.

mod enrollments;
pub(super) mod identity_sources;
mod realms;
mod user_types;

use std::sync::Arc;

use serde_json::Value;

use super::answer::Asked;
use super::draft::Draft;
use super::mappings::ProfileMappings;
use super::users::Users;
use super::users::factors::UserFactors;
use super::users::linked::LinkedObjects;
use crate::facts::resources::Resource;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is special about a kind. Each part has a default: nothing.
pub(super) trait Special: Sync {
    /// Completes or refuses what is being written (created, replaced, changed, moved to another state, deleted), and
    /// adds what else happens in the same commit.
    fn write(&self, _: &mut Draft<'_>) -> Result<(), ApiError> {
        Ok(())
    }

    /// What else happens when two objects are related, or no longer so.
    fn related(
        &self,
        _: &Asked<'_>,
        _: &OrgState,
        _: &Document,
        _: &Document,
        _on: bool,
    ) -> Result<Vec<Change>, ApiError> {
        Ok(Vec::new())
    }

    /// The object as this caller sees it, where that is not what is stored; with `_links`.
    fn show(&self, _: &Asked<'_>, _: &Arc<Document>) -> Option<Value> {
        None
    }

    /// Whether [`Special::show`] is asked for items of lists too.
    fn shows_in_lists(&self) -> bool {
        false
    }

    /// The `_links` of a wrapped list.
    fn list_links(&self, _: &Asked<'_>) -> Option<Value> {
        None
    }
}

/// By the name in the resource files.
const SPECIALS: &[(&str, &dyn Special)] = &[
    ("authenticator_enrollments", &enrollments::AuthenticatorEnrollments),
    ("identity_source_sessions", &identity_sources::IdentitySourceSessions),
    ("linked_objects", &LinkedObjects),
    ("profile_mappings", &ProfileMappings),
    ("realm_assignments", &realms::RealmAssignments),
    ("realm_operations", &realms::RealmOperations),
    ("realms", &realms::Realms),
    ("user_factors", &UserFactors),
    ("user_types", &user_types::UserTypes),
    ("users", &Users),
    ("yubikey_tokens", &enrollments::YubikeyTokens),
];

/// What is special about a kind.
pub(super) fn of(resource: &Resource) -> Option<&'static dyn Special> {
    let name = resource.special.as_deref()?;
    SPECIALS.iter().find(|(known, _)| *known == name).map(|(_, special)| *special)
}
