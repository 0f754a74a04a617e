//! What follows when users or the members of groups change: what group rules assign, who has the apps of groups, and a
//! group's `lastMembershipUpdated`. It belongs to the commit that causes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::app_users;
use super::change::Change;
use super::clock::okta_timestamp;
use super::document::Document;
use super::ids::Ids;
use super::own_event;
use super::state::OrgState;

/// Rules that depend on each other's groups are followed so many times.
const ROUNDS: usize = 10;

/// The changes with what follows from them.
pub(super) fn followed(state: &OrgState, mut changes: Vec<Change>, at: Timestamp, ids: &Ids) -> Vec<Change> {
    let begins = |change: &Change| matches!(change, Change::Put { shelf, .. } if shelf.kind == "group_rules");
    if !state.derived.group_rules().is_empty() || changes.iter().any(begins) {
        follow_rules(state, &mut changes, Moment { at, ids });
    }
    let apps = app_users::followed(state, &changes, at);
    changes.extend(apps);
    touch_groups(state, &mut changes, at);
    changes
}

/// When it happens, and where ids come from.
#[derive(Clone, Copy)]
struct Moment<'a> {
    at: Timestamp,
    ids: &'a Ids,
}

impl Moment<'_> {
    /// The event of a member that a rule adds or takes back.
    fn told(&self, state: &OrgState, rule: &str, group: &str, user: &Document, on: bool) -> Option<Change> {
        let kind = if on { "group.user_membership.add" } else { "group.user_membership.remove" };
        let targets = [own_event::user(user), own_event::group(state.get("groups", group)?)];
        let debug = json!({ "triggeredByGroupRuleId": rule });
        Some(own_event::written(self.ids, self.at, kind, &own_event::system(), &targets, &debug))
    }
}

/// Adds what group rules assign, until nothing is left to assign.
fn follow_rules(state: &OrgState, changes: &mut Vec<Change>, moment: Moment<'_>) {
    let mut next = super::applied(state, changes);
    let mut affected = affected(state, &next, changes);
    for _ in 0..ROUNDS {
        let more = assigned(&next, &affected, moment);
        if more.is_empty() {
            return;
        }
        affected = more
            .iter()
            .filter_map(|change| match change {
                Change::Link { to, .. } | Change::Unlink { to, .. } => Some(to.clone()),
                _ => None,
            })
            .collect();
        next = super::applied(&next, &more);
        changes.extend(more);
    }
}

/// The users whom changes may have moved into a rule or out of it.
fn affected(before: &OrgState, after: &OrgState, changes: &[Change]) -> BTreeSet<Arc<str>> {
    let mut users = BTreeSet::new();
    for change in changes {
        match change {
            Change::Put { shelf, id, .. } if shelf.kind == "users" => {
                users.insert(id.clone());
            }
            Change::Put { shelf, id, .. }
                if shelf.kind == "group_rules" && after.derived.group_rules().contains_key(id) =>
            {
                users.extend(after.all("users").after(None).map(|user| user.id.clone()));
            }
            Change::Remove { shelf, id } if shelf.kind == "groups" => {
                users.extend(before.related("members", id, None).cloned());
            }
            Change::Link { relation: "members", to, .. } | Change::Unlink { relation: "members", to, .. } => {
                users.insert(to.clone());
            }
            _ => {}
        }
    }
    users
}

/// What the active rules assign to users, and take back from users of whom they no longer hold.
fn assigned(state: &OrgState, users: &BTreeSet<Arc<str>>, moment: Moment<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for user in users.iter().filter_map(|id| state.get("users", id)) {
        let mut kept = BTreeSet::new();
        let mut left = BTreeMap::new();
        for (id, rule) in state.derived.group_rules() {
            let (holds, held) = (rule.holds(state, user), state.is_related("rule_users", id, &user.id));
            let groups = rule.groups.iter().filter(|group| state.get("groups", group).is_some());
            match (holds, held) {
                (true, false) => {
                    changes.push(link("rule_users", id, &user.id));
                    for group in groups.clone() {
                        if !state.is_related("members", group, &user.id) && kept.insert(group) {
                            changes.push(link("members", group, &user.id));
                            changes.push(link("members_by_rule", group, &user.id));
                            changes.extend(moment.told(state, id, group, user, true));
                        }
                    }
                }
                (false, true) => {
                    changes.push(unlink("rule_users", id, &user.id));
                    left.extend(groups.clone().map(|group| (group, id)));
                }
                _ => {}
            }
            if holds {
                kept.extend(groups);
            }
        }
        for (group, rule) in left.into_iter().filter(|(group, _)| !kept.contains(group)) {
            if state.is_related("members_by_rule", group, &user.id) {
                changes.push(unlink("members", group, &user.id));
                changes.push(unlink("members_by_rule", group, &user.id));
                changes.extend(moment.told(state, rule, group, user, false));
            }
        }
    }
    changes
}

/// Says on every group whose members change when they did.
fn touch_groups(state: &OrgState, changes: &mut Vec<Change>, at: Timestamp) {
    let mut touched = BTreeSet::new();
    for change in changes.iter() {
        if let Change::Link { relation: "members", from, .. }
        | Change::Unlink { relation: "members", from, .. } = change
        {
            touched.insert(from.clone());
        }
    }
    for id in touched {
        let written = changes.iter().any(|change| {
            matches!(change, Change::Put { shelf, id: put, .. } | Change::Remove { shelf, id: put }
                if shelf.kind == "groups" && *put == id)
        });
        let Some(group) = state.get("groups", &id).filter(|_| !written) else { continue };
        let mut value = group.value();
        if let Some(moment) = value.get_mut("lastMembershipUpdated") {
            *moment = okta_timestamp(at).into();
            changes.push(Change::put("groups", id, value, group.hidden.clone()));
        }
    }
}

fn link(relation: &'static str, from: &Arc<str>, to: &Arc<str>) -> Change {
    Change::Link { relation, from: from.clone(), to: to.clone() }
}

fn unlink(relation: &'static str, from: &Arc<str>, to: &Arc<str>) -> Change {
    Change::Unlink { relation, from: from.clone(), to: to.clone() }
}
