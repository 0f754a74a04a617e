//! Calls of the org: authentication, one re-authentication, patience with rate limits and with an org that is ill, and
//! errors as the caller gets them.

use std::time::Duration;

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

use super::{
    clock::ClientClock,
    conduct::Conduct,
    habits::Habits,
    product::{self, Marks},
    proof::Prover,
    refused, requests,
    tokens::Token,
};
use crate::causes;
use crate::client::protocol::{
    Achieved, Authentication, Connection, Op, Outcome, Reason, Refused, ReportedError,
};

/// Twice this long passes before a request is repeated to an org that is ill, then twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The reference client: one connection and one cached token.
#[derive(Clone)]
pub(super) struct ReferenceClient {
    pub(super) conduct: Conduct,
    pub(super) clock: ClientClock,
    pub(super) cached: Option<Token>,
    /// What proves possession of a key, if the client was set up for that.
    pub(super) prover: Option<Prover>,
    /// The refresh token, while a person is signed in.
    pub(super) refresh_token: Option<String>,
    /// How far it has read.
    pub(super) marks: Marks,
    /// The reset that it was told of first, in seconds since the epoch.
    first_reset: Option<i64>,
    connection: Option<(Connection, reqwest::Client)>,
}

/// An HTTP response, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl ReferenceClient {
    pub(super) fn new(conduct: Conduct, clock: ClientClock) -> Self {
        Self {
            conduct,
            clock,
            cached: None,
            prover: None,
            refresh_token: None,
            marks: Marks::default(),
            first_reset: None,
            connection: None,
        }
    }

    /// What it does on the wire.
    pub(super) fn habits(&self) -> Habits {
        self.conduct.habits
    }

    /// One op. A refusal is the client's own negative result.
    pub(super) async fn perform(&mut self, op: Op) -> Result<Outcome, Refused> {
        if !self.conduct.send_requests && !matches!(op, Op::Configure { .. }) {
            return Ok(Outcome::Ok(made_up(&op)));
        }
        let achieved = match op {
            Op::Configure { mut client } => {
                product::set_up(&mut client, self.conduct.product)?;
                let http = http_client(&client, &self.conduct)?;
                let prover = client.dpop.then(Prover::new).transpose();
                self.prover = prover.map_err(|cause| refused(Reason::Config, None, cause))?;
                if self.conduct.start_over {
                    self.cached = None;
                    self.refresh_token = None;
                    self.marks = Marks::default();
                }
                self.connection = Some((*client, http));
                Achieved::default()
            }
            Op::GetToken => {
                let token = self.token().await?;
                Achieved {
                    expires_in: Some(token.seconds_left(self.clock.now_s())),
                    token_type: Some(token.token_type),
                    scope: Some(token.scope),
                    ..Achieved::default()
                }
            }
            Op::Call { method, path, body } => {
                let (method, path, body) = requests::as_sent(&self.conduct, &method, &path, body);
                let url = format!("{}{path}", self.connection()?.org_url);
                if method == "POST" && !self.conduct.write_once {
                    self.call(&method, &url, body.as_ref()).await?;
                }
                let answer = self.call(&method, &url, body.as_ref()).await;
                match answer {
                    Ok(answer) => Achieved {
                        status: Some(answer.status),
                        body: self.body_of(&answer)?,
                        ..Achieved::default()
                    },
                    Err(refusal) if self.swallows(&refusal) => Achieved {
                        status: Some(200),
                        body: Some(Value::Array(Vec::new())),
                        ..Achieved::default()
                    },
                    Err(refusal) => return Err(refusal),
                }
            }
            Op::ListAll { path, key } => match self.list_all(&path, &key).await {
                Err(refusal) if self.swallows(&refusal) => {
                    Achieved { count: Some(0), values: Some(Vec::new()), ..Achieved::default() }
                }
                values => {
                    let values = values?;
                    Achieved { count: Some(values.len()), values: Some(values), ..Achieved::default() }
                }
            },
            Op::TestConnection => self.test_connection().await?,
            Op::Sync => self.synchronise().await?,
            Op::ForgetToken => {
                self.cached = None;
                Achieved::default()
            }
            Op::Hello { .. } | Op::AdvanceClock { .. } | Op::Bye => return Ok(Outcome::Unsupported),
        };
        Ok(Outcome::Ok(achieved))
    }

    /// What a client that is not discreet writes to its standard output.
    pub(super) fn printed(&self) -> Option<String> {
        let token = self.cached.as_ref().filter(|_| !self.conduct.discreet)?;
        Some(format!("debug: Authorization: {} {}", token.token_type, token.value))
    }

    /// The connection, once `configure` has given one.
    pub(super) fn connection(&self) -> Result<&Connection, Refused> {
        let missing = || refused(Reason::Config, None, "not configured yet");
        self.connection.as_ref().map(|(connection, _)| connection).ok_or_else(missing)
    }

    /// What the caller is handed. An empty list and an answer without a body are successes.
    fn body_of(&self, answer: &Answer) -> Result<Option<Value>, Refused> {
        if answer.body.is_empty() {
            let taken = self.conduct.take_empty_answers;
            return if taken { Ok(None) } else { Err(unexpected("the answer has no body")) };
        }
        match answer.json()? {
            Value::Array(elements) if elements.is_empty() && !self.conduct.take_empty_lists => {
                Err(unexpected("there is nothing in the answer"))
            }
            body => Ok(Some(body)),
        }
    }

    fn swallows(&self, refusal: &Refused) -> bool {
        refusal.status.is_some_and(|status| self.conduct.swallow.contains(&status))
    }

    /// What the Authorization header says: the API token, or an access token from the cache or the org; and the token
    /// that proofs are for, if it is bound to a key.
    async fn authorization(&mut self) -> Result<(String, Option<String>), Refused> {
        if let Authentication::Ssws { api_token } = &self.connection()?.auth {
            let scheme = if self.conduct.bearer_api_token { "Bearer" } else { "SSWS" };
            return Ok((format!("{scheme} {api_token}"), None));
        }
        let token = self.token().await?;
        if token.is_bound() && !self.conduct.bound_token_as_bearer {
            return Ok((format!("DPoP {}", token.value), Some(token.value)));
        }
        Ok((format!("Bearer {}", token.value), None))
    }

    /// An authenticated call. A token that is no longer accepted is replaced once.
    pub(super) async fn call(
        &mut self,
        method: &str,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Refused> {
        let verb = reqwest::Method::from_bytes(method.as_bytes())
            .map_err(|_| refused(Reason::Config, None, format!("{method} is not an HTTP method")))?;
        let (mut renewed, mut renewals) = (false, 0);
        let renewable = !matches!(self.connection()?.auth, Authentication::Ssws { .. });
        loop {
            let (authorization, bound) = self.authorization().await?;
            let authorization = self.conduct.habits.presented(authorization);
            let (prover, clock, conduct) = (self.prover.clone(), self.clock.clone(), self.conduct.clone());
            let answer = self
                .send_with_patience(verb.is_safe() || self.conduct.repeat_lost_writes, |http| {
                    let mut request = http
                        .request(verb.clone(), url)
                        .header("Accept", "application/json")
                        .header("Authorization", &authorization);
                    if let (Some(token), Some(prover)) = (&bound, &prover) {
                        let proof = prover
                            .prove(verb.as_str(), url, Some(token), clock.now_s(), &conduct)
                            .map_err(|cause| refused(Reason::Config, None, cause))?;
                        request = request.header("DPoP", proof);
                    }
                    Ok(match body {
                        Some(body) if !conduct.label_bodies => request.body(body.to_string()),
                        Some(body) => request.json(body),
                        // The library sends no length where there is no body.
                        None if matches!(verb.as_str(), "POST" | "PUT") => {
                            request.header("Content-Length", "0")
                        }
                        None => request,
                    })
                })
                .await?;
            match answer.status {
                200..=299 => return Ok(answer),
                401 if renewable && self.conduct.reauthenticate && renewals < self.conduct.renewals => {
                    (renewed, renewals) = (true, renewals + 1);
                    self.cached = None;
                }
                403 if renewable && self.conduct.renew_on_403 && !renewed => {
                    renewed = true;
                    self.cached = None;
                }
                429 if self.conduct.renew_on_429 && !renewed => renewed = true,
                400..=499 if self.conduct.repeat_refusals && !renewed => renewed = true,
                _ => return Err(answer.refusal()),
            }
        }
    }

    /// Sends a request, again after each 429 once its bucket has reset: reset − Date + 1 s, both of that response; and a
    /// little later when the org is not available. What may be done twice (`repeatable`) is also repeated when the answer
    /// is lost or the org fails: nobody knows then whether the request was executed.
    pub(super) async fn send_with_patience(
        &mut self,
        repeatable: bool,
        request: impl Fn(&reqwest::Client) -> Result<RequestBuilder, Refused>,
    ) -> Result<Answer, Refused> {
        let http = match &self.connection {
            Some((_, http)) => http.clone(),
            None => return Err(refused(Reason::Config, None, "not configured yet")),
        };
        let mut attempt = 1;
        loop {
            let sent = self.clock.mark();
            let answer = self.conduct.habits.send(&http, request(&http)?).await;
            let ill = match &answer {
                Ok(answer) => {
                    answer.status == 503 || (repeatable && matches!(answer.status, 500 | 502 | 504))
                }
                Err(refusal) => repeatable && refusal.reason == Some(Reason::Transport),
            };
            if ill && self.conduct.bear_outages && attempt < self.conduct.attempts {
                if self.conduct.pause {
                    tokio::time::sleep(FIRST_PAUSE * (1 << attempt.min(3))).await;
                }
                attempt += 1;
                continue;
            }
            let answer = answer?;
            if answer.status != 429 {
                return Ok(answer);
            }
            if attempt >= self.conduct.attempts {
                return Err(Refused { reason: Some(Reason::RetriesExhausted), ..answer.refusal() });
            }
            attempt += 1;
            if self.conduct.back_off {
                let Some(seconds) = seconds_until_reset(&answer.headers) else {
                    return Err(answer.refusal());
                };
                let seconds = self.conduct.fixed_wait.unwrap_or(seconds);
                let now = self.clock.now_s();
                let first = *self.first_reset.get_or_insert(now + seconds);
                let seconds = if self.conduct.own_bucket { seconds } else { (first - now).max(0) };
                self.clock.sleep_ms(seconds * 1000, sent).await;
            }
            if self.conduct.renew_on_429 && self.cached.take().is_some() {
                return Ok(answer);
            }
        }
    }
}

