//! Factors of users: enrolled, activated, verified. Nothing is sent: the code that a phone or a mailbox would get, or that
//! a token shows, is told by the trace of the request (the ledger shows it) and by the control API, which also taps on
//! phones (`org/factor.rs`).

mod enrolled;
mod fido;
mod proof;
mod push;
mod u2f;
mod verify;
mod webauthn;
mod yubikey;

use std::sync::{Arc, LazyLock};

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Reply, Trace, ok, sending, user};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Action, Draft};
use crate::api::events;
use crate::api::own::Operations;
use crate::api::special::Special;
use crate::api::target::Target;
use crate::api::verbs::{create_with, shown};
use crate::facts::facts;
use crate::facts::resources::{BASE_MARK, Resource};
use crate::org::document::Document;
use crate::wire::ApiError;

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("enrollFactor", enroll),
    ("listSupportedFactors", catalog),
    ("listSupportedSecurityQuestions", questions),
    ("activateFactor", verify::activate),
    ("resendEnrollFactor", verify::resend),
    ("verifyFactor", verify::verify),
    ("pollFactorActivation", push::poll),
    ("sendFactorActivation", push::send),
    ("getFactorTransactionStatus", push::transaction),
    ("cancelFactorTransaction", push::cancel),
];

/// The questions that users may choose from, by key (recorded).
static QUESTIONS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../../../fixtures/security-questions.json");
    serde_json::from_str(text).unwrap_or_default()
});

/// What may be enrolled: type, provider, vendor.
const CATALOG: [(&str, &str, Option<&str>); 11] = [
    ("question", "OKTA", Some("OKTA")),
    ("token:software:totp", "OKTA", None),
    ("token:software:totp", "GOOGLE", None),
    ("sms", "OKTA", Some("OKTA")),
    ("call", "OKTA", Some("OKTA")),
    ("email", "OKTA", Some("OKTA")),
    ("push", "OKTA", Some("OKTA")),
    ("token", "RSA", None),
    ("token", "SYMANTEC", None),
    ("token:hardware", "YUBICO", None),
    ("webauthn", "FIDO", Some("FIDO")),
];

/// The event of a factor that is active from now on.
const ACTIVATED: &str = "user.mfa.factor.activate";

/// Factors that live on a phone and answer by a tap.
fn is_tapped(kind: &str) -> bool {
    matches!(kind, "push" | "signed_nonce")
}

/// Factors that a code is sent to.
fn is_sent_to(kind: &str) -> bool {
    matches!(kind, "sms" | "call" | "email")
}

/// The factors of a user.
pub(in crate::api) struct UserFactors;

impl Special for UserFactors {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => {
                enrolled::complete(draft)?;
                if draft.value["status"] == "ACTIVE" {
                    events::tell(draft, ACTIVATED);
                }
                Ok(())
            }
            Action::Update => enrolled::questioned(draft),
            Action::Delete => {
                yubikey::release(draft);
                Ok(())
            }
            Action::Replace | Action::Lifecycle(_) => Ok(()),
        }
    }
}

fn resource() -> Result<&'static Resource, ApiError> {
    facts().resources.get("user_factors").ok_or(ApiError::NoSuchPath)
}

/// Tells what a phone or a mailbox would get, or what a token shows.
fn tell(asked: &Asked<'_>, trace: &mut Trace, factor: &Document) {
    if let Some(code) = crate::org::factor::code(&factor.hidden, asked.request.now.as_second()) {
        let to = factor.text("/profile/phoneNumber").or_else(|| factor.text("/profile/email"));
        let to = to.or_else(|| factor.text("/profile/credentialId")).unwrap_or_default();
        trace.note("message", format!("the code for {to} is {code}"));
    }
}

/// `POST …/factors`.
fn enroll(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let target = Target::of(asked, resource()?, asked.state)?;
    target.permit(asked, None, trace)?;
    let body = body::checked(asked)?;
    let profile =
        |name: &str| body.get("profile").and_then(|profile| profile.get(name)).and_then(Value::as_str);
    let to = profile("phoneNumber").or_else(|| profile("email"));
    if let (Some(kind), Some(to)) = (body.get("factorType").and_then(Value::as_str), to) {
        sending::first_code(asked, owner(&target), (kind, to), trace)?;
    }
    let factor = create_with(asked, &target, &body)?;
    trace.note("operation", format!("a factor of a user: {}", factor.id));
    if !factor.is("/factorType", "token:software:totp") {
        tell(asked, trace, &factor);
    }
    Ok(shown(asked, target.resource, StatusCode::OK, &factor))
}

/// `GET …/factors/catalog`.
fn catalog(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let user = user(asked, trace)?;
    let own = format!("{BASE_MARK}/api/v1/users/{}/factors", user.id);
    let shown = CATALOG.iter().map(|(kind, provider, vendor)| {
        let mut factor = json!({ "factorType": kind, "provider": provider });
        if let Some(vendor) = vendor {
            factor["vendorName"] = json!(vendor);
        }
        if *kind == "question" {
            let href = format!("{own}/questions");
            factor["_links"]["questions"] = json!({ "href": href, "hints": { "allow": ["GET"] } });
        }
        factor["_links"]["enroll"] = json!({ "href": own, "hints": { "allow": ["POST"] } });
        factor
    });
    Ok(ok(&Value::Array(shown.collect()), asked))
}

/// `GET …/factors/questions`.
fn questions(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    user(asked, trace)?;
    let shown = QUESTIONS.iter().map(|(key, text)| json!({ "question": key, "questionText": text }));
    Ok(ok(&Value::Array(shown.collect()), asked))
}

/// The factor that the path names.
fn named(asked: &Asked<'_>, trace: &mut Trace) -> Result<(Target, Arc<Document>), ApiError> {
    let target = Target::of(asked, resource()?, asked.state)?;
    let factor = target.find(asked, asked.state)?.clone();
    target.permit(asked, Some(&factor), trace)?;
    Ok((target, factor))
}

/// Changes it.
fn commit(
    asked: &Asked<'_>,
    target: &Target,
    decide: impl Fn(&mut Draft<'_>) -> Result<(), ApiError>,
) -> Result<Arc<Document>, ApiError> {
    let nothing = Map::new();
    let state = asked.org.commit(asked.request.now, |state| {
        let factor = target.find(asked, state)?;
        let action = Action::Lifecycle("activate".to_owned());
        let mut draft = Draft::update(asked, state, target, factor, &nothing, action)?;
        decide(&mut draft)?;
        Ok::<_, ApiError>(draft.into_changes())
    })?;
    Ok(target.find(asked, &state)?.clone())
}

/// The user whose factor it is.
fn owner(target: &Target) -> &str {
    target.parents.last().map_or("", |user| &*user.id)
}

fn own_address(target: &Target, factor: &Document) -> String {
    let user = target.parents.last().map_or("", |user| &*user.id);
    format!("{BASE_MARK}/api/v1/users/{user}/factors/{}", factor.id)
}
