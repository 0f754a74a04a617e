//! The parameters of a token request: from the body, from the query, or from both (real-clients §2, 2).

use std::collections::HashSet;

use http::header;

use super::errors::{OAuthError, Refusal};
use crate::exchange::{Form, Request};

/// The parameters, and where each was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    body: Form,
    query: Form,
}

impl Parameters {
    /// Reads body and query.
    ///
    /// # Errors
    /// [`OAuthError::ContentType`] for a body that is no form, [`OAuthError::DuplicateParameters`] for a parameter that
    /// occurs twice. The latter comes before client authentication, because a credential that is there twice is none.
    pub fn read(request: &Request) -> Result<Self, Refusal> {
        if !is_form(request) {
            let found = request.header("content-type").unwrap_or("none");
            return Err(Refusal::new(
                "form",
                OAuthError::ContentType,
                format!("the content type is {found}, not application/x-www-form-urlencoded"),
            ));
        }
        let own = Self { body: Form::parse(&request.body), query: Form::parse(request.query().as_bytes()) };
        let duplicates = own.duplicates();
        if !duplicates.is_empty() {
            let reason = format!("sent more than once: {}", duplicates.join(", "));
            return Err(Refusal::new("form", OAuthError::DuplicateParameters(duplicates), reason));
        }
        Ok(own)
    }

    /// A parameter. One without a value counts as left out (RFC 6749 §3.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.body.get(name).or_else(|| self.query.get(name)).filter(|value| !value.is_empty())
    }

    /// Whether a parameter with a value is in the query.
    pub fn in_query(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| !value.is_empty())
    }

    /// All parameters, those of the body first.
    pub(super) fn into_form(mut self) -> Form {
        self.body.0.extend(self.query.0);
        self.body
    }

    fn duplicates(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut twice = Vec::new();
        for (name, _) in self.body.0.iter().chain(&self.query.0) {
            if !seen.insert(name.as_str()) && !twice.contains(name) {
                twice.push(name.clone());
                if twice.len() == NAMED {
                    break;
                }
            }
        }
        twice
    }
}

/// So many duplicate parameters are named at most: a long form of nonsense gets a short answer.
const NAMED: usize = 20;

/// A body without a content type is read only if it is empty.
fn is_form(request: &Request) -> bool {
    request.has_form() || !request.headers.contains_key(header::CONTENT_TYPE) && request.body.is_empty()
}
