//! What an app asks for, and how the answer travels back to it (token-facts §11).

use http::{HeaderValue, StatusCode, header};

use crate::exchange::Reply;
use crate::pages::{Relay, Way};

/// A response type: one of the three, several, or none of them (`none`: to enrol an authenticator).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResponseType {
    /// An authorization code.
    pub(super) code: bool,
    /// An access token.
    pub(super) token: bool,
    /// An ID token.
    pub(super) id_token: bool,
}

impl ResponseType {
    /// Reads the parameter; the order of its words does not matter. None for a word that Okta does not know, or for one
    /// that is there twice.
    pub(super) fn parse(parameter: &str) -> Option<Self> {
        let mut own = Self { code: false, token: false, id_token: false };
        if parameter == "none" {
            return Some(own);
        }
        for word in parameter.split_ascii_whitespace() {
            let part = match word {
                "code" => &mut own.code,
                "token" => &mut own.token,
                "id_token" => &mut own.id_token,
                _ => return None,
            };
            if std::mem::replace(part, true) {
                return None;
            }
        }
        (own.code || own.implicit()).then_some(own)
    }

    /// Whether it is `none`.
    pub(super) fn is_none(self) -> bool {
        !self.code && !self.implicit()
    }

    /// Whether tokens are in the answer itself.
    pub(super) fn implicit(self) -> bool {
        self.token || self.id_token
    }

    /// Its words.
    pub(super) fn words(self) -> impl Iterator<Item = &'static str> {
        let words = [(self.code, "code"), (self.token, "token"), (self.id_token, "id_token")];
        words.into_iter().filter(|(asked, _)| *asked).map(|(_, word)| word)
    }

    /// How the answer travels when nobody says.
    pub(super) fn default_mode(self) -> ResponseMode {
        if self.implicit() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

/// A response mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment.
    Fragment,
    /// Posted by a page.
    FormPost,
    /// As a message between windows.
    OktaPostMessage,
}

impl ResponseMode {
    /// The mode with a name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "query" => Self::Query,
            "fragment" => Self::Fragment,
            "form_post" => Self::FormPost,
            "okta_post_message" => Self::OktaPostMessage,
            _ => return None,
        })
    }
}

/// The way back to an app: a redirect URI that is registered, and how the answer travels there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Channel {
    /// The redirect URI.
    pub(super) redirect_uri: String,
    /// The mode.
    pub(super) mode: ResponseMode,
    /// The state, if it can be sent back.
    pub(super) state: Option<String>,
}

impl Channel {
    /// The reply that carries an answer. `org` and `app` are for people.
    pub(super) fn carry(&self, org: &str, app: &str, parameters: &[(String, String)]) -> Reply {
        let way = match self.mode {
            ResponseMode::Query => return self.redirect('?', parameters),
            ResponseMode::Fragment => return self.redirect('#', parameters),
            ResponseMode::FormPost => Way::FormPost,
            ResponseMode::OktaPostMessage => Way::PostMessage,
        };
        let target = match way {
            Way::FormPost => self.redirect_uri.as_str(),
            Way::PostMessage => origin(&self.redirect_uri),
        };
        Relay { org, app, target, parameters, way }.render()
    }

    fn redirect(&self, mark: char, parameters: &[(String, String)]) -> Reply {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parameters {
            encoded.append_pair(name, value);
        }
        let mut location = self.redirect_uri.clone();
        location.push(if mark == '?' && location.contains('?') { '&' } else { mark });
        location.push_str(&encoded.finish());
        Reply::empty(StatusCode::FOUND)
            .with_text(header::LOCATION, &location)
            .with(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
    }
}

/// Scheme and authority of a URL.
fn origin(url: &str) -> &str {
    let from = url.find("://").map_or(0, |at| at + 3);
    url[from..].find(['/', '?', '#']).map_or(url, |end| &url[..from + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_types_are_sets_of_words() {
        for (parameter, words) in [
            ("code", Some("code")),
            ("id_token code", Some("code id_token")),
            ("id_token token", Some("token id_token")),
            ("code id_token token", Some("code token id_token")),
            ("", None),
            (" ", None),
            ("code code", None),
            ("Code", None),
            ("none", Some("")),
            ("none code", None),
        ] {
            let found = ResponseType::parse(parameter).map(|own| own.words().collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref(), words, "{parameter:?}");
        }
    }

    #[test]
    fn an_answer_lands_where_its_mode_says() {
        let parameters = [("state".to_owned(), "a b&c".to_owned()), ("code".to_owned(), "x".to_owned())];
        for (uri, mode, expected) in [
            ("https://a.example/cb", ResponseMode::Query, "https://a.example/cb?state=a+b%26c&code=x"),
            (
                "https://a.example/cb?q=1",
                ResponseMode::Query,
                "https://a.example/cb?q=1&state=a+b%26c&code=x",
            ),
            (
                "https://a.example/cb?q=1",
                ResponseMode::Fragment,
                "https://a.example/cb?q=1#state=a+b%26c&code=x",
            ),
            ("com.example.app:/cb", ResponseMode::Query, "com.example.app:/cb?state=a+b%26c&code=x"),
        ] {
            let channel = Channel { redirect_uri: uri.to_owned(), mode, state: None };
            let reply = channel.carry("org", "app", &parameters);
            let location = reply.headers.iter().find(|(name, _)| *name == header::LOCATION);
            assert_eq!(location.map(|(_, value)| value.as_bytes()), Some(expected.as_bytes()));
        }
    }

    #[test]
    fn a_message_is_for_one_origin() {
        for (url, expected) in [
            ("https://a.example:8/cb?x#y", "https://a.example:8"),
            ("http://localhost", "http://localhost"),
            ("http://a.example?x", "http://a.example"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }
}
