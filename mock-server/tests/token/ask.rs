//! Making token requests, good ones and such with one fault.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use mock_server::exchange::{Reply, Request, Trace};
use mock_server::oauth;
use mock_server::oauth::assertion::JWT_BEARER;
use mock_server::org::keys::fixture_pem;
use mock_server::org::seed::OrgDocument;
use mock_server::org::{Org, OrgOptions};
use serde_json::{Map, Value, json};

pub(crate) const BASE: &str = "https://acme.okta.example:8443";
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

pub(crate) fn id_of(org: &Org, name: &str) -> String {
    org.credentials().clients.iter().find(|client| client.name == name).unwrap().client_id.clone()
}

pub(crate) fn secret_of(org: &Org, name: &str) -> String {
    org.credentials()
        .clients
        .iter()
        .find(|client| client.name == name)
        .unwrap()
        .client_secret
        .clone()
        .unwrap()
}

/// A token request. [`Ask::new`] is a good one of the app `service`.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) dialect: Vec<(&'static str, &'static str)>,
    pub(crate) path: String,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) client: &'static str,
    pub(crate) auth: Auth,
    pub(crate) key: Option<&'static str>,
    pub(crate) alg: &'static str,
    pub(crate) head: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) without: Vec<&'static str>,
    pub(crate) peer: IpAddr,
    pub(crate) now: i64,
    pub(crate) damaged: bool,
    pub(crate) first: Option<Box<Ask>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Auth {
    Nothing,
    Assertion,
    Jwt(String),
    Basic(Option<String>),
    Post(Option<String>),
    IdOnly,
}

impl Ask {
    pub(crate) fn new() -> Self {
        Self {
            dialect: Vec::new(),
            path: "/oauth2/v1/token".to_owned(),
            form: vec![pair("grant_type", "client_credentials"), pair("scope", "okta.users.read")],
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            content_type: Some("application/x-www-form-urlencoded"),
            client: "service",
            auth: Auth::Assertion,
            key: Some("client-rsa"),
            alg: "RS256",
            head: Map::from_iter([("kid".to_owned(), json!("rsa"))]),
            claims: Map::new(),
            without: Vec::new(),
            peer: Ipv4Addr::LOCALHOST.into(),
            now: NOW,
            damaged: false,
            first: None,
        }
    }

    pub(crate) fn of(client: &'static str) -> Self {
        Self::new().client(client)
    }

    pub(crate) fn client(mut self, client: &'static str) -> Self {
        self.client = client;
        self
    }

    pub(crate) fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    pub(crate) fn basic(self, client: &'static str) -> Self {
        self.client(client).auth(Auth::Basic(None))
    }

    pub(crate) fn post(self, client: &'static str) -> Self {
        self.client(client).auth(Auth::Post(None))
    }

    pub(crate) fn jwt(self, jwt: &str) -> Self {
        self.auth(Auth::Jwt(jwt.to_owned()))
    }

    pub(crate) fn key(mut self, key: &'static str, kid: &'static str, alg: &'static str) -> Self {
        (self.key, self.alg) = (Some(key), alg);
        self.head("kid", kid)
    }

    /// Signs with the client's secret.
    pub(crate) fn hmac(mut self, alg: &'static str) -> Self {
        (self.key, self.alg) = (None, alg);
        self.drop("kid")
    }