impl Answer {
    pub(super) async fn read(request: RequestBuilder) -> Result<Self, Refused> {
        let transport = |error: reqwest::Error| {
            let words = causes::of(&error);
            let tls = words.contains("certificate");
            refused(if tls { Reason::Tls } else { Reason::Transport }, None, words)
        };
        let response = request.send().await.map_err(transport)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(transport)?.to_vec();
        Ok(Self { status, headers, body })
    }

    /// The body as JSON; anything else under that label is not accepted.
    pub(super) fn json(&self) -> Result<Value, Refused> {
        let kind = self.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(unexpected(format!("the content type is {kind:?}, not application/json")));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| unexpected(format!("the body is not JSON: {error}")))
    }

    /// The error that the caller gets: Okta's, OAuth's, or what the challenge says when the body is empty.
    pub(super) fn refusal(&self) -> Refused {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let challenge =
            self.headers.get("www-authenticate").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let error = ReportedError {
            code: text("errorCode").or_else(|| text("error")).or_else(|| challenge_value(challenge, "error")),
            message: text("errorSummary")
                .or_else(|| text("error_description"))
                .or_else(|| challenge_value(challenge, "error_description")),
        };
        Refused { status: Some(self.status), error: Some(error), reason: Some(Reason::HttpStatus) }
    }
}

