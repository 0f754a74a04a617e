//! The control API of a twin (contracts §2): orgs made, watched, moved in time and thrown away.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    TargetError, http_client,
    ledger::{Exchange, Ledger},
    ready::Ready,
};
use crate::real::org::Scene;

/// A call of the control API that failed: the mock or the environment broke (exit 3).
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// No answer.
    #[error("{what}: no answer from the org ({cause})")]
    Unreachable {
        /// What was asked.
        what: String,
        /// Why.
        cause: String,
    },
    /// An error answer.
    #[error("{what}: {status}: {message}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status.
        status: u16,
        /// The org's own words.
        message: String,
    },
    /// A real org.
    #[error("{0}: a real org has no control API; the scenario must not be tagged @real:…")]
    Real(String),
    /// An answer that is not of the contract.
    #[error("{what}: the answer is not of the contract: {cause}")]
    Malformed {
        /// What was asked.
        what: String,
        /// Which member.
        cause: String,
    },
}

/// The body of `POST /_mock/orgs`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct NewOrg {
    /// The org document; the built-in `dev` org when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<Value>,
    /// A rate-limit profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_limits: Option<String>,
    /// Deterministic ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<u64>,
    /// Adds generated users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) users: Option<usize>,
    /// Caps pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_page: Option<usize>,
    /// A TLS listener as well.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) tls: bool,
    /// Names in its certificate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) host_names: Vec<String>,
    /// How the org is not like Okta, for `selftest`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mutations: Vec<String>,
}

/// The door to one twin.
#[derive(Clone)]
pub(crate) struct Control {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Control {
    /// `url` ends in `/_mock`.
    pub(crate) fn new(http: reqwest::Client, url: &str, token: Option<String>) -> Self {
        Self { http, url: url.trim_end_matches('/').to_owned(), token }
    }

    /// The same door with connections of its own: those of a client belong to the runtime that opened them.
    ///
    /// # Errors
    /// The client cannot be made.
    pub(crate) fn with_own_connections(&self) -> Result<Self, TargetError> {
        Ok(Self { http: http_client()?, ..self.clone() })
    }

    /// Where it is; ends in `/_mock`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The control token, a secret of the run.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// `GET /_mock/health`.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn health(&self) -> Result<Value, ControlError> {
        let what = format!("health of {}", self.url);
        read(&what, self.send(&what, self.request(Method::GET, "/health")).await?).await
    }

    /// A new org on a listener of its own.
    ///
    /// # Errors
    /// [`ControlError`]; an org document that is wrong is refused with the field.
    pub(crate) async fn create(&self, new: &NewOrg) -> Result<Org, ControlError> {
        let what = "creating the scenario's org";
        let ready: Ready =
            read(what, self.send(what, self.request(Method::POST, "/orgs").json(new)).await?).await?;
        Ok(Org { control: self.clone(), ready, scene: None })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, what: &str, request: RequestBuilder) -> Result<reqwest::Response, ControlError> {
        let unreachable = |error: reqwest::Error| ControlError::Unreachable {
            what: what.to_owned(),
            cause: error.to_string(),
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = response.text().await.unwrap_or_default();
        let message = serde_json::from_str::<Value>(&body)
            .ok()
            .and_then(|body| body.get("error").and_then(Value::as_str).map(ToOwned::to_owned))
            .unwrap_or(body);
        Err(ControlError::Refused { what: what.to_owned(), status: status.as_u16(), message })
    }
}

async fn read<T: serde::de::DeserializeOwned>(
    what: &str,
    response: reqwest::Response,
) -> Result<T, ControlError> {
    let malformed = |cause: String| ControlError::Malformed { what: what.to_owned(), cause };
    let bytes = response.bytes().await.map_err(|error| malformed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))
}

/// One org of a twin, made for one scenario.
#[derive(Clone)]
pub(crate) struct Org {
    control: Control,
    /// What stands between client and org, where the org is a real one.
    scene: Option<Arc<Scene>>,
    /// Its address and credentials.
    pub(crate) ready: Ready,
}

impl Org {
    /// A real org, as a scenario sees it.
    pub(crate) fn real(control: Control, ready: Ready, scene: Scene) -> Self {
        Self { control, scene: Some(Arc::new(scene)), ready }
    }

    /// What stands between client and org, where the org is a real one.
    pub(crate) fn scene(&self) -> Option<&Scene> {
        self.scene.as_deref()
    }

