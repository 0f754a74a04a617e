//! Where the client's requests went.

use cucumber::then;

use crate::{
    checks::monitors::strayed,
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
};

/// Nothing that only the org may have went anywhere else: neither to another origin nor without TLS.
#[then("the org saw everything that the client sent at the address that it was given")]
async fn at_no_other_address(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let own = world.org().await?.ready.client_url().to_owned();
    let told = world.told.clone();
    let mine = || ledger.own();
    let astray = mine().find_map(|exchange| {
        let carries = exchange.request.headers("authorization").next().is_some()
            || exchange.is_token_request()
            || told.starts_with("https://");
        strayed(exchange, &told, &own).filter(|_| carries).map(|host| (host, exchange))
    });
    let observed = match &astray {
        Some((host, exchange)) => {
            format!("{} {} at {host}", exchange.request.method, exchange.request.path())
        }
        None => format!("{} requests, all at {told}", mine().count()),
    };
    let seq = astray.as_ref().map(|(_, exchange)| exchange.seq);
    let holds = astray.is_none() && mine().next().is_some();
    let expected = format!("requests with credentials at {told} only");
    world.judge_at("given-address", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}
