//! Factors of users: enrolled, activated, verified, as far as an org can without phones. Nothing is sent: the code that a
//! phone or a mailbox would get is told by the trace of the request (the ledger shows it).

use std::sync::{Arc, LazyLock};

use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::credentials::checked_answer;
use super::{Reply, Trace, flag, ok, optional_body, passcode, sending, user};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{Action, Draft, set, unset};
use crate::api::own::Operations;
use crate::api::special::Special;
use crate::api::target::Target;
use crate::api::verbs::{create_with, shown};
use crate::facts::facts;
use crate::facts::resources::{BASE_MARK, Resource};
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::wire::{ApiError, not_implemented};

/// The operations.
pub(super) const OPERATIONS: Operations = &[
    ("enrollFactor", enroll),
    ("listSupportedFactors", catalog),
    ("listSupportedSecurityQuestions", questions),
    ("activateFactor", activate),
    ("resendEnrollFactor", resend),
    ("verifyFactor", verify),
    ("getFactorTransactionStatus", transaction),
];

/// The questions that users may choose from, by key (recorded).
static QUESTIONS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../../fixtures/security-questions.json");
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

/// Factors that a code is sent to.
fn is_sent_to(kind: &str) -> bool {
    matches!(kind, "sms" | "call" | "email")
}

/// The factors of a user.
pub(in crate::api) struct UserFactors;

impl Special for UserFactors {
    fn write(&self, draft: &mut Draft<'_>) -> Result<(), ApiError> {
        match draft.action {
            Action::Create => enrolled(draft),
            Action::Update => questioned(draft),
            _ => Ok(()),
        }
    }
}

/// Completes a factor that is being enrolled.
fn enrolled(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    let text = |pointer: &str| draft.value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let kind = text("/factorType").unwrap_or_default();
    let provider = text("/provider").unwrap_or_default();
    let known = CATALOG.iter().any(|(factor, of, _)| *factor == kind && *of == provider)
        || matches!(kind.as_str(), "u2f" | "token:hotp" | "signed_nonce");
    if !known {
        let cause = "Invalid combination of factor type and provider.";
        return Err(ApiError::invalid("factorEnrollRequest", cause));
    }
    let same = |factor: &Document| factor.is("/factorType", &kind) && factor.is("/provider", &provider);
    if draft
        .state
        .on(&draft.target.shelf)
        .after(None)
        .any(|factor| same(factor) && factor.is("/status", "ACTIVE"))
        && !matches!(kind.as_str(), "webauthn" | "u2f" | "sms" | "call")
    {
        return Err(ApiError::invalid("factorEnrollRequest", "A factor of this type is already set up."));
    }
    let needs = |name: &str| match text(&format!("/profile/{name}")).filter(|text| !text.is_empty()) {
        Some(_) => Ok(()),
        None => Err(ApiError::invalid(name, format!("{name}: The field cannot be left blank"))),
    };
    match kind.as_str() {
        "question" => return questioned(draft),
        "sms" | "call" => {
            needs("phoneNumber")?;
            if !text("/profile/phoneNumber").is_some_and(|number| is_phone_number(&number)) {
                return Err(ApiError::catalogued("E0000098", "", ""));
            }
        }
        "email" => needs("email")?,
        _ => {}
    }
    if is_sent_to(&kind) {
        draft.hidden["code"] = json!(new_code(draft.asked));
    }
    if kind == "token:software:totp" {
        let mut bytes = [0; 10];
        draft.asked.org.ids().fill(&mut bytes);
        let secret = passcode::secret(&bytes);
        draft.hidden["secret"] = json!(secret);
        let qr = format!(
            "{BASE_MARK}/api/v1/users/{}/factors/{}/qr/{secret}",
            draft.target.parents.last().map_or("", |user| &*user.id),
            draft.id
        );
        let activation = json!({ "timeStep": 30, "sharedSecret": secret, "encoding": "base32", "keyLength": 6,
            "_links": { "qrcode": { "href": qr, "type": "image/png" } } });
        set(&mut draft.value, "/_embedded/activation", activation);
    }
    if kind == "push" {
        let expires = draft.asked.request.now.saturating_add(SignedDuration::from_mins(10));
        let expires = okta_timestamp(expires.unwrap_or(draft.asked.request.now));
        let activation = json!({ "expiresAt": expires, "factorResult": "WAITING" });
        set(&mut draft.value, "/_embedded/activation", activation);
    }
    if flag(draft.asked, "activate", false) && is_sent_to(&kind) {
        set(&mut draft.value, "/status", json!("ACTIVE"));
    }
    Ok(())
}

