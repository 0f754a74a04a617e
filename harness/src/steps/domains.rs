//! The domain that a customer enters, and what a token is said to be.

use cucumber::{given, then};

use super::{given_sign_in::between, org};
use crate::{
    client::protocol::Outcome,
    count,
    suite::{
        outcome::Witness,
        world::{Domain, Stop, World},
    },
    target::second_address::Passage,
};

/// The client is handed these words for the org's address, and a proxy that leads from the host in them to the org.
#[given(expr = "the customer enters the domain {string}")]
async fn enters_the_domain(world: &mut World, entered: String) {
    let domain = Domain::entered(&entered);
    org::draft(world);
    world.draft.tls = true;
    world.draft.host_names.push(domain.host.clone());
    world.domain = Some(domain);
    world.setup_judged = true;
}

/// Not every server takes `//api` for `/api`.
#[then("the org saw every path with single slashes")]
async fn single_slashes(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let double = ledger.own().find(|exchange| exchange.request.path().contains("//"));
    let observed = match double {
        Some(exchange) => exchange.request.path().to_owned(),
        None => format!("so in {}", count::of(ledger.own().count(), "request")),
    };
    let seq = double.map(|exchange| exchange.seq);
    let holds = seq.is_none() && ledger.own().next().is_some();
    world.judge_at("single-slashes", holds, "paths without //", observed, Witness::Ledger, seq);
    Ok(())
}

/// In words that a customer understands: what was wrong about the address.
#[then("the caller was told that -admin is not the org")]
async fn told_of_the_admin_console(world: &mut World) -> Result<(), Stop> {
    let outcome = world.last()?.outcome;
    let message = match &outcome {
        Outcome::Refused(refused) => refused.error.as_ref().and_then(|error| error.message.clone()),
        _ => None,
    };
    let holds = message.is_some_and(|message| message.contains("-admin"));
    let expected = "a refusal whose message says that -admin is to be left out";
    world.judge("told-of-the-admin-console", holds, expected, outcome.words(), Witness::ClientSays);
    Ok(())
}

/// As an org does that asks for proofs of possession.
#[given("somebody on the way says that each token is bound to a key")]
async fn bound_to_a_key(world: &mut World) -> Result<(), Stop> {
    world.poison.passage("a token that is said to be bound to a key");
    let bind = |text: &str| text.replacen(r#""token_type":"Bearer""#, r#""token_type":"DPoP""#, 1);
    between(world, Passage { answer: bind, ..Passage::UNCHANGED }).await
}
