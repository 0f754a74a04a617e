//! Views of an org that decisions read on every request: computed when a document is written, never when one is
//! read.

use std::sync::Arc;

use imbl::HashMap;
use serde_json::Value;

use super::authorization_server::AuthorizationServer;
use super::change::Shelf;
use super::client::Client;
use super::document::Document;
use super::held_role::HeldRole;

/// What decisions look up: clients, granted scopes, API tokens, admin roles.
#[derive(Debug, Clone, Default)]
pub struct Derived {
    clients: HashMap<Arc<str>, Arc<Client>>,
    grants: HashMap<Arc<str>, Vec<Arc<str>>>,
    api_tokens: HashMap<Arc<str>, Arc<ApiToken>>,
    roles: HashMap<Arc<str>, Vec<Assignment>>,
    servers: HashMap<Arc<str>, Arc<AuthorizationServer>>,
}

/// The id of a role assignment, and the role.
type Assignment = (Arc<str>, Arc<HeldRole>);

/// An API token: an `SSWS` value that stands for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The token's id (`00T…`).
    pub id: Arc<str>,
    /// The owner's user id.
    pub owner: Arc<str>,
    /// Neither revoked nor expired.
    pub active: bool,
}

impl Derived {
    /// The OAuth client with this id.
    pub fn client(&self, id: &str) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// The scopes granted to a client, in the order of granting.
    pub fn grants(&self, client_id: &str) -> &[Arc<str>] {
        self.grants.get(client_id).map_or(&[], Vec::as_slice)
    }

    /// The API token with this value.
    pub fn api_token(&self, value: &str) -> Option<&Arc<ApiToken>> {
        self.api_tokens.get(value)
    }

    /// The ids of all that hold a role: users, clients, and groups, which pass it on to their members.
    pub fn role_holders(&self) -> impl Iterator<Item = &Arc<str>> {
        self.roles.iter().filter(|(_, held)| !held.is_empty()).map(|(holder, _)| holder)
    }

    /// The active custom authorization server with this id.
    pub fn server(&self, id: &str) -> Option<&Arc<AuthorizationServer>> {
        self.servers.get(id)
    }

    /// The admin roles of a user, a group or a client.
    pub fn roles(&self, principal: &str) -> impl Iterator<Item = &HeldRole> {
        self.roles.get(principal).into_iter().flatten().map(|(_, role)| role.as_ref())
    }

    pub(super) fn put(&mut self, shelf: &Shelf, document: &Document) {
        match shelf.kind {
            "apps" | "integrations" => {
                if let Some(client) = Client::from_document(&document.value(), &document.hidden) {
                    self.clients.insert(client.id.clone(), Arc::new(client));
                }
            }
            "grants" => {
                if let (Some(client), Some(scope)) = (document.text("/clientId"), document.text("/scopeId")) {
                    let scopes = self.grants.entry(client.as_ref().into()).or_default();
                    if !scopes.iter().any(|one| **one == *scope) {
                        scopes.push(scope.as_ref().into());
                    }
                }
            }
            "api_tokens" => {
                if let (Some(token), Some(owner)) = (hidden(document, "/token"), hidden(document, "/owner")) {
                    let active = hidden(document, "/status") == Some("ACTIVE");
                    let view = ApiToken { id: document.id.clone(), owner: owner.into(), active };
                    self.api_tokens.insert(token.into(), Arc::new(view));
                }
            }
            "role_assignments" => {
                if let (Some(principal), Some(role)) = (hidden(document, "/principal"), held_role(document)) {
                    let held = self.roles.entry(principal.into()).or_default();
                    held.retain(|(id, _)| *id != document.id);
                    held.push((document.id.clone(), Arc::new(role)));
                }
            }
            "authorization_servers" => match AuthorizationServer::from_document(document) {
                Some(server) => {
                    self.servers.insert(document.id.clone(), Arc::new(server));
                }
                None => {
                    self.servers.remove(&document.id);
                }
            },
            _ => {}
        }
    }

    pub(super) fn remove(&mut self, shelf: &Shelf, document: &Document) {
        match shelf.kind {
            "apps" | "integrations" => {
                if let Some(client) = Client::from_document(&document.value(), &document.hidden) {
                    self.clients.remove(&client.id);
                }
            }
            "grants" => {
                if let (Some(client), Some(scope)) = (document.text("/clientId"), document.text("/scopeId")) {
                    self.grants.entry(client.as_ref().into()).or_default().retain(|one| **one != *scope);
                }
            }
            "api_tokens" => {
                if let Some(token) = hidden(document, "/token") {
                    self.api_tokens.remove(token);
                }
            }
            "role_assignments" => {
                if let Some(principal) = hidden(document, "/principal") {
                    self.roles.entry(principal.into()).or_default().retain(|(id, _)| *id != document.id);
                }
            }
            "authorization_servers" => {
                self.servers.remove(&document.id);
            }
            _ => {}
        }
    }
}

/// Two views are equal when they answer alike; clients are compared by what they were made of.
impl PartialEq for Derived {
    fn eq(&self, other: &Self) -> bool {
        self.grants == other.grants
            && self.api_tokens == other.api_tokens
            && self.roles == other.roles
            && self.servers == other.servers
            && self.clients.len() == other.clients.len()
            && self.clients.keys().all(|id| other.clients.contains_key(id))
    }
}

fn hidden<'a>(document: &'a Document, pointer: &str) -> Option<&'a str> {
    document.hidden.pointer(pointer).and_then(Value::as_str)
}

/// What a role assignment lets its principal do; the details are in the hidden part.
fn held_role(document: &Document) -> Option<HeldRole> {
    serde_json::from_value(document.hidden.pointer("/role")?.clone()).ok()
}
