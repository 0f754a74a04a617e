//! What became of things: as the caller was told, and as an administrator finds them in the org afterwards.

use std::collections::BTreeSet;

use cucumber::then;
use serde_json::Value;

use super::{
    acting::{administer, id_of, name_there},
    thing::{self, Kind, Thing, Things},
};
use crate::{
    client::{
        Heard,
        protocol::{Achieved, Outcome},
    },
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
};

/// The ids of what the caller received: of each element of a page or a list, or of the one object.
fn received_ids(outcome: &Outcome) -> Option<Vec<String>> {
    let ids = |values: &[Value]| {
        let id = |value: &Value| value.as_str().or(value["id"].as_str()).map(ToOwned::to_owned);
        values.iter().filter_map(id).collect()
    };
    match outcome {
        Outcome::Ok(Achieved { values: Some(values), .. }) => Some(ids(values)),
        Outcome::Ok(Achieved { body: Some(Value::Array(values)), .. }) => Some(ids(values)),
        Outcome::Ok(Achieved { body: Some(one), .. }) => Some(ids(std::slice::from_ref(one))),
        _ => None,
    }
}

async fn ids_of(world: &mut World, kind: Kind, names: &str) -> Result<Vec<String>, Stop> {
    let mut ids = Vec::new();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        ids.push(id_of(world, kind, name).await?);
    }
    Ok(ids)
}

/// These and no others, in any order.
#[then(expr = "the caller received exactly the {things} {string}")]
async fn received_exactly(world: &mut World, things: Things, names: String) -> Result<(), Stop> {
    if !world.hears("received-exactly", Heard::Items)? {
        return Ok(());
    }
    let wanted: BTreeSet<String> = ids_of(world, things.0, &names).await?.into_iter().collect();
    let outcome = world.last()?.outcome;
    let received = received_ids(&outcome);
    let twice = received.as_ref().is_some_and(|ids| ids.len() > ids.iter().collect::<BTreeSet<_>>().len());
    let received: Option<BTreeSet<String>> = received.map(|ids| ids.into_iter().collect());
    let words = |ids: &BTreeSet<String>| ids.iter().cloned().collect::<Vec<_>>().join(" ");
    let observed = received.as_ref().map_or_else(|| outcome.words(), words);
    let holds = received.as_ref() == Some(&wanted) && !twice;
    world.judge("received-exactly", holds, words(&wanted), observed, Witness::ClientSays);
    Ok(())
}

/// These, one after the other.
#[then(expr = "the caller received the {things} {string} in this order")]
async fn received_in_order(world: &mut World, things: Things, names: String) -> Result<(), Stop> {
    if !world.hears("received-in-order", Heard::Items)? {
        return Ok(());
    }
    let wanted = ids_of(world, things.0, &names).await?;
    let outcome = world.last()?.outcome;
    let received = received_ids(&outcome);
    let observed = received.as_ref().map_or_else(|| outcome.words(), |ids| ids.join(" "));
    let holds = received.as_ref() == Some(&wanted);
    world.judge("received-in-order", holds, wanted.join(" "), observed, Witness::ClientSays);
    Ok(())
}

/// That one.
#[then(expr = "the caller received the {thing} {string}")]
async fn received_it(world: &mut World, thing: Thing, name: String) -> Result<(), Stop> {
    if !world.hears("received-it", Heard::Items)? {
        return Ok(());
    }
    // What was made under the eyes of this scenario has its id from the org's own record.
    let wanted = id_of(world, thing.0, &name).await?;
    let outcome = world.last()?.outcome;
    let body = match &outcome {
        Outcome::Ok(Achieved { body: Some(body), .. }) => Some(body["id"].as_str().unwrap_or_default()),
        _ => None,
    };
    let observed = body.map_or_else(|| outcome.words(), ToOwned::to_owned);
    world.judge("received-it", body == Some(&wanted), wanted, observed, Witness::ClientSays);
    Ok(())
}

