//! Who asks, and for what, before the org decides: for rules that name a client, and for the ledger where a fault
//! answers in the org's place.

use crate::exchange::{Request, Trace};
use crate::facts::facts;
use crate::facts::operations::Route;
use crate::gate::caller::{Presented, presented};
use crate::oauth;
use crate::org::Org;

/// The names of who sends a request: client id, user id and login, id of the API token.
pub(super) fn names(org: &Org, request: &Request) -> Vec<String> {
    let state = org.state();
    let mut names = Vec::new();
    let mut user = None;
    match presented(&request.headers, request.query()) {
        Presented::ApiToken(value) => {
            if let Some(token) = state.derived.api_token(value) {
                names.push(token.id.to_string());
                user = Some(token.owner.clone());
            }
        }
        Presented::Bearer(token) | Presented::DPoP(token) => {
            if let Ok(access) = oauth::verify(org, &state, request.now, token) {
                names.push(access.client_id.to_string());
                user.clone_from(&access.user);
            }
        }
        Presented::Nothing | Presented::InQuery => names.extend(oauth::principal(request)),
    }
    if let Some(user) = user {
        let login = state
            .get("users", &user)
            .and_then(|user| user.text("/profile/login").map(|text| text.to_string()));
        names.extend(login);
        names.push(user.to_string());
    }
    names
}

/// Notes the operation and the caller of a request that is not executed.
pub(super) fn learn(org: &Org, request: &Request, trace: &mut Trace) {
    for operations in [&facts().oauth_operations, &facts().operations] {
        if let Route::Found(operation, _) = operations.route(&request.method, request.path()) {
            trace.operation = Some(&operation.id);
            trace.note("route", operation.id.as_str());
            break;
        }
    }
    match presented(&request.headers, request.query()) {
        Presented::ApiToken(value) => {
            trace.learnt.auth_method = Some("SSWS");
            let state = org.state();
            trace.learnt.user = state.derived.api_token(value).map(|token| token.owner.to_string());
        }
        Presented::Bearer(token) | Presented::DPoP(token) => {
            if let Ok(access) = oauth::verify(org, &org.state(), request.now, token) {
                trace.learnt.auth_method = Some(if access.jkt.is_some() { "DPoP" } else { "Bearer" });
                trace.learnt.client_id = Some(access.client_id.to_string());
                trace.learnt.user = access.user.as_deref().map(str::to_owned);
            }
            trace.learnt.token = Some(org.tokens().tag(token));
            oauth::dpop::note(&request.headers, &mut trace.learnt);
        }
        Presented::Nothing | Presented::InQuery => oauth::learn(request, &mut trace.learnt),
    }
}
