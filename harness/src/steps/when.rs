//! One intent of the client.

use cucumber::when;
use serde_json::json;

use super::{
    acting::id_of,
    thing::{Kind, Things},
};
use crate::{
    client::protocol::Op,
    suite::world::{Stop, World},
};

/// A token, from the cache or from the org.
#[when("the client gets a token")]
async fn gets_a_token(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::GetToken).await.map(drop)
}

/// A whole collection.
#[when(expr = "the client lists all {things}")]
async fn lists_all(world: &mut World, things: Things) -> Result<(), Stop> {
    world.perform(Op::list_all(things.0.list())).await.map(drop)
}

/// A whole collection, in pages of a size that the client chose.
#[when(expr = "the client lists all users, {int} a page")]
async fn lists_with_limit(world: &mut World, limit: usize) -> Result<(), Stop> {
    world.perform(Op::list_all(format!("/api/v1/users?limit={limit}"))).await.map(drop)
}

/// The members of a group.
#[when(expr = "the client lists all members of the group {string}")]
async fn lists_members(world: &mut World, group: String) -> Result<(), Stop> {
    let path = format!("/api/v1/groups/{}/users", id_of(world, Kind::Group, &group).await?);
    world.perform(Op::list_all(path)).await.map(drop)
}

/// The members of a group, in pages of a size that the client chose.
#[when(expr = "the client lists all members of the group {string}, {int} a page")]
async fn lists_members_with_limit(world: &mut World, group: String, limit: usize) -> Result<(), Stop> {
    let path = format!("/api/v1/groups/{}/users?limit={limit}", id_of(world, Kind::Group, &group).await?);
    world.perform(Op::list_all(path)).await.map(drop)
}

/// One page of a collection, in the org's size.
#[when(expr = "the client reads {things}")]
async fn reads(world: &mut World, things: Things) -> Result<(), Stop> {
    world.perform(Op::get(things.0.list())).await.map(drop)
}

/// The System Log, from a week ago to now.
#[when("the client reads logs")]
async fn reads_logs(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get("/api/v1/logs")).await.map(drop)
}

/// The System Log, as far as it is of a type.
#[when(expr = "the client reads the events of the type {string}")]
async fn reads_events_of(world: &mut World, kind: String) -> Result<(), Stop> {
    reads_events(world, "filter", &format!("eventType eq \"{kind}\"")).await
}

/// The System Log, as far as a filter says.
#[when(expr = "the client reads events with the filter {string}")]
async fn reads_events_with(world: &mut World, filter: String) -> Result<(), Stop> {
    reads_events(world, "filter", &filter).await
}

/// The System Log up to a date.
#[when(expr = "the client reads events until {string}")]
async fn reads_events_until(world: &mut World, until: String) -> Result<(), Stop> {
    reads_events(world, "until", &until).await
}

async fn reads_events(world: &mut World, name: &str, value: &str) -> Result<(), Stop> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    world.perform(Op::get(format!("/api/v1/logs?{query}"))).await.map(drop)
}

/// One page of a size that the client chose.
#[when(expr = "the client reads users, {int} a page")]
async fn reads_with_limit(world: &mut World, limit: usize) -> Result<(), Stop> {
    world.perform(Op::get(format!("/api/v1/users?limit={limit}"))).await.map(drop)
}

/// A page at a cursor of the client's own making.
#[when("the client reads apps from a place of its own making")]
async fn reads_made_up_page(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get("/api/v1/apps?after=page-2")).await.map(drop)
}

/// As clients do that join paths and queries with a slash.
#[when("the client reads users with a slash too many")]
async fn reads_with_slash(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get("/api/v1/users/?limit=2")).await.map(drop)
}

/// One person by what they sign in with.
#[when(expr = "the client reads the user with the login {string}")]
async fn reads_user_by_login(world: &mut World, login: String) -> Result<(), Stop> {
    world.perform(Op::get(format!("/api/v1/users/{login}"))).await.map(drop)
}

/// Whoever the credentials belong to.
#[when("the client reads its own user")]
async fn reads_itself(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get("/api/v1/users/me")).await.map(drop)
}

/// A path below /api/v1 that no version of Okta has.
#[when("the client reads an address that Okta does not have")]
async fn reads_unknown_path(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::get("/api/v1/unicorns")).await.map(drop)
}

/// A path that Okta has, with a method that it does not offer there.
#[when("the client deletes the whole list of users")]
async fn deletes_the_list(world: &mut World) -> Result<(), Stop> {
    world
        .perform(Op::Call { method: "DELETE".to_owned(), path: "/api/v1/users".to_owned(), body: None })
        .await
        .map(drop)
}

/// A change.
#[when("the client creates a user")]
async fn creates_a_user(world: &mut World) -> Result<(), Stop> {
    let profile = json!({ "login": "new@example.com", "email": "new@example.com", "firstName": "New", "lastName": "Hire" });
    let body = Some(json!({ "profile": profile }));
    world
        .perform(Op::Call { method: "POST".to_owned(), path: "/api/v1/users".to_owned(), body })
        .await
        .map(drop)
}
