//! `orgtwin serve`: an org until it is interrupted. Credentials and a first command go to stdout, logs to stderr.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use mock_server::{MockOrg, MockOrgBuilder, OrgDocument, Sync};
use serde_json::Value;

use crate::{
    cli::{DEFAULT_SEED, DataSync, ServeArgs},
    fail,
    suite::outcome::exit,
    target::ready::Ready,
};

/// An org that cannot be served.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    /// A file that was named.
    #[error("{flag} {path}: {cause}")]
    File { flag: &'static str, path: PathBuf, cause: String },
    /// The org does not start.
    #[error("{0}")]
    Start(String),
    /// The environment.
    #[error("{0}")]
    Environment(#[from] io::Error),
}

impl ServeError {
    fn exit(&self) -> u8 {
        if matches!(self, Self::Environment(_)) { exit::BROKEN } else { exit::USAGE }
    }
}

/// Serves until Ctrl-C; gives the exit code.
pub(crate) fn serve(arguments: ServeArgs) -> u8 {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, exit::BROKEN),
    };
    let ended = runtime.block_on(until_interrupted(arguments));
    runtime.shutdown_background();
    match ended {
        Ok(()) => exit::CONFORMANT,
        Err(error) => fail(&error, error.exit()),
    }
}

async fn until_interrupted(arguments: ServeArgs) -> Result<(), ServeError> {
    let ready_file = arguments.ready_file.clone();
    let chaos = arguments.chaos.map(|percent| (percent, arguments.seed.unwrap_or(DEFAULT_SEED)));
    let org = builder(arguments)?.start().await.map_err(|error| ServeError::Start(error.to_string()))?;
    let value = serde_json::to_value(org.ready()).map_err(io::Error::other)?;
    let ready: Ready = serde_json::from_value(value.clone()).map_err(io::Error::other)?;
    say(&greeting(&ready, chaos));
    if let Some(path) = &ready_file {
        write_whole(path, &value).map_err(|cause| ServeError::File {
            flag: "--ready-file",
            path: path.clone(),
            cause: cause.to_string(),
        })?;
    }
    interrupted().await?;
    org.stopped().await;
    if let Some(path) = &ready_file {
        forget(path, &value);
    }
    Ok(())
}

/// Removes the ready file of an org that is gone, unless somebody else has written it since.
fn forget(path: &Path, value: &Value) {
    let ours = std::fs::read_to_string(path).is_ok_and(|text| text == written(value));
    if ours && let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %error, "the ready file was not removed");
    }
}

