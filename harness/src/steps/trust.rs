//! Whom a client trusts, what it keeps to itself, and what is good for one use only.

use cucumber::{given, then};
use serde_json::Value;

use super::given::expect_ok;
use crate::{
    client::protocol::Op,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
    target::{
        bystander::{Bystander, BystanderError},
        second_address::SecondAddress,
    },
};

/// A certificate authority that has signed no org's certificate.
const ANOTHER_AUTHORITY: &str = include_str!("../../../fixtures/selftest/another-authority.pem");

/// The org's address with TLS, and what the client is given to check its certificate by.
#[given(regex = "^the client reaches the org over TLS and was given (its|another) authority$")]
async fn over_tls(world: &mut World, which: String) -> Result<(), Stop> {
    world.draft.tls = true;
    let ready = world.org().await?.ready;
    let another = (which == "another").then(|| ANOTHER_AUTHORITY.to_owned());
    // A client that is handed addresses with TLS only has its own, maybe by another host.
    if ready.handed_out.is_some() {
        if let Some(pem) = another {
            world.edits.push(Box::new(move |connection| connection.ca_pem = Some(pem.clone())));
        }
        return Ok(());
    }
    let (Some(url), Some(path)) = (ready.tls_base_url, ready.ca_file) else {
        return Err(world.untestable("an org with a TLS listener and an authority of its own"));
    };
    let pem = match (another, std::fs::read_to_string(&path)) {
        (Some(another), _) => another,
        (None, Ok(own)) => own,
        (None, Err(error)) => return Err(world.broke("org", format!("{}: {error}", path.display()))),
    };
    world.edits.push(Box::new(move |connection| {
        connection.org_url.clone_from(&url);
        connection.issuer.clone_from(&url);
        connection.ca_pem = Some(pem.clone());
    }));
    Ok(())
}

/// As behind a gateway or another domain, whose address the org does not take for its own.
#[given("the client knows the org by an address that is not the org's own")]
async fn another_address(world: &mut World) -> Result<(), Stop> {
    let base_url = world.plain_address().await?;
    let address = match SecondAddress::of(&base_url).await {
        Ok(address) => address,
        Err(error) => return Err(world.broke("second-address", error.to_string())),
    };
    // The edit keeps the address open for as long as the scenario lives.
    world.edits.push(Box::new(move |connection| {
        connection.org_url.clone_from(&address.url);
        connection.issuer.clone_from(&address.url);
    }));
    Ok(())
}

/// Other settings for the same client, which is not started anew.
#[given(expr = "the client was set up again for {string}")]
async fn set_up_again(world: &mut World, scopes: String) -> Result<(), Stop> {
    world.scopes = Some(scopes.split_whitespace().map(ToOwned::to_owned).collect());
    world.configure_again().await
}

/// One call that comes off, however long the client had to wait for it.
#[given("the client has read groups once")]
async fn has_read_groups(world: &mut World) -> Result<(), Stop> {
    expect_ok(world, Op::get("/api/v1/groups?limit=1")).await
}

/// Whoever is there is not the org: nothing is said to them.
#[then("the org saw no request of the client")]
async fn no_request(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let own = ledger.0.iter().find(|exchange| !exchange.is_bystander());
    let observed = own.map_or_else(
        || "no request".to_owned(),
        |exchange| format!("{} {}", exchange.request.method, exchange.request.path()),
    );
    let seq = own.map(|exchange| exchange.seq);
    world.judge_at("no-request", own.is_none(), "no request", observed, Witness::Ledger, seq);
    Ok(())
}

/// Standard output and standard error are logs, and logs are read by many.
#[then("nothing that the client printed holds a secret of the org")]
async fn printed_no_secret(world: &mut World) -> Result<(), Stop> {
    let (printed, free) = world.printed().await?;
    let observed = match (printed.is_empty(), printed == free) {
        (true, _) => "nothing was printed".to_owned(),
        (false, true) => format!("{} characters without a secret", printed.chars().count()),
        (false, false) => format!("a secret in: {}", free.trim()),
    };
    let expected = "neither secrets nor tokens in what the client prints";
    world.judge("printed-no-secret", printed == free, expected, observed, Witness::ClientSays);
    Ok(())
}

/// Somebody who has seen the request sends it again, word for word.
#[then(expr = "the org refused the same assertion from a thief with {int} {word}: {string}")]
async fn replay_refused(
    world: &mut World,
    status: u16,
    code: String,
    description: String,
) -> Result<(), Stop> {
    let base_url = world.plain_address().await?;
    let ledger = world.ledger().await?;
    let request =
        ledger.token_requests().into_iter().find(|request| request.client.assertion.is_some()).cloned();
    let Some(request) = request else {
        return Err(world.untestable("a token request with an assertion"));
    };
    let sent = match Bystander::at(&base_url) {
        Ok(thief) => thief.post_again(request.request.path(), &request.request.body).await,
        Err(error) => Err(error),
    };
    let wanted = format!("{status} {code}: {description}");
    let observed = match sent {
        Ok(()) => "a token for the thief".to_owned(),
        Err(BystanderError::Refused { status, body, .. }) => {
            let body: Value = serde_json::from_str(&body).unwrap_or_default();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            format!("{status} {}: {}", text("error"), text("error_description"))
        }
        Err(error) => return Err(world.broke("bystander", error.to_string())),
    };
    world.judge("replay-refused", observed == wanted, wanted, observed, Witness::Ledger);
    Ok(())
}

/// Whichever bucket was empty: its own reset counts, not that of another.
#[then("the org saw the client wait for each bucket that was empty")]
async fn each_reset(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let mut buckets = 0;
    let mut early = None;
    for limited in ledger.0.iter().filter(|exchange| exchange.response.status == 429) {
        buckets += 1;
        let reset: Option<i64> =
            limited.response.header("x-rate-limit-reset").and_then(|value| value.parse().ok());
        let again = ledger.calls_of(limited.request.path()).into_iter().find(|call| call.seq > limited.seq);
        let waited = again.and_then(|call| Some(call.at_s()? - reset?));
        if early.is_none() && waited.is_none_or(|seconds| seconds < 0) {
            let words = match waited {
                Some(seconds) => format!("{} s before the reset", -seconds),
                None => "never again".to_owned(),
            };
            early = Some((format!("{}: {words}", limited.request.path()), limited.seq));
        }
    }
    let (observed, seq) = match early {
        Some((words, seq)) => (words, Some(seq)),
        None => (format!("{buckets} of 2 buckets were empty, and none was called before its reset"), None),
    };
    let holds = seq.is_none() && buckets == 2;
    world.judge_at("each-reset", holds, "a wait for either reset", observed, Witness::Ledger, seq);
    Ok(())
}
