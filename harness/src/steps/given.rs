//! The world before: an org, and what the client has done so far.

use cucumber::given;
use serde_json::json;

use super::org;
use crate::{
    client::protocol::{Op, Outcome},
    suite::world::{Stop, World},
    target::second_address::SecondAddress,
};

/// The org of `steps/org.rs`: six people, three groups, a service app and an installed integration that may read.
#[given("an org")]
async fn an_org(world: &mut World) {
    org::draft(world);
}

/// The same org, whose pages hold few elements, so that a small collection has several.
#[given(expr = "an org that serves pages of {int}")]
async fn an_org_with_small_pages(world: &mut World, page: usize) {
    org::draft(world);
    world.draft.max_page = Some(page);
}

/// The same org at an address with TLS; its certificate is signed by an authority that the client is given.
#[given("an org that is reached by TLS")]
async fn an_org_by_tls(world: &mut World) {
    org::draft(world);
    world.draft.tls = true;
}

/// The same, whose pages hold few elements.
#[given(expr = "an org that is reached by TLS and serves pages of {int}")]
async fn an_org_by_tls_with_small_pages(world: &mut World, page: usize) {
    an_org_by_tls(world).await;
    world.draft.max_page = Some(page);
}

/// The client is given an address that is not the one in the org's links.
#[given("an org whose next pages are at another origin than the client calls")]
async fn links_elsewhere(world: &mut World) -> Result<(), Stop> {
    let base_url = world.plain_address().await?;
    let address = match SecondAddress::of(&base_url).await {
        Ok(address) => address,
        Err(error) => return Err(world.broke("second-address", error.to_string())),
    };
    world.poison.passage("an address at which the org is not");
    // The edit keeps the address open for as long as the scenario lives.
    world.edits.push(Box::new(move |connection| {
        connection.org_url.clone_from(&address.url);
        connection.issuer.clone_from(&address.url);
    }));
    Ok(())
}

/// As in Okta, where what was written is found some time later.
#[given(expr = "searches lag behind writes by {int} seconds")]
async fn searches_lag(world: &mut World, seconds: u32) {
    org::draft(world)["search_lag_seconds"] = json!(seconds);
}

/// Somebody who has left: deactivated, and so in no plain list.
#[given("a person who has left the company")]
async fn a_leaver(world: &mut World) {
    let leaver = org::person("leaver", "DEPROVISIONED", &json!([]));
    if let Some(users) = org::draft(world)["users"].as_array_mut() {
        users.push(leaver);
    }
}

/// A token in the client's cache.
#[given("a client that has a token")]
async fn has_a_token(world: &mut World) -> Result<(), Stop> {
    expect_ok(world, Op::GetToken).await
}

/// Nothing in the client's cache, as after a restart.
#[given("a client that has forgotten its token")]
async fn has_forgotten_its_token(world: &mut World) -> Result<(), Stop> {
    expect_ok(world, Op::ForgetToken).await
}

/// No access token issued so far is accepted any longer.
#[given("a client whose token the org no longer accepts")]
async fn expired_token(world: &mut World) -> Result<(), Stop> {
    expect_ok(world, Op::GetToken).await?;
    let org = world.org().await?;
    let expired = org.expire_tokens().await;
    world.need(expired)
}

/// Time passes for the org and for the client.
#[given(expr = "{int} minutes have passed")]
async fn time_passed(world: &mut World, minutes: u64) -> Result<(), Stop> {
    let org = world.org().await?;
    let moved = org.advance_clock(minutes * 60).await;
    world.need(moved)?;
    world.perform(Op::AdvanceClock { ms: minutes * 60_000 }).await.map(drop)
}

/// The two clocks disagree: for the client it is as if its own were wrong the other way round.
#[given(regex = r"^the client's clock is (\d+) minutes (ahead of|behind) the org's$")]
async fn wrong_clock(world: &mut World, minutes: i64, way: String) -> Result<(), Stop> {
    let org = world.org().await?;
    let seconds = if way == "behind" { minutes * 60 } else { -minutes * 60 };
    let moved = org.shift_clock(seconds).await;
    world.need(moved)
}

/// A bucket that is soon empty. A client whose clock cannot be moved gets a short window, since it waits in real time.
#[given(expr = "an org that allows {int} calls of the bucket {string} per window")]
async fn short_window(world: &mut World, limit: u64, bucket: String) -> Result<(), Stop> {
    let window = match (world.can("clock.inject"), limit) {
        (true, _) => 60,
        (false, 0) => 1,
        // Long enough for the few calls that empty it.
        (false, _) => 3,
    };
    set_bucket(world, &bucket, limit, window).await
}

/// A bucket for scenarios in which nobody waits.
#[given(expr = "an org that allows {int} calls of the bucket {string} per minute")]
async fn minute(world: &mut World, limit: u64, bucket: String) -> Result<(), Stop> {
    set_bucket(world, &bucket, limit, 60).await
}

async fn set_bucket(world: &mut World, bucket: &str, limit: u64, window: u64) -> Result<(), Stop> {
    let org = world.org().await?;
    let buckets = json!({ bucket: { "limit": limit, "window_seconds": window } });
    let set = org.set_buckets(&buckets).await;
    world.need(set)
}

/// One call that succeeds.
#[given("the client has read users once")]
async fn has_read_users(world: &mut World) -> Result<(), Stop> {
    expect_ok(world, Op::get("/api/v1/users?limit=1")).await
}

/// What must work before the scenario can show anything.
pub(super) async fn expect_ok(world: &mut World, op: Op) -> Result<(), Stop> {
    match world.perform(op.clone()).await? {
        Outcome::Ok(_) => Ok(()),
        other => Err(world.untestable(format!("`{}` before the scenario: {}", op.name(), other.words()))),
    }
}
