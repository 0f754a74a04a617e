//! An answer to an app that travels in a page: the response modes `form_post` and `okta_post_message`.

use std::fmt::Write;

use http::StatusCode;

use super::{Escaped, Hidden, More, page};
use crate::exchange::Reply;

/// How the page hands the answer on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A form that is posted to the redirect URI, by itself or by a click.
    FormPost,
    /// `window.postMessage` to the window that opened this one, or holds it in a frame.
    PostMessage,
}

/// A page that carries an answer.
#[derive(Debug)]
pub struct Relay<'a> {
    /// The org's name.
    pub org: &'a str,
    /// The app that gets the answer.
    pub app: &'a str,
    /// Where to: the redirect URI, or the origin that may hear the message.
    pub target: &'a str,
    /// The answer.
    pub parameters: &'a [(String, String)],
    /// How.
    pub way: Way,
}

const SUBMIT: &str = "document.forms[0].submit()";

/// The parameters are read from the form's fields, so that the script is the same for every answer.
const POST: &str = "const form=document.forms[0],message={};\
for(const field of form.elements)if(field.type===\"hidden\")message[field.name]=field.value;\
(window.opener||window.parent).postMessage(message,form.dataset.origin)";

impl Relay<'_> {
    /// The page.
    pub fn render(&self) -> Reply {
        let (app, target, fields) = (Escaped(self.app), Escaped(self.target), Hidden(self.parameters));
        let mut html = String::with_capacity(1024);
        let _ = write!(html, "<h1>One moment</h1>\n<p class=\"lede\">Back to <strong>{app}</strong></p>\n");
        let script = match self.way {
            Way::FormPost => {
                let _ = write!(
                    html,
                    "<form method=\"post\" action=\"{target}\">\n{fields}\
                     <noscript><button class=\"primary\" type=\"submit\">Continue</button></noscript>\n</form>\n",
                );
                SUBMIT
            }
            Way::PostMessage => {
                let _ = write!(html, "<form data-origin=\"{target}\">\n{fields}</form>\n");
                POST
            }
        };
        let framed_by = (self.way == Way::PostMessage).then_some(self.target);
        let more = More { script: Some(script), framed_by };
        page(StatusCode::OK, "One moment", self.org, &html, more)
    }
}
