//! An integration that reads an org again and again, by its own plan: which pages it asks for, whether it reads only what has
//! changed, and whether it misses what appears late.

use std::collections::BTreeSet;

use cucumber::{given, then, when};
use jiff::{SignedDuration, Timestamp};

use super::{
    acting::{administer, id_of},
    given::expect_ok,
    thing::Kind,
};
use crate::{
    client::protocol::{Op, Outcome},
    count,
    suite::{
        outcome::Witness,
        world::{Stop, World, elements},
    },
    target::ledger::Exchange,
};

/// Lists with a greatest page: how large it is, and how large a page is that was asked for without a size.
const PAGES: &[(&str, u32, u32)] =
    &[("/api/v1/users", 200, 200), ("/api/v1/apps", 200, 20), ("/api/v1/logs", 1000, 100)];

/// So far back may a later run look, for what appears late.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// As it does on its own schedule.
#[given("the client has synchronised")]
async fn has_synchronised(world: &mut World) -> Result<(), Stop> {
    expect_ok(world, Op::Sync).await
}

/// The next run.
#[given("a minute later the client has synchronised")]
async fn has_synchronised_later(world: &mut World) -> Result<(), Stop> {
    let org = world.org().await?;
    let moved = org.advance_clock(60).await;
    world.need(moved)?;
    world.perform(Op::AdvanceClock { ms: 60_000 }).await?;
    expect_ok(world, Op::Sync).await
}

/// As it does on its own schedule.
#[when("the client synchronises")]
async fn synchronises(world: &mut World) -> Result<(), Stop> {
    world.perform(Op::Sync).await.map(drop)
}

/// First pages: those after them are as the org linked them.
#[then("the org saw large lists asked for in large pages")]
async fn large_pages(world: &mut World) -> Result<(), Stop> {
    let ledger = world.ledger().await?;
    let calls = ledger.api_calls();
    let (mut seen, mut small) = (0, None);
    for call in calls.iter().filter(|call| call.request.query("after").is_none()) {
        let path = call.request.path().trim_end_matches('/');
        let Some((_, most, usual)) = PAGES.iter().find(|(list, ..)| *list == path) else { continue };
        let size = call.request.query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(*usual);
        seen += 1;
        if size < *most && small.is_none() {
            small = Some((format!("{path} by {size}, and {most} would do"), call.seq));
        }
    }
    if seen == 0 {
        return Err(world.untestable("a synchronisation that reads users, apps or the log"));
    }
    let observed =
        small.as_ref().map_or_else(|| format!("so in {}", count::of(seen, "list")), |one| one.0.clone());
    let seq = small.map(|one| one.1);
    let expected = "users and apps by 200, events by 1000";
    world.judge_at("large-pages", seq.is_none(), expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// By a date, or from a link that the org handed out before.
#[then("the org saw each list asked for by what has changed since")]
async fn only_changes(world: &mut World) -> Result<(), Stop> {
    let after = world.last()?.after;
    let ledger = world.ledger().await?;
    let first = ledger.own().find_map(|exchange| exchange.time.parse::<Timestamp>().ok());
    let calls = ledger.api_calls();
    let handed_out = |call: &Exchange| {
        let before = ledger.own().filter(|exchange| exchange.seq < call.seq);
        before
            .filter_map(|exchange| exchange.response.next_page())
            .any(|url| url.ends_with(&call.request.target))
    };
    let lists = || {
        calls.iter().filter(|call| {
            call.seq > after && call.request.method == "GET" && call.response.json().is_array()
        })
    };
    let whole = lists().find(|call| {
        !handed_out(call) && since(call).zip(first).is_none_or(|(since, first)| since < first - OVERLAP)
    });
    let observed = match whole {
        Some(call) => format!("{} asks for everything", call.request.target),
        None => format!("so in {}", count::of(lists().count(), "list")),
    };
    let seq = whole.map(|call| call.seq);
    let holds = seq.is_none() && lists().next().is_some();
    let expected = "a date since when, or a link that the org handed out before";
    world.judge_at("only-changes", holds, expected, observed, Witness::Ledger, seq);
    Ok(())
}

/// The date from which on a list was asked for what has changed.
fn since(call: &Exchange) -> Option<Timestamp> {
    if let Some(since) = call.request.query("since") {
        return since.parse().ok();
    }
    let expression = call.request.query("search").or_else(|| call.request.query("filter"))?;
    if !expression.contains("lastUpdated") && !expression.contains("lastMembershipUpdated") {
        return None;
    }
    expression.split('"').find_map(|part| part.parse().ok())
}

/// The user, where the client reads users; what the log says of them, where it follows the log.
#[then(expr = "the caller received all that happened to the user {string}")]
async fn missed_nothing(world: &mut World, name: String) -> Result<(), Stop> {
    let id = id_of(world, Kind::User, &name).await?;
    let filter = form_urlencoded::Serializer::new(String::new())
        .append_pair("filter", &format!("target.id eq \"{id}\""))
        .finish();
    let log = administer(world, "GET", &format!("/api/v1/logs?{filter}"), None).await?;
    let ledger = world.ledger().await?;
    let reads = |path: &str| !ledger.calls_of(path).is_empty();
    let mut happened = BTreeSet::new();
    if reads("/api/v1/users") {
        happened.insert(id);
    }
    if reads("/api/v1/logs") {
        let events = elements(&log).iter().filter_map(|event| event["uuid"].as_str());
        happened.extend(events.map(ToOwned::to_owned));
    }
    let runs = world.doings.iter().filter(|doing| doing.op == Op::Sync);
    let received: BTreeSet<String> = runs
        .filter_map(|doing| match &doing.outcome {
            Outcome::Ok(achieved) => achieved.values.clone(),
            _ => None,
        })
        .flatten()
        .filter_map(|value| value.as_str().map(ToOwned::to_owned))
        .collect();
    if happened.is_empty() {
        return Err(world.untestable("a synchronisation that reads users or the log"));
    }
    let missing: Vec<&str> = happened.difference(&received).map(String::as_str).collect();
    let observed = match missing.is_empty() {
        true => format!("all {}", happened.len()),
        false => format!("{} of {} missing: {}", missing.len(), happened.len(), missing.join(", ")),
    };
    let expected = format!("the user and the events about them, {} in all", happened.len());
    world.judge("nothing-missed", missing.is_empty(), expected, observed, Witness::ClientSays);
    Ok(())
}
