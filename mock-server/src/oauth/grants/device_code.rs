//! `urn:ietf:params:oauth:grant-type:device_code`: a device asks whether its user has approved it (token-facts §10,
//! device.*).

use super::fault::GrantFault;
use super::{Asked, Issued, Lasting, STEP, refuse};
use crate::exchange::Trace;
use crate::oauth::errors::Refusal;
use crate::oauth::store::Allowed;
use crate::oauth::store::device_codes::{self, Answer};
use crate::oauth::user::User;

/// The tokens.
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Issued, Refusal> {
    let mint = &asked.mint;
    let device_code = asked.required("device_code")?;
    let server = mint.server.id().map(|id| &**id);
    let answer = device_codes::ask(mint.org, mint.now, &asked.client.id, server, device_code);
    let (fault, reason) = match answer {
        Answer::Approved(code, approval) => {
            let user = User::admitted(mint.state, &approval.user_id)
                .ok_or_else(|| refuse(GrantFault::DeviceCode, "the user who approved is inactive or gone"))?;
            trace.note(STEP, format!("{} has approved the device", user.login()));
            let scopes = asked.still_granted(&code.scopes, trace)?;
            let allowed = Allowed {
                client_id: code.client_id,
                user_id: approval.user_id,
                server: code.server,
                scopes: code.scopes,
                nonce: None,
                auth_time: approval.auth_time,
                amr: approval.amr,
                session: approval.session,
                redirect_uri: None,
                challenge: None,
                dpop_jkt: None,
            };
            return asked.for_user(super::DEVICE_CODE, user, allowed, scopes, Lasting::IfAllowed, trace);
        }
        Answer::Unknown => (GrantFault::DeviceCode, "there is no such device code"),
        Answer::OtherClient => (GrantFault::OtherClient, "the device code is another client's"),
        Answer::OtherServer => (GrantFault::OtherServer, "another authorization server has issued it"),
        Answer::Expired => (GrantFault::DeviceExpired, "the device code has expired"),
        Answer::Pending => (GrantFault::DevicePending, "the user has not decided"),
        Answer::SlowDown => (GrantFault::SlowDown, "the device asks more often than every 5 seconds"),
        Answer::Denied => (GrantFault::Denied, "the user has said no"),
    };
    Err(refuse(fault, reason))
}
