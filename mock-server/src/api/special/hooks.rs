//! Event hooks, inline hooks, their keys, and trusted origins.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Special;
use crate::api::answer::Asked;
use crate::api::credential_keys::made_by_org;
use crate::api::draft::{Action, Draft};
use crate::expression::EventFilter;
use crate::org::document::Document;
use crate::org::outbox::conditions;
use crate::wire::ApiError;

/// `special = "event_hooks"`.
pub(super) struct EventHooks;

/// `special = "inline_hooks"`.
pub(super) struct InlineHooks;

/// `special = "hook_keys"`.
pub(super) struct HookKeys;

/// `special = "trusted_origins"`.
pub(super) struct TrustedOrigins;

/// How many active and verified hooks there may be (Okta's documentation).
const MOST_VERIFIED: usize = 25;

impl Special for EventHooks {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        let verified = |value: &Value| value.pointer("/verificationStatus") == Some(&json!("VERIFIED"));
        match &draft.action {
            Action::Create | Action::Replace | Action::Update => {}
            Action::Lifecycle(name) if name == "activate" && verified(&draft.value) => {
                let full = draft.state.all("event_hooks").after(None).filter(|hook| {
                    hook.id != draft.id
                        && hook.is("/status", "ACTIVE")
                        && hook.is("/verificationStatus", "VERIFIED")
                });
                if full.count() >= MOST_VERIFIED {
                    return Err(ApiError::invalid(
                        "eventHook",
                        "The maximum number of active event hooks is reached.",
                    ));
                }
                return Ok(());
            }
            Action::Lifecycle(_) | Action::Delete => return Ok(()),
        }
        address(&draft.value)?;
        scheme(&mut draft.value, &mut draft.hidden);
        let items = draft.value.pointer_mut("/events/items").and_then(Value::as_array_mut);
        let Some(items) = items.filter(|items| !items.is_empty()) else {
            return Err(ApiError::invalid("events", "events: The field cannot be left blank"));
        };
        // Recorded: in the order of their names.
        items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
        items.dedup();
        filter(&mut draft.value)?;
        let moved = draft.old.as_ref().is_some_and(|old| {
            let uri = draft.value.pointer("/channel/config/uri").and_then(Value::as_str).unwrap_or_default();
            !old.is("/channel/config/uri", uri)
        });
        if moved {
            draft.value["verificationStatus"] = json!("UNVERIFIED");
        }
        // Deliveries are made without a caller; they name the address that the hook's author knew the org by.
        draft.hidden["source"] =
            json!(format!("{}/api/v1/eventHooks/{}", draft.asked.request.base_url, draft.id));
        Ok(())
    }
}

impl Special for InlineHooks {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if matches!(draft.action, Action::Lifecycle(_) | Action::Delete) {
            return Ok(());
        }
        address(&draft.value)?;
        if draft.value.get("type").is_none_or(Value::is_null) {
            return Err(ApiError::invalid("type", "type: The field cannot be left blank"));
        }
        scheme(&mut draft.value, &mut draft.hidden);
        let key = draft.value.pointer("/channel/config/hookKeyId").and_then(Value::as_str);
        if let Some(key) = key
            && draft.state.get("hook_keys", key).is_none()
        {
            return Err(ApiError::NotFound(key.to_owned(), "HookKey"));
        }
        Ok(())
    }
}

/// The filter of an event hook is complete, and its expressions can be evaluated.
fn filter(hook: &mut Value) -> Result<(), ApiError> {
    for (_, text) in conditions(hook) {
        EventFilter::parse(text)
            .map_err(|error| ApiError::invalid("expression", format!("expression: {error}")))?;
    }
    let Some(filter) = hook.pointer_mut("/events/filter").filter(|filter| filter.is_object()) else {
        return Ok(());
    };
    // Members that only Okta writes (specification).
    filter["type"] = json!("EXPRESSION_LANGUAGE");
    for one in filter["eventFilterMap"].as_array_mut().into_iter().flatten() {
        if let Some(condition) = one.get_mut("condition").and_then(Value::as_object_mut) {
            condition.insert("version".to_owned(), Value::Null);
        }
    }
    Ok(())
}

/// Where a hook calls: a web address. Plain HTTP is for hooks on this machine.
fn address(value: &Value) -> Result<(), ApiError> {
    let uri = value.pointer("/channel/config/uri").and_then(Value::as_str).unwrap_or_default();
    let host = |scheme: &str| {
        let rest = uri.strip_prefix(scheme)?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        (!host.is_empty() && !authority.contains('@')).then_some(host)
    };
    let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if host("https://").is_some() || host("http://").is_some_and(local) {
        return Ok(());
    }
    let cause = "uri: Endpoint URL must be a valid HTTPS URL.";
    Err(ApiError::invalid("uri", cause))
}

/// A scheme without a key is none; one that is taken away takes its secret along.
fn scheme(value: &mut Value, hidden: &mut Value) {
    let Some(config) = value.pointer_mut("/channel/config") else { return };
    let keyless = config.pointer("/authScheme/key").is_none_or(Value::is_null);
    if keyless {
        config["authScheme"] = Value::Null;
        if let Some(secret) = hidden.pointer_mut("/channel/config/authScheme") {
            *secret = Value::Null;
        }
    }
    if config.get("headers").is_none_or(Value::is_null) {
        config["headers"] = json!([]);
    }
}

impl Special for HookKeys {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {}
            Action::Delete if is_used(draft.state.all("inline_hooks").after(None), &draft.id) => {
                return Err(ApiError::invalid("hookKey", "id: The key is used by an inline hook."));
            }
            _ => return Ok(()),
        }
        let made = made_by_org(draft.asked, "hookKey")?;
        draft.hidden["public"] = json!({
            "kty": "RSA",
            "alg": "RSA",
            "kid": draft.value.get("keyId"),
            "use": null,
            "e": made.shown.get("e"),
            "n": made.shown.get("n"),
        });
        draft.hidden["private"] = json!(made.private);
        Ok(())
    }

    /// Whether it is used follows the hooks; the public key is shown when it is new, and to who asks for it.
    fn show(&self, asked: &Asked<'_>, key: &Arc<Document>) -> Option<Value> {
        let mut value = key.value();
        value["isUsed"] = json!(is_used(asked.state.all("inline_hooks").after(None), &key.id));
        let asks = || asked.query("expand").is_some_and(|expand| expand.eq_ignore_ascii_case("publickey"));
        if matches!(asked.operation.id.as_str(), "createHookKey" | "replaceHookKey") || asks() {
            value["_embedded"] = key.hidden.get("public").cloned().unwrap_or_default();
        }
        Some(value)
    }

    fn shows_in_lists(&self, _: &Asked<'_>) -> bool {
        true
    }
}

fn is_used<'d>(mut hooks: impl Iterator<Item = &'d Arc<Document>>, key: &str) -> bool {
    hooks.any(|hook| hook.is("/channel/config/hookKeyId", key))
}

impl Special for TrustedOrigins {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        if draft.action != Action::Delete {
            draft.value["lastUpdatedBy"] = json!(draft.asked.caller.role_holder());
        }
        Ok(())
    }
}
