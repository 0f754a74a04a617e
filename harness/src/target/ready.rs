//! The ready object (contracts §1): an org's address and credentials, as our own types.

use std::path::PathBuf;

use serde::Deserialize;

use crate::client::protocol::{Authentication, Connection};

/// An org that listens.
#[derive(Clone, Deserialize)]
pub(crate) struct Ready {
    /// Its name in the control API.
    pub(crate) name: String,
    /// `http://127.0.0.1:41233`.
    pub(crate) base_url: String,
    /// The same org over TLS.
    #[serde(default)]
    pub(crate) tls_base_url: Option<String>,
    /// Where its control API is; empty if there is none.
    #[serde(default)]
    pub(crate) control_url: String,
    /// The token of the control API.
    #[serde(default)]
    pub(crate) control_token: Option<String>,
    /// The certificate authority's file.
    #[serde(default)]
    pub(crate) ca_file: Option<PathBuf>,
    /// The administrator's API token.
    #[serde(default)]
    pub(crate) api_token: Option<String>,
    /// All API tokens.
    #[serde(default)]
    pub(crate) api_tokens: Vec<ApiToken>,
    /// The apps.
    #[serde(default)]
    pub(crate) clients: Vec<OrgClient>,
    /// Users with a password.
    #[serde(default)]
    pub(crate) users: Vec<User>,
    /// The address that the client is handed, and the certificate authority to trust there, where it is not `base_url`.
    #[serde(skip)]
    pub(crate) handed_out: Option<HandedOut>,
}

/// An address of an org as its client knows it.
#[derive(Clone)]
pub(crate) struct HandedOut {
    /// `https://127.0.0.1:41234`, `https://acme.okta.com`.
    pub(crate) url: String,
    /// In PEM.
    pub(crate) ca_pem: String,
    /// The proxy that leads there.
    pub(crate) proxy: Option<String>,
}

/// An SSWS token.
#[derive(Clone, Deserialize)]
pub(crate) struct ApiToken {
    /// Its name.
    pub(crate) name: String,
    /// The secret.
    pub(crate) token: String,
    /// The login of its owner.
    #[serde(default)]
    pub(crate) owner: Option<String>,
}

/// An app of the org.
#[derive(Clone, Deserialize)]
pub(crate) struct OrgClient {
    /// Its name in the org document.
    pub(crate) name: String,
    /// The OAuth client id.
    pub(crate) client_id: String,
    /// The secret, if it has one.
    #[serde(default)]
    pub(crate) client_secret: Option<String>,
    /// Where its private key is.
    #[serde(default)]
    pub(crate) private_key_file: Option<PathBuf>,
    /// The key itself, where no file holds it for us.
    #[serde(skip)]
    pub(crate) private_key_pem: Option<String>,
    /// The key's id.
    #[serde(default)]
    pub(crate) kid: Option<String>,
    /// `private_key_jwt`, `client_secret_basic`, …
    pub(crate) auth_method: String,
    /// The scopes that are granted.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

/// A user who can sign in.
#[derive(Clone, Deserialize)]
pub(crate) struct User {
    /// The login.
    pub(crate) login: String,
    /// The password.
    pub(crate) password: String,
}

/// An app that cannot be handed to a client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    /// The key file.
    #[error("client {client}: cannot read {path}: {cause}")]
    Key {
        /// The app's name.
        client: String,
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        cause: std::io::Error,
    },
    /// Neither key nor secret.
    #[error("client {0} has neither a private key nor a secret for its method")]
    NoCredential(String),
}

impl Ready {
    /// The org's address as the client knows it.
    pub(crate) fn client_url(&self) -> &str {
        self.handed_out.as_ref().map_or(&self.base_url, |address| &address.url)
    }

    /// What an administrator would hand to the client so that it acts as this app, asking for these scopes.
    ///
    /// # Errors
    /// The app's key cannot be read, or it has none.
    pub(crate) fn connection(
        &self,
        app: &OrgClient,
        scopes: Vec<String>,
    ) -> Result<Connection, ConnectionError> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|cause| ConnectionError::Key {
                client: app.name.clone(),
                path: path.clone(),
                cause,
            })
        };
        let key = match (&app.private_key_pem, &app.private_key_file) {
            (Some(pem), _) => Some(pem.clone()),
            (None, path) => path.as_ref().map(read).transpose()?,
        };
        let auth = match (app.auth_method.as_str(), key, &app.client_secret) {
            ("private_key_jwt", Some(pem), _) => {
                let alg = if pem.contains("EC PRIVATE KEY") || is_ec(&pem) { "ES256" } else { "RS256" };
                Authentication::PrivateKeyJwt {
                    private_key_pem: pem,
                    kid: app.kid.clone(),
                    alg: alg.to_owned(),
                }
            }
            ("none", ..) => Authentication::Public,
            (_, _, Some(secret)) => Authentication::ClientSecretBasic { client_secret: secret.clone() },
            _ => return Err(ConnectionError::NoCredential(app.name.clone())),
        };
        Ok(self.connection_with(app.client_id.clone(), auth, scopes))
    }

    /// What an administrator would hand to the client so that it acts with this API token.
    pub(crate) fn token_connection(&self, api_token: &str) -> Connection {
        let auth = Authentication::Ssws { api_token: api_token.to_owned() };
        self.connection_with(String::new(), auth, Vec::new())
    }

    fn connection_with(&self, client_id: String, auth: Authentication, scopes: Vec<String>) -> Connection {
        Connection {
            org_url: self.client_url().to_owned(),
            issuer: self.client_url().to_owned(),
            client_id,
            auth,
            scopes,
            dpop: false,
            ca_pem: self.handed_out.as_ref().map(|address| address.ca_pem.clone()),
            proxy: self.handed_out.as_ref().and_then(|address| address.proxy.clone()),
            settings: std::collections::BTreeMap::new(),
            sign_in: None,
        }
    }

    /// Every secret that the org handed out, for the taint set.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = Vec::new();
        secrets.extend(self.api_token.clone());
        secrets.extend(self.control_token.clone());
        secrets.extend(self.api_tokens.iter().map(|token| token.token.clone()));
        secrets.extend(self.users.iter().map(|user| user.password.clone()));
        secrets.extend(self.clients.iter().filter_map(|client| client.client_secret.clone()));
        secrets
    }
}

/// A PKCS#8 elliptic curve key names its algorithm in the first bytes: id-ecPublicKey, in base64's three alignments.
fn is_ec(pem: &str) -> bool {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).take(1).collect();
    ["KoZIzj0", "qGSM49", "hkjOPQ"].iter().any(|name| body.contains(name))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_ready_object_of_the_contract_is_read() {
        let ready: Ready = serde_json::from_str(
            r#"{"name":"s1","base_url":"http://127.0.0.1:1","control_url":"http://127.0.0.1:1/_mock","api_token":"00a",
                "api_tokens":[{"name":"admin","token":"00a","owner":"admin@example.com"}],"later":1,
                "clients":[{"name":"oin","client_id":"0oa1","client_secret":"s","auth_method":"client_secret_basic",
                            "scopes":["okta.users.read"]}],"users":[{"login":"a@example.com","password":"pw"}]}"#,
        )
        .unwrap();
        let connection = ready.connection(&ready.clients[0], vec!["okta.users.read".to_owned()]).unwrap();
        assert_eq!(connection.auth, Authentication::ClientSecretBasic { client_secret: "s".to_owned() });
        assert_eq!(ready.secrets(), ["00a", "00a", "pw", "s"]);
    }
}
