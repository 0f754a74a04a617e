//! The apps that Okta knows by name (`fixtures/app-catalog.json`): the templates, and integrations of the OIN that were
//! seen in recorded orgs. An app that is not in it is made of what all apps have.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

const TEXT: &str = include_str!("../../../fixtures/app-catalog.json");

/// The catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppCatalog {
    /// What every app has when nothing else is said.
    pub common: Value,
    /// By sign-on mode: what an app that the org defines itself has besides.
    modes: HashMap<String, Value>,
    /// By sign-on mode: the `settings.signOn` of apps of the OIN.
    oin_sign_on: HashMap<String, Value>,
    apps: HashMap<String, CatalogApp>,
    services: HashMap<String, CatalogService>,
}

/// An API service integration of the OIN.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogService {
    /// The name that people see.
    pub name: String,
    /// Where its set-up is explained.
    pub config_guide: String,
    /// The address of its logo.
    pub logo: String,
}

/// An app of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogApp {
    /// The sign-on mode that it has when a request names none.
    pub mode: Option<String>,
    /// Its links for end users: the name, and the last part of the address.
    pub links: Map<String, Value>,
    /// The address of its logo.
    pub logo: Option<String>,
    /// `settings.app` when nothing else is said.
    #[serde(default)]
    pub app: Map<String, Value>,
    /// `settings.signOn` by mode, where it is not that of all apps of the OIN.
    #[serde(default)]
    sign_on: HashMap<String, Value>,
    /// The last part of the address of its instructions.
    pub help: Option<String>,
    /// `licensing`, of apps that have seats.
    pub licensing: Option<Value>,
    /// `features` of a new instance.
    #[serde(default)]
    pub features: Vec<String>,
    /// `universalLogout`.
    pub universal_logout: Option<Value>,
    /// `visibility.hide`, where it is not hidden nowhere.
    pub hide: Option<Value>,
    /// Whether it can be launched at sign-in (`visibility.autoLaunch`).
    #[serde(default = "yes")]
    pub auto_launch: bool,
    /// Whether it has `settings.notes`.
    #[serde(default = "yes")]
    pub notes: bool,
    /// Whether everybody has it without being assigned.
    #[serde(default)]
    pub implicit_assignment: bool,
    /// Whether it is a part of Okta: a client whose credentials nobody sees.
    #[serde(default)]
    pub first_party: bool,
    /// Whether users can be provisioned to it.
    #[serde(default)]
    pub provisioning: bool,
}

fn yes() -> bool {
    true
}

impl AppCatalog {
    /// Reads the embedded file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn load() -> Result<Self, String> {
        serde_json::from_str(TEXT).map_err(|error| format!("fixtures/app-catalog.json: {error}"))
    }

    /// The app with a name.
    pub fn app(&self, name: &str) -> Option<&CatalogApp> {
        self.apps.get(name)
    }

    /// The API service integration with this type.
    pub fn service(&self, name: &str) -> Option<&CatalogService> {
        self.services.get(name)
    }

    /// What an app has by its sign-on mode, when the org defines it itself.
    pub fn mode(&self, mode: &str) -> Option<&Value> {
        self.modes.get(mode)
    }

    /// The `settings.signOn` of an app of the OIN; null where it has none.
    pub fn oin_sign_on(&self, name: &str, mode: &str) -> &Value {
        let own = self.app(name).and_then(|app| app.sign_on.get(mode));
        own.or_else(|| self.oin_sign_on.get(mode)).unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_templates_of_okta_are_in_the_catalogue() {
        let catalogue = AppCatalog::load().unwrap();
        for (name, mode) in [
            ("oidc_client", "OPENID_CONNECT"),
            ("bookmark", "BOOKMARK"),
            ("template_basic_auth", "BASIC_AUTH"),
            ("template_swa", "BROWSER_PLUGIN"),
            ("template_swa3field", "BROWSER_PLUGIN"),
            ("template_sps", "SECURE_PASSWORD_STORE"),
            ("template_wsfed", "WS_FEDERATION"),
        ] {
            assert_eq!(catalogue.app(name).unwrap().mode.as_deref(), Some(mode), "{name}");
        }
        assert!(catalogue.oin_sign_on("unheard_of", "SAML_2_0").get("audienceOverride").is_some());
    }
}
