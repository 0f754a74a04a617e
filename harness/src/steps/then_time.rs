//! What the org's clock did to the exchanges.

use cucumber::then;

use crate::count;
use crate::suite::{
    outcome::Witness,
    world::{Stop, World},
};

/// The date of every answer to the last intent, as it stands in a calendar.
#[then(expr = "the org dated its answers {string}")]
async fn dated(world: &mut World, wanted: String) -> Result<(), Stop> {
    let after = world.last()?.after;
    let ledger = world.ledger().await?;
    let dates: Vec<String> = ledger
        .after(after)
        .iter()
        .map(|exchange| exchange.response.header("date").unwrap_or("none").to_owned())
        .collect();
    let holds = !dates.is_empty() && dates.iter().all(|date| date.contains(&wanted));
    world.judge("dated", holds, wanted, dates.join("; "), Witness::Ledger);
    Ok(())
}

/// A clock that stands.
#[then("the org saw everything at one and the same moment")]
async fn same_moment(world: &mut World) -> Result<(), Stop> {
    let after = world.last()?.after;
    let ledger = world.ledger().await?;
    let times: Vec<&str> = ledger.after(after).iter().map(|exchange| exchange.time.as_str()).collect();
    let holds = times.len() > 1 && times.windows(2).all(|pair| pair[0] == pair[1]);
    world.judge(
        "same-moment",
        holds,
        "several exchanges at the same time",
        times.join("; "),
        Witness::Ledger,
    );
    Ok(())
}

/// A clock that runs.
#[then("the org saw time pass from one exchange to the next")]
async fn time_passes(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let times: Vec<&str> = ledger.0.iter().map(|exchange| exchange.time.as_str()).collect();
    let holds =
        times.len() > 1 && times.windows(2).all(|pair| pair[0] <= pair[1]) && times.first() != times.last();
    world.judge("time-passes", holds, "later and later", times.join("; "), Witness::Ledger);
    Ok(())
}

/// The org's own time beside the one that it tells.
#[then(regex = r"^the org's date was (\d+) seconds (ahead of|behind) its own time$")]
async fn skewed(world: &mut World, seconds: i64, way: String) -> Result<(), Stop> {
    let wanted = if way == "behind" { -seconds } else { seconds };
    let ledger = world.ledger().await?;
    let skews: Vec<i64> = ledger
        .ill()
        .filter_map(|exchange| {
            let date = jiff::fmt::rfc2822::parse(exchange.response.header("date")?).ok()?;
            Some(date.timestamp().as_second() - exchange.at_s()?)
        })
        .collect();
    let holds = !skews.is_empty() && skews.iter().all(|skew| (wanted - 1..=wanted + 1).contains(skew));
    let observed = format!("{skews:?} seconds");
    world.judge("date-skew", holds, count::of(wanted, "second"), observed, Witness::Ledger);
    Ok(())
}
