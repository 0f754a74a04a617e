//! Which scopes a token gets (token-facts §5, decision table §5.1).

use std::sync::Arc;

use super::errors::{OAuthError, Refusal};
use super::grants::CLIENT_CREDENTIALS;
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::facts;
use crate::org::authorization_server::{AuthorizationServer, ServerScope, Wish};
use crate::org::client::Client;

const STEP: &str = "scope";

/// The longest `scope` parameter (token-facts §14).
pub const MAX_LENGTH: usize = 4096;

/// What a request gets, and why, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The scopes, in the order of the request.
    pub scopes: Vec<Arc<str>>,
    /// Why.
    pub reason: String,
}

/// The words of a `scope` parameter, each once, in their order.
pub fn words(parameter: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    for word in parameter.split_ascii_whitespace() {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// What the org server grants a client: what was asked for and is granted to the app.
///
/// # Errors
/// Whether a scope exists is looked at before whether it is of a kind that this grant may ask for, and both before
/// the app's grants (token-facts §5.1: an unknown scope beside a granted one is an error).
pub fn of_org_server(asked: &str, grants: &[Arc<str>], dialect: &Dialect) -> Result<Granted, Refusal> {
    let refuse = |error, reason: String| Err(Refusal::new(STEP, error, reason));
    let words = bounded(asked)?;
    if words.is_empty() {
        return refuse(OAuthError::NoScopes, "the request names no scope".to_owned());
    }
    let known = &facts().scopes;
    if let Some(unknown) = words.iter().find(|word| !known.knows(word)) {
        return if unknown.starts_with("okta.") {
            refuse(OAuthError::UnknownScope, format!("there is no scope {unknown}"))
        } else {
            refuse(OAuthError::CustomScope, format!("{unknown} is no scope of Okta's"))
        };
    }
    if let Some(openid) = words.iter().find(|word| known.is_openid(word)) {
        return refuse(OAuthError::OpenIdScope, format!("{openid} needs a user"));
    }
    if let Some(own) = words.iter().find(|word| word.ends_with(".self")) {
        return refuse(OAuthError::SelfScope, format!("{own} needs a user"));
    }
    let mut scopes = Vec::new();
    let mut missing = Vec::new();
    for word in words {
        match grants.iter().find(|grant| ***grant == *word) {
            Some(grant) => scopes.push(grant.clone()),
            None => missing.push(word.to_owned()),
        }
    }
    let reason = match missing.as_slice() {
        [] => "every scope is granted to the app".to_owned(),
        [one] => format!("{one} is not granted to the app and was left out"),
        many => format!("{} are not granted to the app and were left out", many.join(", ")),
    };
    if scopes.is_empty() {
        return refuse(OAuthError::NoneGranted, reason.replace("left out", "all that was asked for"));
    }
    if !missing.is_empty() && dialect.is(Switch::MixedScopes, "deny") {
        let reason = format!("not granted to the app: {}", missing.join(", "));
        return refuse(OAuthError::IllegalScopes(missing), reason);
    }
    Ok(Granted { scopes, reason })
}

/// What a custom server grants a client.
///
/// # Errors
/// Scopes that it has not, OpenID scopes, no policy for the client, scopes that need a user's consent, in this order.
pub fn of_custom_server(
    asked: &str,
    server: &AuthorizationServer,
    client: &Client,
) -> Result<Granted, Refusal> {
    let refuse = |error, reason: String| Err(Refusal::new(STEP, error, reason));
    let words = bounded(asked)?;
    let mut chosen: Vec<&ServerScope> = Vec::new();
    for word in &words {
        if facts().scopes.is_openid(word) {
            return refuse(OAuthError::OpenIdScope, format!("{word} needs a user"));
        }
        match server.scope(word) {
            Some(scope) => chosen.push(scope),
            None => return refuse(OAuthError::UnknownScope, format!("{} has no scope {word}", server.id)),
        }
    }
    if words.is_empty() {
        chosen.extend(server.scopes.iter().filter(|scope| scope.default));
        if chosen.is_empty() {
            return refuse(
                OAuthError::NoDefaultScopes,
                format!("the request names no scope, and {} has no default ones", server.id),
            );
        }
    }
    let scopes: Vec<Arc<str>> = chosen.iter().map(|scope| scope.name.clone()).collect();
    let wish = Wish { client: &client.id, grant: CLIENT_CREDENTIALS, user: None, scopes: &scopes };
    let Some(rule) = server.rule_for(&wish) else {
        let reason = format!("no rule of {} lets {} in with {CLIENT_CREDENTIALS}", server.id, client.id);
        return refuse(OAuthError::NoPolicy, reason);
    };
    let consent: Vec<String> =
        chosen.iter().filter(|scope| scope.consent_required).map(|scope| scope.name.to_string()).collect();
    if !consent.is_empty() {
        let reason = format!("a user must consent to {}", consent.join(", "));
        return refuse(OAuthError::ConsentRequired(consent), reason);
    }
    let reason = if words.is_empty() {
        format!("no scope was named: these are the default scopes of {}", server.id)
    } else {
        format!("{} has every scope", server.id)
    };
    Ok(Granted { scopes, reason: format!("{reason}; rule {:?}", rule.name) })
}

fn bounded(asked: &str) -> Result<Vec<&str>, Refusal> {
    if asked.len() > MAX_LENGTH {
        let reason = format!("scope has {} characters, {MAX_LENGTH} are allowed", asked.len());
        return Err(Refusal::new(STEP, OAuthError::MalformedScope, reason));
    }
    Ok(words(asked))
}
