//! The public door: a running server, as a value.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::control;
use crate::directory::{Addresses, CreateError, Directory, FIRST, Hosted, House, NewOrg, Ready};
use crate::faults::Chaos;
use crate::http::tls::TlsError;
use crate::http::{Policy, host_is_valid, host_name};
use crate::ledger::Bounds;
use crate::org::OrgOptions;
use crate::org::seed::{self, OrgDocument, SeedError};
use crate::persist::{KeptOrg, PersistError, Store, Sync};

/// A running server: the first org, and whatever orgs are made by its control API. It runs on the Tokio runtime that
/// it was started on and stops when it is dropped.
pub struct MockOrg {
    directory: Arc<Directory>,
    first: Arc<Hosted>,
    ca_pem: Option<String>,
    /// Removed on drop.
    _key_dir: Option<TempDir>,
}

impl MockOrg {
    /// A server with the built-in `dev` org on a free port of 127.0.0.1, unless told otherwise.
    pub fn builder() -> MockOrgBuilder {
        MockOrgBuilder::default()
    }

    /// `http://host:port` of the first org, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.ready().base_url
    }

    /// The same over TLS, if it was asked for.
    pub fn tls_base_url(&self) -> Option<&str> {
        self.ready().tls_base_url.as_deref()
    }

    /// The certificate of the CA that clients of the TLS listener must trust; none when an identity was given.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Where the control API of the first org is.
    pub fn control_url(&self) -> String {
        self.ready().control_url.clone()
    }

    /// How to use the first org: URLs, clients, users, API tokens.
    pub fn ready(&self) -> &Ready {
        self.first.ready()
    }

    /// Stops and waits: exchanges under way are finished, for at most a second.
    pub async fn stopped(self) {
        let tasks = self.directory.tasks().clone();
        drop(self);
        // Connections end by themselves within a second; who hangs on is not waited for.
        if tokio::time::timeout(Duration::from_secs(3), tasks.ended()).await.is_err() {
            tracing::warn!("a connection did not end");
        }
    }
}

impl Drop for MockOrg {
    fn drop(&mut self) {
        self.directory.tasks().stop();
        self.directory.clear();
    }
}

