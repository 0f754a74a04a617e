//! Switches where real orgs differ (`fixtures/dialects.toml`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{facts, nearest};

macro_rules! switches {
    ($($(#[$about:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// A switch; its row in `fixtures/dialects.toml` has values, default and evidence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Switch { $($(#[$about])* $variant),* }

        impl Switch {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in the org file.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

switches! {
    /// Status for an unknown client id in the form or an assertion.
    UnknownClientBody = "unknown_client_body",
    /// Status for an unknown client id in the Basic header.
    UnknownClientBasic = "unknown_client_basic",
    /// Wording for a secret sent to an app that authenticates by private key.
    SecretToPrivateKeyApp = "secret_to_private_key_app",
    /// Status for two forms of credentials.
    MultipleCredentials = "multiple_credentials",
    /// Requested scopes of which some are granted.
    MixedScopes = "mixed_scopes",
    /// Wording for a token request without scopes.
    MissingScope = "missing_scope",
    /// Wording for a scope that is not Okta's.
    CustomScopeOnOrg = "custom_scope_on_org",
    /// A client assertion in the query string.
    CredentialsInQuery = "credentials_in_query",
    /// Wording for a parameter that is sent twice.
    DuplicateParameters = "duplicate_parameters",
    /// A challenge beside `invalid_client`.
    TokenChallenge = "token_challenge",
    /// Whether new service apps bind their tokens to a key.
    DpopOnNewServiceApps = "dpop_on_new_service_apps",
    /// When the nonce of a proof is judged.
    DpopNonce = "dpop_nonce",
    /// Whether a refused redirect URI is told where it is mended.
    RedirectUriLink = "redirect_uri_link",
    /// Wording for a pushed request of another client.
    RequestUriOfAnotherClient = "request_uri_of_another_client",
    /// Which grants browsers may use.
    BrowserRequests = "browser_requests",
    /// Whether the org server knows client credentials.
    ClientCredentialsOnOrg = "client_credentials_on_org",
    /// How many user codes of an app may wait.
    UserCodes = "user_codes",
    /// The list of users without a role.
    RoleLessUsers = "role_less_users",
    /// The list of groups without a role.
    RoleLessGroups = "role_less_groups",
    /// The list of apps without a role.
    RoleLessApps = "role_less_apps",
    /// One object that no role reaches.
    RoleLessSingle = "role_less_single",
    /// A path that Okta does not have.
    UnknownPath = "unknown_path",
    /// Wording for a token of a custom authorization server.
    ForeignToken = "foreign_token",
    /// A limit that is no positive number.
    BadLimit = "bad_limit",
    /// Service apps count as super admins.
    PublicClientAppAdmins = "public_client_app_admins",
    /// The status of a new grant.
    NewGrant = "new_grant",
    /// Whether keys and metadata are charged.
    MetadataLimits = "metadata_limits",
    /// Whether reads and writes of one app are counted apart.
    AppCounters = "app_counters",
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|switch| switch.name() == name);
        known.copied().ok_or_else(|| serde::de::Error::custom(format!("there is no switch {name:?}")))
    }
}

/// The rows, in the order of [`Switch::ALL`].
#[derive(Debug)]
pub struct Dialects(Vec<Row>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    values: Vec<String>,
    default: String,
    about: String,
    evidence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    switch: Vec<Row>,
}

impl Dialects {
    pub(super) fn load() -> Result<Self, String> {
        let table: Table = toml::from_str(include_str!("../../../fixtures/dialects.toml"))
            .map_err(|error| format!("dialects.toml: {error}"))?;
        let names: Vec<_> = table.switch.iter().map(|row| row.name.as_str()).collect();
        let known: Vec<_> = Switch::ALL.iter().map(|switch| switch.name()).collect();
        if names != known {
            return Err(format!("dialects.toml has {names:?}, the program {known:?}"));
        }
        for row in &table.switch {
            if !row.values.contains(&row.default) || row.about.is_empty() || row.evidence.is_empty() {
                return Err(format!(
                    "dialects.toml: {} needs a default among its values, a reason and evidence",
                    row.name
                ));
            }
        }
        Ok(Self(table.switch))
    }
}

/// How one org has its switches. Values that equal the default are not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialect(Vec<(&'static str, &'static str)>);

/// A switch or a value that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DialectError(String);

impl Dialect {
    /// The default dialect with some switches set otherwise.
    ///
    /// # Errors
    /// [`DialectError`] names the unknown switch or value and the nearest known one.
    pub fn with(given: &BTreeMap<String, Value>) -> Result<Self, DialectError> {
        let mut set = Vec::new();
        for (name, value) in given {
            let row = facts().dialects.0.iter().find(|row| row.name == *name).ok_or_else(|| {
                let known = Switch::ALL.iter().map(|switch| switch.name());
                unknown(&format!("there is no switch {name:?}"), nearest(name, known))
            })?;
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let chosen = row.values.iter().find(|one| **one == text).ok_or_else(|| {
                DialectError(format!("{name} = {text:?}: the values are {}", row.values.join(", ")))
            })?;
            if *chosen != row.default {
                set.push((row.name.as_str(), chosen.as_str()));
            }
        }
        Ok(Self(set))
    }

    /// The switches that are set otherwise than usual, and their values.
    pub fn chosen(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.iter().copied()
    }

    /// The value of a switch.
    pub fn get(&self, switch: Switch) -> &'static str {
        let name = switch.name();
        if let Some((_, value)) = self.0.iter().find(|(one, _)| *one == name) {
            return value;
        }
        facts().dialects.0.get(switch as usize).map_or("", |row| &row.default)
    }

    /// Whether a switch has a value.
    pub fn is(&self, switch: Switch, value: &str) -> bool {
        self.get(switch) == value
    }
}

fn unknown(message: &str, near: Option<&str>) -> DialectError {
    let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
    DialectError(format!("{message}{hint}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dialect_differs_only_where_it_says_so() {
        let given = BTreeMap::from([("role_less_users".to_owned(), json!("forbidden"))]);
        let dialect = Dialect::with(&given).unwrap();
        assert!(dialect.is(Switch::RoleLessUsers, "forbidden"));
        assert!(dialect.is(Switch::RoleLessGroups, "empty"));
    }

    #[test]
    fn unknown_names_and_values_are_told() {
        let error =
            Dialect::with(&BTreeMap::from([("role_less_user".to_owned(), json!("empty"))])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no switch \"role_less_user\" (did you mean \"role_less_users\"?)"
        );
        let error = Dialect::with(&BTreeMap::from([("mixed_scopes".to_owned(), json!("drop"))])).unwrap_err();
        assert_eq!(error.to_string(), "mixed_scopes = \"drop\": the values are downscope, deny");
    }
}
