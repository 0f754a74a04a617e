//! Where people say whether an app may do what it asks for.

use std::fmt::Write;

use http::StatusCode;

use super::{Escaped, Hidden, More, page};
use crate::exchange::Reply;

/// The consent page.
#[derive(Debug)]
pub struct ConsentPage<'a> {
    /// The org's name.
    pub org: &'a str,
    /// The app that asks.
    pub app: &'a str,
    /// Who is signed in.
    pub login: &'a str,
    /// The path that the form is posted to.
    pub action: &'a str,
    /// The request that goes on, and what proves that this page was seen.
    pub hidden: &'a [(String, String)],
    /// What the app asks for: what it is called, and more about it.
    pub scopes: &'a [(String, String)],
}

impl ConsentPage<'_> {
    /// The page, with status 200.
    pub fn render(&self) -> Reply {
        let (app, login, action) = (Escaped(self.app), Escaped(self.login), Escaped(self.action));
        let hidden = Hidden(self.hidden);
        let mut html = String::with_capacity(4096);
        let _ = write!(
            html,
            "<h1>Allow {app}?</h1>\n<p class=\"lede\">You are signed in as <strong>{login}</strong>.</p>\n\
             <h2 id=\"asked\">This app would like to</h2>\n<ul class=\"asked\" aria-labelledby=\"asked\">\n"
        );
        for (title, about) in self.scopes {
            let (title, about) = (Escaped(title), Escaped(about));
            let _ = write!(html, "<li>{title}");
            if !self::is_blank(about.0) && about.0 != title.0 {
                let _ = write!(html, " <small>{about}</small>");
            }
            html.push_str("</li>\n");
        }
        let _ = write!(
            html,
            "</ul>\n<form method=\"post\" action=\"{action}\">\n{hidden}\
             <button class=\"primary\" type=\"submit\" name=\"consent\" value=\"allow\">Allow Access</button>\n\
             <button class=\"secondary\" type=\"submit\" name=\"consent\" value=\"deny\">Don't Allow</button>\n</form>\n"
        );
        page(StatusCode::OK, &format!("Allow {}?", self.app), self.org, &html, More::default())
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
