//! What the org saw of the client's token requests: endpoint, assertion, credentials, scopes.

use std::collections::BTreeSet;

use cucumber::then;
use serde_json::Value;

use crate::{
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::{Assertion, Exchange},
};

/// Judges every token request; `fault` says what is wrong with one. No request is a fault too.
async fn every_request(
    world: &mut World,
    slug: &str,
    expected: &str,
    fault: impl Fn(&Exchange) -> Option<String>,
) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let all = of_requests(requests.len());
    judge_each(world, (slug, expected), (&requests, Witness::Ledger), all, fault);
    Ok(())
}

/// What was seen of so many token requests when nothing is wrong with any.
fn of_requests(number: usize) -> String {
    match number {
        0 => "no token request".to_owned(),
        number => format!("{}, all like that", count::of(number, "token request")),
    }
}

/// Judges each of some exchanges; `all` says what was seen when nothing is wrong with any. None at all is a fault too.
pub(super) fn judge_each(
    world: &mut World,
    (slug, expected): (&str, &str),
    (requests, witness): (&[&Exchange], Witness),
    all: String,
    fault: impl Fn(&Exchange) -> Option<String>,
) {
    let wrong = requests.iter().find_map(|request| fault(request).map(|words| (words, request.seq)));
    let (observed, seq) = wrong.map_or((all, None), |(words, seq)| (words, Some(seq)));
    let holds = seq.is_none() && !requests.is_empty();
    world.judge_at(slug, holds, expected, observed, witness, seq);
}

/// Judges the assertion of every token request.
async fn every_assertion(
    world: &mut World,
    slug: &str,
    expected: &str,
    fault: impl Fn(&Exchange, &Assertion) -> Option<String>,
) -> Result<(), Stop> {
    every_request(world, slug, expected, |request| match &request.client.assertion {
        Some(assertion) => fault(request, assertion),
        None => Some("a token request without an assertion".to_owned()),
    })
    .await
}

/// `aud` is the absolute URL of the token endpoint, alone or in an array.
#[then("the org saw assertions for its token endpoint")]
async fn audience(world: &mut World) -> Result<(), Stop> {
    let endpoint = format!("{}/oauth2/v1/token", world.org().await?.ready.client_url());
    every_assertion(world, "assertion-audience", &format!("aud {endpoint}"), |_, assertion| {
        let aud = &assertion.claims["aud"];
        let same = aud == endpoint.as_str()
            || aud.as_array().is_some_and(|all| all.contains(&Value::from(endpoint.as_str())));
        (!same).then(|| format!("aud {aud}"))
    })
    .await
}

/// `iss` and `sub` are both the client id.
#[then("the org saw assertions that the client made about itself")]
async fn issuer_and_subject(world: &mut World) -> Result<(), Stop> {
    let Some((id, _)) = world.acting_as.clone() else {
        return Err(world.untestable("a client that was configured"));
    };
    every_assertion(world, "assertion-issuer", &format!("iss and sub {id}"), |_, assertion| {
        let (iss, sub) = (&assertion.claims["iss"], &assertion.claims["sub"]);
        (iss != id.as_str() || sub != id.as_str()).then(|| format!("iss {iss}, sub {sub}"))
    })
    .await
}

/// `exp` is at most an hour from now, by the org's clock and without leeway.
#[then("the org saw assertions that live an hour at most")]
async fn lifetime(world: &mut World) -> Result<(), Stop> {
    every_assertion(world, "assertion-lifetime", "exp 1 to 3600 s ahead", |request, assertion| {
        let left = assertion.claims["exp"].as_i64().zip(request.at_s()).map(|(exp, at)| exp - at);
        match left {
            Some(1..=3600) => None,
            Some(seconds) => Some(format!("exp {seconds} s ahead")),
            None => Some(format!("exp {}", assertion.claims["exp"])),
        }
    })
    .await
}

/// The header names the algorithm and the key.
#[then(expr = "the org saw assertions signed with {word} and the key {string}")]
async fn signed_with(world: &mut World, algorithm: String, kid: String) -> Result<(), Stop> {
    every_assertion(world, "assertion-key", &format!("alg {algorithm}, kid {kid}"), |_, assertion| {
        let (alg, seen) = (&assertion.header["alg"], &assertion.header["kid"]);
        (alg != algorithm.as_str() || seen != kid.as_str()).then(|| format!("alg {alg}, kid {seen}"))
    })
    .await
}

/// As many token requests as that, each with an assertion of its own.
#[then(expr = "the org saw {int} token requests, each with an assertion of its own")]
async fn own_assertions(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let proofs: BTreeSet<String> = requests
        .iter()
        .filter_map(|request| request.client.assertion.as_ref())
        // Without a jti two assertions differ in their times, and Okta takes each.
        .map(|assertion| match assertion.claims["jti"].as_str() {
            Some(jti) => jti.to_owned(),
            None => assertion.claims.to_string(),
        })
        .collect();
    let holds = requests.len() == wanted && proofs.len() == wanted;
    let observed = {
        let requests = count::of(requests.len(), "token request");
        format!("{requests} with {}", count::of(proofs.len(), "different assertion"))
    };
    let expected =
        format!("{} with {}", count::of(wanted, "token request"), count::of(wanted, "different assertion"));
    world.judge("assertions-of-their-own", holds, expected, observed, Witness::Ledger);
    Ok(())
}

