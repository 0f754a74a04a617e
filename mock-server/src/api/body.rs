//! The JSON body of a request.

use serde_json::{Map, Value};

use crate::exchange::Request;
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
