//! Shared signals: the streams of the transmitter, and security event tokens for the receiver (documented).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::api::answer::Asked;
use crate::api::body;
use crate::api::draft::{merge, set};
use crate::api::own::{Handler, Operations};
use crate::api::verbs::based;
use crate::exchange::{Reply, Trace};
use crate::facts::resources::BASE_MARK;
use crate::gate::roles::Reach;
use crate::org::change::Change;
use crate::org::document::Document;
use crate::wire::ApiError;

/// What is here.
pub(in crate::api) const OPERATIONS: Operations = &[
    ("getWellknownSsfMetadata", metadata as Handler),
    ("getSsfStreams", get),
    ("createSsfStream", create),
    ("replaceSsfStream", replace),
    ("updateSsfStream", update),
    ("deleteSsfStream", delete),
    ("getSsfStreamStatus", status),
    ("verifySsfStream", verify),
    ("publishSecurityEventTokens", publish),
];

/// The collection.
const KIND: &str = "ssf_streams";

/// What can be delivered.
const EVENTS: [&str; 2] = [
    "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
    "https://schemas.openid.net/secevent/caep/event-type/credential-change",
];

fn reply(asked: &Asked<'_>, status: StatusCode, value: &Value) -> Reply {
    Reply::json(status, based(value, &asked.request.base_url))
}

/// `GET /.well-known/ssf-configuration`.
fn metadata(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let at = |path: &str| format!("{BASE_MARK}{path}");
    let value = json!({
        "configuration_endpoint": at("/api/v1/ssf/stream"),
        "delivery_methods_supported":
            ["https://schemas.openid.net/secevent/risc/delivery-method/push", "urn:ietf:rfc:8935"],
        "issuer": at(""),
        "jwks_uri": at("/oauth2/v1/keys"),
        "verification_endpoint": at("/api/v1/ssf/stream/verification"),
        "spec_version": "1_0-ID3",
        "authorization_schemes": [{ "spec_urn": "urn:ietf:rfc:6749" }],
        "default_subjects": "ALL"
    });
    Ok(reply(asked, StatusCode::OK, &value))
}

/// Streams belong to whoever made them; an admin who reaches everything sees them all.
fn permit(asked: &Asked<'_>) -> Result<(), ApiError> {
    if asked.reach == Reach::Nothing { Err(ApiError::AccessDenied) } else { Ok(()) }
}

fn find(asked: &Asked<'_>, id: &str) -> Result<Arc<Document>, ApiError> {
    let found = asked.state.get(KIND, id).cloned();
    found.ok_or_else(|| ApiError::NotFound(id.to_owned(), "SsfStream"))
}

/// The stream that the query names.
fn named(asked: &Asked<'_>) -> Result<Option<Arc<Document>>, ApiError> {
    match asked.query("stream_id").filter(|id| !id.is_empty()) {
        Some(id) => find(asked, &id).map(Some),
        None => Ok(None),
    }
}

/// `GET`: one stream, or all.
fn get(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let value = match named(asked)? {
        Some(stream) => stream.value(),
        None => asked.state.all(KIND).after(None).map(|stream| stream.value()).collect(),
    };
    Ok(reply(asked, StatusCode::OK, &value))
}

