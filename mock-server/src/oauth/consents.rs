//! What users have consented to: a grant for each scope of a custom server, which the Management API shows as
//! `/api/v1/users/{userId}/grants`.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use crate::facts::resources::BASE_MARK;
use crate::org::Org;
use crate::org::authorization_server::{AuthorizationServer, ServerScope};
use crate::org::change::{Change, Shelf};
use crate::org::client::Client;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::state::OrgState;

const KIND: &str = "user_grants";

/// Whether a user has consented to a scope for a client.
pub(super) fn has(
    state: &OrgState,
    user: &str,
    client: &Client,
    server: &AuthorizationServer,
    scope: &ServerScope,
) -> bool {
    let given = state.below(KIND, user).after(None);
    given.filter(|grant| grant.is("/status", "ACTIVE")).any(|grant| is_of(grant, client, server, scope))
}

fn is_of(grant: &Document, client: &Client, server: &AuthorizationServer, scope: &ServerScope) -> bool {
    let of_server = grant.hidden.get("server").is_some_and(|id| *id == *server.document);
    grant.is("/clientId", &client.id) && of_server && grant.is("/scopeId", &scope.id)
}

/// Remembers that a user has consented to scopes.
pub(super) fn give(
    org: &Org,
    now: i64,
    user: &Arc<str>,
    client: &Client,
    server: &AuthorizationServer,
    scopes: &[&ServerScope],
) {
    let at = Timestamp::from_second(now).unwrap_or_default();
    let created = okta_timestamp(at);
    let outcome = org.commit(at, |state| {
        let fresh = scopes.iter().filter(|scope| !has(state, user, client, server, scope));
        let changes = fresh.map(|scope| {
            let id: Arc<str> = org.ids().next("oag").into();
            let value = json!({
                "id": id,
                "status": "ACTIVE",
                "created": created,
                "createdBy": { "id": user, "type": "User" },
                "lastUpdated": created,
                "issuer": format!("{BASE_MARK}/oauth2/{}", server.id),
                "clientId": client.id,
                "userId": user,
                "scopeId": scope.id,
                "source": "END_USER",
            });
            let hidden = json!({ "server": server.document, "name": server.id, "scope": scope.name });
            Change::put(Shelf::below(KIND, &[user]), id, value, hidden)
        });
        Ok::<_, std::convert::Infallible>(changes.collect::<Vec<_>>())
    });
    let Ok(_) = outcome;
}
