//! The file that says what may be used in a real org, by `test`, `probe` and `parity` alike: apps, people, a group, and
//! whose credentials the harness itself has. It holds no secret: those are in the environment or in files of their own.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{nearest::nearest_key, place, report::taint::Taint, target::ready::OrgClient};

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
    custom: Option<Custom>,
    #[serde(default)]
    harness: Harness,
}

/// A custom authorization server, and a scope that it lets the service app have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Custom {
    /// Its id, or `default`.
    pub(crate) server: String,
    /// The scope.
    pub(crate) scope: String,
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
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    redirect_uri: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Harness {
    #[serde(default)]
    api_token_env: Option<String>,
    #[serde(default)]
    api_token_file: Option<PathBuf>,
    #[serde(default)]
    role_less_api_token_env: Option<String>,
    #[serde(default)]
    role_less_api_token_file: Option<PathBuf>,
}

/// What an app of the file proves itself with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    KeyOrSecret,
    Key,
    Secret,
    Nothing,
}

/// The apps that the file may name, and what each proves itself with.
const APPS: [(&str, Proof); 8] = [
    ("service-app", Proof::KeyOrSecret),
    ("integration", Proof::KeyOrSecret),
    ("manager", Proof::KeyOrSecret),
    ("role-less", Proof::Key),
    ("new-service", Proof::Key),
    ("web", Proof::Secret),
    ("public", Proof::Nothing),
    ("dpop", Proof::Nothing),
];
/// How many of them scenarios act as; `probe` and `parity` ask as the first, and as the rest.
const OF_SCENARIOS: usize = 3;

/// What a file of the form before this one has at its top.
const OLD_FORM: [&str; 8] =
    ["api_token", "role_less_api_token", "service", "role_less", "new_service", "web", "public", "dpop"];

