//! What shows that somebody holds a factor: a code, an answer, a signature.

use serde_json::{Map, Value, json};

use super::enrolled::WRONG_CODE;
use super::fido::Ceremony;
use super::{is_sent_to, u2f, webauthn, yubikey};
use crate::api::draft::Draft;
use crate::org::passcode;
use crate::wire::ApiError;

/// Whether a request brings a proof, or asks for a challenge first.
pub(super) fn is_in(kind: &str, body: &Map<String, Value>) -> bool {
    let has = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    match kind {
        "webauthn" => has("clientData") || has("attestation") || has("signatureData"),
        "u2f" => has("clientData") || has("registrationData") || has("signatureData"),
        kind if is_sent_to(kind) => has("passCode"),
        _ => true,
    }
}

/// Takes a proof: it is right, and counts once.
///
/// # Errors
/// It is wrong, too late, or was there before.
pub(super) fn take(
    draft: &mut Draft<'_>,
    ceremony: Ceremony,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let kind = draft.value.get("factorType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let given = |name: &str| body.get(name).and_then(Value::as_str);
    let hidden =
        |draft: &Draft<'_>, name: &str| draft.hidden.get(name).and_then(Value::as_str).map(str::to_owned);
    let now = draft.asked.request.now.as_second();
    match kind.as_str() {
        "question" => {
            let right = given("answer").zip(hidden(draft, "answer"));
            if !right.is_some_and(|(given, own)| given.eq_ignore_ascii_case(&own)) {
                return Err(wrong("Your answer doesn't match our records. Please try again."));
            }
        }
        "token:software:totp" | "token" | "token:hotp" => {
            let (Some(code), Some(secret)) = (given("passCode"), hidden(draft, "secret")) else {
                return Err(wrong(WRONG_CODE));
            };
            if !passcode::fits(&secret, code, now) {
                return Err(wrong(WRONG_CODE));
            }
            // A code of an authenticator app counts once (catalogue: E0000082).
            if draft.hidden.get("used").is_some_and(|used| *used == *code) {
                return Err(ApiError::catalogued("E0000082", "", ""));
            }
            draft.hidden["used"] = json!(code);
        }
        "token:hardware" => yubikey::take(draft, given("passCode").unwrap_or_default())?,
        "webauthn" => webauthn::take(draft, ceremony, body)?,
        "u2f" => u2f::take(draft, ceremony, body)?,
        kind if is_sent_to(kind) => {
            let own = hidden(draft, "code");
            if own.is_none() || own.as_deref() != given("passCode") {
                return Err(wrong(WRONG_CODE));
            }
            if draft.hidden.get("until").and_then(Value::as_i64).is_some_and(|until| until <= now) {
                return Err(ApiError::catalogued("E0000083", "", ""));
            }
            draft.hidden["code"] = Value::Null;
        }
        _ => return Err(wrong(WRONG_CODE)),
    }
    Ok(())
}

/// The refusal of a proof.
pub(super) fn wrong(cause: &str) -> ApiError {
    ApiError::catalogued("E0000068", "", cause)
}
