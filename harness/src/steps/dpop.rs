//! Proofs of possession: how the client is set up for them, and what the org saw of them.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cucumber::{given, then};
use serde_json::json;

use super::org;
use crate::{
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::{Assertion, Exchange},
};

/// The algorithms that Okta takes for proofs.
const ALGORITHMS: [&str; 6] = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

/// How old a proof may be for Okta, in seconds.
const MAX_AGE_S: i64 = 300;

/// A service app whose tokens are bound to a key, and a client that was told so.
#[given("a client that proves possession of a key")]
async fn proves_possession(world: &mut World) {
    world.app = Some(org::SERVICE_APP.to_owned());
    org::change_app(world, |app| app["dpop"] = json!(true));
    told_to_prove(world).await;
}

/// What an administrator tells the client, whatever the app wants.
#[given("the client was told to prove possession of a key")]
async fn told_to_prove(world: &mut World) {
    world.edits.push(Box::new(|connection| connection.dpop = true));
}

/// The box was cleared.
#[given("the app's tokens are not bound to a key")]
async fn not_bound(world: &mut World) {
    org::change_app(world, |app| app["dpop"] = json!(false));
}

/// Judges every request that has to carry a proof: token requests and calls. No request is a fault too.
async fn every_proof(
    world: &mut World,
    slug: &str,
    expected: &str,
    mut fault: impl FnMut(&Exchange, &Assertion) -> Option<String>,
) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests: Vec<&Exchange> =
        ledger.0.iter().filter(|exchange| exchange.is_token_request() || exchange.is_api_call()).collect();
    let wrong = requests.iter().find_map(|request| {
        let words = match &request.client.dpop {
            Some(proof) => fault(request, proof),
            None => Some(format!("{} {} without a proof", request.request.method, request.request.path())),
        };
        words.map(|words| (words, request.seq))
    });
    let (observed, seq) = match wrong {
        Some((words, seq)) => (words, Some(seq)),
        None if requests.is_empty() => ("no request".to_owned(), None),
        None => (format!("{}, all like that", count::of(requests.len(), "request")), None),
    };
    let holds = seq.is_none() && !requests.is_empty();
    world.judge_at(slug, holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// A proof is good for one request (RFC 9449 §4.2, `jti`).
#[then("the org saw a proof of its own in every request")]
async fn own_proofs(world: &mut World) -> Result<(), Stop> {
    let mut seen = BTreeSet::new();
    every_proof(world, "proofs-of-their-own", "a proof with a jti of its own in every request", |_, proof| {
        match proof.claims["jti"].as_str() {
            Some(jti) if seen.insert(jti.to_owned()) => None,
            Some(jti) => Some(format!("the jti {jti} was sent before")),
            None => Some(format!("jti {}", proof.claims["jti"])),
        }
    })
    .await
}

/// Okta takes no proof that is older than five minutes, and none from the future.
#[then("the org saw proofs that were made when they were sent")]
async fn fresh_proofs(world: &mut World) -> Result<(), Stop> {
    every_proof(world, "proof-age", "iat 0 to 300 s ago", |request, proof| {
        let age = proof.claims["iat"].as_i64().zip(request.at_s()).map(|(iat, at)| at - iat);
        match age {
            Some(0..=MAX_AGE_S) => None,
            Some(seconds) => Some(format!("iat {seconds} s ago")),
            None => Some(format!("iat {}", proof.claims["iat"])),
        }
    })
    .await
}

/// The method, and the address without its query.
#[then("the org saw proofs for the method and the address of their requests")]
async fn method_and_address(world: &mut World) -> Result<(), Stop> {
    let base = world.org().await?.ready.client_url().to_owned();
    every_proof(
        world,
        "proof-address",
        "htm the method, htu the address without a query",
        |request, proof| {
            let (htm, htu) = (&proof.claims["htm"], &proof.claims["htu"]);
            let address = format!("{base}{}", request.request.path());
            (htm != request.request.method.as_str() || htu != address.as_str())
                .then(|| format!("{} {address} with htm {htm}, htu {htu}", request.request.method))
        },
    )
    .await
}

/// The org verifies with the key in the header: it must be there, and be a public one.
#[then("the org saw proofs of the type dpop+jwt, signed by the public key that they carry")]
async fn header(world: &mut World) -> Result<(), Stop> {
    let expected = "typ dpop+jwt, alg RS or ES with 256, 384 or 512, a jwk that Okta takes";
    every_proof(world, "proof-header", expected, |request, proof| {
        let (typ, alg, jkt) = (&proof.header["typ"], &proof.header["alg"], &proof.header["jkt"]);
        let known = alg.as_str().is_some_and(|alg| ALGORITHMS.contains(&alg));
        if typ != "dpop+jwt" || !known || jkt.is_null() {
            return Some(format!("typ {typ}, alg {alg}, a usable jwk: {}", !jkt.is_null()));
        }
        let refused = request.response.error_code().is_some_and(|code| code == "invalid_dpop_proof");
        refused.then(|| format!("a proof that the org refused: {}", request.decision().unwrap_or_default()))
    })
    .await
}

/// A token is bound to the key of the request that brought it.
#[then("the org saw all proofs made with one key")]
async fn one_key(world: &mut World) -> Result<(), Stop> {
    let mut first: Option<String> = None;
    every_proof(world, "proof-key", "one key in all proofs", |_, proof| {
        let jkt = proof.header["jkt"].as_str().unwrap_or_default().to_owned();
        let known = first.get_or_insert_with(|| jkt.clone());
        (*known != jkt || jkt.is_empty()).then(|| format!("the key {jkt:?} after the key {known:?}"))
    })
    .await
}

/// `use_dpop_nonce`, and the next request carries what came with it.
#[then("the org saw the client repeat its request with the nonce that it was given")]
async fn repeats_with_nonce(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests();
    let asked = requests
        .iter()
        .rposition(|request| request.response.error_code().as_deref() == Some("use_dpop_nonce"));
    let (holds, observed, seq) = match asked {
        None => (false, "the org did not ask for a nonce".to_owned(), None),
        Some(at) => {
            let given = requests[at].response.header("dpop-nonce").unwrap_or_default();
            match requests.get(at + 1) {
                None => (false, "no request after the one that was refused".to_owned(), None),
                Some(next) => {
                    let sent = next.client.dpop.as_ref().and_then(|proof| proof.claims["nonce"].as_str());
                    let holds = sent == Some(given) && !given.is_empty() && next.response.status == 200;
                    let same = if sent == Some(given) { "the nonce" } else { "another nonce or none" };
                    (
                        holds,
                        format!("a request with {same}, answered {}", next.response.status),
                        Some(next.seq),
                    )
                }
            }
        }
    };
    let expected = "after use_dpop_nonce one request with that nonce, answered 200";
    world.judge_at("nonce-answered", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// `ath` is the digest of the token beside the proof.
#[then("the org saw in every call a proof for the token that came with it")]
async fn token_digest(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let wrong = calls.iter().find(|call| {
        let token = call.request.headers("authorization").next().and_then(|value| value.split_once(' '));
        let ath = call.client.dpop.as_ref().and_then(|proof| proof.claims["ath"].as_str());
        token.is_none_or(|(_, token)| ath != Some(&digest(token.trim())))
    });
    let observed = match wrong {
        Some(call) => {
            let ath = call.client.dpop.as_ref().map(|proof| proof.claims["ath"].to_string());
            format!("{} {} with ath {}", call.request.method, call.request.path(), ath.unwrap_or_default())
        }
        None => format!("{}, all like that", count::of(calls.len(), "call")),
    };
    let holds = wrong.is_none() && !calls.is_empty();
    let seq = wrong.map(|call| call.seq);
    let expected = "ath the SHA-256 digest of the token in every call";
    world.judge_at("proof-token", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

fn digest(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes()))
}

/// The scheme by which access tokens came.
#[then(regex = "^the org saw every call under the scheme (Bearer|DPoP)$")]
async fn scheme(world: &mut World, wanted: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let start = format!("{wanted} ");
    let other = calls
        .iter()
        .find(|call| !call.request.headers("authorization").any(|value| value.starts_with(&start)));
    let observed = match other {
        Some(call) => {
            let value = call.request.headers("authorization").next().unwrap_or_default();
            format!("a call under {:?}", value.split(' ').next().unwrap_or_default())
        }
        None => count::of(calls.len(), "call"),
    };
    let holds = other.is_none() && !calls.is_empty();
    let seq = other.map(|call| call.seq);
    let expected = format!("Authorization: {wanted} … in every call");
    world.judge_at("scheme", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}
