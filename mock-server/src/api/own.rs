//! Operations with code of their own, because no verb of `fixtures/resources/` says what they do: an area a line.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::answer::Asked;
use super::{
    app_grants, apps, authorization_servers, clients, device_users, directories, hooks, idps, logs,
    principals, roles, schemas, special, subscriptions, users,
};
use crate::exchange::{Reply, Trace};
use crate::wire::ApiError;

/// What an operation does.
pub(super) type Handler = fn(&Asked<'_>, &mut Trace) -> Result<Reply, ApiError>;

/// The operations of an area: ids and code.
pub(super) type Operations = &'static [(&'static str, Handler)];

/// The files and their operations.
const AREAS: &[(&str, Operations)] = &[
    ("app_grants.rs", app_grants::OPERATIONS),
    ("authorization_servers/mod.rs", authorization_servers::OPERATIONS),
    ("clients/mod.rs", clients::OPERATIONS),
    ("logs/mod.rs", logs::OPERATIONS),
    ("device_users.rs", device_users::OPERATIONS),
    ("directories.rs", directories::OPERATIONS),
    ("schemas/mod.rs", schemas::OPERATIONS),
    ("principals.rs", principals::OPERATIONS),
    ("roles/mod.rs", roles::OPERATIONS),
    ("subscriptions.rs", subscriptions::OPERATIONS),
    ("special/authenticators.rs", special::AUTHENTICATORS),
    ("special/devices.rs", special::DEVICES),
    ("special/policies/", special::POLICIES),
    ("special/ssf.rs", special::SSF),
];

/// All files and their operations, those of folders too.
fn areas() -> impl Iterator<Item = &'static (&'static str, Operations)> {
    let folders = [&apps::AREAS[..], &hooks::AREAS, &idps::AREAS, special::AREAS, users::AREAS];
    AREAS.iter().chain(folders.into_iter().flatten())
}

/// By operation id: the file that has it, and the code.
fn by_id() -> &'static HashMap<&'static str, (&'static str, Handler)> {
    static BY_ID: LazyLock<HashMap<&'static str, (&'static str, Handler)>> = LazyLock::new(|| {
        let rows = areas().flat_map(|(file, rows)| rows.iter().map(move |(id, code)| (*id, (*file, *code))));
        rows.collect()
    });
    &BY_ID
}

/// The ids of the operations, in the order of the areas.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    areas().flat_map(|(_, rows)| rows.iter().map(|(id, _)| *id))
}

/// The file that has the code of an operation.
pub(super) fn source(operation: &str) -> Option<String> {
    by_id().get(operation).map(|(file, _)| format!("mock-server/src/api/{file}"))
}

/// Does it.
pub(super) fn perform(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, code) = by_id().get(asked.operation.id.as_str()).ok_or(ApiError::NoSuchPath)?;
    code(asked, trace)
}