    pub(crate) fn head(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.head.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves out a parameter, a claim or a header member.
    pub(crate) fn drop(mut self, name: &'static str) -> Self {
        self.head.remove(name);
        self.without.push(name);
        self
    }

    /// Another request is sent before this one.
    pub(crate) fn after(mut self, first: Ask) -> Self {
        self.first = Some(Box::new(first));
        self
    }

    pub(crate) fn damaged(mut self) -> Self {
        self.damaged = true;
        self
    }

    pub(crate) fn param(mut self, name: &str, value: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self.form.push(pair(name, value));
        self
    }

    pub(crate) fn again(mut self, name: &str, value: &str) -> Self {
        self.form.push(pair(name, value));
        self
    }

    pub(crate) fn scope(self, scope: &str) -> Self {
        self.param("scope", scope)
    }

    pub(crate) fn grant(self, grant: &str) -> Self {
        self.param("grant_type", grant)
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push(pair(name, value));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(pair(name, value));
        self
    }

    pub(crate) fn server(mut self, id: &str) -> Self {
        self.path = format!("/oauth2/{id}/v1/token");
        self
    }

    pub(crate) fn body(mut self, content_type: Option<&'static str>, body: &[u8]) -> Self {
        (self.content_type, self.body) = (content_type, Some(body.to_vec()));
        self
    }

    pub(crate) fn from(mut self, peer: &str) -> Self {
        self.peer = peer.parse().unwrap();
        self
    }

    pub(crate) fn at(mut self, now: i64) -> Self {
        self.now = now;
        self
    }

    pub(crate) fn dialect(mut self, name: &'static str, value: &'static str) -> Self {
        self.dialect.push((name, value));
        self
    }

    /// An org whose dialect is the one asked for.
    pub(crate) fn org(&self) -> Org {
        if self.dialect.is_empty() { org() } else { org_with(&self.dialect) }
    }

    /// The signed assertion of this request.
    pub(crate) fn assertion(&self, org: &Org) -> String {
        let id = id_of(org, self.client);
        let mut claims = json!({
            "iss": id, "sub": id, "aud": format!("{BASE}{}", self.path), "iat": self.now, "exp": self.now + 3600,
            "jti": format!("jti-{}", self.client),
        });
        for (name, value) in &self.claims {
            claims[name] = value.clone();
        }
        for name in &self.without {
            claims.as_object_mut().unwrap().shift_remove(*name);
        }
        let mut head = json!({ "alg": self.alg });
        for (name, value) in &self.head {
            head[name] = value.clone();
        }
        for name in &self.without {
            head.as_object_mut().unwrap().shift_remove(*name);
        }
        let secret = self.key.is_none().then(|| secret_of_any(org, self.client));
        let jwt = sign(&head, &claims, self.alg, self.key, secret.as_deref());
        if self.damaged { damage(&jwt) } else { jwt }
    }

    pub(crate) fn request(&self, org: &Org) -> Request {
        let mut form: Vec<_> =
            self.form.iter().filter(|(name, _)| !self.without.contains(&name.as_str())).cloned().collect();
        let mut headers = self.headers.clone();
        let in_query = |name: &str| self.query.iter().any(|(known, _)| known == name);
        match &self.auth {
            Auth::Nothing => {}
            Auth::Assertion | Auth::Jwt(_) => {
                let jwt = match &self.auth {
                    Auth::Jwt(jwt) => jwt.clone(),
                    _ => self.assertion(org),
                };
                if !self.without.contains(&"client_assertion_type") && !in_query("client_assertion_type") {
                    form.insert(0, pair("client_assertion_type", JWT_BEARER));
                }
                form.push(("client_assertion".to_owned(), jwt));
            }
            Auth::Basic(secret) => {
                let secret = secret.clone().unwrap_or_else(|| secret_of(org, self.client));
                let value = STANDARD.encode(format!("{}:{secret}", id_of(org, self.client)));
                headers.push(("authorization".to_owned(), format!("Basic {value}")));
            }
            Auth::Post(secret) => {
                form.push(("client_id".to_owned(), id_of(org, self.client)));
                let secret = secret.clone().unwrap_or_else(|| secret_of(org, self.client));
                form.push(("client_secret".to_owned(), secret));
            }
            Auth::IdOnly => form.push(("client_id".to_owned(), id_of(org, self.client))),
        }
        form.retain(|(name, _)| {
            !in_query(name)
                || form_names_twice(&self.form, name)
                || ["client_id", "client_secret"].contains(&name.as_str())
        });
        let query = encode(&self.query);
        let target = if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) };
        let body = self.body.clone().unwrap_or_else(|| encode(&form).into_bytes());
        if let Some(content_type) = self.content_type {
            headers.push(pair("content-type", content_type));
        }
        request(Method::POST, &target, &headers, body, self.peer, self.now)
    }

    pub(crate) fn send(&self, org: &Org) -> (Reply, Trace) {
        if let Some(first) = &self.first {
            first.send(org);
        }
        send(org, &self.request(org))
    }
}

fn form_names_twice(form: &[(String, String)], name: &str) -> bool {
    form.iter().filter(|(known, _)| known == name).count() > 1
}

pub(crate) fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn secret_of_any(org: &Org, client: &str) -> String {
    let id = id_of(org, client);
    let state = org.state();
    let client = state.derived.client(&id).unwrap();
    client
        .secrets
        .first()
        .map_or_else(|| "0123456789abcdefghijklmnopqrstuvwxyz".to_owned(), |one| one.value.clone())
}

fn encode(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) fn request(
    method: Method,
    target: &str,
    lines: &[(String, String)],
    body: Vec<u8>,
    peer: IpAddr,
    now: i64,
) -> Request {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    Request {
        method,
        target: target.to_owned(),
        headers,
        raw_headers: lines.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        body: body.into(),
        base_url: BASE.into(),
        peer,
        now: Timestamp::from_second(now).unwrap(),
    }
}

pub(crate) fn get(org: &Org, target: &str) -> Reply {
    let request = request(Method::GET, target, &[], Vec::new(), Ipv4Addr::LOCALHOST.into(), NOW);
    send(org, &request).0
}

pub(crate) fn send(org: &Org, request: &Request) -> (Reply, Trace) {
    let (server, endpoint) = oauth::route(request.path()).unwrap();
    let mut trace = Trace::default();
    let reply = oauth::answer(server, endpoint, org, &org.state(), request, &mut trace);
    (reply, trace)
}

pub(crate) fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

pub(crate) fn segment(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A JWT with any header, signed by a fixture key or a secret.
pub(crate) fn sign(
    head: &Value,
    claims: &Value,
    alg: &str,
    key: Option<&str>,
    secret: Option<&str>,
) -> String {
    let message = format!("{}.{}", segment(head), segment(claims));
    let signature = match (key, alg) {
        (None, _) => {
            let key = EncodingKey::from_secret(secret.unwrap().as_bytes());
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, alg.parse().unwrap()).unwrap()
        }
        (Some(key), "ES512") => {
            let pem = fixture_pem(key).unwrap();
            let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            let der = STANDARD.decode(body).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P521_SHA512_FIXED_SIGNING, &der).unwrap();
            URL_SAFE_NO_PAD.encode(pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap())
        }
        (Some(key), alg) => {
            let pem = fixture_pem(key).unwrap().as_bytes();
            let key = EncodingKey::from_rsa_pem(pem).or_else(|_| EncodingKey::from_ec_pem(pem)).unwrap();
            let algorithm = alg.parse().unwrap_or(Algorithm::RS256);
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap()
        }
    };
    format!("{message}.{signature}")
}

/// The same JWT with another first character of the signature.
pub(crate) fn damage(jwt: &str) -> String {
    let at = jwt.rfind('.').unwrap() + 1;
    let other = if jwt.as_bytes()[at] == b'A' { "B" } else { "A" };
    format!("{}{other}{}", &jwt[..at], &jwt[at + 1..])
}
