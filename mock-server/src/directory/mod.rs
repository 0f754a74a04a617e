//! The orgs of this process: each on a listener of its own, made in well under a millisecond, gone without a trace.

mod hosted;
mod key_files;
mod ready;
mod struck;
mod templates;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use parking_lot::{Mutex, RwLock};

pub(crate) use hosted::Hosted;
use ready::LastShown;
pub use ready::{Ready, ReadyApiToken, ReadyClient, ReadyUser};

use crate::facts::facts;
use crate::facts::nearest;
use crate::faults::{Chaos, Faults};
use crate::http::tls::{Tls, TlsError};
use crate::http::{Arrival, CONTROL_PATH, ControlFuture, Listener, Policy, Tasks};
use crate::ledger::{Bounds, Ledger};
use crate::org::clock::Clock;
use crate::org::seed::{OrgDocument, SeedError};
use crate::org::{Org, OrgOptions};
use crate::outgoing::Courier;
use crate::persist::{KeptOrg, Store};
use hosted::OrgSite;
use key_files::KeyFiles;
use templates::Templates;

/// The name of the first org.
pub(crate) const FIRST: &str = "default";
/// The length that a name may have.
const MAX_NAME: usize = 64;

/// What answers below `/_mock`.
pub(crate) type Control = fn(http::Request<Body>, Caller) -> ControlFuture;

/// Who calls the control API, and of whom.
#[derive(Clone)]
pub(crate) struct Caller {
    /// The orgs.
    pub(crate) directory: Arc<Directory>,
    /// How the call arrived.
    pub(crate) arrival: Arrival,
}

/// What holds for the whole process.
pub(crate) struct House {
    /// The document of orgs that are asked for without one.
    pub(crate) document: OrgDocument,
    /// The options of such orgs.
    pub(crate) options: OrgOptions,
    /// The address of further listeners.
    pub(crate) address: IpAddr,
    /// How listeners read, but for those of the first org, which may have a fixed base URL.
    pub(crate) policy: Arc<Policy>,
    /// The token of the control API.
    pub(crate) control_token: Option<String>,
    /// Names that a control call may be addressed to, besides localhost and addresses.
    pub(crate) host_names: Vec<String>,
    /// A certificate and its key, instead of a CA of our own.
    pub(crate) identity: Option<(String, String)>,
    /// Where private keys and the CA's certificate are written.
    pub(crate) key_dir: PathBuf,
    /// The folder in which orgs outlive the process.
    pub(crate) store: Option<Arc<Store>>,
    /// What the ledger of each org keeps.
    pub(crate) ledger: Bounds,
    /// The control API.
    pub(crate) control: Control,
    /// What goes wrong by chance in every org.
    pub(crate) chaos: Option<Chaos>,
}

/// The orgs of this process.
pub(crate) struct Directory {
    house: House,
    orgs: RwLock<BTreeMap<String, Arc<Hosted>>>,
    templates: Templates,
    key_files: KeyFiles,
    shown: LastShown,
    tls: Mutex<Option<Certificates>>,
    unnamed: AtomicU64,
    tasks: Tasks,
    courier: Arc<Courier>,
}

/// An org that is asked for.
#[derive(Debug, Default)]
pub(crate) struct NewOrg {
    /// Its name; default: the document's, or a new one.
    pub(crate) name: Option<String>,
    /// Its document; default: the one that the process was started with.
    pub(crate) document: Option<OrgDocument>,
    /// Options that win over the document.
    pub(crate) options: OrgOptions,
    /// Whether it has a TLS listener as well.
    pub(crate) tls: bool,
    /// Names in its certificate, besides those of the process.
    pub(crate) host_names: Vec<String>,
    /// The org as it was kept; it takes another port if its own is taken.
    pub(crate) kept: Option<Org>,
}

/// What TLS listeners need, and the file of the CA's certificate.
type Certificates = (Tls, Option<PathBuf>);

/// Where an org listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    /// Plain HTTP.
    pub(crate) plain: SocketAddr,
    /// HTTPS.
    pub(crate) tls: Option<SocketAddr>,
}