/// An attribute of what the caller received.
#[then(expr = "the caller learnt that {string} is {string}")]
async fn learnt(world: &mut World, attribute: String, value: String) -> Result<(), Stop> {
    if !world.hears("learnt", Heard::Items)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let wanted = thing::value(&value);
    let seen = match &outcome {
        Outcome::Ok(Achieved { body: Some(body), .. }) => body.pointer(&thing::pointer(&attribute)).cloned(),
        _ => None,
    };
    let observed = match (&seen, &outcome) {
        (Some(seen), _) => seen.to_string(),
        (None, Outcome::Ok(_)) => format!("success without {attribute}"),
        (None, other) => other.words(),
    };
    let expected = format!("{attribute} is {wanted}");
    world.judge("learnt", seen.as_ref() == Some(&wanted), expected, observed, Witness::ClientSays);
    Ok(())
}

/// An empty object, or no body at all: both are success.
#[then(regex = "^the caller received (an empty object|an answer without a body)$")]
async fn received_empty(world: &mut World, what: String) -> Result<(), Stop> {
    if !world.hears("received-empty", Heard::Items)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let holds = match &outcome {
        Outcome::Ok(Achieved { body: Some(Value::Object(body)), .. }) => {
            what == "an empty object" && body.is_empty()
        }
        Outcome::Ok(Achieved { body: None | Some(Value::Null), .. }) => what != "an empty object",
        _ => false,
    };
    let observed = match &outcome {
        Outcome::Ok(Achieved { body: Some(body), .. }) => body.to_string(),
        other => other.words(),
    };
    world.judge("received-empty", holds, what, observed, Witness::ClientSays);
    Ok(())
}

/// As an administrator reads it afterwards.
#[then(expr = "the org has the {thing} {string} whose {string} is {string}")]
async fn org_has(
    world: &mut World,
    thing: Thing,
    name: String,
    attribute: String,
    value: String,
) -> Result<(), Stop> {
    let id = id_of(world, thing.0, &name).await?;
    let found = administer(world, "GET", &format!("{}/{id}", thing.0.path()), None).await?;
    let wanted = thing::value(&value);
    let seen = found.pointer(&thing::pointer(&attribute)).cloned().unwrap_or_default();
    let expected = format!("{attribute} is {wanted}");
    world.judge("org-has", seen == wanted, expected, seen.to_string(), Witness::Ledger);
    Ok(())
}

/// As an administrator finds them afterwards.
#[then(regex = r#"^the org has (\d+|no) ([a-z -]+) named "([^"]+)"$"#)]
async fn org_has_named(world: &mut World, count: String, things: String, name: String) -> Result<(), Stop> {
    let words = things.trim_end_matches('s');
    let kind = things.parse::<Things>().map(|things| things.0);
    let kind = kind.or_else(|_| words.parse::<Thing>().map(|thing| thing.0));
    let kind = kind.map_err(|cause| world.broke("step", cause))?;
    let wanted: usize = count.parse().unwrap_or(0);
    let there = name_there(world, &name);
    let list = administer(world, "GET", kind.list(), None).await?;
    let seen = kind.elements(&list).iter().filter(|one| kind.name_of(one) == there).count();
    let expected = format!("{wanted} named {name:?}");
    world.judge("org-has-named", seen == wanted, expected, format!("{seen}"), Witness::Ledger);
    Ok(())
}

/// Everybody in a group, as an administrator finds them afterwards.
#[then(expr = "the org has exactly the users {string} in the group {string}")]
async fn org_has_members(world: &mut World, users: String, group: String) -> Result<(), Stop> {
    let wanted: BTreeSet<String> = ids_of(world, Kind::User, &users).await?.into_iter().collect();
    let group = id_of(world, Kind::Group, &group).await?;
    let list = administer(world, "GET", &format!("/api/v1/groups/{group}/users"), None).await?;
    let id = |user: &Value| user["id"].as_str().map(ToOwned::to_owned);
    let seen: BTreeSet<String> = list.as_array().into_iter().flatten().filter_map(id).collect();
    let words = |ids: &BTreeSet<String>| ids.iter().cloned().collect::<Vec<_>>().join(" ");
    world.judge("org-has-members", seen == wanted, words(&wanted), words(&seen), Witness::Ledger);
    Ok(())
}
