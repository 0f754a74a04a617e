//! What the org saw of refresh tokens.

use std::collections::BTreeSet;

use cucumber::then;

use crate::{
    checks::answers::{self, Answer},
    client::protocol::Outcome,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::ledger::Exchange,
};

/// How often the client refreshed.
#[then(regex = r"^the org saw (\d+) refresh(?:es)? in all$")]
async fn refreshes(world: &mut World, wanted: usize) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.grants("refresh_token");
    let seq = requests.get(wanted).map(|request| request.seq);
    let observed = format!("{} refreshes", requests.len());
    let expected = format!("{wanted} refreshes");
    world.judge_at("refreshes", requests.len() == wanted, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The refresh token that the client had been sent last, each time.
#[then("the org saw each refresh with the refresh token that it had sent last")]
async fn latest(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let mut sent: Option<String> = None;
    let (mut refreshes, mut stale) = (0, None);
    for request in ledger.token_requests().into_iter().filter(|request| !request.is_bystander()) {
        if request.request.form("grant_type").as_deref() == Some("refresh_token") {
            refreshes += 1;
            if request.request.form("refresh_token") != sent {
                stale = stale.or(Some(request.seq));
            }
        }
        if let Some(token) = request.response.json()["refresh_token"].as_str() {
            sent = Some(token.to_owned());
        }
    }
    let observed = match stale {
        Some(_) => "a refresh token that had been replaced".to_owned(),
        None => format!("{refreshes} refreshes, all like that"),
    };
    let holds = stale.is_none() && refreshes > 0;
    let expected = "the refresh token of the response before";
    world.judge_at("latest-refresh-token", holds, expected, observed, Witness::Ledger, stale);
    Ok(())
}

/// How the org treats refresh tokens of this kind of app.
#[then(regex = "^the org sent (the same|another) refresh token with each refresh$")]
async fn rotation(world: &mut World, which: String) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let sent: Vec<String> = ledger
        .token_requests()
        .iter()
        .filter_map(|request| request.response.json()["refresh_token"].as_str().map(ToOwned::to_owned))
        .collect();
    let refreshes = ledger.grants("refresh_token").len();
    let different = sent.iter().collect::<BTreeSet<_>>().len();
    let wanted = if which == "another" { refreshes + 1 } else { 1 };
    let holds = refreshes > 0 && sent.len() == refreshes + 1 && different == wanted;
    let observed = format!("{refreshes} refreshes, {different} different refresh tokens sent");
    let expected = format!("a refresh token in each response, {wanted} different ones");
    world.judge("refresh-token-rotation", holds, expected, observed, Witness::Ledger);
    Ok(())
}

/// A refresh can narrow what the person allowed, not widen it.
#[then(expr = "the org saw refreshes within {string}")]
async fn within(world: &mut World, scopes: String) -> Result<(), Stop> {
    let allowed: BTreeSet<&str> = scopes.split_whitespace().collect();
    let ledger = world.ledger().await?;
    let requests = ledger.grants("refresh_token");
    let beyond = |request: &&&Exchange| {
        let asked = request.request.form("scope").unwrap_or_default();
        asked.split_whitespace().any(|scope| !allowed.contains(scope))
    };
    let wrong = requests.iter().find(beyond);
    let observed = match wrong {
        Some(request) => format!("scope {}", request.request.form("scope").unwrap_or_default()),
        None => format!("{} refreshes, all like that", requests.len()),
    };
    let holds = wrong.is_none() && !requests.is_empty();
    let seq = wrong.map(|request| request.seq);
    world.judge_at("refresh-scope", holds, format!("at most {scopes}"), observed, Witness::Ledger, seq);
    Ok(())
}

/// The refresh token is no longer good.
#[then(expr = "the org refused the refresh with {int} {word}: {string}")]
async fn refused(world: &mut World, status: u16, code: String, description: String) -> Result<(), Stop> {
    let wanted = Answer::OAuth { status, code: &code, description: &description };
    let ledger = world.ledger().await?;
    let refresh = ledger.grants("refresh_token").last().map(|request| (*request).clone());
    let faults = match &refresh {
        Some(refresh) => answers::faults(&wanted, &refresh.response),
        None => vec!["the org saw no refresh".to_owned()],
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let seq = refresh.map(|refresh| refresh.seq);
    world.judge_at("refresh-refused", faults.is_empty(), wanted.words(), observed, Witness::Ledger, seq);
    Ok(())
}

/// What was refused for good is not presented again.
#[then("the org saw the refused refresh token once")]
async fn once(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.grants("refresh_token");
    let refused = requests.iter().find(|request| request.response.status == 400);
    let token = refused.and_then(|request| request.request.form("refresh_token"));
    let after = refused.map_or(0, |request| request.seq);
    let again: Vec<u64> = requests
        .iter()
        .filter(|request| request.seq > after && request.request.form("refresh_token") == token)
        .map(|request| request.seq)
        .collect();
    let observed = match refused {
        Some(_) => format!("{} times after it was refused", again.len()),
        None => "no refresh was refused".to_owned(),
    };
    let holds = refused.is_some() && again.is_empty();
    let seq = again.first().copied();
    world.judge_at("dead-refresh-token", holds, "once", observed, Witness::Ledger, seq);
    Ok(())
}

/// What is over is begun anew: by the client, or by its caller, who must learn of it.
#[then("the person signed in again, or the caller learnt that they must")]
async fn signed_in_again(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let doing = world.last()?;
    let again = ledger.after(doing.after).iter().any(|exchange| exchange.response.redirect("code").is_some());
    let holds = match &doing.outcome {
        Outcome::Ok(_) => again,
        Outcome::Refused(_) => true,
        _ => false,
    };
    let observed = format!("{}; signed in again: {again}", doing.outcome.words());
    let expected = "success after a new sign-in, or a refusal";
    world.judge("signed-in-again", holds, expected, observed, Witness::Ledger);
    Ok(())
}
