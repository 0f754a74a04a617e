//! One intent of the client.

use cucumber::when;

use crate::{
    client::protocol::Op,
    suite::world::{Stop, World},
};

/// A token, from the cache or from the org.
#[when("the client gets a token")]
async fn gets_a_token(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::GetToken).await.map(drop)
}

/// The whole collection of users.
#[when("the client lists all users")]
async fn lists_all_users(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::list_all("/api/v1/users")).await.map(drop)
}

/// One page of users.
#[when("the client reads users")]
async fn reads_users(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get("/api/v1/users?limit=2")).await.map(drop)
}
