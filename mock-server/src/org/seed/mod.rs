//! From an org document to the changes that make the org.

pub(crate) mod apps;
mod build;
pub mod document;
mod generated;
mod names;
mod new_org;
mod people;
pub mod read;
mod servers;
mod submissions;

pub use build::build;
pub use document::OrgDocument;
pub use new_org::server_parts;

use serde::{Deserialize, Serialize};

use super::state::OrgState;
use crate::facts::nearest;

/// An org document that makes no org.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// A reference to something that the document does not have.
    #[error("{place}: there is no {what} {name:?}{hint}")]
    Unknown {
        /// Where: `groups[2].members`.
        place: String,
        /// What was looked for: `user`.
        what: &'static str,
        /// The name that was given.
        name: String,
        /// ` (did you mean "…"?)`, or nothing.
        hint: String,
    },
    /// A value that Okta would not take.
    #[error("{place}: {message}")]
    Invalid {
        /// Where: `users[0].profile.login`.
        place: String,
        /// What is wrong, and the remedy.
        message: String,
    },
}

impl SeedError {
    pub(super) fn invalid(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { place: place.into(), message: message.into() }
    }

    pub(super) fn unknown<'a>(
        place: impl Into<String>,
        what: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let hint = nearest(name, known).map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
        Self::Unknown { place: place.into(), what, name: name.to_owned(), hint }
    }
}

/// An org made of its document.
#[derive(Debug)]
pub struct Seeded {
    /// Its first state.
    pub state: OrgState,
    /// What a developer needs.
    pub credentials: Credentials,
}

/// What a developer needs to use the org: the contents of the ready file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The first active API token.
    pub api_token: Option<String>,
    /// All active API tokens.
    pub api_tokens: Vec<ApiTokenCredentials>,
    /// The OAuth clients.
    pub clients: Vec<ClientCredentials>,
    /// Everybody who has a password: login and password.
    pub users: Vec<(String, String)>,
}

/// An API token and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenCredentials {
    /// Its name.
    pub name: String,
    /// The value that follows `SSWS`.
    pub token: String,
    /// The owner's login.
    pub owner: String,
}

/// How to be a client of the org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCredentials {
    /// The name in the document.
    pub name: String,
    /// The client id.
    pub client_id: String,
    /// The first active secret.
    pub client_secret: Option<String>,
    /// The private key, when the document has it.
    pub private_key_pem: Option<String>,
    /// The key's id.
    pub kid: Option<String>,
    /// How it authenticates.
    pub auth_method: String,
    /// The scopes granted to it.
    pub scopes: Vec<String>,
}

/// The built-in `dev` org (`fixtures/orgs/dev.toml`).
///
/// # Panics
/// When the fixture is no org document; a test makes sure that it is one.
pub fn dev() -> OrgDocument {
    match OrgDocument::from_toml(include_str!("../../../../fixtures/orgs/dev.toml")) {
        Ok(document) => document,
        Err(error) => panic!("fixtures/orgs/dev.toml: {error}"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::org::change::Change;
    use crate::org::{Org, OrgOptions};

    #[test]
    fn the_dev_org_is_what_the_readme_says() {
        let org = Org::new(&dev(), &OrgOptions::default()).unwrap();
        let state = org.state();
        assert_eq!(state.all("users").len(), 250);
        assert_eq!(state.all("groups").len(), 12);
        assert_eq!(state.all("apps").len(), 6, "three of the document and Okta's own three");
        assert_eq!(state.all("integrations").len(), 1);
        assert_eq!(org.credentials().clients.len(), 4);
        let user = state.all("users").by_alias("ADA.admin@example.com").unwrap();
        assert_eq!(
            state.derived.roles(&user.id).map(|role| role.name()).collect::<Vec<_>>(),
            ["SUPER_ADMIN"]
        );
    }

    #[test]
    fn replaying_an_org_s_changes_gives_the_same_org() {
        let options = OrgOptions { seed: Some(7), ..OrgOptions::default() };
        let org = Org::new(&dev(), &options).unwrap();
        let (group, user) = {
            let state = org.state();
            let group = state.all("groups").after(None).nth(3).unwrap().id.clone();
            let user = state.all("users").after(None).nth(9).unwrap().id.clone();
            (group, user)
        };
        let now = org.clock().now();
        org.commit(now, |state| {
            let mut value = state.get("users", &user).unwrap().value();
            value["profile"]["nickName"] = "Nick".into();
            let id: Arc<str> = org.ids().next("00u").into();
            value["id"] = (*id).into();
            Ok::<_, SeedError>(vec![
                Change::put("users", id.clone(), value, serde_json::Value::Null),
                Change::Link { relation: "members", from: group.clone(), to: id },
                Change::Unlink { relation: "members", from: group.clone(), to: user.clone() },
                Change::remove("users", user.clone()),
            ])
        })
        .unwrap();
        org.expire_tokens();
        let history = org.history().unwrap();
        assert_eq!(history.len(), 2);
        assert!(org.replayed(&history) == *org.state(), "replay differs");
        assert!(org.replayed(&history[..1]) != *org.state(), "the comparison sees no difference");
        org.reset();
        assert!(org.replayed(&[]) == *org.state());
    }
}
