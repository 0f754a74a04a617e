//! Who is it?

use super::{Finding, Scene};

/// Okta's support finds an integration by its user agent.
pub(super) fn named(scene: &Scene<'_>) -> Option<Finding> {
    let named = |value: &str| !value.trim().is_empty();
    let nameless = scene.exchanges().find(|exchange| !exchange.request.headers("user-agent").any(named))?;
    let observed = format!("{} {} without one", nameless.request.method, nameless.request.path());
    Some(Finding::at(nameless, "a User-Agent header in every request", observed))
}
