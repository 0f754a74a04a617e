//! Group rules: what they may say, and what happens to the members they assigned. Whom they assign is decided in
//! `org/membership.rs`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft};
use crate::expression::Expression;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

/// What is special about group rules.
pub(super) struct GroupRules;

impl Special for GroupRules {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                understood(&draft.value)?;
                known_groups(draft.state, &draft.value)
            }
            Action::Replace | Action::Update => {
                if let Some(old) = &draft.old {
                    if old.is("/status", "ACTIVE") {
                        let cause = "status: An active rule cannot be changed; deactivate it first.";
                        return Err(ApiError::invalid("status", cause));
                    }
                    // Whom a rule assigns to stays as it was (documented).
                    if let Some(actions) = old.value().get("actions") {
                        draft.value["actions"] = actions.clone();
                    }
                }
                understood(&draft.value)
            }
            Action::Delete => {
                if draft.asked.query("removeUsers").as_deref() == Some("true") {
                    let changes = removed(draft.state, &draft.id, &draft.value);
                    draft.also.extend(changes);
                }
                Ok(())
            }
            Action::Lifecycle(_) => Ok(()),
        }
    }

    fn show(&self, asked: &Asked<'_>, rule: &Arc<Document>) -> Option<Value> {
        (asked.query("expand").as_deref() == Some("groupIdToGroupNameMap")).then_some(())?;
        let mut shown = rule.whole();
        let names: Map<String, Value> = groups(&shown)
            .filter_map(|id| {
                let name = asked.state.get("groups", id)?.text("/profile/name")?.into_owned();
                Some((id.to_owned(), name.into()))
            })
            .collect();
        shown["_embedded"] = json!({ "groupIdToGroupNameMap": names });
        Some(shown)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

fn groups(rule: &Value) -> impl Iterator<Item = &str> {
    let ids = rule.pointer("/actions/assignUserToGroups/groupIds").and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(Value::as_str)
}

/// The condition is one that is understood.
fn understood(rule: &Value) -> Result<(), ApiError> {
    let text = rule.pointer("/conditions/expression/value").and_then(Value::as_str).unwrap_or_default();
    let outcome = Expression::parse(text);
    outcome.map(|_| ()).map_err(|error| ApiError::invalid("expression", format!("expression: {error}")))
}

/// The groups are there, and are groups of Okta's own.
fn known_groups(state: &OrgState, rule: &Value) -> Result<(), ApiError> {
    let mut ids = groups(rule).peekable();
    if ids.peek().is_none() {
        return Err(ApiError::invalid("groupIds", "groupIds: The field cannot be left blank"));
    }
    for id in ids {
        let group = state.get("groups", id).ok_or_else(|| ApiError::NotFound(id.to_owned(), "UserGroup"))?;
        if !group.is("/type", "OKTA_GROUP") {
            let cause = format!("groupIds: {id} is no group that rules can assign to");
            return Err(ApiError::invalid("groupIds", cause));
        }
    }
    Ok(())
}

/// Takes the users that a rule has assigned out of its groups, unless another rule keeps them there.
fn removed(state: &OrgState, rule: &str, value: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    for user in state.related("rule_users", rule, None) {
        for group in groups(value).filter(|group| state.is_related("members_by_rule", group, user)) {
            let kept = state.derived.group_rules().iter().any(|(id, other)| {
                **id != *rule
                    && other.groups.iter().any(|one| **one == *group)
                    && state.is_related("rule_users", id, user)
            });
            if !kept {
                for relation in ["members", "members_by_rule"] {
                    changes.push(Change::Unlink { relation, from: group.into(), to: user.clone() });
                }
            }
        }
    }
    changes
}
