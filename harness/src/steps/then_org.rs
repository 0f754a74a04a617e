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
