//! What the org said about a person: ID tokens and the access tokens beside them.

use cucumber::then;
use serde_json::Value;

use super::org;
use crate::{
    checks::id_token::{self, About, Token},
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::{bystander::Bystander, ledger::Exchange},
};

/// The last token response of the client that has this member.
async fn last_with(world: &mut World, name: &str) -> Result<Option<(Exchange, String)>, Stop> {
    let ledger = world.ledger().await?;
    let requests = ledger.token_requests().into_iter().rev();
    let own = requests.filter(|request| !request.is_bystander());
    Ok(own
        .filter_map(|request| Some((request, request.response.json()[name].as_str()?.to_owned())))
        .map(|(request, token)| (request.clone(), token))
        .next())
}

/// Judges the last ID token; `faults` says what is wrong with it.
async fn judge_id_token(
    world: &mut World,
    slug: &str,
    expected: impl Into<String>,
    faults: impl FnOnce(&Exchange, &Token) -> Vec<String>,
) -> Result<(), Stop> {
    let sent = last_with(world, "id_token").await?;
    let faults = match &sent {
        None => vec!["the org sent no ID token".to_owned()],
        Some((exchange, token)) => match Token::read(token) {
            None => vec!["the ID token is no JWT".to_owned()],
            Some(token) => faults(exchange, &token),
        },
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let seq = sent.map(|(exchange, _)| exchange.seq);
    world.judge_at(slug, faults.is_empty(), expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// RS256, by a key of `/oauth2/v1/keys`.
#[then("the org sent an ID token that its published key verifies")]
async fn signature(world: &mut World) -> Result<(), Stop> {
    let base_url = world.org().await?.ready.base_url;
    let keys = match Bystander::at(&base_url) {
        Ok(oracle) => oracle.keys().await,
        Err(error) => Err(error),
    };
    let keys = match keys {
        Ok(keys) => keys,
        Err(error) => return Err(world.untestable(error.to_string())),
    };
    let expected = "RS256 by a key of /oauth2/v1/keys that is for signatures";
    judge_id_token(world, "id-token-signature", expected, |_, token| id_token::signature_faults(token, &keys))
        .await
}

/// Whom it is about, for whom, and for which request.
#[then(expr = "the org sent an ID token about the {word} for the client, with the nonce of its request")]
async fn subject(world: &mut World, person: String) -> Result<(), Stop> {
    let nonce = last_nonce(world).await?;
    about(world, &person, nonce.as_deref()).await
}

/// A refresh is of no request: the nonce stays away.
#[then(expr = "the org sent an ID token about the {word} for the client")]
async fn subject_without_nonce(world: &mut World, person: String) -> Result<(), Stop> {
    about(world, &person, None).await
}

async fn about(world: &mut World, person: &str, nonce: Option<&str>) -> Result<(), Stop> {
    let issuer = world.org().await?.ready.client_url().to_owned();
    let user_id = org::user_id(person);
    let Some((client_id, _)) = world.acting_as.clone() else {
        return Err(world.untestable("a client that was configured"));
    };
    let about = About { issuer: &issuer, client_id: &client_id, user_id: &user_id, nonce };
    let expected = format!(
        "ver 1, iss {issuer}, aud {client_id}, sub {user_id}, nonce {}, jti ID.…, idp 00o…",
        nonce.unwrap_or("none")
    );
    judge_id_token(world, "id-token-subject", expected, |_, token| id_token::subject_faults(token, &about))
        .await
}

async fn last_nonce(world: &mut World) -> Result<Option<String>, Stop> {
    let ledger = world.ledger().await?;
    Ok(ledger.authorizations().last().and_then(|request| request.request.query("nonce")))
}

/// Its times, and how the person signed in.
#[then("the org sent an ID token of an hour that says when and how the person signed in")]
async fn times(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let signed_in = ledger.0.iter().rev().find(|exchange| exchange.is_sign_in()).and_then(Exchange::at_s);
    let expected = "exp an hour after iat, auth_time of the sign-in, amr [\"pwd\"]";
    judge_id_token(world, "id-token-times", expected, |exchange, token| match (signed_in, exchange.at_s()) {
        (Some(signed_in), Some(now)) => id_token::time_faults(token, signed_in, now),
        _ => vec!["nobody signed in".to_owned()],
    })
    .await
}

/// It binds the access token that came with it.
#[then("the org sent an ID token that binds the access token beside it")]
async fn bound(world: &mut World) -> Result<(), Stop> {
    let expected = "at_hash: the left half of the access token's SHA-256";
    judge_id_token(world, "id-token-at-hash", expected, |exchange, token| {
        let body = exchange.response.json();
        let hash = id_token::at_hash(body["access_token"].as_str().unwrap_or_default());
        if token.claims["at_hash"] == hash.as_str() {
            Vec::new()
        } else {
            vec![format!("at_hash is {}, not {hash}", token.claims["at_hash"])]
        }
    })
    .await
}

/// A claim and its value.
#[then(expr = "the org sent an ID token that says {string} is {string}")]
async fn claim(world: &mut World, name: String, value: String) -> Result<(), Stop> {
    let expected = format!("{name} {value}");
    judge_id_token(world, "id-token-claim", expected, |_, token| match &token.claims[&name] {
        Value::String(seen) if *seen == value => Vec::new(),
        seen => vec![format!("{name} is {seen}")],
    })
    .await
}

/// What a scope was not asked for is nobody's business.
#[then(expr = "the org sent an ID token that does not tell {string}")]
async fn claim_absent(world: &mut World, name: String) -> Result<(), Stop> {
    judge_id_token(world, "id-token-claim-absent", format!("no {name}"), |_, token| {
        match token.claims.get(&name) {
            None => Vec::new(),
            Some(seen) => vec![format!("{name} is {seen}")],
        }
    })
    .await
}

/// Only who asks for `openid` learns who signed in.
#[then(regex = "^the org sent no (ID token|refresh token)$")]
async fn not_sent(world: &mut World, which: String) -> Result<(), Stop> {
    let name = if which == "ID token" { "id_token" } else { "refresh_token" };
    let ledger = world.ledger().await?;
    let issued = ledger.token_requests().into_iter().any(|request| request.client.issued.is_some());
    let sent = last_with(world, name).await?;
    let seq = sent.map(|(exchange, _)| exchange.seq);
    let observed = match (issued, seq) {
        (_, Some(_)) => format!("a response with {name}"),
        (true, None) => format!("a token without {name}"),
        (false, None) => "no token at all".to_owned(),
    };
    let slug = if name == "id_token" { "no-id-token" } else { "no-refresh-token" };
    let expected = format!("a token without {name}");
    world.judge_at(slug, issued && seq.is_none(), expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The access token is the person's, who is named in it by login and by id.
#[then(expr = "the org sent an access token of the {word}")]
async fn access_token(world: &mut World, person: String) -> Result<(), Stop> {
    let sent = last_with(world, "access_token").await?;
    let Some((client_id, _)) = world.acting_as.clone() else {
        return Err(world.untestable("a client that was configured"));
    };
    let wanted = [("sub", org::login(&person)), ("uid", org::user_id(&person)), ("cid", client_id)];
    let claims = sent.as_ref().and_then(|(_, token)| Token::read(token)).map(|token| token.claims);
    let faults: Vec<String> = match &claims {
        None => vec!["the org sent no access token".to_owned()],
        Some(claims) => wanted
            .iter()
            .filter(|(name, value)| claims[name] != value.as_str())
            .map(|(name, _)| format!("{name} is {}", claims[name]))
            .collect(),
    };
    let observed = if faults.is_empty() { "as expected".to_owned() } else { faults.join("; ") };
    let expected = wanted.map(|(name, value)| format!("{name} {value}")).join(", ");
    let seq = sent.map(|(exchange, _)| exchange.seq);
    world.judge_at("access-token-of", faults.is_empty(), expected, observed, Witness::Ledger, seq);
    Ok(())
}
