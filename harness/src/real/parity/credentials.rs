//! Who may be at an org: an administrator's API token and some apps. From a file and the environment only, never from
//! the command line.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::observation::Observations;
use crate::{report::taint::Taint, target::ready::Ready};

/// The variable with the administrator's API token; wins over the file.
pub(crate) const API_TOKEN: &str = "ORGTWIN_API_TOKEN";

/// The file of `--credentials`. All of it is optional: what is not there is not asked for, and named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    api_token: Option<String>,
    role_less_api_token: Option<String>,
    service: Option<App>,
    role_less: Option<App>,
    new_service: Option<App>,
    web: Option<App>,
    public: Option<App>,
    dpop: Option<App>,
    custom: Option<Custom>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct App {
    client_id: String,
    client_secret: Option<String>,
    private_key_file: Option<PathBuf>,
    kid: Option<String>,
    scope: Option<String>,
    redirect_uri: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    server: String,
    scope: String,
}

/// A key that signs assertions.
#[derive(Clone)]
pub(crate) struct SigningKey {
    /// PKCS#8 or PKCS#1.
    pub(crate) pem: String,
    /// Its id.
    pub(crate) kid: Option<String>,
}

/// Credentials by name: `service.client_id`.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    values: BTreeMap<String, String>,
    keys: BTreeMap<String, SigningKey>,
}

/// Without the secrets.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

/// Credentials that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("--credentials {}: {cause}", path.display())]
pub(crate) struct BadCredentials {
    path: PathBuf,
    cause: String,
}

impl Credentials {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// The file or a key in it cannot be read; the message never repeats a value.
    pub(crate) fn read(path: Option<&Path>, api_token: Option<String>) -> Result<Self, BadCredentials> {
        let mut read = match path {
            None => Self::default(),
            Some(path) => {
                let bad = |cause: String| BadCredentials { path: path.to_owned(), cause };
                let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
                let file: File =
                    toml::from_str(&text).map_err(|error| bad(error_without_text(&error, &text)))?;
                Self::of(file, path.parent().unwrap_or(Path::new("."))).map_err(bad)?
            }
        };
        read.values
            .extend(api_token.filter(|token| !token.is_empty()).map(|token| ("api_token".to_owned(), token)));
        Ok(read)
    }

    fn of(file: File, folder: &Path) -> Result<Self, String> {
        let mut read = Self::default();
        for (name, token) in
            [("api_token", file.api_token), ("role_less_api_token", file.role_less_api_token)]
        {
            read.values.extend(token.map(|token| (name.to_owned(), token)));
        }
        let apps = [
            ("service", file.service),
            ("role_less", file.role_less),
            ("new_service", file.new_service),
            ("web", file.web),
            ("public", file.public),
            ("dpop", file.dpop),
        ];
        for (name, app) in apps {
            let Some(app) = app else { continue };
            if app.client_id.is_empty() {
                return Err(format!("[{name}] client_id is missing"));
            }
            if let Some(file) = app.private_key_file {
                let file = folder.join(file);
                let pem = std::fs::read_to_string(&file)
                    .map_err(|error| format!("[{name}] private_key_file {}: {error}", file.display()))?;
                read.keys.insert(name.to_owned(), SigningKey { pem, kid: app.kid });
            }
            read.add(name, "client_id", Some(app.client_id));
            read.add(name, "client_secret", app.client_secret);
            read.add(name, "scope", app.scope);
            read.add(name, "redirect_uri", app.redirect_uri);
        }
        if let Some(custom) = file.custom {
            read.add("custom", "server", Some(custom.server));
            read.add("custom", "scope", Some(custom.scope));
        }
        Ok(read)
    }

    fn add(&mut self, section: &str, name: &str, value: Option<String>) {
        self.values.extend(value.map(|value| (format!("{section}.{name}"), value)));
    }

