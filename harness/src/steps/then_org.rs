//! What the org saw.

use cucumber::then;

use crate::{
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::{ledger::Exchange, second_address},
};

/// A token request that succeeded.
#[then("the org issued a token to the client")]
async fn issued_a_token(world: &mut World) -> Result<(), Stop> {
    let (ledger, witness) = world.token_record().await?;
    let requests = ledger.token_requests();
    let last = requests.last();
    let observed = match last {
        Some(request) => {
            format!(
                "{}, the last answered {}",
                count::of(requests.len(), "token request"),
                request.response.status
            )
        }
        None => "no token request".to_owned(),
    };
    let issued =
        last.is_some_and(|request| request.client.issued.is_some() && request.response.status == 200);
    let seq = last.map(|request| request.seq);
    world.judge_at("token-issued", issued, "a token request that succeeds", observed, witness, seq);
    Ok(())
}

/// The configured app, by the configured method, in every token request.
#[then("the org saw the client authenticate as the app that it was given")]
async fn authenticated_as_configured(world: &mut World) -> Result<(), Stop> {
    let (ledger, witness) = world.token_record().await?;
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
    world.judge_at("authenticates-as-configured", holds, format!("{id} by {method}"), seen, witness, seq);
    Ok(())
}

/// Every page after the first is asked for at the address that the page before handed out.
#[then("the org saw every page asked for at the address it had handed out")]
async fn pages_at_their_addresses(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let path = world.last_path()?;
    let pages: Vec<&Exchange> = ledger.calls_of(&path);
    let base = world.org().await?.ready.client_url().to_owned();
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
        (None, None, read) => (read > 1, format!("{} read", count::of(read, "page")), None),
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
                format!("{}, the call repeated with success: {repeated}", count::of(asked, "token request")),
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
    let Some(limited) = ledger.limited().next() else {
        return Err(world.untestable("a call that is rate limited; the org answered no 429"));
    };
    let calls = ledger.calls_of(limited.request.path());
    let next = calls.iter().find(|call| call.seq > limited.seq);
    let (holds, observed) = match next.map(|call| (call.response.status, after_reset(limited, call))) {
        None => (false, "no further call".to_owned()),
        Some((status, Some(seconds))) => {
            (seconds >= 0 && status == 200, format!("the next call {}, answered {status}", distance(seconds)))
        }
        Some((status, None)) => (false, format!("no reset was named; the next call, answered {status}")),
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

/// So many seconds after the reset that a 429 named came a call; none where it named none.
pub(super) fn after_reset(limited: &Exchange, call: &Exchange) -> Option<i64> {
    Some(call.at_s()? - limited.response.reset_s()?)
}

/// Seconds from a moment, in words.
fn distance(seconds: i64) -> String {
    if seconds < 0 {
        format!("{} s before the reset", -seconds)
    } else {
        format!("{seconds} s after the reset")
    }
}

/// How many pages were read.
#[then(regex = r"^the org saw (\d+) page requests?$")]
async fn page_requests(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let path = world.last_path()?;
    let pages = ledger.calls_of(&path).into_iter().filter(|page| page.response.status == 200);
    let numbers: Vec<u64> = pages.map(|page| page.seq).collect();
    let seq = numbers.get(wanted).copied();
    let observed = count::of(numbers.len(), "page request");
    let expected = count::of(wanted, "page request");
    world.judge_at("page-requests", numbers.len() == wanted, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// A parameter that the client chose is in every page's address, because the org repeats it there.
#[then(expr = "the org saw {string} in the address of every page")]
async fn in_every_address(world: &mut World, part: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let path = world.last_path()?;
    let pages = ledger.calls_of(&path);
    let without = pages.iter().find(|page| !page.request.target.split(['?', '&']).any(|one| one == part));
    let observed = match without {
        Some(page) => page.request.target.clone(),
        None => format!("{} pages, all with it", pages.len()),
    };
    let holds = without.is_none() && !pages.is_empty();
    let seq = without.map(|page| page.seq);
    world.judge_at(
        "parameter-kept",
        holds,
        format!("{part} in every address"),
        observed,
        Witness::Ledger,
        seq,
    );
    Ok(())
}

/// What the org refuses for good is not asked again.
#[then("the org saw that call once")]
async fn called_once(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let path = world.last_path()?;
    let after = world.last()?.after;
    let calls = ledger.calls_after(&path, after);
    let seq = calls.get(1).map(|call| call.seq);
    let observed = format!("{} calls of {path}", calls.len());
    world.judge_at(
        "called-once",
        calls.len() == 1,
        format!("1 call of {path}"),
        observed,
        Witness::Ledger,
        seq,
    );
    Ok(())
}

/// A token is used for as long as it is good: every call carries the one that was issued last.
#[then("the org saw the client replace the token before it ended")]
async fn replaced_in_time(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let refused = calls.iter().find(|call| call.response.status == 401);
    let observed = match refused {
        Some(call) => format!("{} {} was answered 401", call.request.method, call.request.path()),
        None => format!("{} calls, none answered 401", calls.len()),
    };
    let holds = refused.is_none() && !calls.is_empty();
    let seq = refused.map(|call| call.seq);
    world.judge_at(
        "expired-token-sent",
        holds,
        "a new token before the old one ends",
        observed,
        Witness::Ledger,
        seq,
    );
    Ok(())
}

/// Patience has an end: a few attempts, each after the reset that the one before named.
#[then("the org saw a few attempts, each after the reset before it")]
async fn few_attempts(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let limited: Vec<&Exchange> = ledger.limited().collect();
    let hasty = limited
        .windows(2)
        .find(|pair| pair[0].response.reset_s().zip(pair[1].at_s()).is_none_or(|(reset, at)| at < reset));
    let holds = hasty.is_none() && (1..=10).contains(&limited.len());
    let observed = match hasty {
        Some(pair) => format!("{} attempts, #{} before the reset", limited.len(), pair[1].seq),
        None => format!("{} attempts", limited.len()),
    };
    let seq = hasty.map(|pair| pair[1].seq);
    let expected = "1 to 10 attempts, none before X-Rate-Limit-Reset of the one before";
    world.judge_at("few-attempts", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// Nothing comes by another way than the address that the client was given, the token least of all.
#[then("the org saw every call at the origin that the client was given")]
async fn at_the_given_origin(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let (name, mark) = second_address::VIA;
    let astray = ledger.0.iter().find(|exchange| !exchange.request.headers(name).any(|value| value == mark));
    let observed = match astray {
        Some(exchange) => format!("{} at the org's own address", exchange.request.target),
        None => format!("{} requests, all at the given one", ledger.0.len()),
    };
    let holds = astray.is_none() && !ledger.api_calls().is_empty();
    let seq = astray.map(|exchange| exchange.seq);
    world.judge_at("same-origin", holds, "requests to the given origin only", observed, Witness::Ledger, seq);
    Ok(())
}