/// Id and secret in the Authorization header, and nowhere else.
#[then("the org saw the credentials in the Authorization header only")]
async fn basic_only(world: &mut World) -> Result<(), Stop> {
    every_request(
        world,
        "basic-only",
        "Authorization: Basic …, neither client_id nor client_secret elsewhere",
        |request| {
            let basic = request
                .request
                .headers("authorization")
                .any(|value| value.to_ascii_lowercase().starts_with("basic "));
            let elsewhere = ["client_id", "client_secret"]
                .into_iter()
                .find(|name| request.request.form(name).is_some() || request.request.query(name).is_some());
            match (basic, elsewhere) {
                (false, _) => Some("no Basic credentials".to_owned()),
                (true, Some(name)) => Some(format!("{name} beside the header")),
                (true, None) => None,
            }
        },
    )
    .await
}

/// The org authorization server, by POST, as a form.
#[then("the org saw a form posted to the token endpoint of its own authorization server")]
async fn token_endpoint(world: &mut World) -> Result<(), Stop> {
    let expected = "POST /oauth2/v1/token, application/x-www-form-urlencoded, grant_type=client_credentials";
    every_request(world, "token-endpoint", expected, |request| {
        let kind = request.request.headers("content-type").next().unwrap_or_default();
        let grant = request.request.form("grant_type").or_else(|| request.request.query("grant_type"));
        let right = request.request.path() == "/oauth2/v1/token"
            && kind.starts_with("application/x-www-form-urlencoded")
            && grant.as_deref() == Some("client_credentials");
        (!right).then(|| {
            format!("POST {}, {kind}, grant_type={}", request.request.path(), grant.unwrap_or_default())
        })
    })
    .await
}

/// Neither more nor less than what the client was set up for, in any order.
#[then(expr = "the org saw the client ask for {string}")]
async fn asked_for(world: &mut World, scopes: String) -> Result<(), Stop> {
    let wanted: BTreeSet<&str> = scopes.split_whitespace().collect();
    let (ledger, witness) = world.token_record().await?;
    let (requests, expected) = (ledger.token_requests(), format!("scope {scopes}"));
    let all = of_requests(requests.len());
    judge_each(world, ("scopes-asked-for", &expected), (&requests, witness), all, |request| {
        let asked = request.client.scopes_asked.clone().unwrap_or_default();
        let asked: BTreeSet<&str> = asked.iter().map(String::as_str).collect();
        (asked != wanted).then(|| format!("scope {}", asked.into_iter().collect::<Vec<_>>().join(" ")))
    });
    Ok(())
}

/// How many token requests there were.
#[then(regex = r"^the org saw (\d+) token requests? in all$")]
async fn token_requests(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let seq = requests.get(wanted).map(|request| request.seq);
    let observed = count::of(requests.len(), "token request");
    let expected = count::of(wanted, "token request");
    world.judge_at("token-requests", requests.len() == wanted, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// Okta takes no body whose kind it does not know.
#[then("the org saw every body labelled as JSON")]
async fn labelled_bodies(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let bodies = calls.iter().filter(|call| !call.request.body.is_empty());
    let label = |call: &&&Exchange| {
        let kind = call.request.headers("content-type").next().unwrap_or_default();
        kind.split(';').next().unwrap_or_default().trim() == "application/json"
    };
    let wrong = bodies.clone().find(|call| !label(call));
    let (count, seq) = (bodies.count(), wrong.map(|call| call.seq));
    let observed = match wrong {
        Some(call) => format!("{} {} without it", call.request.method, call.request.path()),
        None => format!("{} with it", count::of(count, "body")),
    };
    let expected = "Content-Type: application/json with every body";
    world.judge_at("body-label", seq.is_none() && count > 0, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// Support finds an integration by it.
#[then("the org saw a User-Agent in every request")]
async fn user_agent(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let nameless = ledger.0.iter().find(|exchange| exchange.request.headers("user-agent").all(str::is_empty));
    let observed = match nameless {
        Some(exchange) => format!("{} {} without one", exchange.request.method, exchange.request.path()),
        None => format!("{}, all with one", count::of(ledger.0.len(), "request")),
    };
    let holds = nameless.is_none() && !ledger.0.is_empty();
    let seq = nameless.map(|exchange| exchange.seq);
    world.judge_at("user-agent-sent", holds, "a User-Agent in every request", observed, Witness::Ledger, seq);
    Ok(())
}

/// The API token, by its own scheme, and no OAuth at all.
#[then("the org saw the API token in every call, and OAuth in none")]
async fn ssws(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let other = calls
        .iter()
        .find(|call| !call.request.headers("authorization").any(|value| value.starts_with("SSWS")));
    let requests = ledger.token_requests().len();
    let observed = match other {
        Some(call) => format!("{} {} without it", call.request.method, call.request.path()),
        None => format!("{} calls with it, {requests} token requests", calls.len()),
    };
    let holds = other.is_none() && !calls.is_empty() && requests == 0;
    let seq = other.map(|call| call.seq);
    world.judge_at(
        "api-token-sent",
        holds,
        "Authorization: SSWS … in every call",
        observed,
        Witness::Ledger,
        seq,
    );
    Ok(())
}
