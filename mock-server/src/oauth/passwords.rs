//! Whether somebody is who they say: login and password, and what the user's state makes of it.

use super::user::User;
use crate::org::state::OrgState;

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignInFault {
    /// No such user, another password, or a user whose state lets nobody in. One answer for all, as Okta gives.
    #[error("no active user has this login and password")]
    Failed,
    /// The password is right and has expired.
    #[error("the password has expired")]
    PasswordExpired,
}

/// The user with a login (or its short form) and a password.
///
/// # Errors
/// [`SignInFault`]; a wrong password is told before anything about the user's state.
pub(super) fn check<'s>(
    state: &'s OrgState,
    login: &str,
    password: &str,
) -> Result<User<'s>, (SignInFault, Option<User<'s>>)> {
    let user = User::by_login(state, login.trim()).filter(|user| user.has_password(password));
    let user = user.ok_or((SignInFault::Failed, None))?;
    match &*user.status() {
        "ACTIVE" => Ok(user),
        "PASSWORD_EXPIRED" => Err((SignInFault::PasswordExpired, Some(user))),
        _ => Err((SignInFault::Failed, None)),
    }
}
