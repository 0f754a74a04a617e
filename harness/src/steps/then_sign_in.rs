//! What the org saw of sign-ins: authorization requests, codes and their exchange, and how it answered them.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cucumber::then;
use rsa::sha2::{Digest as _, Sha256};

use super::{org, then_request::judge_each};
use crate::{
    checks::answers::{self, Answer},
    client::{
        Heard,
        protocol::{Outcome, Reason},
    },
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::Exchange,
};

/// Judges every authorization request; `fault` says what is wrong with one. No request is a fault too.
async fn every_authorization(
    world: &mut World,
    slug: &str,
    expected: &str,
    fault: impl Fn(&Exchange) -> Option<String>,
) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.authorizations();
    let all = format!("{}, all like that", count::of(requests.len(), "authorization request"));
    judge_each(world, (slug, expected), (&requests, Witness::Ledger), all, fault);
    Ok(())
}

/// PKCE with the only method that Okta takes.
#[then("the org saw an S256 challenge in every authorization request")]
async fn challenge(world: &mut World) -> Result<(), Stop> {
    let expected = "code_challenge of 43 characters, code_challenge_method=S256";
    every_authorization(world, "pkce-challenge", expected, |request| {
        let method = request.request.query("code_challenge_method");
        let length = request.request.query("code_challenge").map_or(0, |challenge| challenge.len());
        (method.as_deref() != Some("S256") || length != 43).then(|| {
            format!("method {}, {length} characters", method.unwrap_or_else(|| "missing".to_owned()))
        })
    })
    .await
}

