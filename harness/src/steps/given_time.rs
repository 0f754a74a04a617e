//! The org's clock: set, stopped, let run.

use cucumber::given;
use serde_json::{Value, json};

use crate::suite::world::{Stop, World};

async fn set(world: &mut World, setting: Value) -> Result<(), Stop> {
    let org = world.org().await?;
    let set = org.set_clock(&setting).await;
    world.need(set)
}

/// A moment, RFC 3339.
#[given(expr = "the org's clock says {string}")]
async fn says(world: &mut World, now: String) -> Result<(), Stop> {
    set(world, json!({ "now": now })).await
}

/// A moment that does not pass.
#[given(expr = "the org's clock stands at {string}")]
async fn stands_at(world: &mut World, now: String) -> Result<(), Stop> {
    set(world, json!({ "now": now, "frozen": true })).await
}

/// Half a minute from now, for as long as nobody lets it run: the client's own clock goes on, and an assertion that it
/// signs a second later must not be one from the org's future.
#[given("the org's clock stands still")]
async fn stands(world: &mut World) -> Result<(), Stop> {
    set(world, json!({ "advance_seconds": 30, "frozen": true })).await
}

/// It goes on from where it stood.
#[given("the org's clock runs again")]
async fn runs(world: &mut World) -> Result<(), Stop> {
    set(world, json!({ "frozen": false })).await
}

/// Only the org's time: the client knows nothing of it.
#[given(expr = "{int} minutes have passed for the org alone")]
async fn passed_for_the_org(world: &mut World, minutes: i64) -> Result<(), Stop> {
    set(world, json!({ "advance_seconds": minutes * 60 })).await
}

/// Back to its document, and to real time.
#[given("the org was reset")]
async fn was_reset(world: &mut World) -> Result<(), Stop> {
    let org = world.org().await?;
    let reset = org.reset().await;
    world.need(reset)
}
