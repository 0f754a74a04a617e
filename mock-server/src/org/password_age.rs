//! How old a password may get: `settings.password.age.maxAgeDays` of the password policy that applies to its user (the
//! specification of policies; 0 is no limit). Inferred: that the first active one applies, by provider and group; that
//! the age is reached to the second; that the user's status stays `ACTIVE` until somebody expires the password.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::document::Document;
use super::sign_on::{ids, in_force};
use super::state::OrgState;

/// Hours of a day of a policy.
const DAY: i64 = 24;

/// Whether the password of a user has reached its age.
pub fn is_reached(state: &OrgState, user: &Document, now: Timestamp) -> bool {
    let days = max_age_days(state, user);
    let changed = user.text("/passwordChanged").and_then(|changed| changed.parse::<Timestamp>().ok());
    match changed {
        Some(changed) if days > 0 => {
            now.duration_since(changed) >= SignedDuration::from_hours(days.saturating_mul(DAY))
        }
        _ => false,
    }
}

fn max_age_days(state: &OrgState, user: &Document) -> i64 {
    let provider = user.text("/credentials/provider/type");
    let provider = provider.as_deref().unwrap_or("OKTA");
    let policies = state.all("policies").after(None).filter(|policy| policy.is("/type", "PASSWORD"));
    let applies = |policy: &Value| {
        let groups = ids(policy, "/conditions/people/groups/include");
        policy.pointer("/conditions/authProvider/provider").is_none_or(|of| of == provider)
            && (groups.is_empty() || groups.iter().any(|group| state.is_related("members", group, &user.id)))
    };
    let first = in_force(policies).into_iter().find(|(_, _, policy)| applies(policy));
    let days = first.and_then(|(_, _, policy)| policy.pointer("/settings/password/age/maxAgeDays")?.as_i64());
    // More than any clock can reach is no limit.
    days.filter(|days| (0..1_000_000).contains(days)).unwrap_or(0)
}
