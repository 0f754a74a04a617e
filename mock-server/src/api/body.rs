//! The JSON body of a request.

use serde_json::{Map, Value};

use super::answer::Asked;
use crate::exchange::Request;
use crate::validate;
use crate::wire::ApiError;

/// The object that a request carries.
///
/// # Errors
/// [`ApiError::UnsupportedContentType`] for a body of another kind (mgmt-facts §2: a form on a JSON operation),
/// [`ApiError::MalformedBody`] for one that is no object, or none.
pub(super) fn object(request: &Request) -> Result<Map<String, Value>, ApiError> {
    if let Some(kind) = request.header("content-type") {
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            return Err(ApiError::UnsupportedContentType);
        }
    }
    serde_json::from_slice(&request.body).map_err(|_| ApiError::MalformedBody)
}

/// The object that a request carries, if it fits the operation's schema; members that the schema does not know are
/// dropped, as Okta does.
///
/// # Errors
/// As [`object`], and [`ApiError::Validation`] with what does not fit.
pub(super) fn checked(asked: &Asked<'_>) -> Result<Map<String, Value>, ApiError> {
    fit(asked, object(asked.request)?)
}

/// The object, if it fits the operation's schema.
///
/// # Errors
/// [`ApiError::Validation`] with what does not fit.
pub(super) fn fit(asked: &Asked<'_>, body: Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let body = Value::Object(body);
    validate::body(&asked.operation.id, &body)
        .map_err(|invalid| ApiError::Validation(invalid.summary_field, invalid.causes))?;
    let Value::Object(mut body) = body else { return Err(ApiError::MalformedBody) };
    if let Some(known) = validate::known_properties(&asked.operation.id) {
        body.retain(|name, _| known.contains(name.as_str()));
    }
    Ok(body)
}
