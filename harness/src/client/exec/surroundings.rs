//! Where a client is run in a scenario: a fresh home, its files, its environment, the CA, the proxy.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    net::TcpListener,
    path::{Component, Path},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    files::write_private,
    process::Surroundings,
    profile::Profile,
    template::{self, Values},
    trust::{self, Truststores},
    values,
};
use crate::client::{protocol::Connection, proxy::Proxy};

/// What a client must not inherit from whoever runs the suite: other proxies, other orgs.
const NOT_INHERITED: &[&str] =
    &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "MOCK_ORG", "SSL_CERT_DIR", "JAVA_TOOL_OPTIONS"];
/// The same by beginning.
const NOT_INHERITED_FROM: &[&str] = &["OKTA_", "ORGTWIN_"];

/// A client's place in one scenario; its folder goes with it.
pub(super) struct Place {
    /// `{tmp}`.
    pub(super) folder: TempDir,
    /// What texts may use.
    pub(super) values: Values,
    /// What commands are run with.
    pub(super) around: Surroundings,
    /// The way to the org whose host is written in the client's code.
    pub(super) proxy: Option<Proxy>,
}

impl Place {
    /// Makes it; `tls_address` is where the org listens with TLS.
    ///
    /// # Errors
    /// What could not be made, in words.
    pub(super) async fn new(
        profile: &Profile,
        connection: &Connection,
        truststores: &Truststores,
        tls_address: Option<String>,
    ) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("orgtwin-client")
            .tempdir()
            .map_err(|error| format!("no folder can be made for the client: {error}"))?;
        let mut values = values::of_connection(connection);
        let mut around = bare(&profile.folder);
        for name in &profile.isolate {
            let path = home(folder.path(), name);
            fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            around.env.insert(name.into(), path.into());
        }
        values.insert("tmp", folder.path().display().to_string());
        values.insert("profile_dir", profile.folder.display().to_string());
        if profile.uses("port") {
            values.insert("port", free_port()?.to_string());
        }
        if let Some(pem) = values.get("private_key_pem") {
            let path = folder.path().join("private-key.pem");
            write_private(&path, pem).map_err(|error| format!("{}: {error}", path.display()))?;
            values.insert("private_key_file", path.display().to_string());
        }
        let proxy = match (&profile.host, tls_address) {
            (Some(host), Some(address)) => {
                Some(Proxy::open(host, &address).await.map_err(|error| format!("the proxy: {error}"))?)
            }
            _ => None,
        };
        // At a real org the client is led through the run's proxy.
        let proxy_url = connection.proxy.as_ref().or(proxy.as_ref().map(|proxy| &proxy.url));
        if let Some(url) = proxy_url {
            values.insert("proxy_url", url.clone());
            for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] {
                around.env.insert(name.into(), url.clone().into());
            }
            // Node looks at these variables since version 24, when it is told to.
            around.env.insert("NODE_USE_ENV_PROXY".into(), "1".into());
        }
        let mut truststore = None;
        if let Some(pem) = &connection.ca_pem {
            let path = folder.path().join("ca.pem");
            write_private(&path, pem).map_err(|error| format!("{}: {error}", path.display()))?;
            values.insert("ca_file", path.display().to_string());
            for name in trust::CA_VARIABLES {
                around.env.insert(name.into(), path.clone().into());
            }
            let jvm = ["java", "kotlin", "scala", "groovy", "clojure"];
            let language = profile.client.language.to_ascii_lowercase();
            if profile.uses("truststore_file") || jvm.iter().any(|name| language.starts_with(name)) {
                let path = truststores.of(pem).await?;
                values.insert("truststore_file", path.display().to_string());
                truststore = Some(path);
            }
        }
        let proxy_url = proxy_url.map(String::as_str);
        if let Some(options) = trust::java_options(truststore.as_deref(), proxy_url) {
            around.env.insert("JAVA_TOOL_OPTIONS".into(), options.into());
        }
        for (name, text) in &profile.env {
            // A value that this scenario does not have is a setting that the client is not given.
            if let Ok(text) = template::render(text, &values) {
                around.env.insert(name.into(), text.into());
            }
        }
        write_files(profile, &values, folder.path())?;
        Ok(Self { folder, values, around, proxy })
    }
}

/// The profile's folder, and the harness's own environment without what must not be inherited.
pub(super) fn bare(folder: &Path) -> Surroundings {
    let inherited = |name: &OsString| {
        let name = name.to_string_lossy().to_ascii_uppercase();
        !NOT_INHERITED.contains(&name.as_str())
            && !NOT_INHERITED_FROM.iter().any(|start| name.starts_with(start))
    };
    let env: BTreeMap<OsString, OsString> = std::env::vars_os().filter(|(name, _)| inherited(name)).collect();
    Surroundings { folder: folder.to_owned(), env }
}

fn home(tmp: &Path, name: &str) -> std::path::PathBuf {
    match name {
        "XDG_CONFIG_HOME" => tmp.join(".config"),
        "XDG_CACHE_HOME" => tmp.join(".cache"),
        "XDG_DATA_HOME" => tmp.join(".local/share"),
        "XDG_STATE_HOME" => tmp.join(".local/state"),
        "TMPDIR" => tmp.join("tmp"),
        _ => tmp.to_owned(),
    }
}

fn write_files(profile: &Profile, values: &Values, tmp: &Path) -> Result<(), String> {
    for file in &profile.file {
        let failed = |cause: String| format!("file {}: {cause}", file.path);
        let path = template::render(&file.path, values)
            .map_err(|word| failed(format!("this scenario has no value for {{{word}}}")))?;
        let path = tmp.join(path);
        let inside = path.starts_with(tmp) && !path.components().any(|part| part == Component::ParentDir);
        if !inside {
            return Err(failed("it is outside of {tmp}, the scenario's own folder".to_owned()));
        }
        let text = match (&file.content, &file.template) {
            (Some(content), _) => content.clone(),
            (None, Some(name)) => fs::read_to_string(profile.folder.join(name))
                .map_err(|error| failed(format!("template {name}: {error}")))?,
            (None, None) => String::new(),
        };
        if let Some(cause) = template::unknown(&text) {
            return Err(failed(cause));
        }
        let mut all = values.clone();
        for word in template::words(&text) {
            // A secret of the other kind is empty in a file that has places for both.
            if let Some((known, _)) = template::WORDS.iter().find(|(known, _)| *known == word) {
                all.entry(known).or_default();
            }
        }
        let text = template::render(&text, &all).map_err(failed)?;
        write_private(&path, &text).map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

fn free_port() -> Result<u16, String> {
    let bound = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    bound.map(|address| address.port()).map_err(|error| format!("no port is free: {error}"))
}

/// For calls of the client itself, which may answer after all its work is done.
pub(super) fn own_http() -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    client.connect_timeout(Duration::from_secs(3)).build().map_err(|error| error.to_string())
}
