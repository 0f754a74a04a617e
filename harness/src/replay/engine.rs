//! The recorded requests, sent to a twin of their own.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, redirect::Policy};

use crate::report::taint::Taint;
use crate::target::{Control, ControlError, NewOrg, Org, TargetError};

use super::analysis::{LookUp, Plan, Reason, analyse, succeeded};
use super::comparison::{Answer, Comparison, compare};
use super::encoded::target;
use super::expected::expected;
use super::names::Names;
use super::recording::{Body, Headers, Recorded, Recording};
use super::secrets;

/// How long the twin may take for an answer.
const DEADLINE: Duration = Duration::from_secs(10);
/// The windows of most rate limits are over after this.
const WINDOW: Duration = Duration::from_secs(61);
/// What a client repeats besides its credential and the kind of its body.
const REPEATED: [&str; 3] = ["if-match", "if-none-match", "accept-language"];

/// What became of one recorded exchange. No secret of the recording is in it.
#[derive(Debug, Clone)]
pub(crate) struct Replayed {
    /// The recording's name.
    pub(crate) recording: String,
    /// Its number in the recording.
    pub(crate) number: usize,
    /// `GET /api/v1/users/{userId}`.
    pub(crate) operation: String,
    /// `GET /api/v1/users/00u1…`, as recorded, without the query.
    pub(crate) request: String,
    /// What it came to.
    pub(crate) outcome: Outcome,
}

/// What became of it.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The twin answered.
    Compared(Comparison),
    /// It could not be repeated.
    LeftOut(Reason),
}

/// The client that repeats: no redirects, no proxies.
///
/// # Errors
/// It cannot be made.
pub(crate) fn http_client() -> Result<reqwest::Client, TargetError> {
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .redirect(Policy::none())
        .timeout(DEADLINE)
        .build()
        .map_err(|error| TargetError::Http(error.to_string()))
}

/// Replays a recording against a fresh org.
///
/// # Errors
/// There is no fresh org to be had.
pub(crate) async fn replay(
    control: &Control,
    http: &reqwest::Client,
    recording: &Recording,
) -> Result<Vec<Replayed>, ControlError> {
    let plans = analyse(&recording.exchanges);
    if plans.iter().all(|plan| plan.skip.is_some()) {
        let reasons = recording.exchanges.iter().zip(&plans);
        let left_out = |plan: &Plan| Outcome::LeftOut(plan.skip.unwrap_or_default());
        let told = reasons.map(|(exchange, plan)| told(recording, exchange, left_out(plan))).collect();
        return Ok(without_secrets(recording, told));
    }
    let org = control.create(&NewOrg::default()).await?;
    let hosts = recording.exchanges.iter().map(|exchange| exchange.host.clone()).collect::<BTreeSet<_>>();
    let mut session = Session {
        http,
        org: &org,
        origin: org.ready.base_url.trim_end_matches('/').to_owned(),
        credential: format!("SSWS {}", org.ready.api_token.as_deref().unwrap_or_default()),
        names: Names::new(&org.ready.base_url, with_admin_hosts(hosts)),
        requests: recording.exchanges.iter().map(Recorded::request_text).collect::<Vec<_>>().join("\n"),
    };
    let mut replayed = Vec::with_capacity(recording.exchanges.len());
    for (exchange, plan) in recording.exchanges.iter().zip(&plans) {
        let outcome = session.repeat(exchange, plan).await;
        replayed.push(told(recording, exchange, outcome));
    }
    org.delete().await?;
    Ok(without_secrets(recording, replayed))
}

/// An org's pages of administration have a host of their own.
fn with_admin_hosts(hosts: BTreeSet<String>) -> Vec<String> {
    let admin = hosts
        .iter()
        .filter(|host| !host.contains("-admin."))
        .filter_map(|host| host.split_once('.'))
        .map(|(org, domain)| format!("{org}-admin.{domain}"))
        .collect::<Vec<_>>();
    hosts.into_iter().filter(|host| !host.is_empty()).chain(admin).collect()
}

fn told(recording: &Recording, exchange: &Recorded, outcome: Outcome) -> Replayed {
    Replayed {
        recording: recording.name.clone(),
        number: exchange.number,
        operation: exchange.title(),
        request: format!("{} {}", exchange.method, exchange.path),
        outcome,
    }
}

fn without_secrets(recording: &Recording, mut replayed: Vec<Replayed>) -> Vec<Replayed> {
    let taint = Taint::default();
    recording.exchanges.iter().for_each(|exchange| secrets::learn(&taint, exchange));
    for told in &mut replayed {
        told.request = taint.redact(&told.request);
        told.operation = taint.redact(&told.operation);
        if let Outcome::Compared(comparison) = &mut told.outcome {
            comparison.summary = (taint.redact(&comparison.summary.0), taint.redact(&comparison.summary.1));
            for code in [&mut comparison.code.0, &mut comparison.code.1] {
                *code = code.as_ref().map(|code| taint.redact(code));
            }
            for difference in &mut comparison.differences {
                difference.what = taint.redact(&difference.what);
            }
        }
    }
    replayed
}

