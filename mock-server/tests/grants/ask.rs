//! Requests of clients that have, or claim to have, something that a user has allowed.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use mock_server::exchange::{Reply, Request, Trace};
use mock_server::oauth;
use mock_server::oauth::store::device_codes::{Approval, Decision};
use mock_server::oauth::store::refresh_tokens::Refreshed;
use mock_server::oauth::store::{Allowed, codes, device_codes, refresh_tokens};
use mock_server::org::change::Change;
use mock_server::org::seed::OrgDocument;
use mock_server::org::{Org, OrgOptions};
use serde_json::{Value, json};

pub(crate) const BASE: &str = "https://acme.okta.example:8443";
/// 2026-11-24T10:00:00Z
pub(crate) const NOW: i64 = 1_795_514_400;
pub(crate) const ADA: &str = "00uada00000000000001";
pub(crate) const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

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

/// Changes a document of the org, as an administrator would.
pub(crate) fn change(org: &Org, kind: &'static str, id: &str, edit: fn(&mut Value)) {
    let at = Timestamp::from_second(NOW).unwrap();
    let changed = org.commit(at, |state| {
        let document = state.get(kind, id).unwrap();
        let mut value = Value::clone(&document.value());
        edit(&mut value);
        let (value, hidden) = (value.into(), document.hidden.clone());
        Ok::<_, ()>(vec![Change::Put { shelf: kind.into(), id: document.id.clone(), value, hidden }])
    });
    changed.unwrap();
}

pub(crate) fn id_of(org: &Org, name: &str) -> String {
    org.credentials().clients.iter().find(|client| client.name == name).unwrap().client_id.clone()
}

/// What Ada has allowed an app, as `/authorize` would have written it down.
pub(crate) fn allowed(org: &Org, client: &str, scopes: &str) -> Allowed {
    let id = id_of(org, client);
    let state = org.state();
    let sign_in = &state.derived.client(&id).unwrap().sign_in;
    Allowed {
        client_id: id.into(),
        user_id: ADA.into(),
        server: None,
        scopes: scopes.split(' ').map(Into::into).collect(),
        nonce: Some("n-1".to_owned()),
        auth_time: NOW - 60,
        amr: vec!["pwd".to_owned()],
        session: Some("102session".into()),
        redirect_uri: sign_in.redirect_uris.first().cloned(),
        challenge: Some(CHALLENGE.to_owned()),
        dpop_jkt: None,
    }
}

/// The same for the custom server `default`.
pub(crate) fn allowed_by_default(org: &Org, client: &str, scopes: &str) -> Allowed {
    Allowed { server: Some("default".into()), ..allowed(org, client, scopes) }
}

/// The same without PKCE.
pub(crate) fn allowed_without_challenge(org: &Org, client: &str, scopes: &str) -> Allowed {
    Allowed { challenge: None, ..allowed(org, client, scopes) }
}

/// A refresh token for what Ada has allowed an app.
pub(crate) fn refresh_token(org: &Org, client: &str, scopes: &str) -> Refreshed {
    refresh_tokens::issue(org, NOW, allowed(org, client, scopes))
}

/// A device code of the app `native`, decided or not.
pub(crate) fn device_code(org: &Org, decision: Option<bool>) -> String {
    let scopes = vec!["openid".into(), "okta.users.read".into()];
    let code =
        device_codes::issue(org, NOW, id_of(org, "native").into(), None, scopes).device_code.to_string();
    let approval =
        Approval { user_id: ADA.into(), auth_time: NOW, amr: vec!["pwd".to_owned()], session: None };
    match decision {
        Some(true) => assert!(device_codes::settle(org, NOW, &code, &Decision::Approved(approval))),
        Some(false) => assert!(device_codes::settle(org, NOW, &code, &Decision::Denied)),
        None => {}
    }
    code
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    path: String,
    client: &'static str,
    form: Vec<(String, String)>,
    query: String,
    headers: Vec<(String, String)>,
    authenticated: bool,
    now: i64,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) body: Value,
    pub(crate) reply: Reply,
    pub(crate) trace: Trace,
}

