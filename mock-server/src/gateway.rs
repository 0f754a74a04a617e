//! One request's way, top to bottom, in Okta's order: route → who asks → charge the bucket → scope → role →
//! behaviour → headers. Each step notes its reason in the trace, which ends in the ledger.

use http::{Method, StatusCode};

use crate::api;
use crate::exchange::{Errand, Reply, Request, Trace};
use crate::facts::dialects::Switch;
use crate::facts::facts;
use crate::facts::operations::{Operation, Route, tidied};
use crate::gate::caller::{Caller, Presented, Refusal, presented};
use crate::gate::charge::{Payer, Till};
use crate::limits::Flight;
use crate::oauth;
use crate::org::Org;
use crate::org::state::OrgState;
use crate::wire::headers::{self, Layer};
use crate::wire::unlike::unlike;
use crate::wire::{ApiError, not_implemented};

/// Answers a request that is not counted among those in flight.
pub fn answer(org: &Org, request: &Request, trace: &mut Trace) -> Reply {
    answer_in_flight(org, request, &Flight::default(), trace)
}

/// Answers a request. Pure but for the org that it is given; never panics.
pub fn answer_in_flight(org: &Org, request: &Request, flight: &Flight, trace: &mut Trace) -> Reply {
    trace.steps.reserve(8);
    if trace.request_id.is_empty() {
        trace.request_id = headers::request_id(org.ids());
    }
    let state = org.state();
    let till = Till { org, state: &state, request, flight };
    let (reply, layer) = till.admit(trace).map_or_else(|refused| refused, |()| decide(&till, trace));
    let layer = layer_of(&request.method, &reply, layer);
    let reply = headers::complete(reply, layer, org.ids(), &trace.request_id, request.now);
    let signed_in = oauth::cookies::session(&state, request).is_some();
    let reply = if signed_in { headers::keep_session(reply) } else { reply };
    unlike(reply, state.settings.mutations)
}

/// Answers a request again whose call was made. `first` is the reply that was given up; the request is not charged twice.
pub fn resume(org: &Org, request: &Request, trace: &mut Trace, first: Reply, done: Errand) -> Reply {
    *trace = trace.resumed(done);
    let mut reply = answer(org, request, trace);
    let charged = first.headers.into_iter().filter(|(name, _)| name.as_str().starts_with("x-rate-limit-"));
    reply.headers.extend(charged);
    reply
}

/// What an operation of the Management API answers to whoever runs the server: nothing is charged, no credentials are
/// asked for. The console acts through it, so that what it does is what a client of the API would have done.
pub fn operate(org: &Org, request: &Request) -> Reply {
    let state = org.state();
    let mut trace = Trace { request_id: headers::request_id(org.ids()), ..Trace::default() };
    let routes = [&facts().oauth_operations, &facts().operations];
    let found = routes.into_iter().find_map(|table| match table.route(&request.method, request.path()) {
        Route::Found(operation, parameters) => Some((operation, parameters)),
        Route::WrongMethod | Route::Unknown => None,
    });
    match found {
        Some((operation, parameters)) => {
            let parameters = parameters.iter().map(|(_, value)| decoded(value)).collect();
            api::answer(org, &state, request, operation, parameters, &Caller::Operator, &mut trace)
        }
        None => ApiError::NoSuchPath.reply(org.ids()),
    }
}

/// Some answers carry no rate headers (RL-8): those of the gate of a feature to a read, and a wrong `Accept`.
fn layer_of(method: &Method, reply: &Reply, layer: Layer) -> Layer {
    let says = |code: &str| {
        let begin = r#"{"errorCode":""#;
        reply.body.get(begin.len()..).is_some_and(|rest| rest.starts_with(code.as_bytes()))
    };
    match reply.status {
        StatusCode::UNAUTHORIZED if *method == Method::GET && says("E0000015") => Layer::Gate,
        StatusCode::BAD_REQUEST if says("E0000019") => Layer::Edge,
        _ => layer,
    }
}

fn decide(till: &Till<'_>, trace: &mut Trace) -> (Reply, Layer) {
    let Till { org, state, request, .. } = *till;
    let path = request.path();
    if let Route::Found(operation, parameters) = facts().oauth_operations.route(&request.method, path) {
        // Registering clients is administration that happens to live below /oauth2 (token-facts §12 dcr.*).
        if operation.api_token {
            trace.operation = Some(&operation.id);
            trace.note("route", operation.id.as_str());
            let parameters = parameters.iter().map(|(_, value)| decoded(value)).collect();
            return management(till, operation, parameters, trace);
        }
        return authorization_server(till, operation, trace);
    }
    match facts().operations.route(&request.method, path) {
        Route::Found(operation, parameters) => {
            trace.operation = Some(&operation.id);
            trace.note("route", operation.id.as_str());
            let parameters = parameters.iter().map(|(_, value)| decoded(value)).collect();
            management(till, operation, parameters, trace)
        }
        Route::WrongMethod => {
            trace.note("route", "the path exists, the method is not offered");
            (ApiError::MethodNotAllowed.reply(org.ids()), Layer::Edge)
        }
        Route::Unknown => match api::image(state, request) {
            Some(image) => {
                trace.note("route", "an image that was uploaded");
                (image, Layer::App(None))
            }
            None => unknown(org, state, request, trace),
        },
    }
}

