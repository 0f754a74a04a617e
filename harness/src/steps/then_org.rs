//! What the org saw.

use cucumber::then;

use crate::{
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::Exchange,
};

/// A token request that succeeded.
#[then("the org issued a token to the client")]
async fn issued_a_token(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let last = requests.last();
    let observed = match last {
        Some(request) => {
            format!("{} token requests, the last answered {}", requests.len(), request.response.status)
        }
        None => "no token request".to_owned(),
    };
    let issued =
        last.is_some_and(|request| request.client.issued.is_some() && request.response.status == 200);
    let seq = last.map(|request| request.seq);
    world.judge_at("token-issued", issued, "a token request that succeeds", observed, Witness::Ledger, seq);
    Ok(())
}

/// The configured app, by the configured method, in every token request.
#[then("the org saw the client authenticate as the app that it was given")]
async fn authenticated_as_configured(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let Some((id, method)) = world.acting_as.clone() else {
        return Err(world.untestable("a client that was configured"));
    };
    let requests = ledger.token_requests();
    let wrong = requests.iter().find(|request| {
        request.client.client_id.as_ref() != Some(&id)
            || request.client.auth_method.as_deref() != Some(method)
    });
    let seen = wrong.or(requests.last()).map_or("no token request".to_owned(), |request| {
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "unknown".to_owned());
        format!("{} by {}", word(&request.client.client_id), word(&request.client.auth_method))
    });
    let holds = wrong.is_none() && !requests.is_empty();
    let seq = wrong.map(|request| request.seq);
    world.judge_at(
        "authenticates-as-configured",
        holds,
        format!("{id} by {method}"),
        seen,
        Witness::Ledger,
        seq,
    );
    Ok(())
}

/// Every page after the first is asked for at the address that the page before handed out.
#[then("the org saw every page asked for at the address it had handed out")]
async fn pages_at_their_addresses(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let pages: Vec<&Exchange> = ledger.calls_of("/api/v1/users");
    let base = world.org().await?.ready.base_url;
    let mut wrong = None;
    for pair in pages.windows(2) {
        let asked = format!("{base}{}", pair[1].request.target);
        if pair[0].response.next_page() != Some(asked.as_str()) {
            wrong = wrong.or(Some((
                pair[1].seq,
                pair[0].response.next_page().unwrap_or("none").to_owned(),
                asked,
            )));
        }
    }
    let left = pages.last().and_then(|page| page.response.next_page());
    let (holds, observed, seq) = match (&wrong, left, pages.len()) {
        (Some((seq, handed_out, asked)), ..) => {
            (false, format!("handed out {handed_out}, asked for {asked}"), Some(*seq))
        }
        (None, Some(left), read) => {
            (false, format!("{read} pages were read and {left} was not"), pages.last().map(|page| page.seq))
        }
        (None, None, read) => (read > 1, format!("{read} pages were read"), None),
    };
    world.judge_at(
        "next-page-verbatim",
        holds,
        "every page at the address that the page before handed out, to the last one",
        observed,
        Witness::Ledger,
        seq,
    );
    Ok(())
}

/// A new token after one that was refused.
#[then("the org saw the client ask for a new token and repeat the call")]
async fn new_token_and_repeat(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let refused = calls.iter().find(|call| call.response.status == 401).map(|call| call.seq);
    let (holds, observed) = match refused {
        None => (false, "no call was answered 401".to_owned()),
        Some(seq) => {
            let after = ledger.after(seq);
            let asked = after.iter().filter(|exchange| exchange.is_token_request()).count();
            let repeated =
                after.iter().any(|exchange| exchange.is_api_call() && exchange.response.status == 200);
            (
                asked == 1 && repeated,
                format!("{asked} token requests, the call repeated with success: {repeated}"),
            )
        }
    };
    world.judge_at(
        "token-renewed-once",
        holds,
        "one token request after the 401, then the call again",
        observed,
        Witness::Ledger,
        refused,
    );
    Ok(())
}

/// After a 429 nothing is sent to that bucket before it has reset.
#[then("the org saw the client wait until the bucket had reset")]
async fn waited_for_the_reset(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.calls_of("/api/v1/users");
    let Some(limited) = calls.iter().find(|call| call.response.status == 429) else {
        return Err(world.untestable("a call that is rate limited; the org answered no 429"));
    };
    let reset: i64 =
        limited.response.header("x-rate-limit-reset").and_then(|value| value.parse().ok()).unwrap_or(0);
    let next = calls.iter().find(|call| call.seq > limited.seq);
    let (holds, observed) = match next.map(|call| (call.response.status, call.at_s())) {
        None => (false, "no further call".to_owned()),
        Some((status, Some(at))) => (
            at >= reset && status == 200,
            format!("the next call {}, answered {status}", distance(at - reset)),
        ),
        Some((status, None)) => (false, format!("the next call at an unknown time, answered {status}")),
    };
    world.judge_at(
        "waits-for-reset",
        holds,
        "the next call not before X-Rate-Limit-Reset, and answered 200",
        observed,
        Witness::Ledger,
        next.map(|call| call.seq),
    );
    Ok(())
}

/// Seconds from a moment, in words.
fn distance(seconds: i64) -> String {
    if seconds < 0 {
        format!("{} s before the reset", -seconds)
    } else {
        format!("{seconds} s after the reset")
    }
}
