//! Scopes of the org authorization server (`fixtures/scopes.toml`).

use std::collections::HashSet;

use serde::Deserialize;

/// The scopes that exist.
#[derive(Debug)]
pub struct Scopes {
    advertised: Vec<String>,
    openid: Vec<String>,
    grantable: Vec<String>,
    known: HashSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    advertised: Vec<String>,
    openid: Vec<String>,
    more: Vec<String>,
}

impl Scopes {
    pub(super) fn load() -> Result<Self, String> {
        let table: Table = toml::from_str(include_str!("../../../fixtures/scopes.toml"))
            .map_err(|error| format!("scopes.toml: {error}"))?;
        let mut known = HashSet::new();
        for scope in table.advertised.iter().chain(&table.more) {
            if !known.insert(scope.clone()) {
                return Err(format!("scopes.toml: {scope} occurs twice"));
            }
        }
        let okta = table.advertised.iter().chain(&table.more).filter(|scope| !table.openid.contains(scope));
        let grantable = okta.cloned().collect();
        Ok(Self { advertised: table.advertised, openid: table.openid, grantable, known })
    }

    /// Whether the org server knows a scope; letter case counts (token-facts §14).
    pub fn knows(&self, scope: &str) -> bool {
        self.known.contains(scope)
    }

    /// The scope of the same things of a user's own: `okta.users.read.self` for `okta.users.read`.
    pub fn own(&self, scope: &str) -> Option<&str> {
        self.known.get(&format!("{scope}.self")).map(String::as_str)
    }

    /// Whether a scope is of OpenID Connect: `openid`, `profile`, …, `offline_access`.
    pub fn is_openid(&self, scope: &str) -> bool {
        self.openid.iter().any(|one| one == scope)
    }

    /// Whether an app can be granted a scope.
    pub fn is_grantable(&self, scope: &str) -> bool {
        self.knows(scope) && !self.is_openid(scope)
    }

    /// What an app can be granted.
    pub fn grantable(&self) -> impl Iterator<Item = &str> {
        self.grantable.iter().map(String::as_str)
    }

    /// `scopes_supported` of the OAuth metadata, in the recorded order (token-facts §9.1).
    pub fn advertised(&self) -> &[String] {
        &self.advertised
    }

    /// `scopes_supported` of the OpenID metadata (token-facts §9.2).
    pub fn openid(&self) -> &[String] {
        &self.openid
    }
}