/// The org answered with something that must not be used.
pub(super) fn unexpected(message: impl Into<String>) -> Refused {
    refused(Reason::Validation, None, message)
}

fn http_client(connection: &Connection, conduct: &Conduct) -> Result<reqwest::Client, Refused> {
    let config = |cause: String| refused(Reason::Config, None, cause);
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_danger_accept_invalid_certs(!conduct.verify_certificates)
        .timeout(Duration::from_secs(30));
    if conduct.user_agent {
        builder = builder.user_agent(concat!("orgtwin-reference-client/", env!("CARGO_PKG_VERSION")));
    }
    if let Some(pem) = &connection.ca_pem {
        let authority =
            reqwest::Certificate::from_pem(pem.as_bytes()).map_err(|error| config(causes::of(&error)))?;
        builder = builder.tls_certs_only([authority]);
    } else if connection.org_url.starts_with("http://") {
        // Reading the system's store takes longer than a scenario; a plain connection needs none of it.
        builder = builder.tls_certs_only([]);
    }
    if let Some(proxy) = &connection.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|error| config(causes::of(&error)))?);
    }
    builder.build().map_err(|error| config(causes::of(&error)))
}

fn seconds_until_reset(headers: &HeaderMap) -> Option<i64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let reset: i64 = text("x-rate-limit-reset")?.trim().parse().ok()?;
    let date = jiff::fmt::rfc2822::parse(text("date")?).ok()?.timestamp().as_second();
    Some((reset - date).max(0) + 1)
}

/// `name="value"` of a challenge.
fn challenge_value(challenge: &str, name: &str) -> Option<String> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

/// What the lying mutant reports.
fn made_up(op: &Op) -> Achieved {
    match op {
        Op::GetToken => Achieved {
            token_type: Some("Bearer".to_owned()),
            expires_in: Some(3600),
            scope: Some(vec!["okta.users.read".to_owned()]),
            ..Achieved::default()
        },
        Op::Call { .. } => {
            Achieved { status: Some(200), body: Some(Value::Array(Vec::new())), ..Achieved::default() }
        }
        Op::ListAll { .. } => Achieved { count: Some(0), values: Some(Vec::new()), ..Achieved::default() },
        _ => Achieved::default(),
    }
}