/// What of a request a client may set.
fn settable(body: &Map<String, Value>) -> Value {
    const NAMES: [&str; 4] = ["delivery", "events_requested", "format", "aud"];
    body.iter()
        .filter(|(name, _)| NAMES.contains(&name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect()
}

/// Delivered is what is asked for and supported.
fn settle(stream: &mut Value) {
    let asked = stream["events_requested"].as_array().cloned().unwrap_or_default();
    let delivered: Vec<Value> = asked
        .into_iter()
        .filter(|event| event.as_str().is_some_and(|event| EVENTS.contains(&event)))
        .collect();
    set(stream, "/events_delivered", delivered.into());
}

fn check(body: &Map<String, Value>) -> Result<(), ApiError> {
    let endpoint = body.get("delivery").and_then(|delivery| delivery.get("endpoint_url"));
    if endpoint.and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(ApiError::invalid("delivery", "delivery: The field cannot be left blank"));
    }
    match body.get("events_requested") {
        Some(Value::Array(_)) => Ok(()),
        _ => Err(ApiError::invalid("events_requested", "events_requested: The field cannot be left blank")),
    }
}

fn fresh(id: &str) -> Value {
    json!({
        "aud": BASE_MARK,
        "delivery": { "method": "urn:ietf:rfc:8935" },
        "events_delivered": [],
        "events_requested": [],
        "events_supported": EVENTS,
        "format": "iss_sub",
        "iss": BASE_MARK,
        "min_verification_interval": 0,
        "stream_id": id,
    })
}

fn store(asked: &Asked<'_>, id: &str, mut value: Value) -> Result<Value, ApiError> {
    settle(&mut value);
    asked.org.commit(asked.request.now, |_| {
        Ok::<_, ApiError>(vec![Change::put(KIND, id, value.clone(), Value::Null)])
    })?;
    Ok(value)
}

/// `POST`.
fn create(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let body = body::checked(asked)?;
    check(&body)?;
    let id = asked.org.ids().next("esc");
    let mut value = fresh(&id);
    merge(&mut value, settable(&body));
    Ok(reply(asked, StatusCode::CREATED, &store(asked, &id, value)?))
}

/// The stream that a request's body names.
fn in_body(asked: &Asked<'_>, body: &Map<String, Value>) -> Result<Arc<Document>, ApiError> {
    let id = body.get("stream_id").and_then(Value::as_str).filter(|id| !id.is_empty());
    match id {
        Some(id) => find(asked, id),
        None => Err(ApiError::invalid("stream_id", "stream_id: The field cannot be left blank")),
    }
}

/// `PUT`.
fn replace(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let body = body::object(asked.request)?;
    let stream = in_body(asked, &body)?;
    check(&body)?;
    let mut value = fresh(&stream.id);
    merge(&mut value, settable(&body));
    Ok(reply(asked, StatusCode::OK, &store(asked, &stream.id, value)?))
}

/// `PATCH`.
fn update(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let body = body::object(asked.request)?;
    let stream = in_body(asked, &body)?;
    let mut value = stream.value();
    merge(&mut value, settable(&body));
    Ok(reply(asked, StatusCode::OK, &store(asked, &stream.id, value)?))
}

/// `DELETE`: one stream, or all.
fn delete(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let one = named(asked)?;
    asked.org.commit(asked.request.now, |state| {
        let gone: Vec<_> = match &one {
            Some(stream) => vec![stream.id.clone()],
            None => state.all(KIND).after(None).map(|stream| stream.id.clone()).collect(),
        };
        Ok::<_, ApiError>(gone.into_iter().map(|id| Change::remove(KIND, id)).collect())
    })?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `GET …/status`.
fn status(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let Some(stream) = named(asked)? else {
        return Err(ApiError::invalid("stream_id", "stream_id: The field cannot be left blank"));
    };
    Ok(reply(asked, StatusCode::OK, &json!({ "stream_id": &*stream.id, "status": "enabled" })))
}

/// `POST …/verification`: the event goes to the receiver, which is outside the org.
fn verify(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    permit(asked)?;
    let body = body::object(asked.request)?;
    in_body(asked, &body)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// `POST /security/api/v1/security-events`: a security event token of a provider that the org knows. The signature is
/// not checked: the keys are with the provider.
fn publish(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let text = std::str::from_utf8(&asked.request.body).unwrap_or_default().trim();
    let problem = |err: &str, description: &str| {
        let value = json!({ "err": err, "description": description });
        Ok(Reply::json(StatusCode::BAD_REQUEST, value.to_string()))
    };
    let Some(claims) = claims(text) else {
        return problem("invalid_request", "The request body is not a security event token.");
    };
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    let known = |provider: &Arc<Document>| {
        provider.is("/status", "ACTIVE")
            && (provider.is("/settings/issuer", issuer)
                || provider.text("/settings/well_known_url").is_some_and(|url| url.starts_with(issuer)))
    };
    let mut providers = asked.state.all("security_events_providers").after(None);
    if issuer.is_empty() || !providers.any(known) {
        return problem("invalid_issuer", "The issuer is not a security events provider of this org.");
    }
    let audience = claims.get("aud");
    let base = asked.request.base_url.as_ref() as &str;
    let meant = match audience {
        Some(Value::String(one)) => one == base,
        Some(Value::Array(all)) => all.iter().any(|one| one == base),
        _ => false,
    };
    if !meant {
        return problem("invalid_audience", "The token is not for this org.");
    }
    trace.note("operation", format!("a security event token of {issuer}; its signature is not checked"));
    Ok(Reply::empty(StatusCode::ACCEPTED))
}

/// The claims of a signed token.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
