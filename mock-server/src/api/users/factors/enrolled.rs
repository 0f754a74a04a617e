//! A factor that is being enrolled.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::super::credentials::checked_answer;
use super::super::flag;
use super::{CATALOG, QUESTIONS, is_sent_to, is_tapped, webauthn, yubikey};
use crate::api::answer::Asked;
use crate::api::draft::{Draft, set};
use crate::facts::resources::BASE_MARK;
use crate::org::clock::okta_timestamp;
use crate::org::document::Document;
use crate::org::passcode;
use crate::wire::ApiError;

/// So long a phone may take to be set up.
const SETTING_UP: SignedDuration = SignedDuration::from_mins(10);

/// Completes it.
pub(super) fn complete(draft: &mut Draft<'_>) -> Result<(), ApiError> {
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
    match kind.as_str() {
        "sms" | "call" | "email" => send(draft),
        "token:software:totp" => {
            let secret = new_secret(draft.asked);
            let qr = qr_code(draft, &secret);
            let activation = json!({ "timeStep": 30, "sharedSecret": secret, "encoding": "base32", "keyLength": 6,
                "_links": { "qrcode": qr } });
            draft.hidden["secret"] = json!(secret);
            set(&mut draft.value, "/_embedded/activation", activation);
        }
        "token" => {
            needs("credentialId")?;
            let code = draft.body.get("verify").and_then(|verify| verify.get("passCode"));
            let code = code.map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned));
            // The org has no server of the vendor to ask; from now on the token shows the codes of a secret.
            if !code.is_some_and(|code| !code.is_empty() && code.bytes().all(|one| one.is_ascii_digit())) {
                return Err(ApiError::catalogued("E0000068", "", WRONG_CODE));
            }
            draft.hidden = json!({ "secret": new_secret(draft.asked) });
        }
        "token:hotp" => {
            let secret = draft.hidden.pointer("/profile/sharedSecret").and_then(Value::as_str);
            let secret = secret.filter(|secret| passcode::shown(secret, 0).is_some());
            let cause = "sharedSecret: The shared secret must be Base32.";
            let secret = secret.ok_or_else(|| ApiError::invalid("sharedSecret", cause))?;
            draft.hidden["secret"] = json!(secret);
        }
        "token:hardware" => yubikey::enroll(draft)?,
        "webauthn" => webauthn::begin(draft),
        "u2f" => draft.hidden["challenge"] = draft.value["_embedded"]["activation"]["nonce"].clone(),
        kind if is_tapped(kind) => set_up(draft),
        _ => {}
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
pub(super) fn questioned(draft: &mut Draft<'_>) -> Result<(), ApiError> {
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

/// Another code, which lasts for five minutes or as long as the request says.
pub(super) fn send(draft: &mut Draft<'_>) {
    let lifetime = draft.asked.query("tokenLifetimeSeconds").and_then(|text| text.parse::<i64>().ok());
    let lifetime = lifetime.filter(|seconds| (1..=86_400).contains(seconds)).unwrap_or(300);
    draft.hidden["code"] = json!(new_code(draft.asked));
    draft.hidden["until"] = json!(draft.asked.request.now.as_second() + lifetime);
}

/// A phone is being set up: the same links again, for another while.
pub(super) fn set_up(draft: &mut Draft<'_>) {
    let now = draft.asked.request.now;
    let expires = okta_timestamp(now.saturating_add(SETTING_UP).unwrap_or(now));
    let qr = qr_code(draft, &format!("00{}", draft.asked.org.ids().word(40)));
    let send = |name: &str| {
        let href = format!("{}/lifecycle/activate/{name}", own_address(draft));
        json!({ "name": name, "href": href, "hints": { "allow": ["POST"] } })
    };
    let activation = json!({ "expiresAt": expires, "factorResult": "WAITING",
        "_links": { "send": [send("email"), send("sms")], "qrcode": qr } });
    set(&mut draft.value, "/_embedded/activation", activation);
}

fn own_address(draft: &Draft<'_>) -> String {
    let user = draft.target.parents.last().map_or("", |user| &*user.id);
    format!("{BASE_MARK}/api/v1/users/{user}/factors/{}", draft.id)
}

fn qr_code(draft: &Draft<'_>, secret: &str) -> Value {
    json!({ "href": format!("{}/qr/{secret}", own_address(draft)), "type": "image/png" })
}

fn new_secret(asked: &Asked<'_>) -> String {
    let mut bytes = [0; 10];
    asked.org.ids().fill(&mut bytes);
    passcode::secret(&bytes)
}

/// What Okta says of a code that is wrong.
pub(super) const WRONG_CODE: &str = "Your passcode doesn't match our records. Please try again.";
