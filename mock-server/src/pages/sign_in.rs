//! Where people sign in.

use std::fmt::Write;

use http::StatusCode;

use super::{Escaped, Hidden, More, page};
use crate::exchange::Reply;

/// The sign-in page.
#[derive(Debug)]
pub struct SignInPage<'a> {
    /// The org's name.
    pub org: &'a str,
    /// The app that asks.
    pub app: &'a str,
    /// The path that the form is posted to.
    pub action: &'a str,
    /// The request that goes on when somebody has signed in, and the nonce of this page.
    pub hidden: &'a [(String, String)],
    /// Filled in already.
    pub username: &'a str,
    /// Filled in already, on a developer's desk.
    pub password: &'a str,
    /// Why the last attempt failed.
    pub problem: Option<&'a str>,
    /// People to pick from.
    pub people: &'a [Person],
}

/// Somebody to pick, on a developer's desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// First and last name.
    pub name: String,
    /// The login.
    pub login: String,
    /// A word about them: an admin role.
    pub about: String,
    /// The password.
    pub password: String,
}

impl Person {
    /// The first letters of the name.
    fn initials(&self) -> String {
        self.name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect()
    }
}

impl SignInPage<'_> {
    /// The page, with status 200: a wrong password is told on it, as Okta's page does.
    pub fn render(&self) -> Reply {
        let mut html = String::with_capacity(4096);
        let (app, action, hidden) = (Escaped(self.app), Escaped(self.action), Hidden(self.hidden));
        let _ =
            write!(html, "<h1>Sign in</h1>\n<p class=\"lede\">to continue to <strong>{app}</strong></p>\n");
        if let Some(problem) = self.problem {
            let problem = Escaped(problem);
            let _ = writeln!(html, "<p class=\"problem\" id=\"problem\" role=\"alert\">{problem}</p>");
        }
        let described =
            if self.problem.is_some() { " aria-invalid=\"true\" aria-describedby=\"problem\"" } else { "" };
        // The first field that is still to be filled in.
        let (name_focus, password_focus) =
            if self.username.is_empty() { (" autofocus", "") } else { ("", " autofocus") };
        let (username, password) = (Escaped(self.username), Escaped(self.password));
        let _ = write!(
            html,
            "<form method=\"post\" action=\"{action}\">\n{hidden}<label for=\"username\">Username</label>\n\
             <input id=\"username\" name=\"username\" type=\"text\" value=\"{username}\" required \
             autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"{described}{name_focus}>\n\
             <label for=\"password\">Password</label>\n\
             <input id=\"password\" name=\"password\" type=\"password\" value=\"{password}\" required \
             autocomplete=\"current-password\"{described}{password_focus}>\n\
             <button class=\"primary\" type=\"submit\">Sign in</button>\n</form>\n",
        );
        if !self.people.is_empty() {
            self.picker(&mut html);
        }
        page(StatusCode::OK, &format!("Sign in – {}", self.app), self.org, &html, More::default())
    }

    /// A form for each person, so that a pick is one click and needs no script.
    fn picker(&self, html: &mut String) {
        let (action, hidden) = (Escaped(self.action), Hidden(self.hidden));
        html.push_str(
            "<section aria-labelledby=\"pick\">\n<h2 id=\"pick\">Or sign in as</h2>\n<ul class=\"people\">\n",
        );
        for person in self.people {
            let initials = person.initials();
            let (initials, name, login) = (Escaped(&initials), Escaped(&person.name), Escaped(&person.login));
            let (about, password) = (Escaped(&person.about), Escaped(&person.password));
            let about = if person.about.is_empty() { String::new() } else { format!(" <em>{about}</em>") };
            let _ = write!(
                html,
                "<li><form method=\"post\" action=\"{action}\">\n{hidden}\
                 <input type=\"hidden\" name=\"username\" value=\"{login}\">\n\
                 <input type=\"hidden\" name=\"password\" value=\"{password}\">\n\
                 <button class=\"person\" type=\"submit\"><span class=\"initials\" aria-hidden=\"true\">{initials}</span> \
                 <span class=\"who\"><span>{name}{about}</span> <small>{login}</small></span></button>\n\
                 </form></li>\n",
            );
        }
        html.push_str("</ul>\n</section>\n");
    }
}
