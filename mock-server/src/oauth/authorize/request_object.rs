//! Request objects: the parameters as a JWT that the client has signed (token-facts §11, `request`).

use serde_json::Value;

use super::fault::Fault;
use crate::exchange::Form;
use crate::limits::Counters;
use crate::oauth::assertion::{Assertion, AssertionFault};
use crate::oauth::client_auth::check_material;
use crate::org::client::Client;

/// The parameters in a request object. Its `iss` is the client, its `aud` the issuer, it lives an hour at most and is
/// used once, in `counters`. The order of the checks is that of client assertions.
///
/// # Errors
/// [`Fault::RequestObject`].
pub(super) fn read(
    jwt: &str,
    client: &Client,
    issuer: &str,
    now: i64,
    counters: Option<&dyn Counters>,
) -> Result<Form, Fault> {
    let refuse = |(fault, _): (AssertionFault, String)| Fault::RequestObject(row(fault));
    let object = Assertion::parse(jwt).map_err(refuse)?;
    let algorithm = object.algorithm().map_err(refuse)?;
    let shown = object.shown();
    if object.text("iss") != Some(&client.id) {
        return Err(Fault::RequestObject("request_object_invalid_issuer"));
    }
    let only = client.sign_in.request_object_alg.as_deref();
    if only.is_some() && only != shown.pointer("/header/alg").and_then(Value::as_str) {
        return Err(Fault::RequestObject("request_object_header_algo_mismatch"));
    }
    check_material(client, &client.keys, algorithm).map_err(refuse)?;
    if algorithm.is_hmac() {
        object.check_secret(client, algorithm).map_err(refuse)?;
    } else {
        object.check_key(&client.keys, algorithm).map_err(refuse)?;
    }
    let exp = object.check_claims(issuer, now).map_err(refuse)?;
    if shown.pointer("/claims/nbf").and_then(Value::as_f64).is_some_and(|nbf| nbf > now as f64) {
        return Err(Fault::RequestObject("request_object_before_nbf"));
    }
    if let Some(counters) = counters {
        object.use_up(client, counters, now, exp).map_err(refuse)?;
    }
    let claims = shown.get("claims").and_then(Value::as_object);
    let own = ["iss", "aud", "exp", "iat", "nbf", "jti", "request", "request_uri"];
    let parameters = claims.into_iter().flatten().filter(|(name, _)| !own.contains(&name.as_str()));
    Ok(Form(
        parameters
            .filter_map(|(name, value)| match value {
                Value::String(text) => Some((name.clone(), text.clone())),
                Value::Number(number) => Some((name.clone(), number.to_string())),
                _ => None,
            })
            .collect(),
    ))
}

/// The row that says of a request object what the fault says of an assertion.
fn row(fault: AssertionFault) -> &'static str {
    match fault {
        AssertionFault::Parse => "request_object_invalid",
        AssertionFault::Algorithm => "request_object_invalid_signature_algorithm",
        AssertionFault::ShortSecret => "request_object_invalid_secret_length",
        AssertionFault::Kid => "request_object_invalid_kid",
        AssertionFault::KeyUse => "request_object_jwt_invalid_key_use",
        AssertionFault::NotASigningKey => "request_object_jwt_not_signed_with_signing_key",
        AssertionFault::KeySet => "jwks_uri_error",
        AssertionFault::EmptyKeySet => "jwks_uri_no_key",
        AssertionFault::AmbiguousKeySet => "jwks_uri_ambiguous_keys",
        AssertionFault::NoKeys => "request_object_jwks_not_configured",
        AssertionFault::NoSecret => "request_object_no_client_secret",
        AssertionFault::UnusableKey => "request_object_invalid_jwks",
        AssertionFault::Signature => "request_object_bad_signature",
        AssertionFault::Audience => "request_object_audience_mismatch",
        AssertionFault::Expired => "request_object_jwt_expired",
        AssertionFault::TooFar => "request_object_jwt_expiration_too_long",
        AssertionFault::IssuedInFuture => "request_object_issued_in_future",
        AssertionFault::Replayed => "request_object_already_used",
        AssertionFault::Type
        | AssertionFault::Issuer
        | AssertionFault::Subject
        | AssertionFault::ExpMissing => "invalid_request_object",
    }
}
