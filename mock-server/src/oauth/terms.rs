//! What the access policies of a server say to a request: whether it is let in, and how long its tokens last. The org's
//! own server has no policies, and its lifetimes are fixed (token-facts §13).

use std::sync::Arc;

use super::mint::LIFETIME;
use super::server::Known;
use super::store::refresh_tokens;
use super::user::User;
use crate::org::authorization_server::{Person, Wish};
use crate::org::client::Client;
use crate::org::state::OrgState;

/// How long tokens last, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    /// An access token.
    pub(super) access: i64,
    /// A refresh token and those that follow from it.
    pub(super) refresh: i64,
    /// A refresh token that nobody uses.
    pub(super) idle: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { access: LIFETIME, refresh: refresh_tokens::LIFETIME, idle: refresh_tokens::IDLE }
    }
}

/// A lifetime without an end is a hundred years: times of that kind are still written with four digits.
const FOR_EVER: i64 = 100 * 365 * 86_400;

/// The terms for a request; none when no rule lets it in.
pub(super) fn of(
    server: &Known,
    state: &OrgState,
    client: &Client,
    grant: &str,
    user: Option<User<'_>>,
    scopes: &[Arc<str>],
) -> Option<Terms> {
    let Known::Custom(server) = server else { return Some(Terms::default()) };
    let is_in = |group: &str| user.is_some_and(|user| state.is_related("members", group, user.id()));
    let user = user.as_ref().map(|user| Person { id: user.id(), is_in: &is_in });
    let rule = server.rule_for(&Wish { client: &client.id, grant, user, scopes })?;
    Some(Terms {
        access: rule.access_seconds,
        refresh: rule.refresh_seconds.unwrap_or(FOR_EVER),
        idle: rule.window_seconds,
    })
}
