//! One request's way, top to bottom, in Okta's order: route → who asks → charge the bucket → scope → role →
//! behaviour → headers. Each step notes its reason in the trace, which ends in the ledger.

use http::StatusCode;

use crate::api;
use crate::exchange::{Errand, Reply, Request, Trace};
use crate::facts::dialects::Switch;
use crate::facts::facts;
use crate::facts::limits::BucketId;
use crate::facts::operations::{Operation, Route};
use crate::gate::caller::{Caller, Presented, Refusal, presented};
use crate::limits::{self, Charge};
use crate::oauth;
use crate::org::Org;
use crate::org::state::OrgState;
use crate::system_log::{Entity, Event, Scene};
use crate::wire::headers::{self, Layer};
use crate::wire::{ApiError, not_implemented};

/// Answers a request. Pure but for the org that it is given; never panics.
pub fn answer(org: &Org, request: &Request, trace: &mut Trace) -> Reply {
    trace.steps.reserve(8);
    trace.request_id = headers::request_id(org.ids());
    let state = org.state();
    let (reply, layer) = decide(org, &state, request, trace);
    let reply = headers::complete(reply, layer, org.ids(), &trace.request_id, request.now);
    let signed_in = oauth::cookies::session(&state, request).is_some();
    if signed_in { headers::keep_session(reply) } else { reply }
}

/// Answers a request again whose call was made. `first` is the reply that was given up; the request is not charged twice.
pub fn resume(org: &Org, request: &Request, trace: &mut Trace, first: Reply, done: Errand) -> Reply {
    *trace = Trace { errand: Some(Box::new(done)), ..Trace::default() };
    let mut reply = answer(org, request, trace);
    let charged = first.headers.into_iter().filter(|(name, _)| name.as_str().starts_with("x-rate-limit-"));
    reply.headers.extend(charged);
    reply
}

fn decide(org: &Org, state: &OrgState, request: &Request, trace: &mut Trace) -> (Reply, Layer) {
    let path = request.path();
    if let Route::Found(operation, parameters) = facts().oauth_operations.route(&request.method, path) {
        // Registering clients is administration that happens to live below /oauth2 (token-facts §12 dcr.*).
        if operation.api_token {
            trace.operation = Some(&operation.id);
            trace.note("route", operation.id.as_str());
            let parameters = parameters.iter().map(|(_, value)| decoded(value)).collect();
            return management(org, state, request, operation, parameters, trace);
        }
        return authorization_server(org, state, request, operation, trace);
    }
    match facts().operations.route(&request.method, path) {
        Route::Found(operation, parameters) => {
            trace.operation = Some(&operation.id);
            trace.note("route", operation.id.as_str());
            let parameters = parameters.iter().map(|(_, value)| decoded(value)).collect();
            management(org, state, request, operation, parameters, trace)
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
fn authorization_server(
    org: &Org,
    state: &OrgState,
    request: &Request,
    operation: &'static Operation,
    trace: &mut Trace,
) -> (Reply, Layer) {
    trace.operation = Some(&operation.id);
    trace.note("route", operation.id.as_str());
    let principal = oauth::principal(request);
    let path = request.path().trim_end_matches('/');
    let charge = match charge(org, state, request, operation.bucket(path), principal.as_deref(), trace) {
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
    org: &Org,
    state: &OrgState,
    request: &Request,
    operation: &'static Operation,
    parameters: Vec<String>,
    trace: &mut Trace,
) -> (Reply, Layer) {
    let public = operation.scopes.is_empty() && !operation.api_token;
    if public {
        let charge = match charge(org, state, request, operation.bucket(request.path()), None, trace) {
            Ok(charge) => charge,
            Err(refused) => return refused,
        };
        let reply = api::answer(org, state, request, operation, parameters, &Caller::Anybody, trace);
        return (reply, Layer::App(charge));
    }
    let caller = Caller::identify(org, state, request, &mut trace.learnt);
    if let Presented::Bearer(token) | Presented::DPoP(token) = presented(&request.headers, request.query()) {
        trace.learnt.token = Some(org.tokens().tag(token));
    }
    let principal = caller.as_ref().ok().map(Caller::principal);
    let charge = match charge(org, state, request, operation.bucket(request.path()), principal, trace) {
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

/// Charges the bucket; the error is the 429.
fn charge(
    org: &Org,
    state: &OrgState,
    request: &Request,
    bucket: Option<BucketId>,
    principal: Option<&str>,
    trace: &mut Trace,
) -> Result<Option<Charge>, (Reply, Layer)> {
    let Some(bucket) = bucket.filter(|_| trace.errand.is_none()) else { return Ok(None) };
    let share = principal.and_then(|principal| state.derived.share(principal));
    let charge =
        limits::charge(org.counters(), &state.settings.limits, bucket, principal, share, request.now);
    let Some(charge) = charge else { return Ok(None) };
    let name = facts().limits.bucket(bucket).map_or("", |bucket| &bucket.name);
    let whose = if principal.is_some() { "the principal's share" } else { "the org's quota" };
    if !charge.exceeded {
        trace.note("limit", format!("{name}: {} of {} left of {whose}", charge.remaining, charge.limit));
        return Ok(Some(charge));
    }
    trace.note("limit", format!("{name}: {whose} of {} is used up until {}", charge.limit, charge.reset));
    told_of_limit(org, request, name, principal, &charge, trace);
    Err((ApiError::TooManyRequests.reply(org.ids()), Layer::Limiter(charge)))
}

/// The event of a limit that is exceeded, once a window.
fn told_of_limit(
    org: &Org,
    request: &Request,
    bucket: &'static str,
    principal: Option<&str>,
    charge: &Charge,
    trace: &Trace,
) {
    let window = format!("limit {bucket} {} {}", principal.unwrap_or_default(), charge.reset);
    if !org.counters().first_time(window.as_bytes(), request.now.as_second(), charge.reset) {
        return;
    }
    let seconds = charge.reset.saturating_sub(request.now.as_second());
    let event = Event::new("system.org.rate_limit.violation", Entity::system())
        .failed("Rate limit violation")
        .target(Entity { alternate_id: None, ..Entity::named("URL Pattern", bucket, bucket) })
        .debug("rateLimitScopeType", if principal.is_some() { "TOKEN" } else { "ORG" })
        .debug("rateLimitSecondsToReset", seconds.to_string())
        .debug("threshold", charge.limit.to_string())
        .debug("timeSpan", "1")
        .debug("timeUnit", "MINUTES");
    Scene { ids: org.ids(), request, request_id: &trace.request_id }.write(org, &[event]);
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
        Caller::Anybody => {}
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
