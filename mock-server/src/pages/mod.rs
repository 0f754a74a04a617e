//! The pages that people see: plain HTML that works without JavaScript. Each page is a value with a `render`; text is
//! escaped where it meets markup, and nowhere else.

mod activate;
mod consent;
mod error;
mod relay;
mod sign_in;
mod signed_out;

pub use activate::ActivatePage;
pub use consent::ConsentPage;
pub use error::ErrorPage;
pub use relay::{Relay, Way};
pub use sign_in::{Person, SignInPage};
pub use signed_out::SignedOutPage;

use std::fmt::Write;

use http::{HeaderValue, StatusCode, header};

use crate::exchange::Reply;

const STYLE: &str = include_str!("style.css");

/// Text as HTML shows it, in elements and in quoted attributes.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            formatter.write_str(&rest[..at])?;
            formatter.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        formatter.write_str(rest)
    }
}

/// Hidden fields, one a line.
struct Hidden<'a>(&'a [(String, String)]);

impl std::fmt::Display for Hidden<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, value) in self.0 {
            let (name, value) = (Escaped(name), Escaped(value));
            writeln!(formatter, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")?;
        }
        Ok(())
    }
}

/// What few pages need.
#[derive(Debug, Clone, Copy, Default)]
struct More<'a> {
    /// A script of ours, never made of input.
    script: Option<&'static str>,
    /// An origin that may show the page in a frame.
    framed_by: Option<&'a str>,
}

/// Whether a text can stand in a policy: nothing in it ends a directive.
fn is_origin(text: &str) -> bool {
    text.starts_with("http")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b',')
}

/// A whole page around the content of its card. `org` is the org's name;
/// `more` has what few pages need.
fn page(status: StatusCode, title: &str, org: &str, content: &str, more: More<'_>) -> Reply {
    let (title, org) = (Escaped(title), Escaped(org));
    let mut html = String::with_capacity(STYLE.len() + content.len() + 1024);
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <p class=\"org\"><svg aria-hidden=\"true\" viewBox=\"0 0 24 24\"><circle cx=\"9\" cy=\"12\" r=\"6.5\"/>\
         <circle cx=\"15\" cy=\"12\" r=\"6.5\"/></svg> {org}</p>\n<div class=\"card\">\n{content}</div>\n\
         <footer>A mock org for tests, made by orgtwin. Type no password that guards anything real.</footer>\n\
         </main>\n",
    );
    let mut policy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'self'"
            .to_owned();
    if let Some(origin) = more.framed_by.filter(|origin| is_origin(origin)) {
        let _ = write!(policy, " {origin}");
    }
    if let Some(script) = more.script {
        let _ = writeln!(html, "<script>{script}</script>");
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, script.as_bytes());
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
        let _ = write!(policy, "; script-src 'sha256-{hash}'");
    }
    html.push_str("</body>\n</html>\n");
    let headers = vec![(header::CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"))];
    Reply { status, headers, body: html.into() }
        .with_text(header::CONTENT_SECURITY_POLICY, &policy)
        .with(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    pub(super) const NASTY: &str = "\"><script>alert('1')</script>&amp;";

    fn text(reply: &Reply) -> String {
        String::from_utf8(reply.body.to_vec()).unwrap()
    }

    #[test]
    fn escaped_text_is_read_back_as_it_was() {
        for (given, expected) in
            [("a", "a"), ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"), ("é<", "é&lt;"), ("", "")]
        {
            assert_eq!(Escaped(given).to_string(), expected);
        }
    }

    /// Whatever is put into a page, no page grows an element by it.
    #[test]
    fn nothing_that_is_put_in_becomes_markup() {
        let hidden = vec![(NASTY.to_owned(), NASTY.to_owned())];
        let people =
            [Person { name: NASTY.into(), login: NASTY.into(), about: NASTY.into(), password: NASTY.into() }];
        let pages = [
            SignInPage {
                org: NASTY,
                app: NASTY,
                action: NASTY,
                hidden: &hidden,
                username: NASTY,
                password: NASTY,
                problem: Some(NASTY),
                people: &people,
            }
            .render(),
            ErrorPage { org: NASTY, status: StatusCode::BAD_REQUEST, error: NASTY, description: NASTY }
                .render(),
            SignedOutPage { org: NASTY }.render(),
            ConsentPage {
                org: NASTY,
                app: NASTY,
                login: NASTY,
                action: NASTY,
                hidden: &hidden,
                scopes: &[(NASTY.to_owned(), format!("{NASTY} and more"))],
            }
            .render(),
            ActivatePage::Enter { user_code: NASTY, sign_in: true, problem: Some(NASTY) }.render(NASTY),
            ActivatePage::Confirm { app: NASTY, login: NASTY, user_code: NASTY, scopes: NASTY, proof: NASTY }
                .render(NASTY),
            Relay { org: NASTY, app: NASTY, target: NASTY, parameters: &hidden, way: Way::FormPost }.render(),
            Relay { org: NASTY, app: NASTY, target: NASTY, parameters: &hidden, way: Way::PostMessage }
                .render(),
        ];
        for page in &pages {
            let html = text(page);
            assert!(!html.contains("<script>alert"), "{html}");
            assert!(!html.contains("\"><script"), "{html}");
            assert!(html.contains("&quot;&gt;&lt;script&gt;"), "{html}");
        }
    }

    /// Every field has a label, and a problem is announced and tied to the fields.
    #[test]
    fn the_sign_in_page_can_be_heard() {
        let page = SignInPage {
            org: "acme",
            app: "Web app",
            action: "/oauth2/v1/authorize",
            hidden: &[],
            username: "",
            password: "",
            problem: Some("Unable to sign in"),
            people: &[],
        };
        let html = text(&page.render());
        for piece in [
            "<html lang=\"en\">",
            "<label for=\"username\">",
            "<label for=\"password\">",
            "role=\"alert\"",
            "id=\"problem\"",
            "aria-describedby=\"problem\"",
            "autocomplete=\"current-password\"",
        ] {
            assert!(html.contains(piece), "{piece} is missing: {html}");
        }
        let calm = text(&SignInPage { problem: None, ..page }.render());
        assert!(!calm.contains("role=\"alert\"") && !calm.contains("aria-describedby"));
    }
}