/// A number of seven to fifteen digits (E.164), written as people write it.
fn is_phone_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let number = text.strip_prefix('+').unwrap_or(text);
    (7..=15).contains(&digits) && number.bytes().all(|byte| byte.is_ascii_digit() || b" ()-.".contains(&byte))
}

/// A question and its answer.
fn questioned(draft: &mut Draft<'_>) -> Result<(), ApiError> {
    if draft.value.get("factorType").and_then(Value::as_str) != Some("question") {
        return Ok(());
    }
    let profile = draft.body.get("profile");
    let text = |name: &str| profile.and_then(|profile| profile.get(name)).and_then(Value::as_str);
    let blank = |name: &str| ApiError::invalid(name, format!("{name}: The field cannot be left blank"));
    let question = text("question").ok_or_else(|| blank("question"))?;
    let answer = text("answer").ok_or_else(|| blank("answer"))?;
    let known = QUESTIONS.get(question).cloned();
    let question_text = known.or_else(|| text("questionText").map(Value::from));
    let question_text =
        question_text.ok_or_else(|| ApiError::invalid("question", "Invalid security question."))?;
    let answer = checked_answer(answer.to_owned())?;
    set(&mut draft.value, "/profile", json!({ "question": question, "questionText": question_text }));
    draft.hidden = json!({ "answer": answer });
    Ok(())
}

fn new_code(asked: &Asked<'_>) -> String {
    let mut bytes = [0; 4];
    asked.org.ids().fill(&mut bytes);
    format!("{:06}", u32::from_be_bytes(bytes) % 1_000_000)
}

fn resource() -> Result<&'static Resource, ApiError> {
    facts().resources.get("user_factors").ok_or(ApiError::NoSuchPath)
}

