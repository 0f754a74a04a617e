//! Where a user enters the code that a device shows, and decides about it.

use std::fmt::Write;

use http::StatusCode;

use super::{Escaped, More, page};
use crate::exchange::Reply;

/// A step at `/activate`.
#[derive(Debug)]
pub enum ActivatePage<'a> {
    /// Asks for the code, and for a login and a password where nobody is signed in.
    Enter {
        /// Filled in already.
        user_code: &'a str,
        /// Whether somebody has to sign in.
        sign_in: bool,
        /// Why the last attempt failed.
        problem: Option<&'a str>,
    },
    /// Asks whether the device may act.
    Confirm {
        /// The app's label.
        app: &'a str,
        /// Who is signed in.
        login: &'a str,
        /// The code that was entered.
        user_code: &'a str,
        /// What the device wants, in one line.
        scopes: &'a str,
        /// What proves that the page was seen.
        proof: &'a str,
    },
    /// Says what was decided.
    Decided {
        /// The device may act.
        allowed: bool,
    },
}

impl ActivatePage<'_> {
    /// The page. A problem is told on it with status 200, as on the sign-in page.
    pub fn render(&self, org: &str) -> Reply {
        let (title, html) = match *self {
            Self::Enter { user_code, sign_in, problem } => {
                ("Activate Your Device", enter(user_code, sign_in, problem))
            }
            Self::Confirm { app, login, user_code, scopes, proof } => {
                ("Activate Your Device", confirm(app, login, user_code, scopes, proof))
            }
            Self::Decided { allowed: true } => {
                let text = "Follow the instructions on your device for next steps.";
                ("Device activated", format!("<h1>Device activated</h1>\n<p class=\"lede\">{text}</p>\n"))
            }
            Self::Decided { allowed: false } => {
                let text = "Your device cannot be activated because you did not allow access.";
                (
                    "Device not activated",
                    format!("<h1>Device not activated</h1>\n<p class=\"lede\">{text}</p>\n"),
                )
            }
        };
        page(StatusCode::OK, title, org, &html, More::default())
    }
}

fn enter(user_code: &str, sign_in: bool, problem: Option<&str>) -> String {
    let mut html = String::with_capacity(2048);
    html.push_str(
        "<h1>Activate Your Device</h1>\n\
         <p class=\"lede\" id=\"hint\">Follow the instructions on your device to get an activation code.</p>\n",
    );
    let described = match problem {
        Some(problem) => {
            let problem = Escaped(problem);
            let _ = writeln!(html, "<p class=\"problem\" id=\"problem\" role=\"alert\">{problem}</p>");
            " aria-invalid=\"true\" aria-describedby=\"hint problem\""
        }
        None => " aria-describedby=\"hint\"",
    };
    let _ = write!(
        html,
        "<form method=\"post\" action=\"/activate\">\n<label for=\"user_code\">Activation Code</label>\n\
         <input id=\"user_code\" name=\"user_code\" type=\"text\" value=\"{}\" required autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"32\"{described}>\n",
        Escaped(user_code),
    );
    if sign_in {
        html.push_str(
            "<label for=\"username\">Username</label>\n\
             <input id=\"username\" name=\"username\" type=\"text\" required autocomplete=\"username\" \
             autocapitalize=\"none\" spellcheck=\"false\">\n\
             <label for=\"password\">Password</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" required \
             autocomplete=\"current-password\">\n",
        );
    }
    html.push_str("<button class=\"primary\" type=\"submit\">Next</button>\n</form>\n");
    html
}

fn confirm(app: &str, login: &str, user_code: &str, scopes: &str, proof: &str) -> String {
    let (app, login, user_code, scopes, proof) =
        (Escaped(app), Escaped(login), Escaped(user_code), Escaped(scopes), Escaped(proof));
    format!(
        "<h1>Allow {app}?</h1>\n<p class=\"lede\">You are signed in as <strong>{login}</strong>.</p>\n\
         <dl>\n<dt>The code on the device</dt>\n<dd><code>{user_code}</code></dd>\n\
         <dt>What it asks for</dt>\n<dd>{scopes}</dd>\n</dl>\n\
         <form method=\"post\" action=\"/activate\">\n\
         <input type=\"hidden\" name=\"user_code\" value=\"{user_code}\">\n\
         <input type=\"hidden\" name=\"proof\" value=\"{proof}\">\n\
         <button class=\"primary\" type=\"submit\" name=\"decision\" value=\"allow\">Allow Access</button>\n\
         <button class=\"secondary\" type=\"submit\" name=\"decision\" value=\"deny\">Don't Allow</button>\n</form>\n"
    )
}
