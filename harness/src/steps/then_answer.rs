//! How the org answered: literal statuses, codes and words, from its own record.

use cucumber::then;

use crate::{
    checks::answers::{self, Answer, Scheme},
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::Exchange,
};

/// Which exchange a phrase is about.
#[derive(Clone, Copy)]
enum About {
    Token,
    Call,
}

async fn last(world: &mut World, about: About) -> Result<Option<Exchange>, Stop> {
    let ledger = world.ledger().await?;
    let found = match about {
        About::Token => ledger.token_requests(),
        About::Call => ledger.api_calls(),
    };
    Ok(found.last().map(|exchange| (*exchange).clone()))
}

/// Judges the last exchange of that kind against an answer.
async fn judge(world: &mut World, slug: &str, about: About, wanted: Answer<'_>) -> Result<(), Stop> {
    let exchange = last(world, about).await?;
    let (faults, seq) = match &exchange {
        Some(exchange) => (answers::faults(&wanted, &exchange.response), Some(exchange.seq)),
        None => (vec!["the org saw no such request".to_owned()], None),
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    world.judge_at(slug, faults.is_empty(), wanted.words(), observed, Witness::Ledger, seq);
    Ok(())
}

/// An OAuth error of the token endpoint.
#[then(expr = "the org refused the token request with {int} {word}: {string}")]
async fn token_refused(
    world: &mut World,
    status: u16,
    code: String,
    description: String,
) -> Result<(), Stop> {
    let wanted = Answer::OAuth { status, code: &code, description: &description };
    judge(world, "token-refused", About::Token, wanted).await
}

/// An error of the token endpoint in the form of the Management API.
#[then(expr = "the org refused the token request in the form of its API with {int} {word}: {string}")]
async fn token_refused_by_envelope(
    world: &mut World,
    status: u16,
    code: String,
    summary: String,
) -> Result<(), Stop> {
    let wanted = Answer::Envelope { status, code: &code, summary: &summary, cause: None };
    judge(world, "token-refused", About::Token, wanted).await
}

/// An error of the Management API.
#[then(expr = "the org refused the call with {int} {word}: {string}")]
async fn call_refused(world: &mut World, status: u16, code: String, summary: String) -> Result<(), Stop> {
    let wanted = Answer::Envelope { status, code: &code, summary: &summary, cause: None };
    judge(world, "call-refused", About::Call, wanted).await
}

/// An error of the Management API with its cause.
#[then(expr = "the org refused the call with {int} {word}: {string} because {string}")]
async fn call_refused_because(
    world: &mut World,
    status: u16,
    code: String,
    summary: String,
    cause: String,
) -> Result<(), Stop> {
    let wanted = Answer::Envelope { status, code: &code, summary: &summary, cause: Some(&cause) };
    judge(world, "call-refused", About::Call, wanted).await
}

/// The body is empty: everything is in the challenge.
#[then(expr = "the org refused the call with {int}, an empty body and a challenge for the scope {word}")]
async fn lacks_scope(world: &mut World, status: u16, scope: String) -> Result<(), Stop> {
    insufficient_scope(world, Scheme::Bearer, status, &scope).await
}

/// As [`lacks_scope`], for a token that is bound to a key.
#[then(expr = "the org refused the call with {int}, an empty body and a DPoP challenge for the scope {word}")]
async fn bound_token_lacks_scope(world: &mut World, status: u16, scope: String) -> Result<(), Stop> {
    insufficient_scope(world, Scheme::DPoP, status, &scope).await
}

async fn insufficient_scope(world: &mut World, scheme: Scheme, status: u16, scope: &str) -> Result<(), Stop> {
    let wanted = Answer::Challenge {
        scheme,
        status,
        error: "insufficient_scope",
        description: "The access token provided does not contain the required scopes.",
        scope: Some(scope),
    };
    judge(world, "call-refused", About::Call, wanted).await
}

/// What is wrong with a proof is in the challenge too.
#[then(expr = "the org refused the call with {int}, an empty body and the DPoP challenge {word}: {string}")]
async fn proof_refused(
    world: &mut World,
    status: u16,
    error: String,
    description: String,
) -> Result<(), Stop> {
    let (error, description) = (error.as_str(), description.as_str());
    let wanted = Answer::Challenge { scheme: Scheme::DPoP, status, error, description, scope: None };
    judge(world, "call-refused", About::Call, wanted).await
}

/// The first call met a token that is no longer accepted.
#[then(expr = "the org answered the first call with {int}, an empty body and the challenge {string}")]
async fn stale_token(world: &mut World, status: u16, description: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let wanted = Answer::Challenge {
        scheme: Scheme::Bearer,
        status,
        error: "invalid_token",
        description: &description,
        scope: None,
    };
    let first = ledger.api_calls().first().map(|call| (*call).clone());
    let (faults, seq) = match &first {
        Some(call) => (answers::faults(&wanted, &call.response), Some(call.seq)),
        None => (vec!["the org saw no call".to_owned()], None),
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    world.judge_at("first-call-refused", faults.is_empty(), wanted.words(), observed, Witness::Ledger, seq);
    Ok(())
}

/// A call that went through.
#[then(expr = "the org answered the call with {int}")]
async fn answered(world: &mut World, status: u16) -> Result<(), Stop> {
    let call = last(world, About::Call).await?;
    let seen = call.as_ref().map(|call| call.response.status);
    let observed = seen.map_or("no call".to_owned(), |seen| seen.to_string());
    let seq = call.map(|call| call.seq);
    world.judge_at("answered", seen == Some(status), status.to_string(), observed, Witness::Ledger, seq);
    Ok(())
}

/// The success of the token endpoint, member for member.
#[then("the org answered with a Bearer token for an hour, in Okta's form")]
async fn token_form(world: &mut World) -> Result<(), Stop> {
    issued_in_form(world, Scheme::Bearer).await
}

/// The same for a token that is bound to a key.
#[then("the org answered with a DPoP token for an hour, in Okta's form")]
async fn bound_token_form(world: &mut World) -> Result<(), Stop> {
    issued_in_form(world, Scheme::DPoP).await
}

async fn issued_in_form(world: &mut World, scheme: Scheme) -> Result<(), Stop> {
    let exchange = last(world, About::Token).await?;
    let (faults, seq) = match &exchange {
        Some(exchange) => (answers::token_faults(scheme, &exchange.response), Some(exchange.seq)),
        None => (vec!["the org saw no token request".to_owned()], None),
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let expected = format!(
        "200, token_type {scheme:?}, expires_in 3600, access_token, scope, in this order; not to be stored"
    );
    world.judge_at("token-form", faults.is_empty(), expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The scopes of the token, whatever was asked for.
#[then(expr = "the org issued a token for {string}")]
async fn issued_for(world: &mut World, scopes: String) -> Result<(), Stop> {
    let (ledger, witness) = world.token_record().await?;
    let exchange = ledger.token_requests().last().map(|exchange| (*exchange).clone());
    let given = exchange.as_ref().and_then(|exchange| {
        let scope = match &exchange.client.issued {
            // The log has an order of its own.
            Some(issued) if witness == Witness::SystemLog => Some(in_order_of(&scopes, &issued.scopes)),
            _ => exchange.response.json()["scope"].as_str().map(ToOwned::to_owned),
        };
        scope.filter(|_| exchange.response.status == 200)
    });
    let observed = match (&given, &exchange) {
        (Some(given), _) => format!("a token for {given}"),
        (None, Some(exchange)) => format!("{} {}", exchange.response.status, exchange.response.body),
        (None, None) => "no token request".to_owned(),
    };
    let seq = exchange.map(|exchange| exchange.seq);
    let expected = format!("a token for {scopes}");
    world.judge_at("issued-scopes", given.as_deref() == Some(&scopes), expected, observed, witness, seq);
    Ok(())
}

/// Scopes in the order of a list, with what is not in it at the end.
fn in_order_of(list: &str, scopes: &[String]) -> String {
    let place = |scope: &&String| list.split_whitespace().position(|one| one == *scope).unwrap_or(usize::MAX);
    let mut ordered: Vec<&String> = scopes.iter().collect();
    ordered.sort_by_key(place);
    ordered.into_iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The two relations of a page come as two header lines, self first.
#[then(expr = "the org linked the page to itself with a limit of {int}, in a line of its own")]
async fn linked_to_itself(world: &mut World, limit: usize) -> Result<(), Stop> {
    let call = last(world, About::Call).await?;
    let lines: Vec<String> = call
        .iter()
        .flat_map(|call| call.response.headers.iter())
        .filter(|(name, _)| name.eq_ignore_ascii_case("link"))
        .map(|(_, value)| value.clone())
        .collect();
    let first = lines.first().map(String::as_str).unwrap_or_default();
    let has_limit = [format!("limit={limit}>"), format!("limit={limit}&")]
        .iter()
        .any(|part| first.contains(part.as_str()));
    let holds = first.ends_with("; rel=\"self\"")
        && has_limit
        && lines.iter().all(|line| line.matches("rel=").count() == 1);
    let seq = call.map(|call| call.seq);
    let expected = format!("a first Link line with limit={limit} and rel=\"self\", no line with two links");
    let observed = if lines.is_empty() { "no Link line".to_owned() } else { lines.join(" | ") };
    world.judge_at("self-link", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// Whether a page says where to go on.
#[then(regex = "^the org linked the page to (the|no) next one$")]
async fn linked_to_next(world: &mut World, which: String) -> Result<(), Stop> {
    let call = last(world, About::Call).await?;
    let lines: Vec<String> = call
        .iter()
        .flat_map(|call| call.response.headers.iter())
        .filter(|(name, _)| name.eq_ignore_ascii_case("link"))
        .map(|(_, value)| value.clone())
        .collect();
    let linked = lines.iter().any(|line| line.ends_with("; rel=\"next\""));
    let holds = linked == (which == "the") && !lines.is_empty();
    let expected =
        if which == "the" { "a Link line with rel=\"next\"" } else { "only a Link line with rel=\"self\"" };
    let observed = if lines.is_empty() { "no Link line".to_owned() } else { lines.join(" | ") };
    let seq = call.map(|call| call.seq);
    world.judge_at("next-link", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The rate-limit headers of a counted answer.
#[then(expr = "the org said that {int} of {int} calls were left and when the bucket resets")]
async fn rate_headers(world: &mut World, left: u64, limit: u64) -> Result<(), Stop> {
    let call = last(world, About::Call).await?;
    let number = |name: &str| -> Option<i64> {
        call.as_ref()?.response.header(name).and_then(|value| value.trim().parse().ok())
    };
    let (seen_limit, seen_left) = (number("x-rate-limit-limit"), number("x-rate-limit-remaining"));
    let ahead = number("x-rate-limit-reset")
        .zip(call.as_ref().and_then(Exchange::at_s))
        .map(|(reset, at)| reset - at);
    let wanted = (i64::try_from(limit).ok(), i64::try_from(left).ok());
    let holds = (seen_limit, seen_left) == wanted && ahead.is_some_and(|seconds| (0..=60).contains(&seconds));
    let word = |number: Option<i64>| number.map_or("?".to_owned(), |number| number.to_string());
    let observed = format!("{} of {} left, reset in {} s", word(seen_left), word(seen_limit), word(ahead));
    let seq = call.map(|call| call.seq);
    let expected = format!("{left} of {limit} left, reset within 60 s, as epoch seconds");
    world.judge_at("rate-headers", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The same at an org whose limits nobody set for the scenario.
#[then("the org said how many calls were left and when the bucket resets")]
async fn some_rate_headers(world: &mut World) -> Result<(), Stop> {
    let call = last(world, About::Call).await?;
    let number = |name: &str| -> Option<i64> {
        call.as_ref()?.response.header(name).and_then(|value| value.trim().parse().ok())
    };
    let (limit, left) = (number("x-rate-limit-limit"), number("x-rate-limit-remaining"));
    let ahead = number("x-rate-limit-reset")
        .zip(call.as_ref().and_then(Exchange::at_s))
        .map(|(reset, at)| reset - at);
    let counted = limit.zip(left).is_some_and(|(limit, left)| (0..limit).contains(&left));
    let holds = counted && ahead.is_some_and(|seconds| (0..=60).contains(&seconds));
    let word = |number: Option<i64>| number.map_or("?".to_owned(), |number| number.to_string());
    let observed = format!("{} of {} left, reset in {} s", word(left), word(limit), word(ahead));
    let seq = call.map(|call| call.seq);
    let expected = "fewer left than the limit, reset within 60 s, as epoch seconds";
    world.judge_at("rate-headers", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The 429 of Okta: its own headers, and none that say Retry-After.
#[then(expr = "the org answered 429 {word}: {string}, with the reset and without Retry-After")]
async fn too_many(world: &mut World, code: String, summary: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let limited = ledger.limited().next();
    let wanted = Answer::Envelope { status: 429, code: &code, summary: &summary, cause: None };
    let faults = match limited {
        None => vec!["the org answered no 429".to_owned()],
        Some(limited) => {
            let mut faults = answers::faults(&wanted, &limited.response);
            if limited.response.header("x-rate-limit-remaining") != Some("0") {
                faults.push("x-rate-limit-remaining is not 0".to_owned());
            }
            if limited.response.header("x-rate-limit-reset").is_none() {
                faults.push("x-rate-limit-reset is missing".to_owned());
            }
            if limited.response.header("retry-after").is_some() {
                faults.push("there is a Retry-After".to_owned());
            }
            faults
        }
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let seq = limited.map(|limited| limited.seq);
    world.judge_at("too-many-requests", faults.is_empty(), wanted.words(), observed, Witness::Ledger, seq);
    Ok(())
}

/// Support asks for it.
#[then("the org gave the answer a request id")]
async fn request_id(world: &mut World) -> Result<(), Stop> {
    let call = last(world, About::Call).await?;
    let id = call.as_ref().and_then(|call| call.response.header("x-okta-request-id")).unwrap_or_default();
    let holds =
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let observed = if id.is_empty() { "none" } else { id }.to_owned();
    let seq = call.as_ref().map(|call| call.seq);
    world.judge_at(
        "request-id",
        holds,
        "x-okta-request-id of 32 hexadecimal digits",
        observed,
        Witness::Ledger,
        seq,
    );
    Ok(())
}
