//! Policies: priorities, default conditions, the authenticators of an enrolment policy, the catch-all rule of a new
//! one, what happens to apps when theirs goes (recorded: terraform-provider-okta, okta-sdk-python).

mod clone;
mod conditions;
pub(super) mod enrolment;
mod mappings;
mod priorities;
mod rules;
mod simulate;

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set};
use crate::api::own::{Handler, Operations};
use crate::facts::facts;
use crate::facts::resources::Resource;
use crate::org::change::{Change, Shelf};
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::wire::ApiError;

pub(super) use rules::Rules;

/// Operations that no verb does.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("clonePolicy", clone::clone as Handler),
    ("listPolicyApps", mappings::apps),
    ("listPolicyMappings", mappings::list),
    ("getPolicyMapping", mappings::get),
    ("mapResourceToPolicy", mappings::create),
    ("deletePolicyResourceMapping", mappings::delete),
    ("createPolicySimulation", simulate::simulate),
];

/// Types whose policies share one row of priorities; of the others each has priority 1 (recorded).
const RANKED: [&str; 3] = ["OKTA_SIGN_ON", "PASSWORD", "MFA_ENROLL"];

/// Types of which an org may have more than it was born with (specification: CreateOrUpdatePolicy).
const CREATABLE: [&str; 6] = [
    "ACCESS_POLICY",
    "MFA_ENROLL",
    "OKTA_SIGN_ON",
    "PASSWORD",
    "PROFILE_ENROLLMENT",
    "DEVICE_SIGNAL_COLLECTION",
];

/// Types of which an org has one.
const GIVEN: [&str; 6] = [
    "IDP_DISCOVERY",
    "POST_AUTH_SESSION",
    "ENTITY_RISK",
    "SESSION_VIOLATION_DETECTION",
    "CLIENT_UPDATE",
    "IDENTITY_CLAIM_SOURCING",
];

/// What is special about policies.
pub(super) struct Policies;

impl Special for Policies {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                if !kind_of(&draft.value).is_some_and(|kind| CREATABLE.contains(&kind)) {
                    return Err(unknown_type());
                }
                if draft.asked.query("activate").as_deref() == Some("false") {
                    set(&mut draft.value, "/status", "INACTIVE".into());
                }
                complete(draft);
                first_rule(draft);
            }
            Action::Replace | Action::Update => complete(draft),
            Action::Lifecycle(_) if is_system(&draft.value) => return Err(ApiError::AccessDenied),
            Action::Lifecycle(_) => {}
            Action::Delete => release_apps(draft),
        }
        rank(draft);
        Ok(())
    }

    fn list(&self, asked: &Asked<'_>) -> Result<(), ApiError> {
        let known = |kind: &str| CREATABLE.contains(&kind) || GIVEN.contains(&kind);
        match asked.query("type") {
            Some(kind) if known(&kind) => Ok(()),
            _ => Err(unknown_type()),
        }
    }

    fn show(&self, asked: &Asked<'_>, document: &Arc<Document>) -> Option<Value> {
        let in_list = asked.operation.id == "listPolicies";
        let expands = asked.operation.reads && asked.query("expand").as_deref() == Some("rules");
        let names_what_it_is_for = in_list && document.is("/type", "ACCESS_POLICY");
        if !expands && !names_what_it_is_for {
            return None;
        }
        let mut shown = document.whole();
        if names_what_it_is_for {
            let of = document.hidden.get("resourceType").cloned().unwrap_or_else(|| "APP".into());
            set(&mut shown, "/_embedded/resourceType", of);
        }
        if expands {
            let rules = rules_of(asked.state, &document.id);
            set(&mut shown, "/_embedded/rules", rules.iter().map(|rule| rule.whole()).collect());
        }
        Some(shown)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

fn unknown_type() -> ApiError {
    ApiError::catalogued("E0000002", "Invalid policy type specified", "")
}

fn kind_of(value: &Value) -> Option<&str> {
    value.get("type").and_then(Value::as_str)
}

fn is_system(value: &Value) -> bool {
    value.get("system") == Some(&Value::Bool(true))
}

/// The resource file of policies.
fn policies() -> Result<&'static Resource, ApiError> {
    facts().resources.get("policies").ok_or(ApiError::NoSuchPath)
}

/// Where the rules of a policy lie.
fn shelf_of_rules(policy: &str) -> Shelf {
    Shelf::below("policy_rules", &[policy])
}

/// The rules of a policy, the first first.
fn rules_of(state: &OrgState, policy: &str) -> Vec<Arc<Document>> {
    let mut rules: Vec<_> = state.on(&shelf_of_rules(policy)).after(None).cloned().collect();
    rules.sort_by_key(|rule| priorities::of(&rule.value()));
    rules
}