impl Ask {
    fn new(path: &str, client: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            client,
            form: Vec::new(),
            query: String::new(),
            headers: Vec::new(),
            authenticated: true,
            now: NOW,
        }
    }

    pub(crate) fn grant(client: &'static str, grant: &str) -> Self {
        Self::new("/oauth2/v1/token", client).param("grant_type", grant)
    }

    /// Redeems a code of the app, with all that belongs to it.
    pub(crate) fn code(org: &Org, client: &'static str, allowed: Allowed) -> Self {
        let redirect_uri = allowed.redirect_uri.clone().unwrap();
        let verified = allowed.challenge.is_some();
        let code = codes::issue(org, NOW, allowed);
        let ask = Self::grant(client, "authorization_code")
            .param("code", &code)
            .param("redirect_uri", &redirect_uri);
        if verified { ask.param("code_verifier", VERIFIER) } else { ask }
    }

    pub(crate) fn refresh(client: &'static str, token: &str) -> Self {
        Self::grant(client, "refresh_token").param("refresh_token", token)
    }

    pub(crate) fn password(client: &'static str, login: &str, password: &str) -> Self {
        Self::grant(client, "password")
            .param("username", login)
            .param("password", password)
            .param("scope", "openid")
    }

    pub(crate) fn device(client: &'static str, code: &str) -> Self {
        Self::grant(client, DEVICE).param("device_code", code)
    }

    pub(crate) fn introspect(client: &'static str, token: &str) -> Self {
        Self::new("/oauth2/v1/introspect", client).param("token", token)
    }

    pub(crate) fn revoke(client: &'static str, token: &str) -> Self {
        Self::new("/oauth2/v1/revoke", client).param("token", token)
    }

    pub(crate) fn param(mut self, name: &str, value: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn drop(mut self, name: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.query = format!("?{query}");
        self
    }

    pub(crate) fn anonymous(mut self) -> Self {
        self.authenticated = false;
        self
    }

    pub(crate) fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    /// Asks the custom server `default`.
    pub(crate) fn of_default(self) -> Self {
        self.of("default")
    }

    /// Asks a custom server.
    pub(crate) fn of(mut self, server: &str) -> Self {
        let endpoint = self.path.rsplit_once("/v1/").unwrap().1;
        self.path = format!("/oauth2/{server}/v1/{endpoint}");
        self
    }

    fn request(&self, org: &Org) -> Request {
        let id = id_of(org, self.client);
        let state = org.state();
        let client = state.derived.client(&id).unwrap();
        let mut lines = self.headers.clone();
        let mut form = self.form.clone();
        lines.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
        match client.secrets.first() {
            _ if !self.authenticated => {}
            Some(secret) => {
                let value = STANDARD.encode(format!("{id}:{}", secret.value));
                lines.push(("authorization".to_owned(), format!("Basic {value}")));
            }
            None => form.push(("client_id".to_owned(), id)),
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &lines {
            headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        }
        Request {
            method: Method::POST,
            target: format!("{}{}", self.path, self.query),
            headers,
            raw_headers: lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            body: form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish().into(),
            base_url: BASE.into(),
            peer: Ipv4Addr::LOCALHOST.into(),
            now: Timestamp::from_second(self.now).unwrap(),
        }
    }

    pub(crate) fn send(&self, org: &Org) -> Answer {
        let request = self.request(org);
        let (server, endpoint) = oauth::route(request.path()).unwrap();
        let mut trace = Trace::default();
        let reply = oauth::answer(server, endpoint, org, &org.state(), &request, &mut trace);
        let text = String::from_utf8(reply.body.to_vec()).unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Answer { status: reply.status.as_u16(), text, body, reply, trace }
    }
}

impl Answer {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("there is no {name}: {}", self.text))
    }

    /// The claims of a token of the body, as sent.
    pub(crate) fn claims(&self, name: &str) -> Value {
        let payload = self.text(name).split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }
}

/// A part of a JWT.
pub(crate) fn segment(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
