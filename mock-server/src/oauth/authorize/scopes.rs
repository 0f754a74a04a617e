//! Which scopes a user's request gets (token-facts §11: authz.scope_*; §8.1: the user's admin role is not looked at).

use std::sync::Arc;

use super::fault::Fault;
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::facts;
use crate::oauth::scopes::{MAX_LENGTH, words};
use crate::org::authorization_server::{AuthorizationServer, ServerScope, Wish};
use crate::org::client::Client;

/// The scopes, and why, in words for a person.
pub(super) type Granted = (Vec<Arc<str>>, String);

/// Scopes that speak of the user are for requests that ask for `openid`; `offline_access` is for all.
fn needs_openid(word: &str) -> bool {
    facts().scopes.is_openid(word) && !matches!(word, "openid" | "offline_access")
}

fn bounded(asked: &str) -> Result<Vec<&str>, Fault> {
    if asked.len() > MAX_LENGTH { Err(Fault::MalformedScope) } else { Ok(words(asked)) }
}

/// An ID token and claims about the user are for requests that ask for `openid`.
fn check_openid(words: &[&str], id_token: bool) -> Result<(), Fault> {
    let needed = id_token || words.iter().any(|word| needs_openid(word));
    if needed && !words.contains(&"openid") { Err(Fault::OpenIdScope) } else { Ok(()) }
}

/// What the org server gives: OpenID's scopes, and those of Okta's that are granted to the app.
///
/// # Errors
/// [`Fault`]: whether a scope exists comes before what it needs, and both before the app's grants.
pub(super) fn of_org_server(
    asked: &str,
    id_token: bool,
    grants: &[Arc<str>],
    dialect: &Dialect,
) -> Result<Granted, Fault> {
    let known = &facts().scopes;
    let words = bounded(asked)?;
    if words.is_empty() {
        return Err(Fault::NoScopes);
    }
    if let Some(unknown) = words.iter().find(|word| !known.knows(word)) {
        let okta = unknown.starts_with("okta.") || dialect.is(Switch::CustomScopeOnOrg, "not_configured");
        return Err(if okta { Fault::UnknownScope } else { Fault::CustomScope });
    }
    check_openid(&words, id_token)?;
    let (mut scopes, mut missing): (Vec<Arc<str>>, Vec<String>) = (Vec::new(), Vec::new());
    let mut okta = false;
    for word in words {
        if known.is_openid(word) {
            scopes.push(word.into());
        } else if let Some(grant) = grants.iter().find(|grant| ***grant == *word) {
            okta = true;
            scopes.push(grant.clone());
        } else {
            missing.push(word.to_owned());
        }
    }
    if missing.is_empty() {
        return Ok((scopes, "every scope of Okta's that was asked for is granted to the app".to_owned()));
    }
    if !okta {
        return Err(Fault::NoneGranted);
    }
    if dialect.is(Switch::MixedScopes, "deny") {
        return Err(Fault::IllegalScopes(missing));
    }
    Ok((scopes, format!("not granted to the app and left out: {}", missing.join(", "))))
}

/// What a custom server gives by a grant: OpenID's scopes, and its own.
///
/// # Errors
/// [`Fault`]: unknown scopes, what they need, policies, in this order.
pub(super) fn of_custom_server(
    asked: &str,
    id_token: bool,
    server: &AuthorizationServer,
    client: &Client,
    grant: &str,
) -> Result<Granted, Fault> {
    let words = bounded(asked)?;
    let mut scopes: Vec<Arc<str>> = Vec::new();
    for word in &words {
        scopes.push(server.scope(word).ok_or(Fault::UnknownScope)?.name.clone());
    }
    check_openid(&words, id_token)?;
    if words.is_empty() {
        scopes.extend(server.scopes.iter().filter(|scope| scope.default).map(|scope| scope.name.clone()));
        if scopes.is_empty() {
            return Err(Fault::NoDefaultScopes);
        }
    }
    // Who the user is comes out later; a request that no rule would let in for anybody is refused now.
    let wish = Wish { client: &client.id, grant, user: None, scopes: &scopes };
    server.rule_for(&wish).ok_or(Fault::NoPolicy)?;
    Ok((scopes, format!("{} has every scope", server.id)))
}

/// Those of the scopes that a user of the app must consent to.
pub(super) fn to_consent(scopes: &[Arc<str>], server: &AuthorizationServer, client: &Client) -> Vec<String> {
    let asks = |scope: &&ServerScope| scope.consent_required && client.sign_in.consent;
    scopes
        .iter()
        .filter_map(|name| server.scope(name).filter(asks))
        .map(|scope| scope.name.to_string())
        .collect()
}
