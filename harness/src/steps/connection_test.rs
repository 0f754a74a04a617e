//! What a customer learns when they press the button that tests a connection.

use std::collections::BTreeSet;

use cucumber::{then, when};

use crate::{
    client::protocol::{Found, Op, Outcome},
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
};

/// The button.
#[when("the client tests its connection")]
async fn tests_its_connection(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::TestConnection).await.map(drop)
}

/// It is pressed often, and costs the limits of the whole org.
#[then("the org saw one call for each scope at most, each for one element")]
async fn cheap_calls(world: &mut World) -> Result<(), Stop> {
    let scopes = world.scopes.as_ref().map_or(0, Vec::len);
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let costly = calls.iter().find(|call| call.request.query("limit").as_deref() != Some("1"));
    let observed = match costly {
        Some(call) => format!("{} {}", call.request.method, call.request.target),
        None => format!("{}, each for one element", count::of(calls.len(), "call")),
    };
    let seq = costly.or_else(|| calls.get(scopes)).map(|call| call.seq);
    let holds = costly.is_none() && (1..=scopes).contains(&calls.len());
    let expected = format!("1 to {scopes} calls, each with limit=1");
    world.judge_at("cheap-calls", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// What the customer is told of each of these scopes.
#[then(regex = r#"^the caller (?:learnt|was told) that "([^"]+)" (works|is missing|lacks a role)$"#)]
async fn scopes_found(world: &mut World, scopes: String, found: String) -> Result<(), Stop> {
    let outcome = world.last()?.outcome;
    let told = match &outcome {
        Outcome::Ok(achieved) => achieved.findings.clone().unwrap_or_default(),
        _ => Vec::new(),
    };
    let of = |wanted: &dyn Fn(Found) -> bool| -> BTreeSet<&str> {
        told.iter().filter(|one| wanted(one.found)).map(|one| one.scope.as_str()).collect()
    };
    let wanted: BTreeSet<&str> = scopes.split_whitespace().collect();
    let holds = of(&|one| one.words() == found) == wanted;
    let words: Vec<String> = told.iter().map(|one| format!("{} {}", one.scope, one.found.words())).collect();
    let observed = if words.is_empty() { outcome.words() } else { words.join(", ") };
    let expected = format!("of {scopes} and of no other: {found}");
    world.judge("scopes-found", holds, expected, observed, Witness::ClientSays);
    Ok(())
}
