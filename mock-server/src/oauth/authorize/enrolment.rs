//! Enrolling an authenticator: `prompt=enroll_authenticator`, which takes `response_type=none` and what goes with it
//! (token-facts §11; OAS, schema Prompt).

use super::fault::Fault;
use super::request::Asked;
use super::response::ResponseType;

/// The one value of `prompt`.
const PROMPT: &str = "enroll_authenticator";

/// The one value of `acr_values`: a first factor, and a second one where the user has it.
const ACR: &str = "urn:okta:loa:2fa:any:ifpossible";

/// Authenticators by their `amr` (OAS AmrValue; `otp` is written `opt` there).
const AUTHENTICATORS: [&str; 16] = [
    "duo",
    "email",
    "fed",
    "google_otp",
    "kba",
    "oath_otp",
    "okta_verify",
    "opt",
    "otp",
    "pop",
    "pwd",
    "rsa",
    "sms",
    "symantec",
    "tel",
    "yubikey",
];

/// Whether a request asks for tokens or for an enrolment, and not for half of each.
///
/// # Errors
/// [`Fault::Enrolment`]: response type, scope, nonce, prompt, `max_age`, `enroll_amr_values`, `acr_values`, in this order.
pub(super) fn check(asked: &Asked, response: ResponseType) -> Result<(), Fault> {
    let enrols = asked.get("prompt") == Some(PROMPT);
    let refuse = |row| Err(Fault::Enrolment(row));
    if !response.is_none() {
        return if enrols { refuse("invalid_response_type_for_authenticator_enrollment") } else { Ok(()) };
    }
    if asked.get("scope").is_some() {
        return refuse("unsupported_scope_for_none_response_type");
    }
    if asked.get("nonce").is_some() {
        return refuse("unsupported_nonce_for_none_response_type");
    }
    if !enrols {
        return refuse("invalid_prompt_for_none_response_type");
    }
    if asked.get("max_age") != Some("0") {
        return refuse("invalid_max_age_for_enroll_authenticator_prompt");
    }
    // Left out, it is one value that names nothing.
    let mut values = asked.get("enroll_amr_values").unwrap_or_default().split(' ');
    if !values.all(|value| AUTHENTICATORS.contains(&value)) {
        return refuse("invalid_enroll_amr_for_none_response_type");
    }
    if asked.get("acr_values") != Some(ACR) {
        return refuse("invalid_acr_values_for_enroll_authenticator_prompt");
    }
    Ok(())
}
