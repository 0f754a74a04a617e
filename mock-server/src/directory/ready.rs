//! What a developer needs to use an org: the ready file of `orgtwin serve`, the answer to `POST /_mock/orgs`.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::key_files::KeyFile;
use crate::org::seed::Credentials;

/// How to reach an org and be somebody there (contracts §1).
#[derive(Clone, Default, Serialize)]
pub struct Ready {
    /// The org's name.
    pub name: String,
    /// `http://host:port`, without a trailing slash.
    pub base_url: String,
    /// The same over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_base_url: Option<String>,
    /// Where the control API is.
    pub control_url: String,
    /// The token that the control API wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_token: Option<String>,
    /// The certificate of the CA that signed the TLS listener's, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The first active API token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_token: Option<String>,
    /// All active API tokens.
    pub api_tokens: Vec<ReadyApiToken>,
    /// The OAuth clients.
    pub clients: Vec<ReadyClient>,
    /// Everybody who has a password.
    pub users: Vec<ReadyUser>,
}

/// An API token.
#[derive(Clone, Serialize)]
pub struct ReadyApiToken {
    /// Its name.
    pub name: String,
    /// The value that follows `SSWS`.
    pub token: String,
    /// The owner's login.
    pub owner: String,
}

/// An OAuth client.
#[derive(Clone, Serialize)]
pub struct ReadyClient {
    /// Its name in the org file.
    pub name: String,
    /// The client id.
    pub client_id: String,
    /// The first active secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The private key, in PEM (PKCS #8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key_file: Option<PathBuf>,
    /// The key's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// `private_key_jwt`, `client_secret_basic`, …
    pub auth_method: String,
    /// The scopes that are granted to it.
    pub scopes: Vec<String>,
}

/// A person.
#[derive(Clone, Serialize)]
pub struct ReadyUser {
    /// The login.
    pub login: String,
    /// The password.
    pub password: String,
}

impl Ready {
    /// The credentials of an org, its URLs left empty. The key files are in the order of the clients.
    pub(super) fn of(credentials: &Credentials, keys: &[Option<Arc<KeyFile>>]) -> Self {
        let tokens = credentials.api_tokens.iter().cloned();
        let clients = credentials.clients.iter().cloned().zip(keys);
        let users = credentials.users.iter().cloned();
        Self {
            api_token: credentials.api_token.clone(),
            api_tokens: tokens
                .map(|one| ReadyApiToken { name: one.name, token: one.token, owner: one.owner })
                .collect(),
            clients: clients
                .map(|(client, key)| ReadyClient {
                    name: client.name,
                    client_id: client.client_id,
                    client_secret: client.client_secret,
                    private_key_file: key.as_ref().map(|key| key.path.clone()),
                    kid: client.kid,
                    auth_method: client.auth_method,
                    scopes: client.scopes,
                })
                .collect(),
            users: users.map(|(login, password)| ReadyUser { login, password }).collect(),
            ..Self::default()
        }
    }
}

/// Without the secrets.
impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready")
            .field("name", &self.name)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}
