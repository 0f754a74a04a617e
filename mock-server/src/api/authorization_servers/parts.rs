//! Scopes, claims, policies, rules and resource server keys that are being written.

use serde_json::{Value, json};

use super::priority;
use crate::api::draft::{Action, Draft, set};
use crate::api::special::Special;
use crate::org::change::Change;
use crate::wire::ApiError;

/// What is special about scopes.
pub(in crate::api) struct Scope;

impl Special for Scope {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        // The names of Okta's scopes stay, whatever is asked for.
        if let Some(old) = draft.old.as_ref().filter(|old| old.value()["system"] == true) {
            if draft.action == Action::Delete {
                return Err(refused("scope", "System scopes cannot be deleted."));
            }
            draft.value["name"] = old.value()["name"].clone();
        }
        Ok(())
    }
}

/// What is special about claims.
pub(in crate::api) struct Claim;

impl Special for Claim {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action == Action::Delete && draft.value["system"] == true {
            return Err(refused("claim", "System claims cannot be deleted."));
        }
        // Specification: it is always true for access tokens.
        if draft.value["claimType"] == "RESOURCE" {
            draft.value["alwaysIncludeInToken"] = json!(true);
        }
        if draft.value.pointer("/conditions/scopes").is_none_or(Value::is_null) {
            set(&mut draft.value, "/conditions/scopes", json!([]));
        }
        Ok(())
    }
}

/// What is special about policies.
pub(in crate::api) struct Policy;

impl Special for Policy {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if !matches!(draft.action, Action::Lifecycle(_)) {
            priority::arrange(draft);
        }
        Ok(())
    }
}

/// What is special about rules.
pub(in crate::api) struct Rule;

/// The order in which Okta shows grant types (recorded); others follow.
const GRANTS: [&str; 4] = ["implicit", "client_credentials", "authorization_code", "password"];

impl Special for Rule {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if matches!(draft.action, Action::Lifecycle(_)) {
            return Ok(());
        }
        if let Some(Value::Array(grants)) = draft.value.pointer_mut("/conditions/grantTypes/include") {
            let place = |grant: &Value| GRANTS.iter().position(|one| grant == one).unwrap_or(GRANTS.len());
            grants.sort_by_key(place);
        }
        priority::arrange(draft);
        Ok(())
    }
}

/// What is special about the keys of an API.
pub(in crate::api) struct ResourceServerKey;

impl Special for ResourceServerKey {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let shelf = &draft.target.shelf;
        let others = || draft.state.on(shelf).after(None).filter(|other| other.id != draft.id);
        match &draft.action {
            Action::Create => {
                if draft.value["status"] == "ACTIVE" {
                    let cause = "Keys cannot be created with an ''ACTIVE'' status. Create an ''INACTIVE'' key and then activate it.";
                    return Err(refused("JsonWebKey", cause));
                }
                let kid = draft.value["kid"].as_str().unwrap_or_default();
                if !kid.is_empty() && others().any(|other| other.is("/kid", kid)) {
                    return Err(refused("JsonWebKey", "Each key must have a unique ''kid''."));
                }
            }
            // One key encrypts: the one before it no longer does.
            Action::Lifecycle(name) if name == "activate" => {
                let before = others().filter(|other| other.is("/status", "ACTIVE"));
                let changes = before.map(|other| {
                    let mut value = other.value();
                    value["status"] = json!("INACTIVE");
                    Change::put(shelf.clone(), other.id.clone(), value, other.hidden.clone())
                });
                let changes: Vec<_> = changes.collect();
                draft.also.extend(changes);
            }
            _ => {}
        }
        Ok(())
    }
}

fn refused(about: &str, cause: &str) -> ApiError {
    ApiError::Validation(about.to_owned(), vec![cause.to_owned()])
}
