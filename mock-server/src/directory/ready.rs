//! What a developer needs to use an org: the ready file of `orgtwin serve`, the answer to `POST /_mock/orgs`.

use std::path::PathBuf;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
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
    /// Where the control API is; empty if there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub control_url: String,
    /// The token that the control API wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_token: Option<String>,
    /// The certificate of the CA that signed the TLS listener's, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The first active API token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_token: Option<Arc<str>>,
    /// All active API tokens.
    pub api_tokens: Arc<[ReadyApiToken]>,
    /// The OAuth clients.
    pub clients: Arc<[ReadyClient]>,
    /// Everybody who has a password.
    pub users: Arc<[ReadyUser]>,
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
    /// The private key, in PEM.
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

/// The key files of an org's clients, in the order of the clients.
pub(super) type Keys = Arc<[Option<Arc<KeyFile>>]>;

/// The credentials of the org that was made last: forks of one org have the same, and there may be thousands.
#[derive(Default)]
pub(super) struct LastShown(Mutex<Option<Shown>>);

struct Shown {
    of: Weak<Credentials>,
    keys: Weak<[Option<Arc<KeyFile>>]>,
    ready: Ready,
}

impl Shown {
    /// The key files, if these are the credentials and these the files.
    fn is(&self, credentials: &Arc<Credentials>, keys: &[Option<Arc<KeyFile>>]) -> Option<Keys> {
        let known = self.keys.upgrade()?;
        let file = |key: &Option<Arc<KeyFile>>| key.as_ref().map(Arc::as_ptr);
        let same = known.iter().map(file).eq(keys.iter().map(file));
        (same && std::ptr::eq(self.of.as_ptr(), Arc::as_ptr(credentials))).then_some(known)
    }
}

impl LastShown {
    /// The credentials of an org, its URLs left empty, and its key files. Forks of one org share both.
    pub(super) fn of(
        &self,
        credentials: &Arc<Credentials>,
        keys: Vec<Option<Arc<KeyFile>>>,
    ) -> (Ready, Keys) {
        let mut last = self.0.lock();
        if let Some(last) = &*last
            && let Some(known) = last.is(credentials, &keys)
        {
            return (last.ready.clone(), known);
        }
        let (ready, keys) = (Ready::of(credentials, &keys), Keys::from(keys));
        *last = Some(Shown {
            of: Arc::downgrade(credentials),
            keys: Arc::downgrade(&keys),
            ready: ready.clone(),
        });
        (ready, keys)
    }
}

impl Ready {
    /// The credentials of an org, its URLs left empty. The key files are in the order of the clients.
    fn of(credentials: &Credentials, keys: &[Option<Arc<KeyFile>>]) -> Self {
        let tokens = credentials.api_tokens.iter().cloned();
        let clients = credentials.clients.iter().cloned().zip(keys);
        let users = credentials.users.iter().cloned();
        Self {
            api_token: credentials.api_token.as_deref().map(Arc::from),
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

    /// The same with another host in its URLs.
    pub(crate) fn under(&self, host: &str) -> Self {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let mut ready = self.clone();
        let (base_url, tls_base_url) = (with_host(&self.base_url, &host), self.tls_base_url.as_deref());
        ready.control_url = self.control_url.replacen(&self.base_url, &base_url, 1);
        ready.tls_base_url = tls_base_url.map(|url| with_host(url, &host));
        ready.base_url = base_url;
        ready
    }
}

/// A URL of a listener with another host, its port kept; a URL without a port was given by the user and is kept.
fn with_host(url: &str, host: &str) -> String {
    match (url.split_once("://"), url.rsplit_once(':')) {
        (Some((scheme, _)), Some((_, port))) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{scheme}://{host}:{port}")
        }
        _ => url.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_follow_the_name_that_was_called() {
        for (url, host, expected) in [
            ("http://127.0.0.1:81", "orgtwin", "http://orgtwin:81"),
            ("https://127.0.0.1:82", "::1", "https://[::1]:82"),
            ("https://acme.example", "orgtwin", "https://acme.example"),
        ] {
            let ready =
                Ready { base_url: url.to_owned(), control_url: format!("{url}/_mock"), ..Ready::default() };
            let under = ready.under(host);
            assert_eq!((under.base_url.as_str(), under.control_url), (expected, format!("{expected}/_mock")));
        }
    }
}
