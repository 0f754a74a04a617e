//! Whether an adapter with bad manners ends its scenario in time, with the exit code that the contract has for it.

use std::time::{Duration, Instant};

use super::{
    declared::{Channel, Hostile},
    hostile_http::Listener,
    matrix::Row,
    trial::{Bench, Trial},
};
use crate::client::ClientSpec;

/// So long may an op of such an adapter take.
const OP: Duration = Duration::from_secs(2);
/// Ends by themselves would take as long as the adapter sleeps.
const IN_TIME: Duration = Duration::from_secs(25);
/// What it meets.
const SCENARIOS: [&str; 2] = ["TOK-001", "PAGE-001"];

/// Runs the scenarios with it.
///
/// # Errors
/// It cannot be started.
pub(super) async fn contained(bench: &Bench, adapter: &Hostile) -> Result<Row, String> {
    let (client, _listener) = match adapter.by {
        Channel::Stdio => {
            let program =
                std::env::current_exe().map_err(|error| format!("the program's own path: {error}"))?;
            let argv = [&program.display().to_string(), "hostile", &adapter.mode, &adapter.at];
            (ClientSpec::Stdio(argv.iter().map(ToString::to_string).collect()), None)
        }
        Channel::Http => {
            let listener = Listener::start(&adapter.mode, &adapter.at).await;
            let listener = listener.map_err(|error| format!("an address for {}: {error}", adapter.name()))?;
            (ClientSpec::Http(listener.url.clone()), Some(listener))
        }
    };
    let trial = Trial {
        driver: client.driver(),
        mutations: Vec::new(),
        scenarios: SCENARIOS.map(ToOwned::to_owned).to_vec(),
        op: Some(OP),
        jobs: super::SCENARIOS_AT_A_TIME,
    };
    let began = Instant::now();
    let outcome = bench.run(trial).await;
    let took = began.elapsed();
    let mut words: Vec<&str> = outcome.observed.values().map(String::as_str).collect();
    words.extend(outcome.not_begun.as_deref());
    words.push(&outcome.log);
    let mut undeclared = Vec::new();
    if outcome.exit != adapter.exit {
        undeclared.push(format!("exit {} instead of {} ({words:?})", outcome.exit, adapter.exit));
    }
    if !words.iter().any(|words| words.contains(&adapter.says)) {
        let words: String = words.join("; ").chars().take(400).collect();
        undeclared.push(format!("nobody says {:?}: {words:?}", adapter.says));
    }
    if took > IN_TIME {
        undeclared.push(format!("it took {} s", took.as_secs()));
    }
    let killed_by = vec![format!("exit {}", outcome.exit)];
    Ok(Row { killed_by, undeclared, ..Row::of("adapter", &adapter.name()) })
}
