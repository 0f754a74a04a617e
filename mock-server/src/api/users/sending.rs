//! How often somebody is written to, called, or asked for a code (ratelimit-oin-facts §1.7).

use super::{Trace, flag, user};
use crate::api::answer::Asked;
use crate::facts::limits::Special;
use crate::gate::limit_events::Deed;
use crate::org::document::Document;
use crate::wire::ApiError;

fn deed<'a>(asked: &'a Asked<'_>, user: &'a str) -> Deed<'a> {
    Deed { org: asked.org, state: asked.state, request: asked.request, user }
}

/// An operation that writes to the user that the path names, unless the request says that it must not.
///
/// # Errors
/// One e-mail too many to this mailbox.
pub(super) fn mail(asked: &Asked<'_>, trace: &mut Trace) -> Result<(), ApiError> {
    if !flag(asked, "sendEmail", true) {
        return Ok(());
    }
    let user = user(asked, trace)?;
    let to = user.text("/profile/email").unwrap_or_default().to_lowercase();
    deed(asked, &user.id).admit(Special::EmailRecipient, &to, trace)
}

/// A code for a phone or a mailbox that is being enrolled: the type of factor, and its address.
///
/// # Errors
/// Too soon after the one before, or one e-mail too many.
pub(super) fn first_code(
    asked: &Asked<'_>,
    user: &str,
    (kind, to): (&str, &str),
    trace: &mut Trace,
) -> Result<(), ApiError> {
    let digits = || to.chars().filter(char::is_ascii_digit).collect::<String>();
    let deed = deed(asked, user);
    match kind {
        "sms" => deed.admit(Special::SmsPhone, &digits(), trace),
        "call" => deed.admit(Special::VoicePhone, &digits(), trace),
        "email" => deed.admit(Special::EmailRecipient, &to.to_lowercase(), trace),
        _ => Ok(()),
    }
}

/// Another code for a factor.
///
/// # Errors
/// Too soon after the one before, or one e-mail too many.
pub(super) fn next_code(
    asked: &Asked<'_>,
    user: &str,
    factor: &Document,
    trace: &mut Trace,
) -> Result<(), ApiError> {
    let kind = factor.text("/factorType").unwrap_or_default();
    let to = factor.text("/profile/phoneNumber").or_else(|| factor.text("/profile/email"));
    if kind == "email" {
        deed(asked, user).admit(Special::EmailFactor, &factor.id, trace)?;
    }
    first_code(asked, user, (&kind, &to.unwrap_or_default()), trace)
}

/// A one-time code of a factor is tried, or sent again.
///
/// # Errors
/// One too many.
pub(super) fn otp(asked: &Asked<'_>, user: &str, factor: &str, trace: &mut Trace) -> Result<(), ApiError> {
    deed(asked, user).admit(Special::OtpFactor, factor, trace)
}
