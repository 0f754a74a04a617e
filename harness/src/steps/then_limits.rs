//! What the org did about its limits.

use cucumber::then;

use super::then_org::after_reset;
use crate::suite::{
    outcome::Witness,
    world::{Stop, World},
};

/// Every call went through.
#[then(expr = "the org answered all {int} calls within the limit")]
async fn all_within(world: &mut World, calls: usize) -> Result<(), Stop> {
    let path = world.last_path()?;
    let ledger = world.ledger().await?;
    let answered: Vec<u16> = ledger
        .0
        .iter()
        .filter(|exchange| exchange.request.path() == path)
        .map(|exchange| exchange.response.status)
        .collect();
    let holds = answered.len() == calls && !answered.contains(&429);
    let words = |statuses: &[u16]| statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let expected = format!("{calls} answers, none a 429");
    world.judge("within-the-limit", holds, expected, format!("[{}]", words(&answered)), Witness::Ledger);
    Ok(())
}

/// A 429 for requests in flight: zeros, and a reset that is an estimate.
#[then("the org answered that too many requests were in flight")]
async fn crowded(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let limited = ledger.limited().next();
    let numbers = limited.map(|exchange| {
        let number = |name: &str| exchange.response.header(name).unwrap_or("none").to_owned();
        (number("x-rate-limit-limit"), number("x-rate-limit-remaining"), exchange.response.error_code())
    });
    let seq = limited.map(|exchange| exchange.seq);
    let wanted = ("0".to_owned(), "0".to_owned(), Some("E0000047".to_owned()));
    let (holds, observed) = match &numbers {
        Some(numbers) => (*numbers == wanted, format!("429, {numbers:?}")),
        None => (false, "no 429".to_owned()),
    };
    let expected = "429 E0000047 with a limit of 0 and 0 left".to_owned();
    world.judge_at("in-flight", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// After a 429 nothing is sent to that bucket before it has reset, and then it lets the call through, whatever comes of it.
#[then("the org saw the client come again when the bucket had reset")]
async fn came_again(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let Some(limited) = ledger.limited().next() else {
        return Err(world.untestable("a call that is rate limited; the org answered no 429"));
    };
    let calls = ledger.calls_of(limited.request.path());
    let next = calls.iter().find(|call| call.seq > limited.seq);
    let seq = next.map(|call| call.seq);
    let (holds, observed) = match next.map(|call| (call.response.status, after_reset(limited, call))) {
        Some((status, Some(seconds))) => {
            (seconds >= 0 && status != 429, format!("{seconds} s after the reset, answered {status}"))
        }
        Some((status, None)) => (false, format!("no reset was named; answered {status}")),
        None => (false, "no further call".to_owned()),
    };
    let expected = "the next call not before X-Rate-Limit-Reset, and no 429 again".to_owned();
    world.judge_at("comes-again", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// A 429 says nothing about the token: between it and the call that goes through none is asked for.
#[then("the org saw the token kept while the client waited")]
async fn token_kept(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let Some(limited) = ledger.limited().next() else {
        return Err(world.untestable("a call that is rate limited; the org answered no 429"));
    };
    let calls = ledger.calls_of(limited.request.path());
    let through = calls.iter().find(|call| call.seq > limited.seq && call.response.status != 429);
    let until = through.map_or(u64::MAX, |call| call.seq);
    let requests = ledger.token_requests();
    let asked = requests.iter().find(|request| (limited.seq..until).contains(&request.seq));
    let observed = match asked {
        Some(request) => format!("a token request as exchange {}", request.seq),
        None => "no token request".to_owned(),
    };
    let expected = "no token request between the 429 and the call that goes through";
    let seq = asked.map(|request| request.seq);
    world.judge_at("token-kept", asked.is_none(), expected, observed, Witness::Ledger, seq);
    Ok(())
}