    /// The exchanges after `seq`, in order.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn ledger_since(&self, seq: u64) -> Result<Ledger, ControlError> {
        if let Some(scene) = &self.scene {
            return Ok(scene.record.since(seq));
        }
        // Verdicts need what was sent; what is written of it goes through the taint.
        let path = format!("/ledger?secrets=plain&since={seq}");
        let exchanges: Vec<Exchange> =
            read("reading the ledger", self.get("reading the ledger", &path).await?).await?;
        // Whatever `since` includes, only what came after is meant.
        Ok(Ledger(exchanges.into_iter().filter(|exchange| exchange.seq > seq).collect()))
    }

    /// All exchanges so far.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn ledger(&self) -> Result<Ledger, ControlError> {
        self.ledger_since(0).await
    }

    /// How many requests the org has received and not answered yet.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn in_flight(&self) -> Result<u64, ControlError> {
        if let Some(scene) = &self.scene {
            return Ok(scene.record.in_flight());
        }
        let what = "reading the rate limits";
        let limits: Value = read(what, self.get(what, "/rate-limits").await?).await?;
        Ok(limits["concurrency"]["in_flight"].as_u64().unwrap_or(0))
    }

    /// Moves the org's clock forward.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn advance_clock(&self, seconds: u64) -> Result<(), ControlError> {
        self.shift_clock(i64::try_from(seconds).unwrap_or(i64::MAX)).await
    }

    /// Moves the org's clock forward or back.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn shift_clock(&self, seconds: i64) -> Result<(), ControlError> {
        self.put("advancing the org's clock", "/clock", &json!({ "advance_seconds": seconds })).await
    }

    /// Every access token issued so far counts as expired.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn expire_tokens(&self) -> Result<(), ControlError> {
        self.act(Method::POST, "expiring the org's tokens", "/expire-tokens", None).await
    }

    /// Sets buckets: `{"/api/v1/users":{"limit":3,"window_seconds":60}}`.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn set_buckets(&self, buckets: &Value) -> Result<(), ControlError> {
        self.put("setting the rate limits", "/rate-limits", &json!({ "buckets": buckets })).await
    }

    /// Sets how many requests may be in flight.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn set_concurrency(&self, requests: u64) -> Result<(), ControlError> {
        self.put("setting the rate limits", "/rate-limits", &json!({ "concurrency": requests })).await
    }

    /// Lets something go wrong: `{"match":{…},"fault":{…}}`.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn add_fault(&self, wish: &Value) -> Result<(), ControlError> {
        self.act(Method::POST, "adding a fault", "/faults", Some(wish)).await
    }

    /// Lets nothing go wrong any more.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn remove_faults(&self) -> Result<(), ControlError> {
        self.act(Method::DELETE, "removing the faults", "/faults", None).await
    }

    /// Sets the org's clock: `{"now":…}`, `{"frozen":…}`.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn set_clock(&self, setting: &Value) -> Result<(), ControlError> {
        self.put("setting the org's clock", "/clock", setting).await
    }

    /// Submits an integration to the OIN, or edits a submission, or generates an instance of one: what the org shows of it.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn submission(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ControlError> {
        let what = "keeping a submission to the OIN";
        let response = self.told(method, what, &format!("/submissions{path}"), body).await?;
        read(what, response).await
    }

    /// Puts the org back to its document: its time, its faults, its ledger.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn reset(&self) -> Result<(), ControlError> {
        self.act(Method::POST, "resetting the org", "/reset", None).await
    }

    /// Throws the org away.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(crate) async fn delete(&self) -> Result<(), ControlError> {
        if self.scene.is_some() {
            return Ok(());
        }
        self.act(Method::DELETE, "deleting the scenario's org", "", None).await
    }

    async fn get(&self, what: &str, path: &str) -> Result<reqwest::Response, ControlError> {
        self.is_twin(what)?;
        self.control.send(what, self.control.request(Method::GET, &self.path(path))).await
    }

    async fn put(&self, what: &str, path: &str, body: &Value) -> Result<(), ControlError> {
        self.act(Method::PUT, what, path, Some(body)).await
    }

    async fn act(
        &self,
        method: Method,
        what: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), ControlError> {
        self.told(method, what, path, body).await.map(drop)
    }

    async fn told(
        &self,
        method: Method,
        what: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<reqwest::Response, ControlError> {
        self.is_twin(what)?;
        let mut request = self.control.request(method, &self.path(path));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = self.control.send(what, request).await?;
        debug_assert!(response.status() == StatusCode::NO_CONTENT || response.status().is_success());
        Ok(response)
    }

    fn is_twin(&self, what: &str) -> Result<(), ControlError> {
        if self.scene.is_some() { Err(ControlError::Real(what.to_owned())) } else { Ok(()) }
    }

    fn path(&self, path: &str) -> String {
        format!("/orgs/{}{path}", self.ready.name)
    }
}