/// An app that `probe` and `parity` ask as.
#[derive(Clone)]
pub(crate) struct Observed {
    /// The app.
    pub(crate) client: OrgClient,
    /// Where its people are sent back to.
    pub(crate) redirect_uri: Option<String>,
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
    /// The apps that `probe` and `parity` ask as.
    pub(crate) observed: Vec<Observed>,
    /// The custom authorization server that they ask.
    pub(crate) custom: Option<Custom>,
    /// The harness's own API token: reads what an administrator reads, and cleans up. The client never gets it.
    pub(crate) api_token: Option<String>,
    /// The API token of somebody without an admin role.
    pub(crate) role_less_api_token: Option<String>,
}

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
        for app in self.apps.iter().chain(self.observed.iter().map(|app| &app.client)) {
            app.private_key_pem.iter().chain(&app.client_secret).for_each(|secret| taint.learn(secret));
        }
        self.api_token.iter().chain(&self.role_less_api_token).for_each(|token| taint.learn(token));
    }

    /// The ids of the org that it names, each with what it is.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (&str, &str)> {
        let apps = self.apps.iter().chain(self.observed.iter().map(|app| &app.client));
        let apps = apps.map(|app| ("app", app.client_id.as_str()));
        let (people, groups) = (self.people.values(), self.groups.values());
        apps.chain(people.map(|id| ("user", id.as_str()))).chain(groups.map(|id| ("group", id.as_str())))
    }

    /// The same of a text; paths are relative to `folder`, and `env` knows the environment.
    ///
    /// # Errors
    /// What is wrong, with the field and the remedy.
    fn parse(text: &str, folder: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        if let Ok(table) = text.parse::<toml::Table>()
            && let Some(old) = OLD_FORM.iter().find(|name| table.contains_key(**name))
        {
            return Err(format!(
                "{old} at the top is the form that `--credentials` took; `orgtwin real init` writes the one of today: apps \
                 are [apps.service-app], [apps.role-less], [apps.new-service], [apps.web], [apps.public], [apps.dpop], and \
                 API tokens are named by harness.api_token_env and harness.role_less_api_token_env"
            ));
        }
        let file: File = toml::from_str(text).map_err(|error| {
            let message = without_text(&error, text);
            let hint = nearest_key(&message.message).map(|key| format!(" (did you mean `{key}`?)"));
            let secrets = ["client_secret", "api_token", "role_less_api_token", "private_key"];
            let remedy = match secrets.iter().any(|name| message.message.contains(&format!("field `{name}`"))) {
                true => "; secrets do not stand in this file: name the variable (…_env) or the file (…_file) that holds one",
                false => "",
            };
            format!("{}{}{}{remedy}", message.place, message.message, hint.unwrap_or_default())
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
        let (mut apps, mut observed) = (Vec::new(), Vec::new());
        for (name, app) in &file.apps {
            let Some(place) = APPS.iter().position(|(known, _)| known == name) else {
                let names = APPS.map(|(name, _)| name);
                let (scenarios, others) = names.split_at(OF_SCENARIOS);
                return Err(format!(
                    "[apps.{name}]: scenarios know these apps: {}; probe and parity service-app and these: {}",
                    scenarios.join(", "),
                    others.join(", ")
                ));
            };
            let proof = APPS[place].1;
            identifier(&format!("apps.{name}.client_id"), &app.client_id)?;
            let at = |field: &str| format!("apps.{name}.{field}");
            let key =
                secret(&at("private_key"), app.private_key_env.as_ref(), app.private_key_file.as_ref())?;
            let client_secret = secret(
                &at("client_secret"),
                app.client_secret_env.as_ref(),
                app.client_secret_file.as_ref(),
            )?;
            let auth_method = match (proof, &key, &client_secret) {
                (Proof::KeyOrSecret | Proof::Key, Some(_), None) => "private_key_jwt",
                (Proof::KeyOrSecret | Proof::Secret, None, Some(_)) => "client_secret_basic",
                (Proof::Nothing, None, None) => "none",
                (Proof::KeyOrSecret, ..) => {
                    return Err(format!("apps.{name}: exactly one of private_key_… and client_secret_…"));
                }
                (Proof::Key, ..) => {
                    return Err(format!("apps.{name}: private_key_…, and no client_secret_…"));
                }
                (Proof::Secret, ..) => {
                    return Err(format!("apps.{name}: client_secret_…, and no private_key_…"));
                }
                (Proof::Nothing, ..) => {
                    return Err(format!("apps.{name}: a public client has no key and no secret"));
                }
            };
            if app.scopes.is_empty() && proof == Proof::KeyOrSecret {
                return Err(format!(
                    "apps.{name}.scopes: empty; name the scopes that were granted to the app"
                ));
            }
            let client = OrgClient {
                name: name.clone(),
                client_id: app.client_id.clone(),
                client_secret,
                private_key_file: None,
                private_key_pem: key,
                kid: app.kid.clone(),
                auth_method: auth_method.to_owned(),
                scopes: app.scopes.clone(),
            };
            if place < OF_SCENARIOS {
                apps.push(client);
            } else {
                observed.push(Observed { client, redirect_uri: app.redirect_uri.clone() });
            }
        }
        for (kind, ids) in [("people", &file.people), ("groups", &file.groups)] {
            for (name, id) in ids {
                identifier(&format!("{kind}.{name}"), id)?;
            }
        }
        let harness = &file.harness;
        let api_token =
            secret("harness.api_token", harness.api_token_env.as_ref(), harness.api_token_file.as_ref())?;
        let role_less_api_token = secret(
            "harness.role_less_api_token",
            harness.role_less_api_token_env.as_ref(),
            harness.role_less_api_token_file.as_ref(),
        )?;
        let (people, groups, custom) = (file.people, file.groups, file.custom);
        Ok(Self { apps, people, groups, observed, custom, api_token, role_less_api_token })
    }
}

/// What a parser says, without the text of the file, which may hold a secret.
struct WithoutText {
    /// `line 3: `.
    place: String,
    message: String,
}

fn without_text(error: &toml::de::Error, text: &str) -> WithoutText {
    let line = error.span().map(|span| place::line(text, span.start));
    let outside = |(at, words)| if at % 2 == 0 { words } else { "…" };
    let message = error.message().split('"').enumerate().map(outside).collect();
    WithoutText { place: line.map(|line| format!("line {line}: ")).unwrap_or_default(), message }
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
    fn the_apps_of_probe_and_parity_stand_in_the_same_file() {
        let text = format!(
            "{GOOD}role_less_api_token_env = \"SECRET\"\n[custom]\nserver = \"default\"\nscope = \"s\"\n\
             [apps.web]\nclient_id = \"0oa2\"\nclient_secret_env = \"SECRET\"\nredirect_uri = \"http://localhost/a\"\n\
             [apps.public]\nclient_id = \"0oa3\"\n"
        );
        let config = parse(&text).unwrap();
        let seen: Vec<_> = config
            .observed
            .iter()
            .map(|app| (app.client.name.as_str(), app.client.auth_method.as_str()))
            .collect();
        assert_eq!(seen, [("public", "none"), ("web", "client_secret_basic")]);
        assert_eq!(config.observed[1].redirect_uri.as_deref(), Some("http://localhost/a"));
        assert_eq!(config.role_less_api_token.as_deref(), Some("the-secret"));
        assert_eq!(config.custom.as_ref().map(|custom| custom.server.as_str()), Some("default"));
        assert_eq!(config.apps.len(), 1, "scenarios act as none of them");
        let ids: Vec<_> = config.ids().collect();
        assert_eq!(
            ids,
            [("app", "0oa1"), ("app", "0oa3"), ("app", "0oa2"), ("user", "00u1"), ("group", "00g1")]
        );
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
            ("scopes =", "scpoes =", "line 5: unknown field `scpoes`, expected one of"),
            ("scopes =", "scpoes =", "(did you mean `scopes`?)"),
            (
                "[apps.integration]",
                "[apps.web]\nkid = \"k\"\nprivate_key_file = \"no\"",
                "apps.web.private_key_file: /nowhere/no",
            ),
            ("[apps.integration]", "[apps.public]", "apps.public: a public client has no key and no secret"),
            (
                "[apps.integration]",
                "[apps.role-less]",
                "apps.role-less: private_key_…, and no client_secret_…",
            ),
            (
                "[apps.integration]",
                "api_token = \"x\"\n[service]",
                "api_token at the top is the form that `--credentials` took",
            ),
            ("[apps.integration]", "[service]", "`orgtwin real init` writes the one of today"),
            ("\"0oa1\"", "\"0oa1", "line 3: "),
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
