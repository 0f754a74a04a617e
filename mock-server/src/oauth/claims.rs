//! What the claims of a custom server say of a user and a client in one token.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::server::Known;
use super::user::User;
use crate::expression::Subject;
use crate::org::authorization_server::Claim;
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
    let about = About { state, client, user };
    wanted.filter_map(|claim| Some((claim.name.clone(), claim.value(scopes, &about)?))).collect()
}

/// What an expression may name (Okta's documentation of its expression language).
struct About<'a> {
    state: &'a OrgState,
    client: &'a Client,
    user: Option<User<'a>>,
}

impl Subject for About<'_> {
    fn attribute(&self, name: &str) -> Value {
        let Some(user) = self.user else { return Value::Null };
        match name {
            "id" => json!(user.id()),
            "status" => json!(user.status()),
            name => user.profile(name).unwrap_or_default(),
        }
    }

    /// Oldest group first.
    fn groups(&self) -> Vec<(String, String)> {
        let Some(user) = self.user else { return Vec::new() };
        let ids = self.state.holders("members", user.id(), None);
        let name = |id: &Arc<str>| Some(self.state.get("groups", id)?.text("/profile/name")?.into_owned());
        ids.filter_map(|id| Some((id.to_string(), name(id)?))).collect()
    }

    fn named(&self, name: &str) -> Value {
        let user = |member: &dyn Fn(User<'_>) -> Value| self.user.map_or(Value::Null, member);
        match name {
            "user" | "appuser" => user(&|_| json!({})),
            "app.clientId" | "app.id" => json!(self.client.id),
            "app.name" | "app.label" => json!(self.client.sign_in.label),
            "appuser.userName" => user(&|user| json!(user.login())),
            name => match name.strip_prefix("appuser.") {
                Some(member) => self.attribute(member),
                None => Value::Null,
            },
        }
    }
}