/// An org that cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateError {
    #[error("name: {0:?} is no name; use 1 to {MAX_NAME} letters, digits, `.`, `_` and `-`")]
    Name(String),
    #[error("name: there is an org {0:?} already; choose another name, or delete that one first")]
    Taken(String),
    #[error("org: {0}")]
    Document(#[from] SeedError),
    #[error("rate_limits: there is no profile {name:?}{hint}; there are {known}")]
    Profile { name: String, hint: String, known: String },
    #[error("max_page: a page has at least one item; leave the field out for Okta's sizes")]
    MaxPage,
    #[error("{address} cannot be listened on: {source}")]
    Listen { address: SocketAddr, tls: bool, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("{path}: {source}; choose another folder for keys")]
    KeyFile { path: PathBuf, source: io::Error },
    #[error("the org was not finished: {0}")]
    Unfinished(String),
}

/// An org that cannot be deleted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeleteError {
    #[error("there is no org {0:?}")]
    Unknown(String),
    #[error(
        "the org {FIRST:?} cannot be deleted: the server lives as long as it does; reset it, or stop the server"
    )]
    First,
}

impl Directory {
    /// An empty directory.
    pub(crate) fn new(house: House) -> Arc<Self> {
        let templates = Templates::new(house.document.clone(), house.options.clone());
        let key_files = KeyFiles::new(house.key_dir.clone());
        let (orgs, tls, tasks) = (RwLock::default(), Mutex::default(), Tasks::default());
        let (unnamed, courier) = (AtomicU64::new(0), Arc::default());
        let shown = LastShown::default();
        Arc::new(Self { house, orgs, templates, key_files, shown, tls, unnamed, tasks, courier })
    }

    /// What holds for the whole process.
    pub(crate) fn house(&self) -> &House {
        &self.house
    }

    /// Makes an org on a new port of the address that the process listens on.
    pub(crate) async fn create(self: &Arc<Self>, new: NewOrg) -> Result<Arc<Hosted>, CreateError> {
        let any_port = SocketAddr::new(self.house.address, 0);
        let addresses = Addresses { plain: any_port, tls: new.tls.then_some(any_port) };
        self.create_at(new, addresses, self.house.policy.clone()).await
    }

    /// Makes an org on these addresses.
    pub(crate) async fn create_at(
        self: &Arc<Self>,
        new: NewOrg,
        addresses: Addresses,
        policy: Arc<Policy>,
    ) -> Result<Arc<Hosted>, CreateError> {
        let name = self.name(&new)?;
        let movable = new.kept.is_some() && name != FIRST;
        check(&new.options)?;
        let names = new.host_names.clone();
        let (tls, org) =
            tokio::join!(self.certificates(addresses.tls.is_some(), names), self.org(new, &name));
        let (tls, org) = (tls?, org?);
        let bind = async |address: SocketAddr, config: Option<_>, tls| {
            let bound = match Listener::bind(address, config.clone()).await {
                Err(_) if movable => Listener::bind(SocketAddr::new(address.ip(), 0), config).await,
                bound => bound,
            };
            bound.map_err(|source| CreateError::Listen { address, tls, source })
        };
        let plain = bind(addresses.plain, None, false).await?;
        let secure = match (addresses.tls, &tls) {
            (Some(address), Some((tls, _))) => Some(bind(address, Some(tls.config.clone()), true).await?),
            _ => None,
        };

        let ports = (plain.port(), secure.as_ref().map(Listener::port));
        let base_url = policy.base_url.as_deref().map_or_else(|| plain.url(), str::to_owned);
        let tls_base_url = secure.as_ref().map(Listener::url);
        let keys = self.key_files.of(&name, org.credentials())?;
        let (shown, keys) = self.shown.of(org.shared_credentials(), keys);
        let control_url = if policy.control { format!("{base_url}{CONTROL_PATH}") } else { String::new() };
        let ready = Ready {
            name: name.clone(),
            control_url,
            base_url,
            tls_base_url,
            control_token: self.house.control_token.clone(),
            ca_file: tls.and_then(|(_, file)| file),
            ..shown
        };
        let (ledger, faults) = (Ledger::with_bounds(self.house.ledger), Faults::new(self.house.chaos));
        let (tasks, courier) = (self.tasks.child(), self.courier.clone());
        let hosted = Arc::new(Hosted::new(org, ledger, faults, ready, keys, tasks, courier));
        match self.orgs.write().entry(name) {
            Entry::Occupied(taken) => return Err(CreateError::Taken(taken.key().clone())),
            Entry::Vacant(free) => free.insert(hosted.clone()),
        };
        if let Err(error) = self.keep(&hosted, ports).await {
            self.orgs.write().remove(&hosted.ready().name);
            return Err(error);
        }
        let postman = Arc::downgrade(&hosted);
        hosted.org().outbox().served_by(postman);
        for listener in [Some(plain), secure].into_iter().flatten() {
            let site = OrgSite { directory: self.clone(), hosted: hosted.clone() };
            listener.serve(Arc::new(site), policy.clone(), hosted.tasks());
        }
        Ok(hosted)
    }

