//! What the client was seen to do: addresses, scopes, its rate against the quota, tokens.

use std::collections::{BTreeMap, BTreeSet};

use super::traffic::{Sent, sent};
use crate::report::run::Run;

/// What the client was seen to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Each operation: how often, the most in a minute of one scenario, the limit that the org named.
    pub(crate) operations: Vec<Used>,
    /// Each scope, and how many token requests asked for it.
    pub(crate) scopes: Vec<(String, usize)>,
    /// All requests for tokens.
    pub(crate) tokens: usize,
    /// The most requests for tokens in an hour of one org, and its scenario.
    pub(crate) tokens_an_hour: Option<(usize, String)>,
    /// What it calls itself.
    pub(crate) agents: Vec<String>,
}

/// An operation that was used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Used {
    /// `GET /api/v1/users`.
    pub(crate) request: String,
    /// How often.
    pub(crate) count: usize,
    /// The most in a minute of one scenario.
    pub(crate) a_minute: usize,
    /// The limit of its bucket, where the org named one.
    pub(crate) limit: Option<u64>,
}

impl Profile {
    /// Of a run.
    pub(crate) fn of(run: &Run) -> Self {
        let mut operations: BTreeMap<String, Vec<Sent<'_>>> = BTreeMap::new();
        let mut scopes: BTreeMap<String, usize> = BTreeMap::new();
        let (mut tokens, mut agents) = (Vec::new(), BTreeSet::new());
        for one in sent(run) {
            operations.entry(named(one)).or_default().push(one);
            agents.extend(one.header("user-agent").map(str::to_owned));
            if one.is_for_a_token() {
                tokens.push(one);
                for scope in one.form("scope").unwrap_or_default().split_whitespace() {
                    *scopes.entry(scope.to_owned()).or_default() += 1;
                }
            }
        }
        let mut used: Vec<Used> = operations
            .into_iter()
            .map(|(request, of)| Used {
                request,
                count: of.len(),
                a_minute: most_within(&of, 60).map_or(0, |(most, _)| most),
                // Scenarios about buckets make limits smaller.
                limit: of
                    .iter()
                    .filter(|one| !one.was_asked_for("bucket"))
                    .filter_map(|one| one.answered("x-rate-limit-limit")?.parse().ok())
                    .max(),
            })
            .collect();
        used.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.request.cmp(&b.request)));
        let mut scopes: Vec<(String, usize)> = scopes.into_iter().collect();
        scopes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self {
            operations: used,
            scopes,
            tokens: tokens.len(),
            tokens_an_hour: most_within(&tokens, 3600),
            agents: agents.into_iter().collect(),
        }
    }
}

/// Method and path, ids left out.
fn named(one: Sent<'_>) -> String {
    let parts = one.path().split('/').map(|part| {
        let id = part.len() == 20
            && part.chars().all(|letter| letter.is_ascii_alphanumeric())
            && part.contains(|letter: char| letter.is_ascii_digit());
        if id || part.contains('@') { "{id}" } else { part }
    });
    format!("{} {}", one.method(), parts.collect::<Vec<_>>().join("/"))
}

/// The most that one scenario has within so many seconds of its org, and its id.
fn most_within(of: &[Sent<'_>], seconds: i64) -> Option<(usize, String)> {
    let mut times: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for one in of {
        if let Ok(time) = one.exchange.time.parse::<jiff::Timestamp>() {
            times.entry(&one.judged.scenario.id).or_default().push(time.as_second());
        }
    }
    let most = times.into_iter().map(|(scenario, mut at)| {
        at.sort_unstable();
        let windows = at.iter().enumerate().map(|(first, begin)| {
            at.iter().skip(first).take_while(|time| **time < begin.saturating_add(seconds)).count()
        });
        (windows.max().unwrap_or_default(), scenario.to_owned())
    });
    most.max_by_key(|(most, _)| *most)
}
