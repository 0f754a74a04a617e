//! What the claims of a custom server say of a user and a client in one token.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::server::Known;
use super::user::User;
use crate::org::authorization_server::{Claim, Facts};
use crate::org::client::Client;
use crate::org::state::OrgState;

/// The claims of a server that a token with these scopes has, of those that are wanted, oldest first. The org's own
/// server has none.
pub(super) fn of(
    server: &Known,
    state: &OrgState,
    client: &Client,
    user: Option<User<'_>>,
    scopes: &[Arc<str>],
    wanted: impl Fn(&Claim) -> bool,
) -> Map<String, Value> {
    let Known::Custom(server) = server else { return Map::new() };
    let mut wanted = server.claims.iter().filter(|claim| wanted(claim)).peekable();
    if wanted.peek().is_none() {
        return Map::new();
    }
    let groups = user.map(|user| groups(state, user)).unwrap_or_default();
    let attribute = |name: &str| attribute(name, client, user);
    let facts = Facts { attribute: &attribute, groups: &groups };
    wanted.filter_map(|claim| Some((claim.name.clone(), claim.value(scopes, &facts)?))).collect()
}

/// The names of the user's groups, oldest group first.
fn groups(state: &OrgState, user: User<'_>) -> Vec<String> {
    let ids = state.holders("members", user.id(), None);
    ids.filter_map(|id| Some(state.get("groups", id)?.text("/profile/name")?.into_owned())).collect()
}

/// The value of a name in an expression (Okta's documentation of its expression language).
fn attribute(name: &str, client: &Client, user: Option<User<'_>>) -> Option<Value> {
    let (about, member) = name.split_once('.').unwrap_or((name, ""));
    match (about, member) {
        ("user" | "appuser", "") => user.map(|_| json!({})),
        ("app", "clientId" | "id") => Some(json!(client.id)),
        ("app", "name" | "label") => Some(json!(client.sign_in.label)),
        ("appuser", "userName") => Some(json!(user?.login())),
        ("user", "id") => Some(json!(user?.id())),
        ("user", "status") => Some(json!(user?.status())),
        ("user" | "appuser", member) => user?.profile(member.strip_prefix("profile.").unwrap_or(member)),
        _ => None,
    }
}
