//! The file that says what the suite may use in a real org: apps, people, a group, and whose credentials the harness
//! itself has. It holds no secret: those are in the environment or in files of their own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{report::taint::Taint, target::ready::OrgClient};

/// What `orgtwin real init` writes.
pub(crate) const TEMPLATE: &str = include_str!("../../../fixtures/real-org/org.toml");

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    apps: BTreeMap<String, AppSection>,
    #[serde(default)]
    people: BTreeMap<String, String>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
    #[serde(default)]
    harness: Harness,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AppSection {
    client_id: String,
    #[serde(default)]
    private_key_file: Option<PathBuf>,
    #[serde(default)]
    private_key_env: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    client_secret_file: Option<PathBuf>,
    #[serde(default)]
    client_secret_env: Option<String>,
    scopes: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Harness {
    #[serde(default)]
    api_token_env: Option<String>,
    #[serde(default)]
    api_token_file: Option<PathBuf>,
}

/// What the suite may use in a real org.
#[derive(Clone, Default)]
pub(crate) struct RealConfig {
    /// The apps that the client under test acts as.
    pub(crate) apps: Vec<OrgClient>,
    /// Users by the name that scenarios know them by.
    pub(crate) people: BTreeMap<String, String>,
    /// Groups by the name that scenarios know them by.
    pub(crate) groups: BTreeMap<String, String>,
    /// The harness's own API token: reads what an administrator reads, and cleans up. The client never gets it.
    pub(crate) api_token: Option<String>,
}

/// The names that scenarios have for apps.
pub(crate) const APPS: [&str; 3] = ["service-app", "integration", "manager"];

/// A file that cannot be used (exit 2).
#[derive(Debug, thiserror::Error)]
#[error("--org-config {}: {message}", path.display())]
pub(crate) struct ConfigError {
    path: PathBuf,
    message: String,
}

impl RealConfig {
    /// Reads the file and the secrets that it names.
    ///
    /// # Errors
    /// [`ConfigError`], with the field.
    pub(crate) fn load(path: &Path) -> Result<Self, ConfigError> {
        let failed = |message: String| ConfigError { path: path.to_owned(), message };
        let text = std::fs::read_to_string(path).map_err(|error| {
            failed(format!("cannot be read ({error}); `orgtwin real init` writes one to fill in"))
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, folder, |name| std::env::var(name).ok()).map_err(failed)
    }

    /// Learns what must be in no file.
    pub(crate) fn taint(&self, taint: &Taint) {
        for app in &self.apps {
            app.private_key_pem.iter().chain(&app.client_secret).for_each(|secret| taint.learn(secret));
        }
        self.api_token.iter().for_each(|token| taint.learn(token));
    }

    /// The same of a text; paths are relative to `folder`, and `env` knows the environment.
    ///
    /// # Errors
    /// What is wrong, with the field and the remedy.
    fn parse(text: &str, folder: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| {
            let hint = if ["client_secret", "api_token", "private_key"]
                .iter()
                .any(|name| error.message().contains(&format!("`{name}`")))
            {
                "secrets do not stand in this file: name the variable (…_env) or the file (…_file) that holds one\n"
            } else {
                ""
            };
            format!("{hint}{error}")
        })?;
        let secret = |field: &str, name: Option<&String>, path: Option<&PathBuf>| {
            let value = match (name, path) {
                (None, None) => return Ok(None),
                (Some(_), Some(_)) => return Err(format!("{field}: either _env or _file, not both")),
                (Some(name), None) => env(name)
                    .filter(|value| !value.trim().is_empty())
                    .ok_or_else(|| format!("{field}_env: the variable {name} is not set"))?,
                (None, Some(path)) => {
                    let path = folder.join(path);
                    std::fs::read_to_string(&path)
                        .map_err(|error| format!("{field}_file: {}: {error}", path.display()))?
                }
            };
            Ok(Some(value.trim().to_owned()))
        };
        let mut apps = Vec::new();
        for (name, app) in &file.apps {
            if !APPS.contains(&name.as_str()) {
                return Err(format!("[apps.{name}]: scenarios know these apps: {}", APPS.join(", ")));
            }
            identifier(&format!("apps.{name}.client_id"), &app.client_id)?;
            let at = |field: &str| format!("apps.{name}.{field}");
            let key =
                secret(&at("private_key"), app.private_key_env.as_ref(), app.private_key_file.as_ref())?;
            let client_secret = secret(
                &at("client_secret"),
                app.client_secret_env.as_ref(),
                app.client_secret_file.as_ref(),
            )?;
            let auth_method = match (&key, &client_secret) {
                (Some(_), None) => "private_key_jwt",
                (None, Some(_)) => "client_secret_basic",
                _ => return Err(format!("apps.{name}: exactly one of private_key_… and client_secret_…")),
            };
            if app.scopes.is_empty() {
                return Err(format!(
                    "apps.{name}.scopes: empty; name the scopes that were granted to the app"
                ));
            }
            apps.push(OrgClient {
                name: name.clone(),
                client_id: app.client_id.clone(),
                client_secret,
                private_key_file: None,
                private_key_pem: key,
                kid: app.kid.clone(),
                auth_method: auth_method.to_owned(),
                scopes: app.scopes.clone(),
            });
        }
        if !apps.iter().any(|app| app.name != "manager") {
            return Err("[apps.service-app] or [apps.integration]: the client needs one to act as".to_owned());
        }
        for (kind, ids) in [("people", &file.people), ("groups", &file.groups)] {
            for (name, id) in ids {
                identifier(&format!("{kind}.{name}"), id)?;
            }
        }
        let harness = &file.harness;
        let api_token =
            secret("harness.api_token", harness.api_token_env.as_ref(), harness.api_token_file.as_ref())?;
        Ok(Self { apps, people: file.people, groups: file.groups, api_token })
    }
}

/// Ids of Okta are twenty letters and digits; a client id may be one of one's own.
fn identifier(field: &str, id: &str) -> Result<(), String> {
    let plain =
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain && !id.contains("...") {
        Ok(())
    } else {
        Err(format!("{field}: {id:?} is no id of Okta, as 00u1abcdefghijklmnop"))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[apps.integration]
client_id = "0oa1"
client_secret_env = "SECRET"
scopes = ["okta.users.read"]
[people]
member = "00u1"
[groups]
Support = "00g1"
[harness]
api_token_env = "TOKEN"
"#;

    fn parse(text: &str) -> Result<RealConfig, String> {
        let env = |name: &str| match name {
            "SECRET" => Some("the-secret\n".to_owned()),
            "TOKEN" => Some("the-token".to_owned()),
            _ => None,
        };
        RealConfig::parse(text, Path::new("/nowhere"), env)
    }

    #[test]
    fn apps_people_and_groups_are_read_and_secrets_come_from_elsewhere() {
        let config = parse(GOOD).unwrap();
        let app = &config.apps[0];
        assert_eq!((app.name.as_str(), app.auth_method.as_str()), ("integration", "client_secret_basic"));
        assert_eq!(app.client_secret.as_deref(), Some("the-secret"));
        assert_eq!(config.api_token.as_deref(), Some("the-token"));
        assert_eq!((config.people["member"].as_str(), config.groups["Support"].as_str()), ("00u1", "00g1"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        for (from, to, words) in [
            ("client_secret_env = \"SECRET\"", "client_secret = \"x\"", "secrets do not stand in this file"),
            ("\"SECRET\"", "\"UNSET\"", "apps.integration.client_secret_env: the variable UNSET is not set"),
            (
                "client_secret_env = \"SECRET\"",
                "client_secret_file = \"no\"",
                "client_secret_file: /nowhere/no",
            ),
            ("client_secret_env = \"SECRET\"", "", "exactly one of private_key_"),
            ("[apps.integration]", "[apps.mine]", "[apps.mine]: scenarios know these apps"),
            ("\"0oa1\"", "\"0oa...\"", "apps.integration.client_id: \"0oa...\" is no id"),
            ("\"00u1\"", "\"../00u1\"", "people.member: \"../00u1\" is no id"),
            ("[\"okta.users.read\"]", "[]", "apps.integration.scopes: empty"),
            ("[apps.integration]", "[apps.manager]", "[apps.service-app] or [apps.integration]"),
        ] {
            let error = parse(&GOOD.replace(from, to)).err().unwrap();
            assert!(error.contains(words), "{to}: {error}");
        }
    }

    #[test]
    fn the_template_is_of_the_form_and_waits_to_be_filled_in() {
        let file: File = toml::from_str(TEMPLATE).unwrap();
        assert!(file.apps.contains_key("service-app") && file.people.contains_key("member"));
        assert!(parse(TEMPLATE).is_err());
    }
}
