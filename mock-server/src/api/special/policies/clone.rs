//! `POST /policies/{id}/clone`: a copy with its rules. The answer has no dates (recorded).

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use super::{policies, rules_of, shelf_of_rules};
use crate::api::answer::Asked;
use crate::api::draft::set;
use crate::api::target::Target;
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::org::change::Change;
use crate::org::clock::okta_timestamp;
use crate::wire::ApiError;

/// Copies a policy.
pub(super) fn clone(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let target = Target::of(asked, policies()?, asked.state)?;
    let policy = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&policy), trace)?;
    let ids = asked.org.ids();
    let id: Arc<str> = ids.next(policy.id.get(..3).unwrap_or_default()).into();
    let now = okta_timestamp(asked.request.now);
    let state = asked.org.commit(asked.request.now, |state| {
        let mut value = target.find(asked, state)?.value();
        let name = value["name"].as_str().map(|name| format!("[cloned] {name}"));
        for (member, new) in [
            ("id", json!(&*id)),
            ("name", json!(name)),
            ("system", json!(false)),
            ("created", json!(now)),
            ("lastUpdated", json!(now)),
        ] {
            value[member] = new;
        }
        let mut changes = vec![Change::put("policies", id.clone(), value, policy.hidden.clone())];
        for rule in rules_of(state, &policy.id) {
            let copy: Arc<str> = ids.next(rule.id.get(..3).unwrap_or_default()).into();
            let mut value = rule.value();
            value["id"] = json!(&*copy);
            value["created"] = json!(now);
            value["lastUpdated"] = json!(now);
            changes.push(Change::put(shelf_of_rules(&id), copy, value, rule.hidden.clone()));
        }
        Ok::<_, ApiError>(changes)
    })?;
    let copy = state.get("policies", &id).ok_or(ApiError::NoSuchPath)?;
    trace.note("operation", format!("policy {} is copied to {id}", policy.id));
    let mut shown = copy.whole();
    set(&mut shown, "/created", Value::Null);
    set(&mut shown, "/lastUpdated", Value::Null);
    Ok(Reply::json(StatusCode::OK, based(&shown, &asked.request.base_url)))
}
