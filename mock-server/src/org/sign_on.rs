//! Whether the org's sign-on policies let somebody in: by the groups of the user, the users whom a rule leaves out, and
//! the network. What else a rule may ask for (a second factor, a device, a risk) is not judged here.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::Value;

use super::change::Shelf;
use super::document::Document;
use super::state::OrgState;
use super::zone::NetworkCondition;

/// What the System Log says of somebody who is not let in.
pub const DENIED: &str = "Sign-on policy evaluation resulted in DENY";

/// Whether the first rule that applies, of the first policy that applies, lets a user sign in from an address. The error
/// names the rule that does not. Where none applies, nothing is in the way.
///
/// # Errors
/// The name of the rule.
pub fn admits(state: &OrgState, user: &str, peer: IpAddr) -> Result<(), String> {
    let in_one_of = |groups: &[&str]| groups.iter().any(|group| state.is_related("members", group, user));
    let policies = state.all("policies").after(None).filter(|policy| policy.is("/type", "OKTA_SIGN_ON"));
    for (_, policy, value) in in_force(policies) {
        let groups = ids(&value, "/conditions/people/groups/include");
        if !groups.is_empty() && !in_one_of(&groups) {
            continue;
        }
        let rules = state.on(&Shelf::below("policy_rules", &[&policy.id])).after(None);
        let applies = |rule: &Value| {
            let network = NetworkCondition::of(rule.pointer("/conditions/network"));
            !ids(rule, "/conditions/people/users/exclude").contains(&user)
                && !in_one_of(&ids(rule, "/conditions/people/groups/exclude"))
                && network.is_none_or(|network| network.holds(state.derived.zones(), peer))
        };
        if let Some((_, _, rule)) = in_force(rules).into_iter().find(|(_, _, rule)| applies(rule)) {
            let denies = rule.pointer("/actions/signon/access").is_some_and(|access| access == "DENY");
            let name = || rule.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            return if denies { Err(name()) } else { Ok(()) };
        }
    }
    Ok(())
}

/// The active ones in the order of their priorities.
pub(super) fn in_force<'d>(
    all: impl Iterator<Item = &'d Arc<Document>>,
) -> Vec<(i64, &'d Arc<Document>, Value)> {
    let active = all.filter(|one| one.is("/status", "ACTIVE"));
    let mut active: Vec<_> = active
        .map(|one| {
            let value = one.value();
            (value.get("priority").and_then(Value::as_i64).unwrap_or(i64::MAX), one, value)
        })
        .collect();
    active.sort_by_key(|(priority, ..)| *priority);
    active
}

pub(super) fn ids<'v>(value: &'v Value, pointer: &str) -> Vec<&'v str> {
    let list = value.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}
