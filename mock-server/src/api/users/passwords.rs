//! Passwords and what recovers them (mgmt-facts §6.2): set, expired, reset, forgotten; the recovery question.

use serde_json::{Map, Value, json};

use super::credentials::{Credentials, checked_answer};
use super::lifecycle::enter;
use super::{Reply, Trace, commit, flag, ok, optional_body, sending, sessions};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Draft, set};
use crate::api::own::Operations;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("expirePasswordWithTempPassword", expire_with_temporary),
    ("resetPassword", reset),
    ("changePassword", change),
    ("changeRecoveryQuestion", change_question),
    ("forgotPassword", forgot),
    ("forgotPasswordSetNewPassword", set_forgotten),
];

fn status<'d>(draft: &'d Draft<'_>) -> &'d str {
    draft.value.get("status").and_then(Value::as_str).unwrap_or_default()
}

fn profile(draft: &Draft<'_>) -> Map<String, Value> {
    draft.value.get("profile").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn credentials(draft: &Draft<'_>) -> Credentials {
    draft.old.as_ref().map(|old| Credentials::of(old)).unwrap_or_default()
}

/// Stores credentials in a draft.
fn store(draft: &mut Draft<'_>, credentials: &Credentials, password_changed: bool) {
    let shown = credentials.shown(&profile(draft));
    set(&mut draft.value, "/credentials", shown);
    credentials.hide(&mut draft.hidden);
    if password_changed {
        let now = draft.now();
        set(&mut draft.value, "/passwordChanged", json!(now));
    }
}

/// `POST …/lifecycle/expire_password_with_temp_password`.
fn expire_with_temporary(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    // A word, and one of each kind that the policy asks for.
    let temporary = format!("{}aZ7", asked.org.ids().word(9));
    let user = commit(asked, "expire_password", trace, |draft| {
        if !matches!(status(draft), "ACTIVE" | "PASSWORD_EXPIRED" | "RECOVERY" | "STAGED" | "PROVISIONED") {
            return Err(ApiError::catalogued("E0000038", "", ""));
        }
        let mut own = credentials(draft);
        own.force_password(&temporary);
        store(draft, &own, true);
        enter(draft, "PASSWORD_EXPIRED");
        Ok(())
    })?;
    if flag(asked, "revokeSessions", false) {
        sessions::end_all(asked, &user.id);
    }
    Ok(ok(&json!({ "tempPassword": temporary }), asked))
}

/// `POST …/lifecycle/reset_password`: a link by which the user sets a new one.
fn reset(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    sending::mail(asked, trace)?;
    let token = format!("drp{}", asked.org.ids().word(17));
    let user = commit(asked, "reset_password", trace, |draft| {
        match status(draft) {
            "DEPROVISIONED" | "SUSPENDED" => return Err(ApiError::catalogued("E0000017", "", "")),
            "STAGED" => {}
            _ => enter(draft, "RECOVERY"),
        }
        draft.hidden["recoveryToken"] = json!(token);
        Ok(())
    })?;
    if flag(asked, "revokeSessions", false) {
        sessions::end_all(asked, &user.id);
    }
    if flag(asked, "sendEmail", true) {
        return Ok(ok(&json!({}), asked));
    }
    let url = format!("{}/reset_password/{token}", asked.request.base_url);
    Ok(ok(&json!({ "resetPasswordUrl": url }), asked))
}

/// `POST …/credentials/change_password`: by the old one.
fn change(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let body = Value::Object(body::checked(asked)?);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let blank = |name: &str| ApiError::invalid(name, format!("{name}: The field cannot be left blank"));
    let old = text("/oldPassword/value").ok_or_else(|| blank("oldPassword"))?;
    let new = text("/newPassword/value").ok_or_else(|| blank("newPassword"))?;
    let user = commit(asked, "update_password", trace, |draft| {
        let mut own = credentials(draft);
        if !matches!(status(draft), "STAGED" | "ACTIVE" | "PASSWORD_EXPIRED" | "RECOVERY")
            || !own.has_password()
        {
            let cause = "This operation is not allowed in the user's current status.";
            return Err(ApiError::catalogued("E0000014", "", cause));
        }
        if !own.is_password(&old) {
            return Err(ApiError::catalogued("E0000014", "", "Old Password is not correct"));
        }
        if own.set_password(&new, &profile(draft)).is_err() || old == new {
            let cause = if old == new {
                "Password cannot be your current password"
            } else {
                "Password requirements were not met. Password requirements: at least 8 characters, a lowercase \
                 letter, an uppercase letter, a number, no parts of your username."
            };
            return Err(ApiError::catalogued("E0000014", "", cause));
        }
        store(draft, &own, true);
        if matches!(status(draft), "PASSWORD_EXPIRED" | "RECOVERY") {
            enter(draft, "ACTIVE");
        }
        Ok(())
    })?;
    if body.get("revokeSessions") == Some(&Value::Bool(true)) {
        sessions::end_all(asked, &user.id);
    }
    shown(asked, &user.value())
}

/// `POST …/credentials/change_recovery_question`: by the password.
fn change_question(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let body = Value::Object(body::checked(asked)?);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let blank = |name: &str| ApiError::invalid(name, format!("{name}: The field cannot be left blank"));
    let password = text("/password/value").ok_or_else(|| blank("password"))?;
    let question = text("/recovery_question/question").ok_or_else(|| blank("recovery_question"))?;
    let answer = text("/recovery_question/answer").ok_or_else(|| blank("recovery_question"))?;
    let answer = checked_answer(answer)?;
    let user = commit(asked, "update_recovery_question", trace, |draft| {
        let mut own = credentials(draft);
        if !own.is_password(&password) {
            return Err(ApiError::catalogued("E0000014", "", "Password is not correct"));
        }
        own.set_question(&question, &answer);
        store(draft, &own, false);
        Ok(())
    })?;
    shown(asked, &user.value())
}

/// `POST …/credentials/forgot_password`: a link; with a password and an answer in the body, the older form of the next.
fn forgot(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    if optional_body(asked)?.contains_key("recovery_question") {
        return set_forgotten(asked, trace);
    }
    sending::mail(asked, trace)?;
    let token = format!("dfp{}", asked.org.ids().word(17));
    commit(asked, "forgot_password", trace, |draft| {
        if !matches!(status(draft), "ACTIVE" | "PASSWORD_EXPIRED" | "RECOVERY")
            || !credentials(draft).has_password()
        {
            return Err(ApiError::catalogued("E0000034", "", ""));
        }
        draft.hidden["recoveryToken"] = json!(token);
        Ok(())
    })?;
    if flag(asked, "sendEmail", true) {
        return Ok(ok(&json!({}), asked));
    }
    let url = format!("{}/signin/reset-password/{token}", asked.request.base_url);
    Ok(ok(&json!({ "resetPasswordUrl": url }), asked))
}

/// `POST …/credentials/forgot_password_recovery_question`: a new password by the answer to the recovery question.
fn set_forgotten(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let body = Value::Object(body::checked(asked)?);
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let blank = |name: &str| ApiError::invalid(name, format!("{name}: The field cannot be left blank"));
    let password = text("/password/value").ok_or_else(|| blank("password"))?;
    let answer = text("/recovery_question/answer").ok_or_else(|| blank("recovery_question"))?;
    let user = commit(asked, "update_password", trace, |draft| {
        let mut own = credentials(draft);
        let right = own.is_answer(&answer);
        if !matches!(status(draft), "ACTIVE" | "PASSWORD_EXPIRED" | "RECOVERY") || right.is_none() {
            return Err(ApiError::catalogued("E0000034", "", ""));
        }
        if right == Some(false) {
            return Err(ApiError::catalogued("E0000087", "", ""));
        }
        own.set_password(&password, &profile(draft))?;
        store(draft, &own, true);
        if matches!(status(draft), "PASSWORD_EXPIRED" | "RECOVERY") {
            enter(draft, "ACTIVE");
        }
        Ok(())
    })?;
    shown(asked, &user.value())
}

/// The credentials, as these operations answer.
fn shown(asked: &Asked<'_>, user: &Value) -> Result<Reply, ApiError> {
    let mut credentials = user.get("credentials").cloned().unwrap_or_default();
    if let Some(members) = credentials.as_object_mut() {
        members.shift_remove("emails");
    }
    Ok(ok(&credentials, asked))
}
