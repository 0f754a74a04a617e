//! Somebody beside the client: another installation of it, a thief of its tokens, an oracle that reads the org's
//! keys, an administrator. What they do at the org is marked, so that it is not taken for the client's doing.

use serde_json::Value;

use super::{TargetError, http_client};
use crate::client::protocol::{Authentication, Connection};

/// The header that marks what a bystander does.
pub(crate) const MARK: (&str, &str) = ("Via", "1.1 bystander");

/// A bystander's request that did not come off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BystanderError {
    /// Its own HTTP client.
    #[error(transparent)]
    Client(#[from] TargetError),
    /// No answer, or one that cannot be read.
    #[error("{what}: {cause}")]
    Http {
        /// What was asked.
        what: &'static str,
        /// Why not.
        cause: reqwest::Error,
    },
    /// The org refused.
    #[error("{what}: the org answered {status}: {body}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// The status.
        status: u16,
        /// Its body.
        body: String,
    },
}

/// Acts at one org.
pub(crate) struct Bystander {
    http: reqwest::Client,
    base_url: String,
}

impl Bystander {
    /// At the org with this address.
    ///
    /// # Errors
    /// [`BystanderError::Client`].
    pub(crate) fn at(base_url: &str) -> Result<Self, BystanderError> {
        Ok(Self { http: http_client()?, base_url: base_url.to_owned() })
    }

    /// The public keys of the org.
    ///
    /// # Errors
    /// [`BystanderError`].
    pub(crate) async fn keys(&self) -> Result<Value, BystanderError> {
        let what = "reading the org's keys";
        let body = read(what, self.http.get(format!("{}/oauth2/v1/keys", self.base_url))).await?;
        Ok(serde_json::from_str(&body).unwrap_or_default())
    }

    /// A call of the Management API as an administrator makes it who holds an API token. Null without a body.
    ///
    /// # Errors
    /// [`BystanderError`].
    pub(crate) async fn administer(
        &self,
        api_token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, BystanderError> {
        let verb = reqwest::Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let request = self.http.request(verb, format!("{}{path}", self.base_url));
        let request = request.header("Authorization", format!("SSWS {api_token}"));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let text = read("an administrator's call", request).await?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Revokes a token as another installation of the client would.
    ///
    /// # Errors
    /// [`BystanderError`].
    pub(crate) async fn revoke(&self, client: &Connection, token: &str) -> Result<(), BystanderError> {
        let form = vec![("token", token)];
        read("revoking a token", self.post("/oauth2/v1/revoke", client, form)).await.map(drop)
    }

    /// Sends a form again, word for word, as somebody who has overheard it would.
    ///
    /// # Errors
    /// [`BystanderError`].
    pub(crate) async fn post_again(&self, path: &str, form: &str) -> Result<(), BystanderError> {
        let request = self.http.post(format!("{}{path}", self.base_url));
        let request =
            request.header("Content-Type", "application/x-www-form-urlencoded").body(form.to_owned());
        read("sending a request again", request).await.map(drop)
    }

    /// Uses a refresh token as a thief would.
    ///
    /// # Errors
    /// [`BystanderError`].
    pub(crate) async fn refresh(&self, client: &Connection, token: &str) -> Result<(), BystanderError> {
        let form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        read("using a refresh token", self.post("/oauth2/v1/token", client, form)).await.map(drop)
    }

    /// A form with the client's credentials: Basic, or the id of a public client.
    fn post<'a>(
        &self,
        path: &str,
        client: &'a Connection,
        mut form: Vec<(&'a str, &'a str)>,
    ) -> reqwest::RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base_url));
        let request = match &client.auth {
            Authentication::ClientSecretBasic { client_secret } => {
                request.basic_auth(&client.client_id, Some(client_secret))
            }
            _ => {
                form.push(("client_id", &client.client_id));
                request
            }
        };
        request.form(&form)
    }
}

async fn read(what: &'static str, request: reqwest::RequestBuilder) -> Result<String, BystanderError> {
    let http = |cause| BystanderError::Http { what, cause };
    let request = request.header(MARK.0, MARK.1).header("User-Agent", "orgtwin-bystander");
    let response = request.send().await.map_err(http)?;
    let status = response.status();
    let body = response.text().await.map_err(http)?;
    match status.is_success() {
        true => Ok(body),
        false => Err(BystanderError::Refused { what, status: status.as_u16(), body }),
    }
}
