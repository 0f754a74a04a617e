//! Requests that hail.

use std::collections::HashMap;

use super::{Finding, Scene};

/// So many times may one and the same request come within a second of the org's time. An org lets ten calls of the busiest
/// lists a second through in all (600 a minute for `/api/v1/users`, ratelimit-oin-facts §1), so who repeats one call faster
/// than that takes the whole org's share for itself; and no retry that waits at all comes near it.
const MOST: usize = 10;

/// The same request again and again within one op, without a pause.
pub(super) fn no_storm(scene: &Scene<'_>) -> Option<Finding> {
    scene.ops().find_map(|(_, exchanges)| {
        let mut times: HashMap<(&str, &str, &str), Vec<i64>> = HashMap::new();
        exchanges.iter().find_map(|exchange| {
            let request = &exchange.request;
            let same = times.entry((&request.method, &request.target, &request.body)).or_default();
            let now = exchange.time.parse::<jiff::Timestamp>().ok()?.as_millisecond();
            same.push(now);
            let hail = same.iter().filter(|time| now - **time < 1000).count();
            (hail > MOST).then(|| {
                let observed = format!("{} {} {hail} times within a second", request.method, request.path());
                Finding::at(exchange, format!("one request {MOST} times a second at most"), observed)
            })
        })
    })
}
