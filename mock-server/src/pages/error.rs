//! A request that cannot be answered to the app that made it (token-facts §11: heading, error, description).

use std::fmt::Write;

use http::StatusCode;

use super::{Escaped, More, page};
use crate::exchange::Reply;

/// The error page.
#[derive(Debug)]
pub struct ErrorPage<'a> {
    /// The org's name.
    pub org: &'a str,
    /// The status, which is the heading too.
    pub status: StatusCode,
    /// `invalid_request`, …
    pub error: &'a str,
    /// The text.
    pub description: &'a str,
}

impl ErrorPage<'_> {
    /// The page.
    pub fn render(&self) -> Reply {
        let reason = self.status.canonical_reason().unwrap_or_default();
        let heading = format!("{} {reason}", self.status.as_u16());
        let (error, description) = (Escaped(self.error), Escaped(self.description));
        let mut html = String::with_capacity(512);
        let _ = write!(
            html,
            "<h1>{heading}</h1>\n<p class=\"lede\">Your request resulted in an error.</p>\n\
             <dl>\n<dt>Error code</dt>\n<dd><code>{error}</code></dd>\n\
             <dt>Description</dt>\n<dd>{description}</dd>\n</dl>\n",
        );
        page(self.status, &heading, self.org, &html, More::default())
    }
}