/// A path that Okta does not have, or one that it has with another method.
fn unknown(org: &Org, state: &OrgState, request: &Request, trace: &mut Trace) -> (Reply, Layer) {
    let known = matches!(facts().oauth_operations.route(&request.method, request.path()), Route::WrongMethod);
    let below_api = request.path().trim_start_matches('/').starts_with("api/v1");
    if known || (below_api && state.settings.dialect.is(Switch::UnknownPath, "method_not_allowed")) {
        trace.note("route", if known { "the method is not offered" } else { "Okta has no such path" });
        return (ApiError::MethodNotAllowed.reply(org.ids()), Layer::Edge);
    }
    trace.note("route", "Okta has no such path");
    (ApiError::NoSuchPath.reply(org.ids()), Layer::App(None))
}

/// An operation of an authorization server: charge, then its own order of checks.
fn authorization_server(till: &Till<'_>, operation: &'static Operation, trace: &mut Trace) -> (Reply, Layer) {
    let Till { org, state, request, .. } = *till;
    trace.operation = Some(&operation.id);
    trace.note("route", operation.id.as_str());
    let principal = oauth::principal(request);
    let path = tidied(request.path());
    let payer = principal.as_deref().map_or(Payer::Nobody, Payer::Client);
    let charge = match till.charge(operation.bucket(path), payer, trace) {
        Ok(charge) => charge,
        Err(refused) => return refused,
    };
    let reply = match oauth::route(path) {
        Some((server, endpoint)) => oauth::answer(server, endpoint, org, state, request, trace),
        None => {
            trace.gap = true;
            trace.note("operation", format!("{} is not implemented", operation.id));
            not_implemented(org.ids(), &operation.id)
        }
    };
    (reply, Layer::App(charge))
}

/// An operation of the Management API.
fn management(
    till: &Till<'_>,
    operation: &'static Operation,
    parameters: Vec<String>,
    trace: &mut Trace,
) -> (Reply, Layer) {
    let Till { org, state, request, .. } = *till;
    let public = operation.scopes.is_empty() && !operation.api_token;
    if public {
        let charge = match till.charge(operation.bucket(request.path()), Payer::Nobody, trace) {
            Ok(charge) => charge,
            Err(refused) => return refused,
        };
        let reply = api::answer(org, state, request, operation, parameters, &Caller::Anybody, trace);
        return (reply, Layer::App(charge));
    }
    let caller = Caller::identify(org, state, request, trace);
    if let Presented::Bearer(token) | Presented::DPoP(token) = presented(&request.headers, request.query()) {
        trace.learnt.token = Some(org.tokens().tag(token));
    }
    let payer = caller.as_ref().map_or(Payer::Nobody, Payer::Caller);
    let charge = match till.charge(operation.bucket(request.path()), payer, trace) {
        Ok(charge) => charge,
        Err(refused) => return refused,
    };
    let reply = match caller {
        Ok(caller) => {
            learn(&caller, state, trace);
            api::answer(org, state, request, operation, parameters, &caller, trace)
        }
        Err(refusal) => {
            trace.note("caller", refusal.reason());
            refuse(org, request, operation, &refusal)
        }
    };
    (reply, Layer::App(charge))
}

/// Notes who asks.
fn learn(caller: &Caller, state: &OrgState, trace: &mut Trace) {
    trace.learnt.user = caller.user().map(str::to_owned);
    match caller {
        Caller::ApiToken { token, user } => {
            trace.learnt.auth_method = Some("SSWS");
            let login =
                state.get("users", user).and_then(|owner| owner.text("/profile/login")).unwrap_or("?".into());
            trace.note("caller", format!("the API token {token} of {login}"));
        }
        Caller::Anybody | Caller::Operator => {}
        Caller::Bearer(token) => {
            trace.learnt.auth_method = Some(if token.jkt.is_some() { "DPoP" } else { "Bearer" });
            trace.learnt.client_id = Some(token.client_id.to_string());
            trace.note("caller", format!("an access token of {}", token.client_id));
        }
    }
}

fn refuse(org: &Org, request: &Request, operation: &Operation, refusal: &Refusal) -> Reply {
    match (refusal, refusal.challenge(operation)) {
        (Refusal::Envelope(error), _) => error.reply(org.ids()),
        // That it is this refusal is inferred from what a client outside of its zones is told (tok.auth.network_zone).
        (Refusal::OutsideZones(..), _) => ApiError::AccessDenied.reply(org.ids()),
        (_, Some(challenge)) => challenge.reply(&request.base_url, request.path()),
        (_, None) => Reply::empty(StatusCode::UNAUTHORIZED),
    }
}

/// A path segment without its percent-encoding; what is not UTF-8 becomes the replacement character.
fn decoded(segment: &str) -> String {
    if !segment.contains('%') {
        return segment.to_owned();
    }
    // A plus sign in a path is a plus sign.
    let protected = segment.replace('+', "%2B");
    let mut pairs = form_urlencoded::parse(protected.as_bytes());
    match pairs.next() {
        Some((name, value)) if value.is_empty() && !segment.contains(['=', '&']) => name.into_owned(),
        _ => segment.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn segments_are_decoded_once() {
        for (segment, expected) in [
            ("00u1", "00u1"),
            ("a%40b.example", "a@b.example"),
            ("a+b%40c.example", "a+b@c.example"),
            ("%2525", "%25"),
            ("%zz", "%zz"),
            ("a%3Db", "a=b"),
        ] {
            assert_eq!(decoded(segment), expected);
        }
    }
}