/// The policies of a type, the first first.
fn of_type(state: &OrgState, kind: &str) -> Vec<Arc<Document>> {
    let of_type = |policy: &&Arc<Document>| policy.is("/type", kind);
    let mut found: Vec<_> = state.all("policies").after(None).filter(of_type).cloned().collect();
    found.sort_by_key(|policy| priorities::of(&policy.value()));
    found
}

/// The policy of a type that applies when no other does.
fn default_of(state: &OrgState, kind: &str) -> Option<Arc<Document>> {
    of_type(state, kind).into_iter().rev().find(|policy| is_system(&policy.value()))
}

/// Fills in what a policy of its type has and the request left out.
fn complete(draft: &mut Draft<'_>) {
    if draft.old.as_ref().is_some_and(|old| is_system(&old.value())) {
        keep(draft, &["/name", "/priority", "/conditions"]);
    } else if kind_of(&draft.value).is_some_and(|kind| RANKED.contains(&kind)) {
        conditions::drop_nulls(&mut draft.value["conditions"]);
        let groups = draft.value.pointer("/conditions/people/groups/include");
        if groups.and_then(Value::as_array).is_none_or(Vec::is_empty)
            && let Some(everyone) = everyone(draft.state)
        {
            set(&mut draft.value, "/conditions/people/groups/include", json!([&*everyone]));
        }
    }
    if kind_of(&draft.value) == Some("MFA_ENROLL") {
        enrolment::complete(draft);
    }
}

/// What a system object keeps whatever a request says.
fn keep(draft: &mut Draft<'_>, pointers: &[&str]) {
    let Some(old) = draft.old.as_ref().map(|old| old.value()) else { return };
    for pointer in pointers {
        if let Some(value) = old.pointer(pointer) {
            set(&mut draft.value, pointer, value.clone());
        }
    }
}

/// The group that everybody is in.
fn everyone(state: &OrgState) -> Option<Arc<str>> {
    let mut groups = state.all("groups").after(None);
    let found =
        groups.find(|group| group.is("/type", "BUILT_IN") && group.is("/profile/name", "Everyone"))?;
    Some(found.id.clone())
}

/// A new app sign-in or profile enrolment policy has a catch-all rule (recorded).
fn first_rule(draft: &mut Draft<'_>) {
    let actions = match kind_of(&draft.value) {
        Some("ACCESS_POLICY") => json!({ "appSignOn": {
            "access": "ALLOW",
            "verificationMethod": {
                "factorMode": "2FA",
                "type": "ASSURANCE",
                "reauthenticateIn": "PT12H",
                "constraints": [{ "possession": { "required": true, "deviceBound": "REQUIRED" } }]
            },
            "keepMeSignedIn": { "postAuth": "NOT_ALLOWED" }
        } }),
        Some("PROFILE_ENROLLMENT") => {
            let rules = default_of(draft.state, "PROFILE_ENROLLMENT")
                .map(|policy| rules_of(draft.state, &policy.id))
                .unwrap_or_default();
            rules.first().and_then(|rule| rule.value().get("actions").cloned()).unwrap_or_default()
        }
        _ => return,
    };
    let id: Arc<str> = draft.asked.org.ids().next("rul").into();
    let now = draft.now();
    let rule = json!({
        "id": &*id,
        "status": "ACTIVE",
        "name": "Catch-all Rule",
        "priority": priorities::LAST,
        "created": now,
        "lastUpdated": now,
        "system": true,
        "conditions": null,
        "actions": actions,
        "type": draft.value["type"],
    });
    draft.also.push(Change::put(shelf_of_rules(&draft.id), id, rule, Value::Null));
}

/// Apps whose policy goes get the default one (documented: deletePolicy).
fn release_apps(draft: &mut Draft<'_>) {
    let Some(kind) = kind_of(&draft.value).map(str::to_owned) else { return };
    let (Some(member), Some(other)) = (mappings::member(&kind), default_of(draft.state, &kind)) else {
        return;
    };
    for app in mappings::apps_of(draft.state, &draft.id) {
        draft.also.push(mappings::moved(&app, member, &other.id));
    }
}

/// Gives the policy its place among those of its type, and moves the others.
fn rank(draft: &mut Draft<'_>) {
    if matches!(draft.action, Action::Lifecycle(_)) {
        return;
    }
    let Some(kind) = kind_of(&draft.value).map(str::to_owned) else { return };
    if !RANKED.contains(&kind.as_str()) {
        if draft.action != Action::Delete {
            set(&mut draft.value, "/priority", 1.into());
        }
        return;
    }
    let others: Vec<_> =
        of_type(draft.state, &kind).into_iter().filter(|policy| policy.id != draft.id).collect();
    priorities::rank(draft, &others);
}