    /// Has an org kept from now on, where orgs are kept.
    async fn keep(&self, hosted: &Arc<Hosted>, (port, tls): (u16, Option<u16>)) -> Result<(), CreateError> {
        if self.house.store.is_none() {
            return Ok(());
        }
        // What its document made is written as well: too long for a thread that serves sockets.
        let kept = hosted.clone();
        let written = tokio::task::spawn_blocking(move || kept.org().listens(port, tls)).await;
        let failed = written.err().map(|error| error.to_string());
        match failed.or_else(|| hosted.org().failure().map(str::to_owned)) {
            Some(failure) => Err(CreateError::Unfinished(failure)),
            None => Ok(()),
        }
    }

    async fn org(self: &Arc<Self>, new: NewOrg, name: &str) -> Result<Org, CreateError> {
        if let Some(org) = new.kept {
            return Ok(org);
        }
        let options = OrgOptions { name: Some(name.to_owned()), ..new.options };
        let store = self.house.store.clone();
        let named = name.to_owned();
        let keep = move |org| match store {
            Some(store) => store.keep(org, &named).map_err(CreateError::Unfinished),
            None => Ok(org),
        };
        if new.document.is_none()
            && let Some(org) = self.templates.ready_fork(&options)
        {
            return keep(org);
        }
        // Making an org from a document takes milliseconds: too long for a thread that serves sockets.
        let directory = self.clone();
        let make = move || match &new.document {
            Some(document) => keep(Org::new(document, &options)?),
            None => keep(directory.templates.fork(&options)?),
        };
        let made = tokio::task::spawn_blocking(make).await;
        made.map_err(|error| CreateError::Unfinished(error.to_string()))?
    }

    /// Makes an org that was kept, on the port that it had if that is free.
    pub(crate) async fn resume(self: &Arc<Self>, kept: KeptOrg) -> Result<Arc<Hosted>, CreateError> {
        let KeptOrg { name, ports: (port, tls_port), org } = kept;
        let at = |port| SocketAddr::new(self.house.address, port);
        let addresses = Addresses { plain: at(port), tls: tls_port.map(at) };
        let new = NewOrg { name: Some(name), kept: Some(org), ..NewOrg::default() };
        self.create_at(new, addresses, self.house.policy.clone()).await
    }

    /// The name that was given; the document's, if it is free; a new one.
    fn name(&self, new: &NewOrg) -> Result<String, CreateError> {
        let orgs = self.orgs.read();
        if let Some(name) = &new.name {
            check_name(name)?;
            return if orgs.contains_key(name) {
                Err(CreateError::Taken(name.clone()))
            } else {
                Ok(name.clone())
            };
        }
        if let Some(name) = new.document.as_ref().and_then(|document| document.name.as_ref()) {
            check_name(name)?;
            if !orgs.contains_key(name) {
                return Ok(name.clone());
            }
        }
        loop {
            let name = format!("org-{}", self.unnamed.fetch_add(1, Ordering::Relaxed) + 1);
            if !orgs.contains_key(&name) {
                return Ok(name);
            }
        }
    }

