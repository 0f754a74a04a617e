//! What a client did about an answer that was ill. The faults are named in the org's record.

use cucumber::then;

use super::given_faults::STRANGER;
use crate::{
    client::{Heard, protocol::Outcome},
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::Exchange,
};

/// What was the matter, and how often the client met it.
#[then(regex = r"^the client met that (once|twice|three times|four times)$")]
async fn met(world: &mut World, wanted: String) -> Result<(), Stop> {
    let wanted = match wanted.as_str() {
        "once" => 1,
        "twice" => 2,
        "three times" => 3,
        _ => 4,
    };
    let ledger = world.ledger().await?;
    let seen = ledger.ill().count();
    world.judge(
        "met-the-fault",
        seen == wanted,
        format!("{} that {} ill", count::of(wanted, "answer"), if wanted == 1 { "was" } else { "were" }),
        format!(
            "{seen} of {} {}",
            count::of(ledger.0.len(), "answer"),
            if seen == 1 { "was" } else { "were" }
        ),
        Witness::Ledger,
    );
    Ok(())
}

/// The same method and address again, and then an answer that is well.
#[then("the org saw the client repeat the call until it got through")]
async fn repeated(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let ill = ledger.ill().next_back();
    let again = ill.and_then(|ill| {
        let same = |exchange: &&&Exchange| {
            exchange.request.method == ill.request.method && exchange.request.target == ill.request.target
        };
        let after = ledger.after(ill.seq);
        after.iter().find(same).map(|exchange| (exchange.seq, exchange.response.status))
    });
    let observed = match (ill, again) {
        (None, _) => "no answer was ill".to_owned(),
        (_, None) => "the call was given up".to_owned(),
        (_, Some((_, status))) => format!("repeated, and answered with {status}"),
    };
    let holds = again.is_some_and(|(_, status)| (200..300).contains(&status));
    let seq = again.map(|(seq, _)| seq);
    world.judge_at("repeated", holds, "the same call again, with success", observed, Witness::Ledger, seq);
    Ok(())
}

/// Somebody who is told nothing takes what they have for the truth.
#[then("the caller was told that it failed")]
async fn told_of_failure(world: &mut World) -> Result<(), Stop> {
    if !world.hears("told-of-failure", Heard::Success)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let holds = matches!(outcome, Outcome::Refused(_));
    world.judge(
        "told-of-failure",
        holds,
        "the client reports a failure",
        outcome.words(),
        Witness::ClientSays,
    );
    Ok(())
}

/// Neither more nor fewer.
#[then(regex = r"^the org saw (\d+) calls? of it$")]
async fn calls_of_it(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let path = world.last_path()?;
    let after = world.last()?.after;
    let seen = ledger.calls_after(&path, after).len();
    let (expected, observed) = (format!("{} of {path}", count::of(wanted, "call")), count::of(seen, "call"));
    world.judge("calls-of-it", seen == wanted, expected, observed, Witness::Ledger);
    Ok(())
}

/// Whatever repeats an attempt stops: a handful, no flood.
#[then("the org saw a handful of attempts, and then none")]
async fn a_handful(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let seen = ledger.ill().count();
    let observed = count::of(seen, "attempt");
    world.judge("a-handful", (1..=8).contains(&seen), "1 to 8 attempts", observed, Witness::Ledger);
    Ok(())
}

/// The token goes to nobody but the org.
#[then("the org saw the client stay with the address that it was given")]
async fn followed_no_stranger(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let met = ledger.ill().next().is_some();
    let astray = ledger
        .0
        .iter()
        .find(|exchange| exchange.request.headers("host").any(|host| host.starts_with(STRANGER)));
    let observed = match astray {
        Some(exchange) => format!("{} asked for at another origin", exchange.request.target),
        None => format!(
            "{}, all at the given one; a link led elsewhere: {met}",
            count::of(ledger.0.len(), "request")
        ),
    };
    let seq = astray.map(|exchange| exchange.seq);
    let holds = met && astray.is_none();
    world.judge_at("no-stranger", holds, "no request to another origin", observed, Witness::Ledger, seq);
    Ok(())
}
