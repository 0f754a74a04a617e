//! What the caller got. Only the client can say; the number that it should be comes from what the org sent.

use std::collections::BTreeSet;

use cucumber::then;

use super::org;
use crate::{
    client::{Heard, protocol::Outcome},
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World, elements},
    },
};

/// The elements of all pages that the org sent, each once.
#[then("the caller received everything that the org sent, each once")]
async fn received_everything(world: &mut World) -> Result<(), Stop> {
    if !world.hears("every-element-once", Heard::Items)? {
        return Ok(());
    }
    let ledger = world.ledger().await?;
    let path = world.last_path()?;
    if ledger.calls_of(&path).iter().any(|page| page.response.body_truncated) {
        return Err(world.untestable("pages that the ledger keeps whole; let the org serve smaller ones"));
    }
    let sent: BTreeSet<String> = ledger
        .calls_of(&path)
        .iter()
        // What a fault kept back was not sent.
        .filter(|page| page.sent.is_none())
        .flat_map(|page| {
            elements(&page.response.json()).iter().map(|user| user["id"].to_string()).collect::<Vec<_>>()
        })
        .collect();
    let (holds, observed) = match world.last()?.outcome {
        Outcome::Ok(achieved) => {
            // One page is handed over as it is.
            let page = achieved.body.as_ref().map(elements).unwrap_or_default();
            let ids = || page.iter().map(|element| element["id"].clone()).collect();
            let values = achieved.values.unwrap_or_else(ids);
            let received: BTreeSet<String> = values.iter().map(ToString::to_string).collect();
            let twice = values.len() - received.len();
            (
                received == sent && twice == 0 && !sent.is_empty(),
                format!(
                    "{}, {twice} of them twice, {} missing",
                    count::of(received.len(), "element"),
                    sent.difference(&received).count()
                ),
            )
        }
        other => (false, other.words()),
    };
    world.judge(
        "every-element-once",
        holds,
        format!("{}, each once", count::of(sent.len(), "element")),
        observed,
        Witness::ClientSays,
    );
    Ok(())
}

/// Success in the client's own words.
#[then("the caller received what it asked for")]
async fn received(world: &mut World) -> Result<(), Stop> {
    if !world.hears("reported-ok", Heard::Success)? {
        return Ok(());
    }
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
    if !world.hears("scopes-of-the-token", Heard::Scopes)? {
        return Ok(());
    }
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

/// How many elements the caller got, whether it asked for a page or for everything.
#[then(regex = r"^the caller received (\d+) (?:[a-z]+ )?[a-z]+$")]
async fn received_count(world: &mut World, wanted: usize) -> Result<(), Stop> {
    if !world.hears("received", Heard::Items)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let received = match &outcome {
        Outcome::Ok(achieved) => {
            achieved.count.or_else(|| achieved.body.as_ref().and_then(|body| body.as_array().map(Vec::len)))
        }
        _ => None,
    };
    let observed = received.map_or_else(|| outcome.words(), |number| count::of(number, "element"));
    let expected = count::of(wanted, "element");
    world.judge("received", received == Some(wanted), expected, observed, Witness::ClientSays);
    Ok(())
}

/// The client's own error names the org's: the same status, the same code. A client may leave one of them out.
#[then("the caller was told so")]
async fn told_so(world: &mut World) -> Result<(), Stop> {
    if !world.hears("told", Heard::Error)? {
        return Ok(());
    }
    let ledger = world.ledger().await?;
    let doing = world.last()?;
    let after = ledger.after(doing.after);
    let Some(refusal) =
        after.iter().rev().find(|exchange| exchange.response.is_refusal() && !exchange.is_bystander())
    else {
        world.judge("told", false, "a refusal by the org", "the org refused nothing", Witness::Ledger);
        return Ok(());
    };
    let (status, code) = (refusal.response.status, refusal.response.error_code());
    let holds = match &doing.outcome {
        Outcome::Refused(told) => {
            let told_code =
                told.error.as_ref().and_then(|error| error.code.as_deref()).filter(|code| !code.is_empty());
            told.status.is_none_or(|told| told == status)
                && told_code.is_none_or(|told| Some(told) == code.as_deref())
                && (told.status.is_some() || told_code.is_some())
        }
        _ => false,
    };
    let expected =
        format!("refused with {status}{}", code.map(|code| format!(", {code}")).unwrap_or_default());
    let seq = Some(refusal.seq);
    world.judge_at("told", holds, expected, doing.outcome.words(), Witness::ClientSays, seq);
    Ok(())
}

/// How long the client takes its token to be good.
#[then(expr = "the caller learnt that the token is good for about {int} seconds")]
async fn learnt_lifetime(world: &mut World, seconds: i64) -> Result<(), Stop> {
    if !world.hears("token-lifetime", Heard::Lifetime)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let told = match &outcome {
        Outcome::Ok(achieved) => achieved.expires_in,
        _ => None,
    };
    let holds = told.is_some_and(|told| (seconds - 120..=seconds).contains(&told));
    let observed = told.map_or_else(|| outcome.words(), |told| count::of(told, "second"));
    world.judge("token-lifetime", holds, format!("about {seconds} seconds"), observed, Witness::ClientSays);
    Ok(())
}

/// Either everything, or the truth that it is not everything.
#[then("the caller was not handed a part as if it were the whole")]
async fn no_part_as_whole(world: &mut World) -> Result<(), Stop> {
    if !world.hears("no-part-as-whole", Heard::Items)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let whole = org::PEOPLE;
    let holds = match &outcome {
        Outcome::Ok(achieved) => achieved.count == Some(whole),
        Outcome::Refused(_) => true,
        _ => false,
    };
    let expected = format!("{}, or an error", count::of(whole, "element"));
    world.judge("no-part-as-whole", holds, expected, outcome.words(), Witness::ClientSays);
    Ok(())
}