    /// The certificates, if they are wanted.
    async fn certificates(
        self: &Arc<Self>,
        wanted: bool,
        names: Vec<String>,
    ) -> Result<Option<Certificates>, CreateError> {
        if !wanted {
            return Ok(None);
        }
        // The first key that a process makes can take tens of milliseconds, later ones do not.
        let directory = self.clone();
        let made = tokio::task::spawn_blocking(move || {
            let (tls, file) = directory.tls()?;
            if names.is_empty() {
                return Ok((tls, file));
            }
            let all: Vec<String> = directory.house.host_names.iter().cloned().chain(names).collect();
            Ok((tls.for_names(&all, Clock::default().now())?, file))
        })
        .await;
        made.map_err(|error| CreateError::Unfinished(error.to_string()))?.map(Some)
    }

    /// The certificates, made when they are first needed.
    fn tls(&self) -> Result<Certificates, CreateError> {
        let mut known = self.tls.lock();
        if let Some(known) = &*known {
            return Ok(known.clone());
        }
        let made = match &self.house.identity {
            Some((certificate, key)) => (Tls::with_identity(certificate, key)?, None),
            None => {
                let today = Clock::default().now();
                let tls = Tls::with_new_ca(&self.house.host_names, today)?;
                let file = tls.ca_pem.as_deref().map(|pem| self.key_files.ca(pem)).transpose()?;
                (tls, file)
            }
        };
        *known = Some(made.clone());
        Ok(made)
    }

    /// The certificate of the CA, if one was made.
    pub(crate) fn ca_pem(&self) -> Option<String> {
        self.tls.lock().as_ref().and_then(|(tls, _)| tls.ca_pem.clone())
    }

    /// An org by its name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Hosted>> {
        self.orgs.read().get(name).cloned()
    }

    /// All orgs, the first one first, the others by name.
    pub(crate) fn list(&self) -> Vec<Arc<Hosted>> {
        let orgs = self.orgs.read();
        let others = orgs.iter().filter(|(name, _)| *name != FIRST);
        orgs.get(FIRST).into_iter().chain(others.map(|(_, org)| org)).cloned().collect()
    }

    /// How many orgs there are.
    pub(crate) fn len(&self) -> usize {
        self.orgs.read().len()
    }

    /// The names that are near a wrong one.
    pub(crate) fn near(&self, name: &str) -> Option<String> {
        nearest(name, self.orgs.read().keys().map(String::as_str)).map(str::to_owned)
    }

    /// Deletes an org: its ports are free when this returns; exchanges under way are finished.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), DeleteError> {
        if name == FIRST {
            return Err(DeleteError::First);
        }
        let removed = self.orgs.write().remove(name);
        let hosted = removed.ok_or_else(|| DeleteError::Unknown(name.to_owned()))?;
        hosted.tasks().stop();
        hosted.tasks().ports_free().await;
        hosted.org().forget();
        Ok(())
    }

    /// The tasks of all listeners.
    pub(crate) fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// Forgets every org. Call when the tasks are stopped.
    pub(crate) fn clear(&self) {
        let orgs = std::mem::take(&mut *self.orgs.write());
        drop(orgs);
    }
}

fn check_name(name: &str) -> Result<(), CreateError> {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !letters || name.is_empty() || name.len() > MAX_NAME || name.bytes().all(|byte| byte == b'.') {
        return Err(CreateError::Name(name.to_owned()));
    }
    Ok(())
}

/// Options that a fork would take without looking.
fn check(options: &OrgOptions) -> Result<(), CreateError> {
    if options.max_page == Some(0) {
        return Err(CreateError::MaxPage);
    }
    let limits = &facts().limits;
    match &options.rate_limits {
        Some(name) if !limits.has_profile(name) => {
            let near = nearest(name, limits.profiles());
            let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
            let known = limits.profiles().collect::<Vec<_>>().join(", ");
            Err(CreateError::Profile { name: name.clone(), hint, known })
        }
        _ => Ok(()),
    }
}