/// Without the secrets.
impl std::fmt::Debug for MockOrg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockOrg").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// A server that cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The org document makes no org.
    #[error(transparent)]
    Org(#[from] SeedError),
    /// An option of the org that does not exist.
    #[error("{0}")]
    Option(String),
    /// An address that cannot be listened on.
    #[error(
        "{address} cannot be listened on: {source}; choose another address with {flag} (port 0 takes a free one)"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The flag that sets it.
        flag: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The control API would be open to others.
    #[error(
        "{address} can be reached by other machines, and the control API has no token; \
         set one with --control-token, or listen on 127.0.0.1"
    )]
    NoControlToken {
        /// The address.
        address: SocketAddr,
    },
    /// The folder in which orgs are kept.
    #[error("--data: {0}")]
    Data(#[from] PersistError),
    /// TLS.
    #[error("{0}; see --host-name, --tls-cert and --tls-key")]
    Tls(#[from] TlsError),
    /// A base URL that is none.
    #[error("--base-url {0:?}: write it like https://acme.example or http://localhost:8080, without a path")]
    BaseUrl(String),
    /// A control token that no header can carry.
    #[error("--control-token: use visible ASCII characters, without spaces")]
    ControlToken,
    /// The folder for keys.
    #[error("{path}: {source}; keys are written there")]
    KeyDir {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Says what a server is to be. See [`MockOrg::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct MockOrgBuilder {
    listen: SocketAddr,
    tls_listen: Option<SocketAddr>,
    host_names: Vec<String>,
    identity: Option<(String, String)>,
    base_url: Option<String>,
    trust_proxy: bool,
    document: Option<OrgDocument>,
    options: OrgOptions,
    control: bool,
    control_token: Option<String>,
    key_dir: Option<PathBuf>,
    data: Option<(PathBuf, Sync)>,
    ledger: Bounds,
    chaos: Option<Chaos>,
}

impl Default for MockOrgBuilder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            tls_listen: None,
            host_names: Vec::new(),
            identity: None,
            base_url: None,
            trust_proxy: false,
            document: None,
            options: OrgOptions::default(),
            control: true,
            control_token: None,
            key_dir: None,
            data: None,
            ledger: Bounds::default(),
            chaos: None,
        }
    }
}

impl MockOrgBuilder {
    /// The address of plain HTTP. Default: a free port of 127.0.0.1.
    pub fn listen(self, address: SocketAddr) -> Self {
        Self { listen: address, ..self }
    }

    /// The address of HTTPS beside it. Default: none.
    pub fn tls_listen(self, address: SocketAddr) -> Self {
        Self { tls_listen: Some(address), ..self }
    }

    /// A name of this server, in its certificate and allowed for the control API. Repeatable.
    pub fn host_name(mut self, name: impl Into<String>) -> Self {
        self.host_names.push(name.into());
        self
    }

    /// A certificate chain and its key, in PEM, instead of one from a CA made at start.
    pub fn tls_identity(self, cert_pem: impl Into<String>, key_pem: impl Into<String>) -> Self {
        Self { identity: Some((cert_pem.into(), key_pem.into())), ..self }
    }

    /// The base URL of issuer, links and audiences. Default: the scheme and host that each caller called.
    pub fn base_url(self, url: impl Into<String>) -> Self {
        Self { base_url: Some(url.into()), ..self }
    }

    /// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` say what the caller called.
    pub fn trust_proxy(self, trust: bool) -> Self {
        Self { trust_proxy: trust, ..self }
    }

    /// The org document. Default: the built-in `dev` org.
    pub fn org(self, document: OrgDocument) -> Self {
        Self { document: Some(document), ..self }
    }

    /// Users to generate, added to those of the document.
    pub fn users(mut self, users: usize) -> Self {
        self.options.users = users;
        self
    }

    /// Caps every page, so that little data has several pages.
    pub fn max_page(mut self, items: usize) -> Self {
        self.options.max_page = Some(items);
        self
    }

    /// The rate-limit profile, or `off`.
    pub fn rate_limits(mut self, profile: impl Into<String>) -> Self {
        self.options.rate_limits = Some(profile.into());
        self
    }

    /// The token that the control API wants. Mandatory on an address that other machines reach.
    pub fn control_token(self, token: impl Into<String>) -> Self {
        Self { control_token: Some(token.into()), ..self }
    }

    /// Whether there is a control API. Without one the server has the one org only, and answers `/_mock` as an org does.
    /// Default: yes.
    pub fn control(self, control: bool) -> Self {
        Self { control, ..self }
    }

    /// Makes ids and random values repeatable.
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = Some(seed);
        self
    }

    /// Lets so many percent of the requests of the Management API go wrong, in ways that a careful client survives: 429,
    /// 503, a reset connection, a delay. The seed decides which ones.
    pub fn chaos(self, percent: f64, seed: u64) -> Self {
        Self { chaos: (percent > 0.0).then_some(Chaos { percent, seed }), ..self }
    }

    /// Where private keys and the CA's certificate are written. Default: a temporary folder, removed on drop.
    pub fn key_dir(self, dir: impl Into<PathBuf>) -> Self {
        Self { key_dir: Some(dir.into()), ..self }
    }

    /// The folder in which orgs are kept beyond the process, and how safely. Orgs that are in it already are as they
    /// were; document and options count for new ones. Default: orgs live in memory.
    pub fn data(self, folder: impl Into<PathBuf>, sync: Sync) -> Self {
        Self { data: Some((folder.into(), sync)), ..self }
    }

    /// What the ledger of each org keeps at most, in MiB; the oldest exchanges go first, 0 keeps none. Default: 64.
    pub fn ledger_mib(self, mib: usize) -> Self {
        Self { ledger: Bounds::mib(mib), ..self }
    }

    /// Starts the server on the current Tokio runtime. It answers when this returns.
    ///
    /// # Errors
    /// [`StartError`] says what is wrong and which flag of `orgtwin serve` (or setter) changes it.
    pub async fn start(self) -> Result<MockOrg, StartError> {
        let mut host_names = self.host_names;
        let base_url = self.base_url.map(|url| origin(&url).ok_or(StartError::BaseUrl(url))).transpose()?;
        if let Some((_, host)) = base_url.as_deref().and_then(|url| url.split_once("://")) {
            host_names.push(host_name(host).to_owned());
        }
        if self.control {
            check_token(self.control_token.as_deref(), [Some(self.listen), self.tls_listen])?;
        }
        let (key_dir, temporary) = match self.key_dir {
            Some(dir) => (dir, None),
            None => {
                let made = tempfile::Builder::new().prefix("orgtwin-").tempdir();
                let made =
                    made.map_err(|source| StartError::KeyDir { path: std::env::temp_dir(), source })?;
                (made.path().to_owned(), Some(made))
            }
        };
        let policy = Policy { trust_proxy: self.trust_proxy, control: self.control, ..Policy::default() };
        let (store, mut kept) = match self.data {
            Some((folder, sync)) => opened(folder, sync).await?,
            None => (None, Vec::new()),
        };
        let directory = Directory::new(House {
            document: self.document.unwrap_or_else(seed::dev),
            options: self.options.clone(),
            address: self.listen.ip(),
            policy: Arc::new(policy.clone()),
            control_token: self.control_token,
            host_names,
            identity: self.identity,
            key_dir,
            store,
            ledger: self.ledger,
            control: control::answer,
            chaos: self.chaos,
        });
        let addresses = Addresses { plain: self.listen, tls: self.tls_listen };
        let at = kept.iter().position(|org| org.name == FIRST);
        let known = at.map(|at| kept.swap_remove(at).org);
        let new =
            NewOrg { name: Some(FIRST.to_owned()), options: self.options, kept: known, ..NewOrg::default() };
        let policy = Policy { base_url: base_url.map(Arc::from), ..policy };
        let first = directory.create_at(new, addresses, Arc::new(policy)).await.map_err(start_error)?;
        for org in kept {
            directory.resume(org).await.map_err(start_error)?;
        }
        let ca_pem = directory.ca_pem();
        Ok(MockOrg { directory, first, ca_pem, _key_dir: temporary })
    }
}

/// Opens a folder and reads the orgs that are in it.
async fn opened(folder: PathBuf, sync: Sync) -> Result<(Option<Arc<Store>>, Vec<KeptOrg>), StartError> {
    let open = move || {
        let store = Store::open(&folder, sync)?;
        let kept = store.orgs()?;
        Ok::<_, PersistError>((Some(store), kept))
    };
    let opened = tokio::task::spawn_blocking(open).await;
    Ok(opened.map_err(|error| StartError::Option(error.to_string()))??)
}

fn check_token(token: Option<&str>, addresses: [Option<SocketAddr>; 2]) -> Result<(), StartError> {
    let open = addresses.into_iter().flatten().find(|address| !address.ip().is_loopback());
    match (token, open) {
        (None, Some(address)) => Err(StartError::NoControlToken { address }),
        (Some(token), _) if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(StartError::ControlToken)
        }
        _ => Ok(()),
    }
}

/// `scheme://host[:port]` of a URL that is nothing more, without a trailing slash.
fn origin(url: &str) -> Option<String> {
    let url = url.trim_end_matches('/');
    let (scheme, host) = url.split_once("://")?;
    (matches!(scheme, "http" | "https") && host_is_valid(host)).then(|| url.to_owned())
}

fn start_error(error: CreateError) -> StartError {
    match error {
        CreateError::Document(error) => StartError::Org(error),
        CreateError::Tls(error) => StartError::Tls(error),
        CreateError::KeyFile { path, source } => StartError::KeyDir { path, source },
        CreateError::Listen { address, tls, source } => {
            StartError::Listen { address, flag: if tls { "--tls-listen" } else { "--listen" }, source }
        }
        CreateError::Name(_)
        | CreateError::Taken(_)
        | CreateError::Profile { .. }
        | CreateError::MaxPage
        | CreateError::Unfinished(_) => StartError::Option(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_origin() {
        for (url, expected) in [
            ("https://acme.example", Some("https://acme.example")),
            ("http://[::1]:8080/", Some("http://[::1]:8080")),
            ("https://acme.example/okta", None),
            ("acme.example", None),
            ("ftp://acme.example", None),
            ("https://", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn an_open_address_needs_a_token() {
        let loopback: SocketAddr = ([127, 0, 0, 1], 0).into();
        let open: SocketAddr = ([0, 0, 0, 0], 8080).into();
        for (token, plain, tls, fine) in [
            (None, loopback, None, true),
            (None, open, None, false),
            (None, loopback, Some(open), false),
            (Some("s3cret"), open, Some(open), true),
            (Some("two words"), loopback, None, false),
            (Some(""), loopback, None, false),
        ] {
            assert_eq!(check_token(token, [Some(plain), tls]).is_ok(), fine, "{token:?} {plain} {tls:?}");
        }
    }
}
