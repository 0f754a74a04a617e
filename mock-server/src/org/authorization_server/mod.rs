//! A custom authorization server as its endpoints see it: put together when it, a scope, a claim, a policy or a rule of it
//! is written.

mod claim;
mod policy;

use std::sync::Arc;

use serde_json::Value;

pub use claim::Claim;
use policy::Policy;
pub use policy::{Person, Rule, Wish};

use super::change::Shelf;
use super::document::Document;

/// A custom authorization server (`/oauth2/{id}`).
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorizationServer {
    /// The id, as in the path: `default`, or that of the document.
    pub id: Arc<str>,
    /// The id of the document, below which its parts lie.
    pub document: Arc<str>,
    /// Its name for people.
    pub name: String,
    /// Whether it answers.
    pub active: bool,
    /// The audience of its tokens.
    pub audience: String,
    /// The ids of its keys: the one that signs, the next one, those that have signed before.
    pub keys: Vec<Arc<str>>,
    /// When the first one began to sign, in epoch seconds.
    pub rotated_at: i64,
    /// Its scopes, oldest first.
    pub scopes: Vec<ServerScope>,
    /// Its claims, oldest first.
    pub claims: Vec<Claim>,
    /// Its policies, by priority.
    policies: Vec<Policy>,
}

/// A scope of a custom authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerScope {
    /// The id.
    pub id: Arc<str>,
    /// The name.
    pub name: Arc<str>,
    /// What the consent page calls it.
    pub title: String,
    /// What the consent page says of it.
    pub description: String,
    /// It is granted when a request names no scope.
    pub default: bool,
    /// A user must consent to it.
    pub consent_required: bool,
    /// It stands in the metadata documents.
    pub published: bool,
}

/// The kinds of its parts.
pub const PARTS: [&str; 4] = [
    "authorization_server_scopes",
    "authorization_server_claims",
    "authorization_server_policies",
    "authorization_server_policy_rules",
];

impl AuthorizationServer {
    /// Reads a document of `authorization_servers`; its parts are `parts`, or follow.
    pub(super) fn from_document(document: &Document, parts: Option<&Self>) -> Self {
        let keys = document.hidden.get("keys").and_then(Value::as_array);
        let kids = keys.into_iter().flatten().filter_map(|key| key.get("kid")?.as_str().map(Arc::from));
        let name = document.hidden.get("name").and_then(Value::as_str);
        let rotated = document.text("/credentials/signing/lastRotated");
        let rotated = rotated.and_then(|time| time.parse::<jiff::Timestamp>().ok());
        Self {
            id: name.map_or_else(|| document.id.clone(), Arc::from),
            document: document.id.clone(),
            name: document.text("/name").unwrap_or_default().into_owned(),
            active: document.is("/status", "ACTIVE"),
            audience: document.text("/audiences/0").unwrap_or_default().into_owned(),
            keys: kids.collect(),
            rotated_at: rotated.map_or(0, jiff::Timestamp::as_second),
            scopes: parts.map(|parts| parts.scopes.clone()).unwrap_or_default(),
            claims: parts.map(|parts| parts.claims.clone()).unwrap_or_default(),
            policies: parts.map(|parts| parts.policies.clone()).unwrap_or_default(),
        }
    }

    /// Takes in a part that was written.
    pub(super) fn put(&mut self, shelf: &Shelf, document: &Document) {
        match shelf.kind {
            "authorization_server_scopes" => {
                let scope = ServerScope::read(document);
                match self.scopes.iter_mut().find(|one| one.id == document.id) {
                    Some(known) => *known = scope,
                    None => self.scopes.push(scope),
                }
            }
            "authorization_server_claims" => {
                let claim = Claim::read(document);
                match self.claims.iter_mut().find(|one| one.id == document.id) {
                    Some(known) => *known = claim,
                    None => self.claims.push(claim),
                }
            }
            "authorization_server_policies" => policy::put(&mut self.policies, document),
            _ => {
                let policy = shelf.parent.rsplit('/').next().unwrap_or_default();
                policy::put_rule(&mut self.policies, policy, document);
            }
        }
    }

    /// Leaves out a part that is gone.
    pub(super) fn remove(&mut self, shelf: &Shelf, id: &str) {
        match shelf.kind {
            "authorization_server_scopes" => self.scopes.retain(|one| *one.id != *id),
            "authorization_server_claims" => self.claims.retain(|one| *one.id != *id),
            "authorization_server_policies" => policy::remove(&mut self.policies, id),
            _ => policy::remove_rule(&mut self.policies, id),
        }
    }

    /// The scope with a name.
    pub fn scope(&self, name: &str) -> Option<&ServerScope> {
        self.scopes.iter().find(|scope| *scope.name == *name)
    }

    /// The rule that lets a request in: the first that fits, of the first policies that name its client.
    pub fn rule_for(&self, wish: &Wish<'_>) -> Option<&Rule> {
        policy::first(&self.policies, wish)
    }
}

impl ServerScope {
    fn read(document: &Document) -> Self {
        let text = |pointer: &str| document.text(pointer).unwrap_or_default().into_owned();
        let value = document.value();
        Self {
            id: document.id.clone(),
            name: text("/name").into(),
            title: text("/displayName"),
            description: text("/description"),
            default: value["default"] == true,
            consent_required: document.is("/consent", "REQUIRED"),
            published: document.is("/metadataPublish", "ALL_CLIENTS"),
        }
    }
}
