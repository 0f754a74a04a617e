//! A browser without a window: it sends requests, keeps cookies, and reads what comes back.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use jiff::Timestamp;
use mock_server::exchange::{Form, Reply, Request, Trace};
use mock_server::gateway;
use mock_server::org::seed::OrgDocument;
use mock_server::org::{Org, OrgOptions};
use serde_json::{Value, json};

pub(crate) const BASE: &str = "https://acme.okta.example";
/// 2026-11-24T10:00:00Z
pub(crate) const NOW: i64 = 1_795_514_400;

/// An org of its own: what one test uses up, no other test misses.
pub(crate) fn org() -> Org {
    static TEMPLATE: LazyLock<Org> = LazyLock::new(|| org_with(&[]));
    TEMPLATE.fork(&OrgOptions { seed: Some(7), ..OrgOptions::default() })
}

/// An org with another dialect.
pub(crate) fn org_with(dialect: &[(&str, &str)]) -> Org {
    let mut document = OrgDocument::from_toml(include_str!("org.toml")).unwrap();
    for (name, value) in dialect {
        document.dialect.insert((*name).to_owned(), json!(value));
    }
    Org::new(&document, &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap()
}

/// A browser, or a program, that talks to an org.
pub(crate) struct Browser {
    pub(crate) org: Org,
    pub(crate) now: i64,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn new() -> Self {
        Self::at(org())
    }

    pub(crate) fn at(org: Org) -> Self {
        Self { org, now: NOW, cookies: RefCell::default() }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn get(&self, target: &str) -> Reply {
        self.send(Method::GET, target, &[("accept", "text/html,*/*")], String::new()).0
    }

    pub(crate) fn post(&self, target: &str, form: &[(String, String)]) -> Reply {
        let body = encoded(form);
        let headers = [("accept", "text/html,*/*"), ("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, target, &headers, body).0
    }

    pub(crate) fn post_json(&self, target: &str, body: &Value) -> Reply {
        self.send(Method::POST, target, &[("content-type", "application/json")], body.to_string()).0
    }

    /// Sends a request through the whole gateway. Cookies are kept as a browser does.
    pub(crate) fn send(
        &self,
        method: Method,
        target: &str,
        lines: &[(&str, &str)],
        body: String,
    ) -> (Reply, Trace) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let jar: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            headers.insert(header::COOKIE, HeaderValue::from_str(&jar.join("; ")).unwrap());
        }
        let request = Request {
            method,
            target: target.to_owned(),
            headers,
            raw_headers: Default::default(),
            body: body.into(),
            base_url: BASE.into(),
            peer: Ipv4Addr::LOCALHOST.into(),
            now: Timestamp::from_second(self.now).unwrap(),
        };
        let mut trace = Trace::default();
        let reply = gateway::answer(&self.org, &request, &mut trace);
        for (_, value) in reply.headers.iter().filter(|(name, _)| *name == header::SET_COOKIE) {
            let line = value.to_str().unwrap();
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if line.contains("Max-Age=0") || line.contains("1970") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
        (reply, trace)
    }

    /// A session token for somebody.
    pub(crate) fn session_token(&self, login: &str, password: &str) -> String {
        let reply = self.post_json("/api/v1/authn", &json!({ "username": login, "password": password }));
        let body = json_of(&reply);
        body["sessionToken"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
    }

    pub(crate) fn una(&self) -> String {
        self.session_token("una.user@example.com", "una's password")
    }
}

pub(crate) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

pub(crate) fn encoded(form: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&reply.body)))
}

pub(crate) fn text_of(reply: &Reply) -> String {
    String::from_utf8(reply.body.to_vec()).unwrap()
}

pub(crate) fn header_of<'r>(reply: &'r Reply, name: &str) -> Option<&'r str> {
    reply.headers.iter().find(|(own, _)| own.as_str() == name).map(|(_, value)| value.to_str().unwrap())
}

/// The parameters behind `?` or `#` of a redirect, in order.
pub(crate) fn landed(reply: &Reply, uri: &str, mark: char) -> Vec<(String, String)> {
    assert_eq!(reply.status, 302, "{}", text_of(reply));
    let location = header_of(reply, "location").unwrap();
    let rest = location.strip_prefix(uri).and_then(|rest| rest.strip_prefix(mark));
    Form::parse(rest.unwrap_or_else(|| panic!("{location} is not {uri}{mark}…")).as_bytes()).0
}

pub(crate) fn value<'a>(parameters: &'a [(String, String)], name: &str) -> &'a str {
    let found = parameters.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("no {name} in {parameters:?}"))
}

/// The hidden fields of the first form of a page, unescaped.
pub(crate) fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let form = html.split("<form").nth(1).unwrap().split("</form>").next().unwrap();
    let attribute = |tag: &str, name: &str| {
        let value = tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        let unescaped = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        unescaped.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    form.split("<input type=\"hidden\"")
        .skip(1)
        .map(|tag| (attribute(tag, "name"), attribute(tag, "value")))
        .collect()
}

/// An authorize request that is good, with changes: a value replaces, none leaves out.
pub(crate) fn authorize(client: &str, redirect_uri: &str, changes: &[(&str, Option<&str>)]) -> String {
    authorize_at("/oauth2/v1/authorize", client, redirect_uri, changes)
}

pub(crate) fn authorize_at(
    path: &str,
    client: &str,
    redirect_uri: &str,
    changes: &[(&str, Option<&str>)],
) -> String {
    format!("{path}?{}", encoded(&parameters(client, redirect_uri, changes)))
}

pub(crate) fn parameters(
    client: &str,
    redirect_uri: &str,
    changes: &[(&str, Option<&str>)],
) -> Vec<(String, String)> {
    let mut form = vec![
        pair("client_id", client),
        pair("redirect_uri", redirect_uri),
        pair("response_type", "code"),
        pair("scope", "openid profile"),
        pair("state", "s1"),
    ];
    for (name, value) in changes {
        form.retain(|(own, _)| own != name);
        if let Some(value) = value {
            form.push(pair(name, value));
        }
    }
    form
}
