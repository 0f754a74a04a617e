//! The world before: an org, and what is the matter with it.

use cucumber::given;
use serde_json::json;

use crate::suite::world::{Stop, World};

/// The built-in `dev` org.
#[given("an org")]
async fn an_org(world: &mut World) -> Result<(), Stop> {
    world.org().await.map(drop)
}

/// The `dev` org whose pages hold few elements, so that a small collection has several.
#[given(expr = "an org that serves pages of {int}")]
async fn an_org_with_small_pages(world: &mut World, page: usize) -> Result<(), Stop> {
    world.draft.max_page = Some(page);
    world.org().await.map(drop)
}

/// No access token issued so far is accepted any longer.
#[given("a client whose token the org no longer accepts")]
async fn expired_token(world: &mut World) -> Result<(), Stop> {
    use crate::client::protocol::Op;
    world.perform(Op::GetToken).await?;
    let org = world.org().await?;
    let expired = org.expire_tokens().await;
    world.need(expired)
}

/// A bucket for lists of users that is soon empty. A client whose clock cannot be moved gets a short window, since
/// it waits in real time.
#[given(expr = "an org that allows {int} calls of the list of users per window")]
async fn small_bucket(world: &mut World, limit: u64) -> Result<(), Stop> {
    let window = if world.can("clock.inject") { 60 } else { 2 };
    let org = world.org().await?;
    let buckets = json!({ "/api/v1/users": { "limit": limit, "window_seconds": window } });
    let set = org.set_buckets(&buckets).await;
    world.need(set)
}
