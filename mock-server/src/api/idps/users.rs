//! Users and providers: the providers that a user comes from, the tokens that a social provider gave.

use http::StatusCode;

use super::idp;
use crate::api::answer::Asked;
use crate::api::own::Operations;
use crate::api::target;
use crate::api::verbs::Listed;
use crate::exchange::{Reply, Trace};
use crate::facts::facts;
use crate::gate::roles::Reach;
use crate::org::change::Shelf;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations =
    &[("listUserIdentityProviders", of_user), ("listSocialAuthTokens", tokens)];

/// The providers that a user is linked to, all on one page (mgmt-facts §3).
fn of_user(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let users = facts().resources.get("users").ok_or(ApiError::NoSuchPath)?;
    let idps = facts().resources.get("idps").ok_or(ApiError::NoSuchPath)?;
    let shelf = Shelf::from(users.kind.as_str());
    let user = target::find(asked, asked.state, users, &shelf, asked.parameter(0))?;
    let own = asked.caller.user() == Some(&*user.id);
    if asked.reach == Reach::Nothing || !(own || target::reaches(asked, user)) {
        return Err(ApiError::AccessDenied);
    }
    let linked = asked
        .state
        .all("idps")
        .after(None)
        .filter(|idp| asked.state.on(&Shelf::below("idp_users", &[&idp.id])).get(&user.id).is_some());
    Ok(Listed { asked, resource: idps, known: &[] }.whole(linked))
}

/// Nobody has signed in at a provider: users are linked by this API alone, and then there are no tokens.
fn tokens(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    let user = asked.parameter(1);
    match asked.state.on(&Shelf::below("idp_users", &[&idp.id])).get(user) {
        Some(_) => Ok(Reply::json(StatusCode::OK, "[]")),
        None => Err(ApiError::NotFound(user.to_owned(), "User")),
    }
}
