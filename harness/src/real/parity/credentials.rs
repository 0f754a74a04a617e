//! Who may be at an org: an administrator's API token and some apps. From a file and the environment only, never from
//! the command line.

use std::collections::BTreeMap;

use super::observation::Observations;
use crate::{
    real::config::RealConfig,
    report::taint::Taint,
    target::ready::{OrgClient, Ready},
};

/// The variable with the administrator's API token; wins over the file.
pub(crate) const API_TOKEN: &str = "ORGTWIN_API_TOKEN";

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

impl Credentials {
    /// Those of the file of `--org-config`; `api_token` comes from the environment.
    pub(crate) fn of(config: &RealConfig, api_token: Option<String>) -> Self {
        let mut own = Self::default();
        let api_token = api_token.filter(|token| !token.is_empty()).or_else(|| config.api_token.clone());
        let tokens = [("api_token", api_token), ("role_less_api_token", config.role_less_api_token.clone())];
        for (name, token) in tokens {
            own.values.extend(token.map(|token| (name.to_owned(), token)));
        }
        let service = config.apps.iter().filter(|app| app.name == "service-app").map(|app| (app, None));
        let others = config.observed.iter().map(|app| (&app.client, app.redirect_uri.clone()));
        for (client, redirect_uri) in service.chain(others) {
            if let Some(pem) = &client.private_key_pem {
                let key = SigningKey { pem: pem.clone(), kid: client.kid.clone() };
                own.keys.insert(client.name.clone(), key);
            }
            own.client(client, redirect_uri);
        }
        if let Some(custom) = &config.custom {
            own.add("custom", "server", Some(custom.server.clone()));
            own.add("custom", "scope", Some(custom.scope.clone()));
        }
        own
    }

    fn client(&mut self, client: &OrgClient, redirect_uri: Option<String>) {
        self.add(&client.name, "client_id", Some(client.client_id.clone()));
        self.add(&client.name, "client_secret", client.client_secret.clone());
        self.add(&client.name, "scope", client.scopes.first().cloned());
        self.add(&client.name, "redirect_uri", redirect_uri);
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
            own.client(client, uri.map(ToOwned::to_owned));
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn config() -> RealConfig {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("key.pem", "a key");
        write("token", "00secret\n");
        write(
            "org.toml",
            "[harness]\napi_token_file = 'token'\n[apps.service-app]\nclient_id = '0oa1'\n\
             private_key_file = 'key.pem'\nkid = 'k'\nscopes = ['okta.users.read', 'okta.apps.read']\n",
        );
        RealConfig::load(&folder.path().join("org.toml")).unwrap()
    }

    #[test]
    fn the_file_names_who_may_be_at_the_org() {
        let own = Credentials::of(&config(), None);
        assert_eq!(
            (own.get("api_token"), own.get("service-app.client_id")),
            (Some("00secret"), Some("0oa1"))
        );
        assert_eq!(own.get("service-app.scope"), Some("okta.users.read"));
        assert_eq!(own.key("service-app").unwrap().pem, "a key");
        assert!(own.get("web.client_id").is_none());
        assert!(!format!("{own:?}").contains("00secret"));
        let taint = Taint::default();
        own.teach(&taint);
        assert!(!taint.redact("SSWS 00secret").contains("00secret"));
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        assert_eq!(Credentials::of(&config(), Some("00other".to_owned())).get("api_token"), Some("00other"));
        assert_eq!(Credentials::of(&config(), Some(String::new())).get("api_token"), Some("00secret"));
        assert!(Credentials::of(&RealConfig::default(), None).get("api_token").is_none());
    }
}
