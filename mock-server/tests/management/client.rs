//! A client of an org in the same process.

use std::net::{IpAddr, Ipv4Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::exchange::{Answered, Call, CallFailure, Errand, Reply, Request, Trace};
use mock_server::gateway;
use mock_server::org::keys::fixture_pem;
use mock_server::org::seed::{OrgDocument, dev};
use mock_server::org::{Org, OrgOptions};
use serde_json::{Value, json};

pub(crate) const BASE: &str = "http://acme.localhost:8080";
pub(crate) const SUPER: &str = "SSWS 00devSuperAdminToken000000000000000000000A";

pub(crate) struct Client {
    pub(crate) org: Org,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reply: Reply,
    pub(crate) trace: Trace,
}

impl Client {
    pub(crate) fn dev() -> Self {
        Self { org: Org::new(&dev(), &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap() }
    }

    pub(crate) fn of(toml: &str) -> Self {
        let document = OrgDocument::from_toml(toml).unwrap();
        Self { org: Org::new(&document, &OrgOptions { seed: Some(7), ..OrgOptions::default() }).unwrap() }
    }

    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let request = self.request(method, target, headers, body);
        let mut trace = Trace::default();
        let reply = gateway::answer(&self.org, &request, &mut trace);
        Answer { status: reply.status.as_u16(), reply, trace }
    }

    /// Sends a file in a multipart form.
    pub(crate) fn upload(&self, target: &str, file: &[u8]) -> Answer {
        let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n".as_slice();
        let headers = [("Authorization", SUPER), ("Content-Type", "multipart/form-data; boundary=b")];
        let body = [head, file, b"\r\n--b--\r\n"].concat();
        let request = Request { body: body.into(), ..self.request("POST", target, &headers, "") };
        let mut trace = Trace::default();
        let reply = gateway::answer(&self.org, &request, &mut trace);
        Answer { status: reply.status.as_u16(), reply, trace }
    }

    /// As [`Client::send`], with somebody who makes the call that the org asks for.
    pub(crate) fn send_with(
        &self,
        (method, target): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
        made: impl Fn(&Call) -> Result<Answered, CallFailure>,
    ) -> Answer {
        let request = self.request(method, target, headers, body);
        let mut trace = Trace::default();
        let mut reply = gateway::answer(&self.org, &request, &mut trace);
        if let Some(call) = trace.wanted() {
            let outcome = made(&call);
            reply = gateway::resume(&self.org, &request, &mut trace, reply, Errand::Done(call, outcome));
        }
        Answer { status: reply.status.as_u16(), reply, trace }
    }

    fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        Request {
            method: method.parse::<Method>().unwrap(),
            target: target.to_owned(),
            raw_headers: headers.iter().copied().collect(),
            headers: map,
            body: body.to_owned().into(),
            base_url: BASE.into(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            now: self.org.clock().now(),
        }
    }

    pub(crate) fn get(&self, authorization: &str, target: &str) -> Answer {
        self.send("GET", target, &[("Authorization", authorization)], "")
    }

    /// Sends a JSON body.
    pub(crate) fn json(&self, method: &str, authorization: &str, target: &str, body: &Value) -> Answer {
        let headers = [("Authorization", authorization), ("Content-Type", "application/json")];
        self.send(method, target, &headers, &body.to_string())
    }

    pub(crate) fn delete(&self, authorization: &str, target: &str) -> Answer {
        self.send("DELETE", target, &[("Authorization", authorization)], "")
    }

    /// A `Bearer …` value for a client of the dev org that authenticates by a fixture key.
    pub(crate) fn bearer(&self, client_id: &str, key: &str, scopes: &str) -> String {
        let now = self.org.clock().now().as_second();
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": format!("{BASE}/oauth2/v1/token"), "exp": now + 300,
            "jti": self.org.ids().word(20),
        });
        let key = EncodingKey::from_rsa_pem(fixture_pem(key).unwrap().as_bytes()).unwrap();
        let assertion = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", scopes)
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &assertion)
            .finish();
        self.token(&[], &body)
    }

    /// A `Bearer …` value for the OIN instance of the dev org.
    pub(crate) fn oin_bearer(&self, scopes: &str) -> String {
        let secret = "dev-oin-secret-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM";
        let basic = format!("Basic {}", STANDARD.encode(format!("0oadevoin000000001d7:{secret}")));
        let scope: String = form_urlencoded::byte_serialize(scopes.as_bytes()).collect();
        self.token(&[("Authorization", &basic)], &format!("grant_type=client_credentials&scope={scope}"))
    }

    pub(crate) fn token(&self, headers: &[(&str, &str)], body: &str) -> String {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = headers.iter().copied().chain([form]).collect();
        let answer = self.send("POST", "/oauth2/v1/token", &headers, body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.reply.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.reply
            .headers
            .iter()
            .filter(move |(own, _)| own == name)
            .map(|(_, value)| value.to_str().unwrap())
    }

    /// Status, error code and summary, in one line.
    pub(crate) fn error(&self) -> String {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", self.status, text("errorCode"), text("errorSummary"))
    }

    pub(crate) fn reason(&self, step: &str) -> &str {
        let steps = &self.trace.steps;
        steps.iter().find(|one| one.step == step).map_or("", |one| &*one.reason)
    }

    pub(crate) fn next(&self) -> Option<String> {
        let line = self.headers("link").find(|line| line.ends_with("rel=\"next\""))?;
        let url = line.strip_prefix('<').unwrap().split_once('>').unwrap().0;
        Some(url.strip_prefix(BASE).unwrap().to_owned())
    }
}
