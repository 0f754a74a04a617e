//! `POST /api/v1/inlineHooks/{id}/execute`: the endpoint is called with the request's body, and its answer is the answer.
//! Three seconds, one retry, 400 when nothing good comes back: specification; the code is the catalogue's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{call, hook, object};
use crate::api::answer::Asked;
use crate::api::body;
use crate::api::own::Operations;
use crate::exchange::{Answered, Call, CallFailure, Reply, Trace};
use crate::org::document::Document;
use crate::org::keys::{SigningKey, TokenKind};
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[("executeInlineHook", execute)];

fn execute(asked: &Asked<'_>, trace: &mut Trace) -> Result<Reply, ApiError> {
    let (_, found) = hook(asked, "inline_hooks")?;
    body::object(asked.request)?;
    if !found.is("/status", "ACTIVE") {
        return Err(ApiError::invalid("status", "status: The inline hook is not active."));
    }
    let oauth = found.is("/channel/type", "OAUTH");
    let payload = asked.request.body.clone();
    let Some((made, outcome)) = trace.done() else {
        trace.note("operation", "the endpoint has to be asked first");
        trace.want(if oauth {
            token_call(asked, &found)?
        } else {
            call(Method::POST, &found, None, payload)
        });
        return Err(refused(&CallFailure::NotMade.to_string()));
    };
    let answer = good(&outcome).map_err(|why| refused(&why))?;
    if oauth && found.is("/channel/config/tokenUrl", &made.url) && made.header("authorization").is_none() {
        let token = answer.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| refused("The token endpoint gave no access token."))?;
        let bearer = ("authorization".to_owned(), format!("Bearer {token}"));
        trace.want(call(Method::POST, &found, Some(bearer), payload));
        return Err(refused(&CallFailure::NotMade.to_string()));
    }
    trace.note("operation", format!("{} answered", found.id));
    Ok(Reply::json(StatusCode::OK, answer.to_string()))
}

/// The call for an access token, by the client's secret or by an assertion that the hook's key signs.
fn token_call(asked: &Asked<'_>, hook: &Document) -> Result<Call, ApiError> {
    let text = |name: &str| hook.text(&format!("/channel/config/{name}")).unwrap_or_default().into_owned();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if hook.is("/channel/config/authType", "private_key_jwt") {
        let assertion = assertion(asked, hook).map_err(|why| refused(&why))?;
        form.append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &assertion);
    } else {
        let secret = hook.hidden.pointer("/channel/config/clientSecret").and_then(Value::as_str);
        form.append_pair("client_id", &text("clientId"))
            .append_pair("client_secret", secret.unwrap_or_default());
    }
    if !text("scope").is_empty() {
        form.append_pair("scope", &text("scope"));
    }
    let lines = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let lines = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Call::new(Method::POST, text("tokenUrl"), lines, form.finish()))
}

/// So long an assertion is good.
const ASSERTION_SECONDS: i64 = 300;

/// The client's assertion (RFC 7523), signed by the key of the hook.
fn assertion(asked: &Asked<'_>, hook: &Document) -> Result<String, String> {
    let text = |name: &str| hook.text(&format!("/channel/config/{name}")).unwrap_or_default();
    let key = asked.state.get("hook_keys", &text("hookKeyId")).ok_or("The key of the hook is gone.")?;
    let private = key.hidden.get("private").and_then(Value::as_str).unwrap_or_default();
    let kid = key.text("/keyId").unwrap_or_default();
    let signing = SigningKey::from_pkcs8(private, &kid).map_err(|error| error.to_string())?;
    let now = asked.request.now.as_second();
    let claims = json!({
        "iss": text("clientId"),
        "sub": text("clientId"),
        "aud": text("tokenUrl"),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
        "jti": asked.org.ids().uuid(),
    });
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let signed = format!("{}.{claims}", signing.header(TokenKind::Custom));
    let signature = signing.sign(signed.as_bytes()).map_err(|error| error.to_string())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The object that came back; nothing at all is an empty one.
fn good(outcome: &Result<Answered, CallFailure>) -> Result<Value, String> {
    let answered = outcome.as_ref().map_err(ToString::to_string)?;
    if !(200..300).contains(&answered.status) {
        return Err(format!("The endpoint answered {}.", answered.status));
    }
    if answered.body.is_empty() {
        return Ok(serde_json::json!({}));
    }
    object(&answered.body).ok_or_else(|| "The answer of the endpoint is no JSON object.".to_owned())
}

fn refused(why: &str) -> ApiError {
    ApiError::catalogued("E0000135", "", why)
}
