//! What the caller got. Only the client can say; the number that it should be comes from what the org sent.

use std::collections::BTreeSet;

use cucumber::then;

use crate::{
    client::protocol::Outcome,
    suite::{
        outcome::Witness,
        world::{Stop, World, elements},
    },
};

/// The elements of all pages that the org sent, each once.
#[then("the caller received every user that the org sent, each once")]
async fn received_every_user(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    if ledger.calls_of("/api/v1/users").iter().any(|page| page.response.body_truncated) {
        return Err(world.untestable("pages that the ledger keeps whole; let the org serve smaller ones"));
    }
    let sent: BTreeSet<String> = ledger
        .calls_of("/api/v1/users")
        .iter()
        .flat_map(|page| {
            elements(&page.response.json()).iter().map(|user| user["id"].to_string()).collect::<Vec<_>>()
        })
        .collect();
    let (holds, observed) = match world.last()?.outcome {
        Outcome::Ok(achieved) => {
            let values = achieved.values.unwrap_or_default();
            let received: BTreeSet<String> = values.iter().map(ToString::to_string).collect();
            let twice = values.len() - received.len();
            (
                received == sent && twice == 0 && !sent.is_empty(),
                format!(
                    "{} users, {twice} of them twice, {} missing",
                    received.len(),
                    sent.difference(&received).count()
                ),
            )
        }
        other => (false, other.words()),
    };
    world.judge(
        "every-element-once",
        holds,
        format!("{} users, each once", sent.len()),
        observed,
        Witness::ClientSays,
    );
    Ok(())
}

/// Success in the client's own words.
#[then("the caller received what it asked for")]
async fn received(world: &mut World) -> Result<(), Stop> {
    let outcome = world.last()?.outcome;
    world.judge(
        "reported-ok",
        matches!(outcome, Outcome::Ok(_)),
        "the client reports success",
        outcome.words(),
        Witness::ClientSays,
    );
    Ok(())
}

/// The scopes that the org gave, which may be fewer than were asked for.
#[then("the caller learnt which scopes the token has")]
async fn learnt_scopes(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let issued = ledger.token_requests().last().and_then(|request| request.client.issued.clone());
    let given: BTreeSet<String> =
        issued.map(|issued| issued.scopes.into_iter().collect()).unwrap_or_default();
    let outcome = world.last()?.outcome;
    let told: BTreeSet<String> = match &outcome {
        Outcome::Ok(achieved) => achieved.scope.clone().unwrap_or_default().into_iter().collect(),
        _ => BTreeSet::new(),
    };
    let words = |scopes: &BTreeSet<String>| scopes.iter().cloned().collect::<Vec<_>>().join(" ");
    world.judge(
        "scopes-of-the-token",
        !given.is_empty() && given == told,
        format!("the scopes that the org gave: {}", words(&given)),
        if told.is_empty() { outcome.words() } else { words(&told) },
        Witness::ClientSays,
    );
    Ok(())
}
