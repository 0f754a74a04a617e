//! `refresh_token`: a client goes on with what a user has allowed it (token-facts §10, refresh.*).

use std::sync::Arc;

use super::fault::GrantFault;
use super::{Asked, Issued, Lasting, STEP, refuse, rotation};
use crate::exchange::Trace;
use crate::oauth::errors::{OAuthError, Refusal};
use crate::oauth::scopes;
use crate::oauth::store::refresh_tokens::{self, Rotation, Unusable};
use crate::oauth::user::User;
use crate::org::mutation::Mutation;

/// The tokens. The refresh token is used last: a request that is refused for its scopes does not rotate it.
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Issued, Refusal> {
    let mint = &asked.mint;
    let token = asked.required("refresh_token")?;
    let rotation = rotation(asked.client);
    let unusable = |why: Unusable| match why {
        Unusable::Reused => refuse(GrantFault::RefreshTokenReused, why.to_string()),
        _ => refuse(GrantFault::RefreshToken, why.to_string()),
    };
    // Another client's token is looked at no further: nobody kills a family that is not theirs.
    let family = refresh_tokens::owner(mint.state, token).ok_or_else(|| unusable(Unusable::Unknown))?;
    if family.allowed.client_id != asked.client.id {
        return Err(refuse(GrantFault::RefreshToken, format!("it is {}'s", family.allowed.client_id)));
    }
    if family.allowed.server != mint.server.id().cloned() {
        return Err(refuse(GrantFault::OtherServer, "another authorization server has issued it"));
    }
    if family.allowed.dpop_jkt != asked.jkt.as_deref().map(str::to_owned) {
        return Err(refuse(GrantFault::KeyBinding, "it is bound to another key than the proof's"));
    }
    let user = User::admitted(mint.state, &family.allowed.user_id);
    let user = user.ok_or_else(|| refuse(GrantFault::RefreshToken, "its user is inactive or gone"))?;
    asked.within_limit(user)?;
    match refresh_tokens::find(mint.state, mint.now, token, rotation) {
        // What follows for its family is decided where it is used.
        Ok(_) | Err(Unusable::Reused) => {}
        Err(why) => return Err(unusable(why)),
    }
    let blind = mint.state.settings.mutations.has(Mutation::RefreshScope);
    let wanted = match narrowed(asked.parameters.get("scope"), &family.allowed.scopes) {
        Err(_) if blind => family.allowed.scopes.clone(),
        narrowed => narrowed?,
    };
    let scopes = asked.still_granted(&wanted, trace)?;
    let used = refresh_tokens::rotate(mint.org, mint.now, token, rotation).map_err(unusable)?;
    let how = if rotation == Rotation::Static { "stays the same" } else { "is replaced" };
    trace.note(STEP, format!("the refresh token of {} is good and {how}", user.login()));
    let mut allowed = used.family.allowed.clone();
    // OpenID Connect Core §12.2: the nonce is the first ID token's.
    allowed.nonce = None;
    asked.for_user(
        super::REFRESH_TOKEN,
        user,
        allowed,
        scopes,
        Lasting::Going(used.token, used.family.id),
        trace,
    )
}

/// The scopes that a refresh is for: all of the user's, or those asked for, if the user has allowed them.
fn narrowed(asked: Option<&str>, allowed: &[Arc<str>]) -> Result<Vec<Arc<str>>, Refusal> {
    let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else { return Ok(allowed.to_vec()) };
    if asked.len() > scopes::MAX_LENGTH {
        let reason = format!("scope has {} characters", asked.len());
        return Err(Refusal::new("scope", OAuthError::MalformedScope, reason));
    }
    let (mut wanted, mut denied) = (Vec::new(), Vec::new());
    for word in scopes::words(asked) {
        match allowed.iter().find(|scope| ***scope == *word) {
            Some(scope) => wanted.push(scope.clone()),
            None => denied.push(word.to_owned()),
        }
    }
    if denied.is_empty() {
        return Ok(wanted);
    }
    let reason = format!("the user has not allowed {}", denied.join(", "));
    Err(refuse(GrantFault::DeniedScopes(denied), reason))
}