/// The verifier is that of the challenge, and long enough.
#[then("the org saw each code exchanged with the verifier of its challenge")]
async fn verifier(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let exchanges = ledger.grants("authorization_code");
    let fault = |exchange: &Exchange| {
        let code = exchange.request.form("code");
        let request = ledger.authorizations().into_iter().find(|one| one.response.redirect("code") == code);
        let challenge = request.and_then(|request| request.request.query("code_challenge"));
        let verifier = exchange.request.form("code_verifier").unwrap_or_default();
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        match challenge {
            None => Some("a code whose request had no challenge".to_owned()),
            Some(_) if !(43..=128).contains(&verifier.len()) => {
                Some(format!("a verifier of {} characters", verifier.len()))
            }
            Some(challenge) => (challenge != hash).then(|| "a verifier of another challenge".to_owned()),
        }
    };
    let wrong = exchanges.iter().find_map(|exchange| Some((fault(exchange)?, exchange.seq)));
    let holds = wrong.is_none() && !exchanges.is_empty();
    let (observed, seq) = match wrong {
        Some((words, seq)) => (words, Some(seq)),
        None => (format!("{}, all like that", count::of(exchanges.len(), "exchange")), None),
    };
    let expected = "code_verifier of 43 to 128 characters, whose SHA-256 is the challenge";
    world.judge_at("pkce-verifier", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// Neither state nor nonce nor challenge is used again.
#[then(expr = "the org saw {int} sign-ins, each with a state, a nonce and a challenge of its own")]
async fn own_values(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.authorizations();
    let different = |name: &str| {
        requests.iter().filter_map(|request| request.request.query(name)).collect::<BTreeSet<_>>().len()
    };
    let counts = ["state", "nonce", "code_challenge"].map(|name| (name, different(name)));
    let holds = requests.len() == wanted && counts.iter().all(|(_, count)| *count == wanted);
    let words = counts.map(|(name, count)| format!("{count} different {name}"));
    let observed = format!("{}, {}", count::of(requests.len(), "authorization request"), words.join(", "));
    let expected = format!("{}, nothing used twice", count::of(wanted, "authorization request"));
    world.judge("values-of-their-own", holds, expected, observed, Witness::Ledger);
    Ok(())
}

/// `state` and `nonce` are worth something only if nobody can guess them.
#[then(regex = "^the org saw a (state|nonce) in every authorization request that nobody can guess$")]
async fn unguessable(world: &mut World, name: String) -> Result<(), Stop> {
    let expected = format!("{name} of 16 characters at least");
    every_authorization(world, &format!("{name}-sent"), &expected, |request| {
        let value = request.request.query(&name).unwrap_or_default();
        (value.len() < 16).then(|| format!("{name} of {} characters", value.len()))
    })
    .await
}

/// The same address, character for character, when the code is asked for and when it is exchanged.
#[then(expr = "the org saw the redirect URI {string} when the code was asked for and when it was exchanged")]
async fn redirect_uri(world: &mut World, uri: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let asked = ledger.authorizations().into_iter().map(|one| (one.seq, one.request.query("redirect_uri")));
    let exchanged = ledger
        .grants("authorization_code")
        .into_iter()
        .map(|one| (one.seq, one.request.form("redirect_uri")));
    let (asked, exchanged): (Vec<_>, Vec<_>) = (asked.collect(), exchanged.collect());
    let wrong = asked.iter().chain(&exchanged).find(|(_, seen)| seen.as_deref() != Some(&uri));
    let holds = wrong.is_none() && !asked.is_empty() && !exchanged.is_empty();
    let observed = match wrong {
        Some((_, seen)) => seen.clone().unwrap_or_else(|| "none".to_owned()),
        None => format!(
            "{} and {} with it",
            count::of(asked.len(), "request"),
            count::of(exchanged.len(), "exchange")
        ),
    };
    let seq = wrong.map(|(seq, _)| *seq);
    world.judge_at("redirect-uri", holds, uri, observed, Witness::Ledger, seq);
    Ok(())
}

/// A code, for this app, for these scopes in any order.
#[then(expr = "the org saw the client ask for a code for {string}")]
async fn asked_for(world: &mut World, scopes: String) -> Result<(), Stop> {
    let Some((id, _)) = world.acting_as.clone() else {
        return Err(world.untestable("a client that was configured"));
    };
    let wanted: BTreeSet<&str> = scopes.split_whitespace().collect();
    let expected = format!("response_type=code, client_id {id}, scope {scopes}");
    every_authorization(world, "authorization-request", &expected, |request| {
        let query = |name: &str| request.request.query(name).unwrap_or_default();
        let (kind, client, asked) = (query("response_type"), query("client_id"), query("scope"));
        let asked: BTreeSet<&str> = asked.split_whitespace().collect();
        (kind != "code" || client != id || asked != wanted).then(|| {
            let asked = asked.iter().copied().collect::<Vec<_>>().join(" ");
            format!("response_type={kind}, client_id {client}, scope {asked}")
        })
    })
    .await
}

/// A code is good for one exchange, and is not left lying about.
#[then("the org saw each code exchanged once")]
async fn code_once(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let issued: Vec<String> =
        ledger.authorizations().iter().filter_map(|request| request.response.redirect("code")).collect();
    let mut seen = BTreeSet::new();
    let exchanges = ledger.grants("authorization_code");
    let again = exchanges
        .iter()
        .find(|exchange| !seen.insert(exchange.request.form("code")))
        .map(|exchange| exchange.seq);
    let holds = again.is_none() && !issued.is_empty() && seen.len() == issued.len();
    let observed = {
        let (codes, exchanged) = (count::of(issued.len(), "code"), count::of(exchanges.len(), "exchange"));
        format!("{codes}, {exchanged} of {}", count::of(seen.len(), "code"))
    };
    let expected = "one exchange of each code";
    world.judge_at("code-once", holds, expected, observed, Witness::Ledger, again);
    Ok(())
}

/// How often a person was sent to the org.
#[then(regex = r"^the org saw (\d+) authorization requests? in all$")]
async fn authorizations(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.authorizations();
    let seq = requests.get(wanted).map(|request| request.seq);
    let observed = count::of(requests.len(), "authorization request");
    let expected = count::of(wanted, "authorization request");
    world.judge_at("authorizations", requests.len() == wanted, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// What came back was not to be trusted: the client goes no further.
#[then(regex = "^the org saw no (token request|call)$")]
async fn no_further(world: &mut World, which: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let (seen, slug) = match which.as_str() {
        "call" => (ledger.api_calls(), "no-call"),
        _ => (ledger.token_requests(), "no-token-request"),
    };
    let seq = seen.first().map(|exchange| exchange.seq);
    let observed = format!("{} of them", seen.len());
    world.judge_at(slug, seen.is_empty(), format!("no {which}"), observed, Witness::Ledger, seq);
    Ok(())
}

/// The person's password is typed into the org's own page and goes nowhere else.
#[then(expr = "the org saw the password of the {word} at the sign-in only")]
async fn password(world: &mut World, person: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let password = org::password(&person);
    let carries = |exchange: &&Exchange| {
        exchange.request.target.contains(&password) || exchange.request.body.contains(&password)
    };
    let elsewhere = ledger.0.iter().filter(carries).find(|exchange| !exchange.is_sign_in());
    let at_sign_in = ledger.0.iter().filter(carries).filter(|exchange| exchange.is_sign_in()).count();
    let observed = match elsewhere {
        Some(exchange) => format!("in {} {}", exchange.request.method, exchange.request.path()),
        None => format!("in {at_sign_in} sign-ins"),
    };
    let holds = elsewhere.is_none() && at_sign_in > 0;
    let seq = elsewhere.map(|exchange| exchange.seq);
    let expected = "the password in POST /api/v1/authn only";
    world.judge_at("password-once", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// A public client has an id and nothing to prove itself with.
#[then("the org saw only the client's id in the form of each token request")]
async fn public_client(world: &mut World) -> Result<(), Stop> {
    let Some((id, _)) = world.acting_as.clone() else {
        return Err(world.untestable("a client that was configured"));
    };
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let fault = |request: &Exchange| {
        let form = |name: &str| request.request.form(name);
        let other = ["client_secret", "client_assertion"].into_iter().find(|name| form(name).is_some());
        match (form("client_id"), other, request.request.headers("authorization").next()) {
            (Some(seen), None, None) if seen == id => None,
            (_, Some(name), _) => Some(format!("a form with {name}")),
            (_, _, Some(_)) => Some("an Authorization header".to_owned()),
            (seen, ..) => Some(format!("client_id {}", seen.unwrap_or_default())),
        }
    };
    let wrong = requests.iter().find_map(|request| Some((fault(request)?, request.seq)));
    let holds = wrong.is_none() && !requests.is_empty();
    let seq = wrong.as_ref().map(|(_, seq)| *seq);
    let observed =
        wrong.map_or(format!("{}, all like that", count::of(requests.len(), "request")), |(words, _)| words);
    world.judge_at("public-client", holds, format!("client_id={id} alone"), observed, Witness::Ledger, seq);
    Ok(())
}

/// The answer is the request's own: a code, and the state byte for byte.
#[then("the org sent the person back with a code and the state of the request")]
async fn sent_back(world: &mut World) -> Result<(), Stop> {
    every_authorization(
        world,
        "answer-of-the-request",
        "302 with code and the state of the request",
        |request| {
            let state = request.request.query("state");
            let (code, back) = (request.response.redirect("code"), request.response.redirect("state"));
            (request.response.status != 302 || code.is_none() || back.is_none() || back != state).then(|| {
                format!("{}, code: {}, the state: {}", request.response.status, code.is_some(), back == state)
            })
        },
    )
    .await
}

/// An error by redirect: Okta's form has the state first and writes a space as a plus sign (token-facts §11).
#[then(expr = "the org sent the person back with {word}: {string}")]
async fn sent_back_with_error(world: &mut World, code: String, description: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let request = ledger.authorizations().last().map(|request| (*request).clone());
    let mut faults = Vec::new();
    match &request {
        None => faults.push("no authorization request".to_owned()),
        Some(request) => {
            let answer = &request.response;
            let location = answer.header("location").unwrap_or_default();
            let ours = request.request.query("redirect_uri").unwrap_or_default();
            let mut expect = |what: &str, wanted: Option<&str>, seen: Option<String>| {
                if wanted != seen.as_deref() {
                    faults.push(format!("{what} is {}", seen.unwrap_or_else(|| "missing".to_owned())));
                }
            };
            let state = request.request.query("state");
            expect("status", Some("302"), Some(answer.status.to_string()));
            expect("state", state.as_deref(), answer.redirect("state"));
            expect("error", Some(&code), answer.redirect("error"));
            expect("error_description", Some(&description), answer.redirect("error_description"));
            let first = if state.is_some() { "?state=" } else { "?error=" };
            if !location.strip_prefix(&ours).is_some_and(|query| query.starts_with(first)) {
                faults.push(format!("Location does not begin with {ours}{first}"));
            }
            if location.contains("%20") {
                faults.push("a space is written as %20".to_owned());
            }
        }
    }
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let expected = format!("302 to the redirect URI with the state, {code}: {description}");
    let seq = request.map(|request| request.seq);
    world.judge_at("sent-back-with-error", faults.is_empty(), expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// What cannot be trusted is told on a page of the org, and leads nowhere. A client that asks for JSON gets the same
/// words in the form of the API (token-facts §11).
#[then(expr = "the org showed the person a page with {int}: {string}")]
async fn page(world: &mut World, status: u16, words: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let request = ledger.authorizations().last().map(|request| (*request).clone());
    let (holds, observed) = match &request {
        None => (false, "no authorization request".to_owned()),
        Some(request) => {
            let browser = request.request.headers("accept").any(|value| value.contains("text/html"));
            let wanted = if browser { "text/html" } else { "application/json" };
            let answer = &request.response;
            let kind = answer.header("content-type").unwrap_or_default();
            let told = plain(&answer.body).contains(&words);
            let leads = answer.header("location");
            (
                answer.status == status && kind.starts_with(wanted) && told && leads.is_none(),
                format!(
                    "{}, {kind}, the words: {told}, Location: {}",
                    answer.status,
                    leads.unwrap_or("none")
                ),
            )
        }
    };
    let seq = request.map(|request| request.seq);
    let expected = format!("{status}, text/html for a browser, {words}, without a Location");
    world.judge_at("error-page", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The text of a page, with the entities that stand for quotes resolved.
fn plain(page: &str) -> String {
    [("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&quot;", "\""), ("&amp;", "&")]
        .into_iter()
        .fold(page.to_owned(), |page, (entity, character)| page.replace(entity, character))
}

/// The person is not let in.
#[then(expr = "the org refused the person with {int} {word}: {string}")]
async fn person_refused(world: &mut World, status: u16, code: String, summary: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let sign_in = ledger.0.iter().rev().find(|exchange| exchange.is_sign_in()).cloned();
    let wanted = Answer::Envelope { status, code: &code, summary: &summary, cause: None };
    let faults = match &sign_in {
        Some(sign_in) => answers::faults(&wanted, &sign_in.response),
        None => vec!["nobody tried to sign in".to_owned()],
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let seq = sign_in.map(|sign_in| sign_in.seq);
    world.judge_at("person-refused", faults.is_empty(), wanted.words(), observed, Witness::Ledger, seq);
    Ok(())
}

/// The client found the fault itself; the org's answer looked like a success.
#[then("the caller was told of a fault in what came back")]
async fn told_of_fault(world: &mut World) -> Result<(), Stop> {
    if !world.hears("told-of-fault", Heard::Success)? {
        return Ok(());
    }
    let outcome = world.last()?.outcome;
    let holds = match &outcome {
        Outcome::Refused(told) => {
            !matches!(told.reason, Some(Reason::Transport | Reason::Tls | Reason::Config))
        }
        _ => false,
    };
    let expected = "refused, for what came back";
    world.judge("told-of-fault", holds, expected, outcome.words(), Witness::ClientSays);
    Ok(())
}
