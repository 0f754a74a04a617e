//! `urn:ietf:params:oauth:grant-type:token-exchange` at a custom server: a service app that was called with a user's
//! access token gets one of its own for the same user (on-behalf-of; token-facts §10, txchg.*). The other exchange that
//! custom servers know, native single sign-on, takes a device secret; this program issues none, so that none is good.

use super::fault::GrantFault;
use super::{Asked, Issued, STEP, refuse};
use crate::exchange::Trace;
use crate::facts::facts;
use crate::oauth::access_token::{self, AccessToken, TokenRefusal};
use crate::oauth::authorize::user_scopes;
use crate::oauth::errors::Refusal;
use crate::oauth::mint::Behalf;
use crate::oauth::scopes;
use crate::oauth::user::User;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const DEVICE_SECRET: &str = "urn:x-oath:params:oauth:token-type:device-secret";

/// The tokens. The order: the form of the request, who may make it, the subject, the audience, the scopes.
pub(super) fn tokens(asked: &Asked<'_>, trace: &mut Trace) -> Result<Issued, Refusal> {
    let parameter = |name: &str| asked.parameters.get(name);
    let subject = asked.required("subject_token")?;
    let service = asked.client.application_type == "service";
    match asked.required("subject_token_type")? {
        ACCESS_TOKEN if service => {}
        ACCESS_TOKEN => {
            let reason = format!("{} is a {} app", asked.client.id, asked.client.application_type);
            return Err(exchange("on_behalf_invalid_client_type", reason));
        }
        ID_TOKEN => return Err(native_sign_on(asked, service)),
        other => {
            let reason = format!("{other:?} is no type of token that is exchanged here");
            return Err(exchange("invalid_subject_token_type", reason));
        }
    }
    if let Some(other) = parameter("requested_token_type").filter(|asked| *asked != ACCESS_TOKEN) {
        return Err(exchange("invalid_requested_token_type", format!("{other:?} is not what comes of it")));
    }
    let user = subject_of(asked, subject)?;
    trace.note(STEP, format!("the subject is {}, by an access token of this server", user.login()));
    let audience = asked.mint.server.audience().unwrap_or_default();
    if parameter("audience") != Some(audience) {
        let reason = format!("audience is {:?}, the server's is {audience:?}", parameter("audience"));
        return Err(exchange("token_exchange_invalid_audience", reason));
    }

    let scope = parameter("scope").unwrap_or_default();
    if let Some(word) = scopes::words(scope).into_iter().find(|word| facts().scopes.is_openid(word)) {
        return Err(exchange("openid_not_allowed_token_exchange", format!("{word} is for users' own apps")));
    }
    let granted =
        user_scopes(scope, asked.mint.server, asked.client, asked.mint.state, super::TOKEN_EXCHANGE)?;
    if !granted.to_consent.is_empty() {
        let names = granted.to_consent.join(", ");
        let reason = format!("a user must consent to {names}");
        return Err(refuse(GrantFault::Exchange("consent_required_token_exchange", names), reason));
    }
    trace.note("scope", granted.reason);
    trace.learnt.user = Some(user.id().to_string());
    // As documented: the new token counts as signed in when it is issued.
    let behalf = Behalf { user, auth_time: asked.mint.now, family: None };
    let terms = asked.terms(super::TOKEN_EXCHANGE, Some(user), &granted.scopes)?;
    let access = asked.access_token(Some(behalf), granted.scopes, terms)?;
    Ok(Issued { issued_token_type: Some(ACCESS_TOKEN), ..Issued::of_access(access) })
}

fn exchange(row: &'static str, reason: impl Into<String>) -> Refusal {
    refuse(GrantFault::Exchange(row, String::new()), reason)
}

/// The user whose token is exchanged.
fn subject_of<'a>(asked: &Asked<'a>, token: &str) -> Result<User<'a>, Refusal> {
    let (org, state) = (asked.mint.org, asked.mint.state);
    let access = access_token::known(org, token)
        .ok_or_else(|| exchange("invalid_subject_token", "it is no access token that this org has signed"))?;
    match access.issuer.split_once("/oauth2/") {
        Some((_, server)) if asked.mint.server.id().is_some_and(|own| **own == *server) => {}
        Some((_, server)) => {
            return Err(exchange("associated_server_not_trusted", format!("{server} has issued it")));
        }
        None => {
            let reason = "the org server has issued it, for Okta's own API";
            return Err(exchange("invalid_subject_token_authorization_server", reason));
        }
    }
    let at = jiff::Timestamp::from_second(asked.mint.now).unwrap_or_default();
    access_token::standing(org, state, at, &access).map_err(|refusal| unusable(asked, &access, refusal))?;
    let user = access.user.as_deref().and_then(|id| User::admitted(state, id));
    let user = user.ok_or_else(|| exchange("invalid_subject_token", "there is no user behind it"))?;
    if !asked.client.sign_in.admits(state, user.id()) {
        let reason = format!("{} is not assigned to {}", user.login(), asked.client.id);
        return Err(exchange("invalid_subject_token_user_not_assigned", reason));
    }
    Ok(user)
}

/// Why a token with a good signature is no subject.
fn unusable(asked: &Asked<'_>, access: &AccessToken, refusal: TokenRefusal) -> Refusal {
    let state = asked.mint.state;
    let client = state.derived.client(&access.client_id).is_some_and(|client| client.active);
    let user = access.user.as_deref().is_none_or(|id| User::admitted(state, id).is_some());
    let row = match refusal {
        TokenRefusal::Expired => "token_exchange_subject_token_expired",
        TokenRefusal::Revoked if !client => "invalid_subject_token_client_inactive",
        TokenRefusal::Revoked if !user => "invalid_subject_token_user_inactive",
        _ => "invalid_subject_token",
    };
    exchange(row, format!("the subject token: {refusal}"))
}

/// Native single sign-on: an ID token and the device secret that was issued beside it.
fn native_sign_on(asked: &Asked<'_>, service: bool) -> Refusal {
    if service {
        return exchange("invalid_client_type_native_sso", format!("{} is a service app", asked.client.id));
    }
    for name in ["actor_token", "actor_token_type"] {
        if let Err(missing) = asked.required(name) {
            return missing;
        }
    }
    match asked.parameters.get("actor_token_type") {
        Some(DEVICE_SECRET) => exchange("invalid_actor_token", "the org has issued no device secrets"),
        other => exchange("invalid_actor_token_type", format!("{other:?} is no device secret")),
    }
}
