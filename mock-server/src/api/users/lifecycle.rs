//! How users come and go (mgmt-facts §6.2): what is answered with more than a state, and deleting in two steps.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Reply, Trace, commit, flag, ok, resource, sending};
use crate::api::answer::Asked;
use crate::api::draft::{Action, Draft, set};
use crate::api::events;
use crate::api::own::Operations;
use crate::api::target::Target;
use crate::org::change::Change;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations =
    &[("activateUser", activate), ("reactivateUser", reactivate), ("deleteUser", delete)];

/// Lets a user enter a state, now.
pub(super) fn enter(draft: &mut Draft<'_>, status: &str) {
    let now = draft.now();
    set(&mut draft.value, "/status", json!(status));
    set(&mut draft.value, "/statusChanged", json!(now));
}

/// What else a change of state means, when a resource file has named the state.
pub(super) fn changed(draft: &mut Draft<'_>, name: &str) {
    if name == "reset_factors" {
        let factors = crate::org::change::Shelf::below("user_factors", &[&draft.id]);
        let all = draft.state.on(&factors).after(None).map(|factor| factor.id.clone());
        let gone: Vec<_> = all.map(|id| Change::remove(factors.clone(), id)).collect();
        draft.also.extend(gone);
        return;
    }
    // Whoever has no password has not been active before either.
    if name == "unsuspend" && draft.value.pointer("/credentials/password").is_none() {
        set(&mut draft.value, "/status", json!("PROVISIONED"));
    }
    let now = draft.now();
    set(&mut draft.value, "/statusChanged", json!(now));
}

/// `POST …/lifecycle/activate`: from `STAGED` and `DEPROVISIONED`.
fn activate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    sending::mail(asked, trace)?;
    let token = asked.org.ids().word(20);
    commit(asked, "activate", trace, |draft| {
        let status = draft.value.get("status").and_then(Value::as_str).unwrap_or_default();
        if !matches!(status, "STAGED" | "DEPROVISIONED") {
            return Err(ApiError::catalogued("E0000016", "", ""));
        }
        let has_password = draft.value.pointer("/credentials/password").is_some();
        enter(draft, if has_password { "ACTIVE" } else { "PROVISIONED" });
        let now = draft.now();
        set(&mut draft.value, "/activated", json!(now));
        draft.hidden["activationToken"] = json!(token);
        Ok(())
    })?;
    Ok(activation(asked, &token))
}

/// `POST …/lifecycle/reactivate`: another mail to somebody who has not followed the first.
fn reactivate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    sending::mail(asked, trace)?;
    let token = asked.org.ids().word(20);
    commit(asked, "reactivate", trace, |draft| {
        let status = draft.value.get("status").and_then(Value::as_str).unwrap_or_default();
        if !matches!(status, "PROVISIONED" | "RECOVERY") {
            return Err(ApiError::catalogued("E0000038", "", ""));
        }
        draft.hidden["activationToken"] = json!(token);
        Ok(())
    })?;
    Ok(activation(asked, &token))
}

/// The token is told where it is not mailed.
fn activation(asked: &Asked<'_>, token: &str) -> Reply {
    if flag(asked, "sendEmail", true) {
        return Reply::json(StatusCode::OK, "{}");
    }
    let url = format!("{}/welcome/{token}", asked.request.base_url);
    ok(&json!({ "activationUrl": url, "activationToken": token }), asked)
}

/// `DELETE` of a user: the first deactivates, the second deletes.
fn delete(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource()?, asked.state)?;
    let user = target.find(asked, asked.state)?;
    target.permit(asked, Some(user), trace)?;
    let nothing = serde_json::Map::new();
    asked.org.commit(asked.request.now, |state| {
        let Ok(user) = target.find(asked, state) else { return Ok(Vec::new()) };
        if user.is("/status", "DEPROVISIONED") {
            let mut draft = Draft::update(asked, state, &target, user, &nothing, Action::Delete)?;
            events::note(&mut draft);
            let mut changes = vec![Change::remove("users", user.id.clone())];
            changes.extend(draft.also);
            return Ok(changes);
        }
        let action = Action::Lifecycle("deactivate".to_owned());
        let mut draft = Draft::update(asked, state, &target, user, &nothing, action)?;
        enter(&mut draft, "DEPROVISIONED");
        events::note(&mut draft);
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    trace.note("operation", format!("user {} is deactivated, or gone if it was so before", user.id));
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
