//! Lists as far as somebody wants to see them: `search`, `filter`, `q`, an order.

use std::str::FromStr;

use cucumber::{Parameter, when};

use super::thing::{Kind, Things};
use crate::{
    client::protocol::Op,
    suite::world::{Stop, World},
};

/// `{asked}`: the parameter that says what is wanted.
#[derive(Debug, Clone, Parameter)]
#[param(name = "asked", regex = "search|filter|q")]
struct Asked(String);

impl FromStr for Asked {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        Ok(Self(words.to_owned()))
    }
}

fn asking(kind: Kind, parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{}?{query}", kind.path())
}

/// A page of what is wanted.
#[when(expr = "the client reads {things} found by {asked} {string}")]
async fn finds(world: &mut World, things: Things, asked: Asked, text: String) -> Result<(), Stop> {
    world.perform(Op::get(asking(things.0, &[(&asked.0, &text)]))).await.map(drop)
}

/// All of what is wanted.
#[when(expr = "the client lists all {things} found by {asked} {string}")]
async fn finds_all(world: &mut World, things: Things, asked: Asked, text: String) -> Result<(), Stop> {
    world.perform(Op::list_all(asking(things.0, &[(&asked.0, &text)]))).await.map(drop)
}

/// Both at once, which Okta does not take.
#[when(expr = "the client reads {things} found by search {string} and by filter {string}")]
async fn finds_by_both(
    world: &mut World,
    things: Things,
    search: String,
    filter: String,
) -> Result<(), Stop> {
    world.perform(Op::get(asking(things.0, &[("search", &search), ("filter", &filter)]))).await.map(drop)
}

/// In an order.
#[when(expr = "the client lists all {things} found by search {string}, in {word} order of {string}")]
async fn finds_in_order(
    world: &mut World,
    things: Things,
    search: String,
    order: String,
    attribute: String,
) -> Result<(), Stop> {
    let order = if order == "descending" { "desc" } else { "asc" };
    let parameters = [("search", search.as_str()), ("sortBy", &attribute), ("sortOrder", order)];
    world.perform(Op::list_all(asking(things.0, &parameters))).await.map(drop)
}
