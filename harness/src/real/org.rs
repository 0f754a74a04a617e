//! A real org as the target of a run: what a scenario gets of it, what the harness does there itself, and how it is left.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT},
};
use serde_json::Value;

use super::{
    caller::{CallError, Caller, Outgoing},
    config::RealConfig,
    proxy::{Authority, WitnessProxy},
    syslog::SystemLog,
    witness::Record,
};
use crate::{
    client::{builtin, protocol::Connection},
    target::ready::{HandedOut, OrgClient, Ready},
};

/// What the org's owner finds in its System Log beside what the harness did itself.
const HARNESS: &str = concat!("orgtwin-harness/", env!("CARGO_PKG_VERSION"));

/// A real org.
pub(crate) struct RealOrg {
    /// Calls it.
    pub(crate) caller: Arc<Caller>,
    /// What may be used there.
    pub(crate) config: RealConfig,
    /// What it tells afterwards.
    pub(crate) log: SystemLog,
    /// When the run began, by this machine's clock, with room for one that is a little fast.
    pub(super) began: Timestamp,
    authority: Authority,
}

/// What stands between a scenario's client and the org.
#[derive(Debug)]
pub(crate) struct Scene {
    /// What it saw.
    pub(crate) record: Arc<Record>,
    /// When it was set, by the org's clock.
    pub(crate) began: Timestamp,
    _proxy: WitnessProxy,
}

impl RealOrg {
    /// The org at this address.
    ///
    /// # Errors
    /// No certificate can be made for its host, in words.
    pub(crate) fn new(target: &Url, caller: Caller, config: RealConfig) -> Result<Self, String> {
        let host = target.host_str().unwrap_or_default();
        let authority = Authority::new(host, target.port_or_known_default().unwrap_or(443))?;
        let began = caller.now() - SignedDuration::from_mins(5);
        Ok(Self { caller: Arc::new(caller), config, log: SystemLog::default(), began, authority })
    }

    /// The org as one scenario sees it: the client is led through a proxy of its own.
    ///
    /// # Errors
    /// The proxy cannot be opened.
    pub(crate) async fn scene(&self) -> std::io::Result<(Ready, Scene)> {
        let record = Arc::new(Record::default());
        let proxy =
            WitnessProxy::open(self.authority.clone(), Arc::clone(&self.caller), Arc::clone(&record)).await?;
        let ready = self.ready(Some(proxy.url.clone()));
        Ok((ready, Scene { record, began: self.caller.now(), _proxy: proxy }))
    }

    fn ready(&self, proxy: Option<String>) -> Ready {
        let url = self.caller.url.clone();
        Ready {
            name: "real".to_owned(),
            base_url: url.clone(),
            tls_base_url: None,
            control_url: String::new(),
            control_token: None,
            ca_file: None,
            api_token: None,
            api_tokens: Vec::new(),
            clients: self.config.apps.clone(),
            users: Vec::new(),
            handed_out: Some(HandedOut { url, ca_pem: self.authority.pem.clone(), proxy }),
        }
    }

    /// The app of this name.
    pub(crate) fn app(&self, name: &str) -> Option<&OrgClient> {
        self.config.apps.iter().find(|app| app.name == name)
    }

    /// The name that something of a scenario has in the org: all scenarios share it.
    pub(crate) fn marked(&self, scenario: &str, name: &str) -> String {
        let scenario = scenario.to_lowercase().replace('.', "-");
        format!("{}{scenario}-{name}", self.caller.mark)
    }

    /// What the harness does itself, with its own credentials. Null without a body.
    ///
    /// # Errors
    /// [`CallError`].
    pub(crate) async fn administer(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let outgoing = self.outgoing(method, path, body)?;
        let what = format!("{method} {path}");
        let answered = self.caller.call(outgoing).await?;
        let body = || String::from_utf8_lossy(&answered.body).chars().take(300).collect();
        if answered.status >= 300 {
            return Err(CallError::Answer { what, status: answered.status, body: body() });
        }
        Ok(serde_json::from_slice(&answered.body).unwrap_or_default())
    }

    /// The same to tidy up; the status and the body.
    pub(super) async fn tidy(&self, method: &str, path: &str) -> Result<(u16, Value), CallError> {
        let answered = self.caller.tidy(self.outgoing(method, path, None)?).await?;
        Ok((answered.status, serde_json::from_slice(&answered.body).unwrap_or_default()))
    }

    fn outgoing(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Outgoing, CallError> {
        let no_token = || CallError::Answer {
            what: format!("{method} {path}"),
            status: 0,
            body: "not asked: harness.api_token_env in the file of --org-config names no API token"
                .to_owned(),
        };
        let token = self.config.api_token.as_ref().ok_or_else(no_token)?;
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_str(&format!("SSWS {token}")).map_err(|_| no_token())?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        headers.insert(USER_AGENT, HeaderValue::from_static(HARNESS));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map(ToString::to_string).unwrap_or_default().into_bytes();
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        Ok(Outgoing { method, target: path.to_owned(), headers, body })
    }

    /// Revokes the tokens of the run; how many, and what did not come off.
    pub(crate) async fn revoke_tokens(&self) -> (usize, Vec<String>) {
        let (mut revoked, mut troubles) = (0, Vec::new());
        for token in self.caller.take_tokens() {
            let app = self.config.apps.iter().find(|app| app.client_id == token.client_id);
            let connection = app.map(|app| self.ready(None).connection(app, Vec::new()));
            let Some(Ok(connection)) = connection else {
                troubles
                    .push(format!("a token of {} is not revoked: no credentials for it", token.client_id));
                continue;
            };
            match self.revoke(&connection, &token.value).await {
                Ok(200) => revoked += 1,
                Ok(status) => {
                    troubles.push(format!("a token of {} is not revoked: {status}", token.client_id))
                }
                Err(cause) => {
                    troubles.push(format!("a token of {} is not revoked: {cause}", token.client_id))
                }
            }
        }
        (revoked, troubles)
    }

    #[expect(clippy::disallowed_methods, reason = "an assertion for a real org is of the real time")]
    async fn revoke(&self, client: &Connection, token: &str) -> Result<u16, String> {
        let endpoint = format!("{}/oauth2/v1/revoke", self.caller.url);
        let form = vec![("token", token.to_owned()), ("token_type_hint", "access_token".to_owned())];
        let request = self.caller.shaper().post(&endpoint).header(USER_AGENT, HARNESS);
        let now = jiff::Timestamp::now().as_second();
        let request = builtin::authenticated(client, (&endpoint, now), request, form)?;
        let request = request.build().map_err(|error| error.to_string())?;
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
        let outgoing = Outgoing {
            method: Method::POST,
            target: "/oauth2/v1/revoke".to_owned(),
            headers: request.headers().clone(),
            body,
        };
        self.caller.tidy(outgoing).await.map(|answered| answered.status).map_err(|error| error.to_string())
    }
}