/// Tells what a phone or a mailbox would get.
fn tell(trace: &mut Trace, factor: &Document) {
    if let Some(code) = factor.hidden.get("code").and_then(Value::as_str) {
        let to = factor.text("/profile/phoneNumber").or_else(|| factor.text("/profile/email"));
        trace.note("message", format!("the code for {} is {code}", to.unwrap_or_default()));
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
    tell(trace, &factor);
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

/// What is wrong with a pass code or an answer.
fn check(asked: &Asked<'_>, factor: &Document, body: &Map<String, Value>) -> Result<bool, ApiError> {
    let given = |name: &str| body.get(name).and_then(Value::as_str);
    let hidden = |name: &str| factor.hidden.get(name).and_then(Value::as_str);
    let wrong = |cause: &str| Err(ApiError::catalogued("E0000068", "", cause));
    match factor.text("/factorType").as_deref() {
        Some("question") => match (given("answer"), hidden("answer")) {
            (Some(given), Some(own)) if given.eq_ignore_ascii_case(own) => Ok(true),
            _ => wrong("Your answer doesn't match our records. Please try again."),
        },
        Some("token:software:totp") => match (given("passCode"), hidden("secret")) {
            (Some(code), Some(secret)) if passcode::fits(secret, code, asked.request.now.as_second()) => {
                Ok(true)
            }
            _ => wrong("Your passcode doesn't match our records. Please try again."),
        },
        Some(kind) if is_sent_to(kind) => match (given("passCode"), hidden("code")) {
            (None, _) => Ok(false),
            (Some(code), Some(own)) if code == own => Ok(true),
            _ => wrong("Your passcode doesn't match our records. Please try again."),
        },
        _ => Ok(false),
    }
}

/// A code of an authenticator app counts once (catalogue: E0000082).
fn use_up(draft: &mut Draft<'_>, body: &Map<String, Value>) -> Result<(), ApiError> {
    if draft.value["factorType"] == "token:software:totp" {
        let code = body.get("passCode").cloned().unwrap_or_default();
        if draft.hidden.get("used") == Some(&code) {
            return Err(ApiError::catalogued("E0000082", "", ""));
        }
        draft.hidden["used"] = code;
    }
    Ok(())
}

/// `POST …/lifecycle/activate`.
fn activate(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = named(asked, trace)?;
    if !factor.is("/status", "PENDING_ACTIVATION") {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    let body = optional_body(asked)?;
    sending::otp(asked, owner(&target), &factor.id, trace)?;
    if !check(asked, &factor, &body)? {
        let kind = factor.text("/factorType").unwrap_or_default();
        if is_sent_to(&kind) {
            return Err(ApiError::invalid("passCode", "passCode: The field cannot be left blank"));
        }
        trace.gap = true;
        trace.note("operation", format!("{kind} needs a device, which this org has not"));
        return Ok(not_implemented(asked.org.ids(), &asked.operation.id));
    }
    let factor = commit(asked, &target, |draft| {
        set(&mut draft.value, "/status", json!("ACTIVE"));
        unset(&mut draft.value, "/_embedded");
        use_up(draft, &body)
    })?;
    Ok(shown(asked, target.resource, StatusCode::OK, &factor))
}

/// `POST …/resend`: another code.
fn resend(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = named(asked, trace)?;
    if !is_sent_to(&factor.text("/factorType").unwrap_or_default()) {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    sending::otp(asked, owner(&target), &factor.id, trace)?;
    sending::next_code(asked, owner(&target), &factor, trace)?;
    let code = new_code(asked);
    let factor = commit(asked, &target, |draft| {
        draft.hidden["code"] = json!(code);
        Ok(())
    })?;
    tell(trace, &factor);
    Ok(shown(asked, target.resource, StatusCode::OK, &factor))
}

/// `POST …/verify`: a challenge without a pass code, its outcome with one.
fn verify(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (target, factor) = named(asked, trace)?;
    if !factor.is("/status", "ACTIVE") {
        return Err(ApiError::catalogued("E0000079", "", ""));
    }
    let body = optional_body(asked)?;
    if check(asked, &factor, &body)? {
        if factor.is("/factorType", "token:software:totp") {
            commit(asked, &target, |draft| use_up(draft, &body))?;
        }
        return Ok(ok(&json!({ "factorResult": "SUCCESS" }), asked));
    }
    let kind = factor.text("/factorType").unwrap_or_default().into_owned();
    if is_sent_to(&kind) {
        sending::next_code(asked, owner(&target), &factor, trace)?;
        let code = new_code(asked);
        let factor = commit(asked, &target, |draft| {
            draft.hidden["code"] = json!(code);
            Ok(())
        })?;
        tell(trace, &factor);
        let own = own_address(&target, &factor);
        let challenge = json!({
            "factorResult": "CHALLENGE",
            "profile": factor.value().get("profile"),
            "_links": {
                "verify": { "href": format!("{own}/verify"), "hints": { "allow": ["POST"] } },
                "factor": { "href": own, "hints": { "allow": ["GET", "DELETE"] } },
            },
        });
        return Ok(ok(&challenge, asked));
    }
    trace.gap = true;
    trace.note("operation", format!("{kind} needs a device, which this org has not"));
    Ok(not_implemented(asked.org.ids(), &asked.operation.id))
}

/// `GET …/transactions/{id}`: pushes wait for a phone, so there never is one.
fn transaction(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    named(asked, trace)?;
    let id = asked.parameter(2).to_owned();
    Err(ApiError::NotFound(id, "FactorTransaction"))
}

/// The user whose factor it is.
fn owner(target: &Target) -> &str {
    target.parents.last().map_or("", |user| &*user.id)
}

fn own_address(target: &Target, factor: &Document) -> String {
    let user = target.parents.last().map_or("", |user| &*user.id);
    format!("{BASE_MARK}/api/v1/users/{user}/factors/{}", factor.id)
}
