//! Whether somebody is who they say: login and password, and what the user's state makes of it.

use std::sync::Arc;

use serde_json::Value;

use super::password_hook::{self, Verdict};
use super::told::Teller;
use super::user::{Password, User};
use crate::exchange::Trace;
use crate::org::change::Change;
use crate::org::imported_password::Hash;
use crate::org::mutation::Mutation;

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

/// The user with a login (or its short form) and a password. A password that was imported becomes the org's own.
///
/// # Errors
/// [`SignInFault`]; a wrong password is told before anything about the user's state. While a hook has to be asked first
/// it is [`SignInFault::Failed`], and the trace waits.
pub(super) fn check<'s>(
    teller: Teller<'s>,
    login: &str,
    password: &str,
    trace: &mut Trace,
) -> Result<User<'s>, (SignInFault, Option<User<'s>>)> {
    let failed = (SignInFault::Failed, None);
    let user = User::by_login(teller.state, login.trim()).ok_or(failed)?;
    let status = user.status();
    if !matches!(&*status, "ACTIVE" | "PASSWORD_EXPIRED") || !is_right(teller, user, login, password, trace) {
        return Err(failed);
    }
    let expired = *status != *"ACTIVE" || user.has_old_password(teller.state, teller.request.now);
    if expired { Err((SignInFault::PasswordExpired, Some(user))) } else { Ok(user) }
}

fn is_right(teller: Teller<'_>, user: User<'_>, login: &str, password: &str, trace: &mut Trace) -> bool {
    if teller.state.settings.mutations.has(Mutation::Password) {
        return true;
    }
    let imported = match user.password() {
        Password::None => return false,
        Password::Own(own) => return own.is(password),
        Password::Imported(imported) => imported,
    };
    let right = match imported.get("algorithm") {
        Some(_) => Hash::read(imported).is_ok_and(|hash| hash.fits(password)),
        None => password_hook::ask(teller, user.id(), (login, password), trace) == Verdict::Verified,
    };
    if right {
        adopt(teller, user.id(), imported, password);
        trace.note("sign_in", "the imported password is the org's own from now on");
    }
    right
}

/// Keeps a password that an imported one has turned out to be, unless it was changed meanwhile.
fn adopt(teller: Teller<'_>, id: &Arc<str>, imported: &Value, password: &str) {
    let outcome = teller.org.commit(teller.request.now, |state| {
        let user = state.get("users", id).filter(|user| user.hidden.get("imported") == Some(imported));
        let changes = user.map(|user| {
            let mut hidden = Value::clone(&user.hidden);
            hidden["password"] = password.into();
            hidden["imported"] = Value::Null;
            Change::put("users", id.clone(), user.value(), hidden)
        });
        Ok::<_, std::convert::Infallible>(changes.into_iter().collect())
    });
    let Ok(_) = outcome;
}