    /// Those of a twin that was made of `fixtures/parity/twin.toml`.
    ///
    /// # Errors
    /// A key file cannot be read, in words.
    pub(crate) fn of_twin(ready: &Ready, observations: &Observations) -> Result<Self, String> {
        let mut own = Self::default();
        for (name, owner) in [("api_token", "admin"), ("role_less_api_token", "nobody")] {
            let token = ready.api_tokens.iter().find(|token| token.name == owner);
            own.values.extend(token.map(|token| (name.to_owned(), token.token.clone())));
        }
        let apps = observations.twin.get("apps").and_then(toml::Value::as_array);
        for client in &ready.clients {
            if let Some(file) = &client.private_key_file {
                let pem =
                    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
                own.keys.insert(client.name.clone(), SigningKey { pem, kid: client.kid.clone() });
            }
            let entry = apps.into_iter().flatten().find(|app| app["name"].as_str() == Some(&client.name));
            let uri = entry.and_then(|app| app.get("redirect_uris")?.get(0)?.as_str());
            own.add(&client.name, "client_id", Some(client.client_id.clone()));
            own.add(&client.name, "client_secret", client.client_secret.clone());
            own.add(&client.name, "scope", client.scopes.first().cloned());
            own.add(&client.name, "redirect_uri", uri.map(ToOwned::to_owned));
        }
        own.add("custom", "server", Some("default".to_owned()));
        own.add("custom", "scope", Some("twin.read".to_owned()));
        Ok(own)
    }

    /// A value by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The key of an app.
    pub(crate) fn key(&self, app: &str) -> Option<&SigningKey> {
        self.keys.get(app)
    }

    /// All values with their names.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Tells the secrets, so that they are written nowhere.
    pub(crate) fn teach(&self, taint: &Taint) {
        for (name, value) in self.values() {
            if name.ends_with("_token") || name.ends_with("_secret") {
                taint.learn(value);
            }
        }
        self.keys.values().for_each(|key| taint.learn(&key.pem));
    }
}

/// The parser's words without the line of the file, which may hold a secret.
fn error_without_text(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
    let outside = |(at, words)| if at % 2 == 0 { words } else { "…" };
    let message: String = error.message().split('"').enumerate().map(outside).collect();
    line.map_or_else(|| message.clone(), |line| format!("line {line}: {message}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Credentials, BadCredentials> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key.pem"), "a key").unwrap();
        let file = folder.path().join("credentials.toml");
        std::fs::write(&file, text).unwrap();
        Credentials::read(Some(&file), None)
    }

    #[test]
    fn a_file_names_who_may_be_at_the_org() {
        let text = "api_token = '00secret'\n[service]\nclient_id = '0oa1'\nprivate_key_file = 'key.pem'\nkid = 'k'\n";
        let read = read(text).unwrap();
        assert_eq!((read.get("api_token"), read.get("service.client_id")), (Some("00secret"), Some("0oa1")));
        assert_eq!(read.key("service").unwrap().pem, "a key");
        assert!(read.get("web.client_id").is_none());
        assert!(!format!("{read:?}").contains("00secret"));
        let taint = Taint::default();
        read.teach(&taint);
        assert!(!taint.redact("SSWS 00secret").contains("00secret"));
    }

    #[test]
    fn what_is_wrong_is_told_without_a_secret() {
        for (text, words) in [
            ("api_tokens = '00secret'\n", "unknown field `api_tokens`"),
            ("[service]\nclient_secret = '00secret'\n", "[service] client_id is missing"),
            ("[service]\nclient_id = '0oa1'\nprivate_key_file = 'none.pem'\n", "none.pem"),
            ("\napi_token = '00secret\n", "line 2"),
            ("service = '00secret'\n", "line 1: invalid type: string …"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("00secret"), "{error}");
        }
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let read = Credentials::read(None, Some("00other".to_owned())).unwrap();
        assert_eq!(read.get("api_token"), Some("00other"));
        assert!(Credentials::read(None, Some(String::new())).unwrap().get("api_token").is_none());
    }
}