fn written(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Ctrl-C, or the SIGTERM of a container's end.
async fn interrupted() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

fn builder(arguments: ServeArgs) -> Result<MockOrgBuilder, ServeError> {
    let mut builder = MockOrg::builder().listen(arguments.listen).trust_proxy(arguments.trust_proxy);
    builder = builder.control(!arguments.no_control);
    builder = builder.ledger_mib(usize::try_from(arguments.ledger_mib).unwrap_or(usize::MAX));
    if let Some(address) = arguments.tls_listen {
        builder = builder.tls_listen(address);
    }
    for name in arguments.host_name {
        builder = builder.host_name(name);
    }
    if let (Some(cert), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) {
        builder = builder.tls_identity(read("--tls-cert", cert)?, read("--tls-key", key)?);
    }
    if let Some(url) = arguments.base_url {
        builder = builder.base_url(url);
    }
    if let Some(folder) = arguments.data {
        let sync = match arguments.data_sync {
            DataSync::System => Sync::System,
            DataSync::Disk => Sync::Disk,
        };
        builder = builder.data(folder, sync);
    }
    if let Some(path) = &arguments.org {
        builder = builder.org(org_document(path)?);
    }
    if let Some(users) = arguments.users {
        builder = builder.users(users);
    }
    if let Some(page) = arguments.max_page {
        builder = builder.max_page(page);
    }
    if let Some(profile) = arguments.rate_limits {
        builder = builder.rate_limits(profile);
    }
    if let Some(token) = arguments.control_token {
        builder = builder.control_token(token);
    }
    if let Some(percent) = arguments.chaos {
        builder = builder.chaos(percent, arguments.seed.unwrap_or(DEFAULT_SEED));
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    Ok(builder)
}

fn org_document(path: &Path) -> Result<OrgDocument, ServeError> {
    let text = read("--org", path)?;
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let document = if json { OrgDocument::from_json(&text) } else { OrgDocument::from_toml(&text) };
    document.map_err(|error| ServeError::File {
        flag: "--org",
        path: path.to_owned(),
        cause: error.to_string(),
    })
}

fn read(flag: &'static str, path: &Path) -> Result<String, ServeError> {
    std::fs::read_to_string(path).map_err(|cause| ServeError::File {
        flag,
        path: path.to_owned(),
        cause: cause.to_string(),
    })
}

/// Writes a file so that a reader sees all of it or nothing, and only its owner sees it: it holds secrets.
fn write_whole(path: &Path, value: &Value) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(written(value).as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn say(text: &str) {
    // Nobody may be reading; the org runs all the same.
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Address, credentials and a command to try.
fn greeting(ready: &Ready, chaos: Option<(f64, u64)>) -> String {
    let mut lines = vec![format!("The org `{}` is at {}", ready.name, ready.base_url)];
    if let Some(url) = &ready.tls_base_url {
        lines.push(format!("over TLS at {url}"));
    }
    if let Some(ca) = &ready.ca_file {
        lines.push(format!("certificate authority: {}", ca.display()));
    }
    if ready.control_url.is_empty() {
        lines.push("no control API: what is below /_mock is answered as an org answers it".to_owned());
    } else {
        lines.push(format!("control API: {0} (in a browser: the console, {0}/)", ready.control_url));
    }
    if let Some((percent, seed)) = chaos {
        lines.push(format!("chaos: {percent} % of the API calls go wrong on purpose (seed {seed})"));
    }
    lines.push(String::new());
    for token in &ready.api_tokens {
        let owner = token.owner.as_deref().map(|owner| format!(" of {owner}")).unwrap_or_default();
        lines.push(format!("API token {}{owner}: {}", token.name, token.token));
    }
    for client in &ready.clients {
        lines.push(format!("app {}: client id {} ({})", client.name, client.client_id, client.auth_method));
        if let Some(secret) = &client.client_secret {
            lines.push(format!("  client secret: {secret}"));
        }
        if let Some(key) = &client.private_key_file {
            let kid = client.kid.as_deref().map(|kid| format!(", kid {kid}")).unwrap_or_default();
            lines.push(format!("  private key: {}{kid}", key.display()));
        }
        lines.push(format!("  scopes: {}", client.scopes.join(" ")));
    }
    for user in &ready.users {
        lines.push(format!("user {}: password {}", user.login, user.password));
    }
    lines.push(String::new());
    lines.push("Try:".to_owned());
    lines.extend(curl(ready));
    lines.push(String::new());
    lines.push("Ctrl-C stops it.".to_owned());
    lines.join("\n") + "\n"
}

/// A first command: users by an API token, or a token by a client secret.
fn curl(ready: &Ready) -> Vec<String> {
    let base = &ready.base_url;
    if let Some(token) = &ready.api_token {
        return vec![format!("  curl -H 'Authorization: SSWS {token}' '{base}/api/v1/users?limit=2'")];
    }
    ready
        .clients
        .iter()
        .find_map(|client| client.client_secret.as_ref().map(|secret| (client, secret)))
        .map(|(client, secret)| {
            let scope = client.scopes.first().map_or("okta.users.read", String::as_str);
            let id = &client.client_id;
            format!("  curl -u '{id}:{secret}' -d 'grant_type=client_credentials&scope={scope}' '{base}/oauth2/v1/token'")
        })
        .into_iter()
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_has_all_that_a_newcomer_needs() {
        let ready: Ready = serde_json::from_str(
            r#"{"name":"default","base_url":"http://127.0.0.1:8080","control_url":"http://127.0.0.1:8080/_mock",
                "api_token":"00abc","api_tokens":[{"name":"admin","token":"00abc","owner":"admin@example.com"}],
                "clients":[{"name":"service","client_id":"0oa1","private_key_file":"/tmp/k.pem","kid":"k1",
                            "auth_method":"private_key_jwt","scopes":["okta.users.read"]}],
                "users":[{"login":"admin@example.com","password":"pw"}]}"#,
        )
        .unwrap();
        insta::assert_snapshot!(greeting(&ready, None));
        let chaos = greeting(&ready, Some((2.5, 7)));
        assert!(chaos.contains("chaos: 2.5 % of the API calls go wrong on purpose (seed 7)"), "{chaos}");
    }

    #[test]
    fn the_ready_file_is_whole_and_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        write_whole(&path, &serde_json::json!({"name": "default"})).unwrap();
        write_whole(&path, &serde_json::json!({"name": "again"})).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\n  \"name\": \"again\"\n}\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        forget(&path, &serde_json::json!({"name": "default"}));
        assert!(path.exists(), "it is another's");
        forget(&path, &serde_json::json!({"name": "again"}));
        assert!(!path.exists());
    }
}
