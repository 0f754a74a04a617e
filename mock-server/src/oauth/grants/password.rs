//! `password`: a client shows the user's own credentials (token-facts §10, password.*). An org without policies of its
//! own and without second factors lets in every assigned user with the right password.

use super::fault::GrantFault;
use super::{Asked, Issued, Lasting, STEP, refuse};
use crate::exchange::Trace;
use crate::oauth::authorize::user_scopes;
use crate::oauth::errors::Refusal;
use crate::oauth::passwords::{self, SignInFault};
use crate::oauth::store::Allowed;
use crate::oauth::user::{Password, User};

/// The tokens. Scopes come before the user, as for every grant (token-facts §1.3).
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Issued, Refusal> {
    let (mint, client) = (&asked.mint, asked.client);
    let login = asked.required("username")?;
    let password = asked.required("password")?;
    let scope = asked.parameters.get("scope").unwrap_or_default();
    let granted = user_scopes(scope, mint.server, client, mint.state, super::PASSWORD)?;
    if !granted.to_consent.is_empty() {
        let reason = format!("a user must consent to {}", granted.to_consent.join(", "));
        return Err(refuse(GrantFault::PasswordConsent(granted.to_consent), reason));
    }
    trace.note("scope", granted.reason);
    let user = signed_in(asked, login, password, trace)?;
    trace.note(STEP, format!("the password is {}'s", user.login()));
    let allowed = Allowed {
        client_id: client.id.clone(),
        user_id: user.id().clone(),
        server: mint.server.id().cloned(),
        scopes: granted.scopes.clone(),
        nonce: None,
        auth_time: mint.now,
        amr: vec!["pwd".to_owned()],
        session: None,
        redirect_uri: None,
        challenge: None,
        dpop_jkt: None,
    };
    asked.for_user(super::PASSWORD, user, allowed, granted.scopes, Lasting::IfAllowed, trace)
}

fn signed_in<'a>(
    asked: &Asked<'a>,
    login: &str,
    password: &str,
    trace: &mut Trace,
) -> Result<User<'a>, Refusal> {
    let state = asked.mint.state;
    if let Some(user) = User::by_login(state, login.trim()) {
        if trace.errand.is_none() {
            asked.within_limit(user)?;
        }
        if user.status() == "ACTIVE" && matches!(user.password(), Password::None) {
            return Err(refuse(GrantFault::NoPassword, format!("{} has no password", user.login())));
        }
    }
    let user = passwords::check(asked.teller(), login, password, trace).map_err(|(fault, _)| {
        let told = match fault {
            SignInFault::PasswordExpired => GrantFault::PasswordExpired,
            SignInFault::Failed => GrantFault::Password,
        };
        refuse(told, fault.to_string())
    })?;
    if !asked.client.sign_in.admits(state, user.id()) {
        let reason = format!("{} is not assigned to {}", user.login(), asked.client.id);
        return Err(refuse(GrantFault::NotAssigned, reason));
    }
    Ok(user)
}
