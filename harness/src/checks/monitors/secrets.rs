//! Where secrets must not stand.

use super::{Finding, Scene};

/// Parameters whose value is a secret, an assertion or a token. A session token is none of them: Okta's sign-in takes it in
/// an address, once.
const SECRET: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "id_token",
    "password",
    "refresh_token",
    "token",
];

/// Addresses end up in logs.
pub(super) fn in_a_query(scene: &Scene<'_>) -> Option<Finding> {
    scene.exchanges().find_map(|exchange| {
        let name = SECRET.iter().find(|name| exchange.request.query(name).is_some())?;
        let observed = format!("{name} in the query of {}", exchange.request.path());
        Some(Finding::at(exchange, "credentials only in headers and bodies", observed))
    })
}
