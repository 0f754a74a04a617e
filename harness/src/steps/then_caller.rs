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
