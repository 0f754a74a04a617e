//! After signing out, where the app names no place to go on.

use http::StatusCode;

use super::{More, page};
use crate::exchange::Reply;

/// The page.
#[derive(Debug)]
pub struct SignedOutPage<'a> {
    /// The org's name.
    pub org: &'a str,
}

impl SignedOutPage<'_> {
    /// The page.
    pub fn render(&self) -> Reply {
        let html = "<h1>Signed out</h1>\n<p class=\"lede\">You can close this window.</p>\n";
        page(StatusCode::OK, "Signed out", self.org, html, More::default())
    }
}
