//! The page at `/activate`: plain HTML that works without JavaScript. Text is escaped where it meets markup.

use std::fmt::{self, Display, Formatter, Write};
use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};

use crate::exchange::Reply;

/// What a user is asked to allow.
pub(super) struct Asked<'a> {
    /// The app's label.
    pub(super) app: &'a str,
    /// Who is signed in.
    pub(super) login: &'a str,
    /// The code that was entered.
    pub(super) user_code: &'a str,
    /// What the device wants.
    pub(super) scopes: &'a [Arc<str>],
    /// What proves that the page was seen.
    pub(super) proof: &'a str,
}

/// Text as HTML shows it, in elements and in quoted attributes.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for one in self.0.chars() {
            match one {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// Asks for the code, and for a login and a password where nobody is signed in.
pub(super) fn enter(user_code: &str, sign_in: bool, error: Option<&str>) -> Reply {
    let mut content = String::new();
    content.push_str("<h1>Activate Your Device</h1>\n");
    if let Some(error) = error {
        let _ = writeln!(content, "<p class=\"error\" role=\"alert\" id=\"error\">{}</p>", Escaped(error));
    }
    let described =
        if error.is_some() { " aria-describedby=\"hint error\"" } else { " aria-describedby=\"hint\"" };
    let _ = write!(
        content,
        "<p id=\"hint\">Follow the instructions on your device to get an activation code.</p>\n\
         <form method=\"post\" action=\"/activate\">\n\
         <label for=\"user_code\">Activation Code</label>\n\
         <input id=\"user_code\" name=\"user_code\" value=\"{}\" autocomplete=\"off\" autocapitalize=\"characters\" \
         spellcheck=\"false\" maxlength=\"32\" required{described}>\n",
        Escaped(user_code),
    );
    if sign_in {
        content.push_str(
            "<label for=\"username\">Username</label>\n\
             <input id=\"username\" name=\"username\" autocomplete=\"username\" autocapitalize=\"none\" required>\n\
             <label for=\"password\">Password</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>\n",
        );
    }
    content.push_str("<button type=\"submit\">Next</button>\n</form>\n");
    page(
        if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK },
        "Activate Your Device",
        &content,
    )
}

/// Asks whether the device may act.
pub(super) fn confirm(asked: &Asked<'_>) -> Reply {
    let mut content = String::new();
    let _ = write!(
        content,
        "<h1>Allow {}?</h1>\n<p>You are signed in as <strong>{}</strong>. The device that shows the code \
         <strong>{}</strong> asks for:</p>\n<ul>\n",
        Escaped(asked.app),
        Escaped(asked.login),
        Escaped(asked.user_code),
    );
    for scope in asked.scopes {
        let _ = writeln!(content, "<li>{}</li>", Escaped(scope));
    }
    let _ = write!(
        content,
        "</ul>\n<form method=\"post\" action=\"/activate\">\n\
         <input type=\"hidden\" name=\"user_code\" value=\"{}\">\n\
         <input type=\"hidden\" name=\"proof\" value=\"{}\">\n\
         <button type=\"submit\" name=\"decision\" value=\"allow\">Allow Access</button>\n\
         <button type=\"submit\" name=\"decision\" value=\"deny\" class=\"second\">Don't Allow</button>\n</form>\n",
        Escaped(asked.user_code),
        Escaped(asked.proof),
    );
    page(StatusCode::OK, "Activate Your Device", &content)
}

/// Says what was decided.
pub(super) fn decided(allowed: bool) -> Reply {
    let (title, text) = if allowed {
        ("Device activated", "Follow the instructions on your device for next steps.")
    } else {
        ("Device not activated", "Your device cannot be activated because you did not allow access.")
    };
    page(StatusCode::OK, title, &format!("<h1>{title}</h1>\n<p role=\"status\">{text}</p>\n"))
}

const STYLE: &str = ":root{color-scheme:light dark;--back:#f4f4f6;--card:#fff;--text:#1d1d21;--line:#8c8c96;\
    --main:#3f59e4;--bad:#b3261e}@media(prefers-color-scheme:dark){:root{--back:#17171b;--card:#232329;--text:#f2f2f5;\
    --line:#8c8c96;--main:#8ea0ff;--bad:#ffb4ab}}body{margin:0;background:var(--back);color:var(--text);\
    font:1rem/1.5 system-ui,sans-serif}main{box-sizing:border-box;max-width:26rem;margin:8vh auto;padding:2rem;\
    background:var(--card);border-radius:.75rem}h1{font-size:1.4rem;margin:0 0 1rem}label{display:block;\
    margin:1rem 0 .25rem;font-weight:600}input{box-sizing:border-box;width:100%;padding:.6rem;font:inherit;\
    color:inherit;background:transparent;border:1px solid var(--line);border-radius:.4rem}button{margin-top:1.25rem;\
    width:100%;padding:.7rem;font:inherit;font-weight:600;color:var(--card);background:var(--main);\
    border:1px solid var(--main);border-radius:.4rem}button.second{margin-top:.6rem;color:var(--main);\
    background:transparent}:focus-visible{outline:3px solid var(--main);outline-offset:2px}.error{color:var(--bad)}";

/// A whole page. It may not be framed, and runs no script.
fn page(status: StatusCode, title: &str, content: &str) -> Reply {
    let title = Escaped(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{content}</main>\n\
         </body>\n</html>\n"
    );
    let own = |value| HeaderValue::from_static(value);
    Reply {
        status,
        headers: vec![
            (header::CONTENT_TYPE, own("text/html;charset=utf-8")),
            (
                header::CONTENT_SECURITY_POLICY,
                own("default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                     form-action 'self'; frame-ancestors 'none'"),
            ),
        ],
        body: html.into(),
    }
}
