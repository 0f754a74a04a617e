//! Factors are activated and verified.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::{Reply, Trace, ok, optional_body, sending};
use super::fido::Ceremony;
use super::{
    ACTIVATED, commit, enrolled, is_sent_to, is_tapped, named, own_address, owner, proof, push, tell,
};
use crate::api::answer::Asked;
use crate::api::draft::{set, unset};
use crate::api::events;
use crate::api::target::Target;
use crate::api::verbs::shown;
use crate::system_log::Entity;
use crate::wire::ApiError;

/// `POST …/lifecycle/activate`.
pub(super) fn activate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = named(asked, trace)?;
    if !factor.is("/status", "PENDING_ACTIVATION") {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    let body = optional_body(asked)?;
    let kind = factor.text("/factorType").unwrap_or_default();
    if is_tapped(&kind) {
        return push::restart(asked, &target, trace);
    }
    if !proof::is_in(&kind, &body) {
        let missing = if is_sent_to(&kind) { "passCode" } else { "clientData" };
        return Err(ApiError::invalid(missing, format!("{missing}: The field cannot be left blank")));
    }
    sending::otp(asked, owner(&target), &factor.id, trace)?;
    let factor = commit(asked, &target, |draft| {
        proof::take(draft, Ceremony::Create, &body)?;
        set(&mut draft.value, "/status", json!("ACTIVE"));
        unset(&mut draft.value, "/_embedded");
        events::tell(draft, ACTIVATED);
        Ok(())
    })?;
    trace.note("operation", format!("the factor {} is active", factor.id));
    Ok(shown(asked, target.resource, StatusCode::OK, &factor))
}

/// `POST …/resend`: another code.
pub(super) fn resend(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = named(asked, trace)?;
    if !is_sent_to(&factor.text("/factorType").unwrap_or_default()) {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    sending::otp(asked, owner(&target), &factor.id, trace)?;
    sending::next_code(asked, owner(&target), &factor, trace)?;
    let factor = commit(asked, &target, |draft| {
        enrolled::send(draft);
        Ok(())
    })?;
    tell(asked, trace, &factor);
    Ok(shown(asked, target.resource, StatusCode::OK, &factor))
}

/// The event of a factor that was right, or was not.
fn tell_verified(asked: &Asked<'_>, target: &Target, kind: &str, right: bool) {
    let event = events::event(asked, asked.state, "user.authentication.auth_via_mfa");
    let event = match target.parents.last() {
        Some(user) => event.target(Entity::of("User", user)),
        None => event,
    };
    let event = event.debug("factor", kind);
    let event = if right { event } else { event.failed("INVALID_CREDENTIALS") };
    asked.org.record(asked.request.now, vec![events::written(asked, &event)]);
}

/// `POST …/verify`: a challenge without a proof, its outcome with one.
pub(super) fn verify(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = named(asked, trace)?;
    if !factor.is("/status", "ACTIVE") {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    let body = optional_body(asked)?;
    let kind = factor.text("/factorType").unwrap_or_default();
    if is_tapped(&kind) {
        return push::begin(
            asked,
            &target,
            body.get("useNumberMatchingChallenge") == Some(&Value::Bool(true)),
            trace,
        );
    }
    if proof::is_in(&kind, &body) {
        let outcome = commit(asked, &target, |draft| proof::take(draft, Ceremony::Get, &body));
        if outcome.is_err() && matches!(&*kind, "token" | "token:hotp") {
            tell(asked, trace, &factor);
        }
        tell_verified(asked, &target, &kind, outcome.is_ok());
        outcome?;
        let mut told = json!({ "factorResult": "SUCCESS" });
        if matches!(&*kind, "webauthn" | "u2f") {
            told["profile"] = factor.value()["profile"].clone();
        }
        return Ok(ok(&told, asked));
    }
    if is_sent_to(&kind) {
        sending::next_code(asked, owner(&target), &factor, trace)?;
    }
    let challenge = asked.org.ids().word(20);
    let factor = commit(asked, &target, |draft| {
        if is_sent_to(&kind) {
            enrolled::send(draft);
        } else {
            draft.hidden["challenge"] = json!(challenge);
        }
        Ok(())
    })?;
    tell(asked, trace, &factor);
    let own = own_address(&target, &factor);
    let mut told = json!({
        "factorResult": "CHALLENGE",
        "profile": factor.value().get("profile"),
        "_links": {
            "verify": { "href": format!("{own}/verify"), "hints": { "allow": ["POST"] } },
            "factor": { "href": own, "hints": { "allow": ["GET", "DELETE"] } },
        },
    });
    match &*kind {
        "webauthn" => told["_embedded"]["challenge"] = json!({ "challenge": challenge, "extensions": {} }),
        "u2f" => told["_embedded"]["challenge"] = json!({ "nonce": challenge, "timeoutSeconds": 20 }),
        _ => {}
    }
    Ok(ok(&told, asked))
}
