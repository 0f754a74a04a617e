//! The forms in which Okta says no, each written in one place (token-facts §1.1): the envelope of the Management API,
//! the JSON of OAuth, and an empty body with a challenge.

mod challenge;
mod envelope;
pub mod headers;
pub mod unlike;

pub use challenge::{Challenge, Scheme};
pub use envelope::{ApiError, envelope, error_id, not_implemented, oauth_error};