struct Session<'a> {
    http: &'a reqwest::Client,
    org: &'a Org,
    origin: String,
    /// What the twin's administrator sends.
    credential: String,
    names: Names,
    /// All requests of the recording.
    requests: String,
}

impl Session<'_> {
    async fn repeat(&mut self, exchange: &Recorded, plan: &Plan) -> Outcome {
        if let Some(reason) = plan.skip {
            self.names.client_sent(&exchange.request_text());
            return Outcome::LeftOut(reason);
        }
        if let Some(look_up) = &plan.look_up {
            self.look_up(look_up).await;
        }
        let mut sent = self.send(exchange).await;
        // A recording takes longer than its repetition, and what it did in hours are no limits for minutes.
        if sent.as_ref().is_ok_and(|answer| answer.status == 429)
            && self.org.advance_clock(WINDOW.as_secs()).await.is_ok()
        {
            sent = self.send(exchange).await;
        }
        self.names.client_sent(&exchange.request_text());
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!("no answer to {} {}: {error}", exchange.method, exchange.path);
                Answer { status: 0, headers: Headers::default(), body: Body::None }
            }
        };
        if exchange.status < 300 && succeeded(answer.status) {
            if let (Some(recorded), Some(twin)) = (exchange.response.json(), answer.body.json()) {
                self.names.learn_answer(recorded, twin, plan.of_the_org, &plan.dropped);
            }
            self.names.learn_headers(&exchange.response_headers, &answer.headers);
        }
        Outcome::Compared(compare(&self.names, exchange, plan, &self.requests, &answer))
    }

    /// Lists the things of a kind that every org has, to find the twin's counterpart of a recorded one.
    async fn look_up(&mut self, look_up: &LookUp) {
        if self.names.twin_of(&look_up.id).is_some() {
            return;
        }
        let request = self.http.get(format!("{}{}", self.origin, look_up.target));
        let request = request.header("Accept", "application/json").header("Authorization", &self.credential);
        if let Ok(answer) = answer(request).await
            && answer.status == 200
            && let Some(twins) = answer.body.json().filter(|twins| twins.is_array())
        {
            let recorded = serde_json::Value::Array(vec![look_up.thing.clone()]);
            self.names.learn_answer(&recorded, twins, true, &super::analysis::Dropped::default());
        }
    }

    fn send(&self, exchange: &Recorded) -> impl Future<Output = Result<Answer, reqwest::Error>> + use<> {
        let (path, query) = (self.names.path(&exchange.path), self.names.query(&exchange.query));
        let method = Method::from_bytes(exchange.method.as_bytes()).unwrap_or(Method::GET);
        let writes = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        let mut request = self.http.request(method, format!("{}{}", self.origin, target(&path, &query)));
        let recorded = |name: &str| exchange.request_headers.get(name);
        request = request.header("Accept", recorded("accept").unwrap_or("application/json"));
        if let Some(credential) = self.credential_for(exchange) {
            request = request.header("Authorization", credential);
        }
        for name in REPEATED {
            if let Some(value) = recorded(name) {
                request = request.header(name, value);
            }
        }
        let (body, usual) = match &exchange.request {
            Body::None => (Vec::new(), None),
            Body::Json(value) => (self.names.json(value).to_string().into_bytes(), Some("application/json")),
            Body::Form(text) => {
                (self.names.query(text).into_bytes(), Some("application/x-www-form-urlencoded"))
            }
            Body::Xml(text) | Body::Text(text) => {
                (self.names.text(text).into_bytes(), Some("application/json"))
            }
            Body::Binary(bytes) => (bytes.clone(), Some("application/json")),
        };
        if let Some(kind) = recorded("content-type").filter(|_| writes || usual.is_some()).or(usual) {
            request = request.header("Content-Type", kind);
        }
        if writes || !body.is_empty() {
            request = request.body(body);
        }
        answer(request)
    }

    /// The twin's credential in the place of the recorded one. Where the recording made it (a token, a client's secret),
    /// it is the twin's counterpart; otherwise it is the administrator's.
    fn credential_for(&self, exchange: &Recorded) -> Option<String> {
        let Some(recorded) = exchange.request_headers.get("authorization") else {
            let cookies = exchange.request_headers.all("cookie").flat_map(|line| line.split(';'));
            let mut names = cookies.filter_map(|pair| pair.trim().split_once('=')).map(|(name, _)| name);
            return names
                .any(|name| expected().session_cookies.contains(name))
                .then(|| self.credential.clone());
        };
        let (scheme, secret) = recorded.split_once(' ').unwrap_or((recorded, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            let pair = STANDARD.decode(secret).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
            let (user, password) = pair.split_once(':')?;
            let pair = format!("{}:{}", self.names.text(user), self.names.text(password));
            return Some(format!("Basic {}", STANDARD.encode(pair)));
        }
        match self.names.twin_of(secret).filter(|_| scheme.eq_ignore_ascii_case("bearer")) {
            Some(token) => Some(format!("Bearer {token}")),
            None => Some(self.credential.clone()),
        }
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let mut headers = Headers::default();
    for (name, value) in response.headers() {
        headers.add(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    let bytes = response.bytes().await?;
    let body = Body::parse(&bytes, headers.get("content-type"));
    Ok(Answer { status, headers, body })
}
