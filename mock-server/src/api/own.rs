//! Operations with code of their own, because no verb of `fixtures/resources/` says what they do.

use super::answer::Asked;
use super::{app_grants, client_roles, clients};
use crate::exchange::{Reply, Trace};
use crate::wire::ApiError;

/// What an operation does.
type Handler = fn(&Asked<'_>, &mut Trace) -> Result<Reply, ApiError>;

/// By operation id: the file that has it, and the code.
const OWN: [(&str, &str, Handler); 14] = [
    ("createClient", "clients/registration.rs", clients::create),
    ("replaceClient", "clients/registration.rs", clients::replace),
    ("generateNewClientSecret", "clients/registration.rs", clients::new_secret),
    ("listClients", "clients/mod.rs", clients::list),
    ("getClient", "clients/mod.rs", clients::get),
    ("deleteClient", "clients/mod.rs", clients::delete),
    ("listRolesForClient", "client_roles.rs", client_roles::list),
    ("assignRoleToClient", "client_roles.rs", client_roles::assign),
    ("retrieveClientRole", "client_roles.rs", client_roles::get),
    ("deleteRoleFromClient", "client_roles.rs", client_roles::unassign),
    ("listScopeConsentGrants", "app_grants.rs", app_grants::list),
    ("grantConsentToScope", "app_grants.rs", app_grants::grant),
    ("getScopeConsentGrant", "app_grants.rs", app_grants::get),
    ("revokeScopeConsentGrant", "app_grants.rs", app_grants::revoke),
];

/// The ids of the operations.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    OWN.iter().map(|(id, _, _)| *id)
}

/// The file that has the code of an operation.
pub(super) fn source(operation: &str) -> Option<String> {
    let row = OWN.iter().find(|(id, _, _)| *id == operation)?;
    Some(format!("mock-server/src/api/{}", row.1))
}

/// Does it.
pub(super) fn perform(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let row = OWN.iter().find(|(id, _, _)| *id == asked.operation.id).ok_or(ApiError::NoSuchPath)?;
    row.2(asked, trace)
}
