//! Views of an org that decisions read on every request: computed when a document is written, never when one is
//! read.

use std::sync::Arc;

use imbl::{HashMap, OrdMap, OrdSet};
use serde_json::Value;

use super::authorization_server::{AuthorizationServer, PARTS};
use super::change::Shelf;
use super::client::Client;
use super::document::Document;
use super::group_rule::GroupRule;
use super::held_role::{EffectiveRole, HeldRole};
use super::zone::{NetworkCondition, Zone, Zones};

/// What decisions look up: clients, granted scopes, API tokens, admin roles.
#[derive(Debug, Clone, Default)]
pub struct Derived {
    clients: HashMap<Arc<str>, Arc<Client>>,
    grants: HashMap<Arc<str>, Vec<Arc<str>>>,
    api_tokens: HashMap<Arc<str>, Arc<ApiToken>>,
    /// By principal.
    roles: HashMap<Arc<str>, Vec<Assignment>>,
    /// By resource set and custom role, joined by `/`.
    bindings: HashMap<Arc<str>, Vec<Bound>>,
    /// By custom role.
    permissions: HashMap<Arc<str>, Vec<Arc<str>>>,
    /// By resource set.
    resources: HashMap<Arc<str>, SetResources>,
    /// By principal: its share of a rate limit, in percent.
    shares: HashMap<Arc<str>, u32>,
    rules: OrdMap<Arc<str>, Arc<GroupRule>>,
    /// Groups and the apps that they have.
    group_apps: OrdSet<(Arc<str>, Arc<str>)>,
    servers: HashMap<Arc<str>, Arc<AuthorizationServer>>,
    zones: Zones,
}

/// The id of a role assignment, and the role.
type Assignment = (Arc<str>, Arc<HeldRole>);

/// What a resource set holds: by the ids of its resources, and all in one.
#[derive(Debug, Clone, Default, PartialEq)]
struct SetResources {
    by_id: OrdMap<Arc<str>, Vec<Arc<str>>>,
    all: Vec<Arc<str>>,
}

impl SetResources {
    /// Holds a resource, or no longer. What it excludes is marked by `!`.
    fn set(&mut self, id: &Arc<str>, resource: Option<Vec<Arc<str>>>) {
        match resource {
            Some(resource) => self.by_id.insert(id.clone(), resource),
            None => self.by_id.remove(id),
        };
        self.all = self.by_id.values().flatten().cloned().collect();
    }
}

/// A principal of a binding, and the id of its assignment.
type Bound = (Arc<str>, Arc<str>);

/// An API token: an `SSWS` value that stands for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The token's id (`00T…`).
    pub id: Arc<str>,
    /// The owner's user id.
    pub owner: Arc<str>,
    /// Neither revoked nor expired.
    pub active: bool,
    /// From where it may be used; none: from anywhere.
    pub network: Option<NetworkCondition>,
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

    /// The active custom authorization server with this id, as in the paths of its endpoints.
    pub fn server(&self, id: &str) -> Option<&Arc<AuthorizationServer>> {
        let by_name = || self.servers.values().find(|server| *server.id == *id);
        self.servers.get(id).or_else(by_name).filter(|server| server.active)
    }

    /// The custom authorization server that has a key.
    pub fn server_of_key(&self, kid: &str) -> Option<&Arc<AuthorizationServer>> {
        self.servers.values().find(|server| server.keys.iter().any(|key| **key == *kid))
    }

    /// The admin roles of a user, a group or a client.
    pub fn roles<'s>(&'s self, principal: &str) -> impl Iterator<Item = EffectiveRole<'s>> {
        self.roles.get(principal).into_iter().flatten().map(move |(_, role)| match role.as_ref() {
            HeldRole::Standard { role_type, groups, apps } => {
                EffectiveRole::Standard { role_type, groups, apps }
            }
            HeldRole::Custom { role, resource_set } => EffectiveRole::Custom {
                permissions: self.permissions.get(role.as_str()).map_or(&[], Vec::as_slice),
                resources: self.resources.get(resource_set.as_str()).map_or(&[], |set| set.all.as_slice()),
            },
        })
    }

    /// Who holds a custom role on a resource set: principals and the ids of their assignments, oldest first.
    pub fn bound(&self, resource_set: &str, role: &str) -> &[(Arc<str>, Arc<str>)] {
        self.bindings.get(binding(resource_set, role).as_str()).map_or(&[], Vec::as_slice)
    }

    /// The share of a rate limit that a principal may use, where it is not the usual one; in percent.
    pub fn share(&self, principal: &str) -> Option<u32> {
        self.shares.get(principal).copied()
    }

    /// The active group rules, by id.
    pub fn group_rules(&self) -> &OrdMap<Arc<str>, Arc<GroupRule>> {
        &self.rules
    }

    /// The network zones that know their addresses.
    pub fn zones(&self) -> &Zones {
        &self.zones
    }

    /// The apps that a group has.
    pub fn group_apps<'s>(&'s self, group: &'s str) -> impl Iterator<Item = &'s Arc<str>> {
        let from: (Arc<str>, Arc<str>) = (group.into(), Arc::default());
        self.group_apps.range(from..).take_while(move |(one, _)| **one == *group).map(|(_, app)| app)
    }

    /// Whether any group has an app.
    pub fn has_group_apps(&self) -> bool {
        !self.group_apps.is_empty()
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
                    let network = NetworkCondition::of(document.value().get("network"));
                    let view = ApiToken { id: document.id.clone(), owner: owner.into(), active, network };
                    self.api_tokens.insert(token.into(), Arc::new(view));
                }
            }
            "role_assignments" => {
                self.remove(shelf, document);
                let Some(role) = held_role(document) else { return };
                if let HeldRole::Custom { role, resource_set } = &role {
                    let bound = self.bindings.entry(binding(resource_set, role).into()).or_default();
                    bound.push((shelf.parent.clone(), document.id.clone()));
                }
                let held = self.roles.entry(shelf.parent.clone()).or_default();
                held.push((document.id.clone(), Arc::new(role)));
            }
            "iam_role_permissions" => {
                let permissions = self.permissions.entry(shelf.parent.clone()).or_default();
                if !permissions.contains(&document.id) {
                    permissions.push(document.id.clone());
                }
            }
            "resource_set_resources" => {
                let held = self.resources.entry(shelf.parent.clone()).or_default();
                held.set(&document.id, Some(resource(document)));
            }
            "principal_rate_limits" => {
                let percentage = document.value().pointer("/defaultPercentage").and_then(Value::as_u64);
                if let (Some(principal), Some(percentage)) = (document.text("/principalId"), percentage) {
                    let percentage = u32::try_from(percentage).unwrap_or(100).min(100);
                    self.shares.insert(principal.as_ref().into(), percentage);
                }
            }
            "app_groups" => {
                self.group_apps.insert((document.id.clone(), shelf.parent.clone()));
            }
            "zones" => match Zone::of(&document.value()) {
                Some(zone) => {
                    self.zones.insert(document.id.clone(), Arc::new(zone));
                }
                None => {
                    self.zones.remove(&document.id);
                }
            },
            "group_rules" => match GroupRule::active(&document.value()) {
                Some(rule) => {
                    self.rules.insert(document.id.clone(), Arc::new(rule));
                }
                None => {
                    self.rules.remove(&document.id);
                }
            },
            "authorization_servers" => {
                let parts = self.servers.get(&document.id).map(AsRef::as_ref);
                let server = AuthorizationServer::from_document(document, parts);
                self.servers.insert(document.id.clone(), Arc::new(server));
            }
            kind if PARTS.contains(&kind) => {
                if let Some(server) = self.server_above(shelf) {
                    server.put(shelf, document);
                }
            }
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
                if let Some(held) = self.roles.get_mut(&shelf.parent) {
                    held.retain(|(id, _)| *id != document.id);
                }
                if let Some(HeldRole::Custom { role, resource_set }) = held_role(document)
                    && let Some(bound) = self.bindings.get_mut(binding(&resource_set, &role).as_str())
                {
                    bound.retain(|(_, id)| *id != document.id);
                }
            }
            "iam_role_permissions" => {
                if let Some(permissions) = self.permissions.get_mut(&shelf.parent) {
                    permissions.retain(|permission| *permission != document.id);
                }
            }
            "resource_set_resources" => {
                if let Some(held) = self.resources.get_mut(&shelf.parent) {
                    held.set(&document.id, None);
                }
            }
            "principal_rate_limits" => {
                if let Some(principal) = document.text("/principalId") {
                    self.shares.remove(principal.as_ref());
                }
            }
            "app_groups" => {
                self.group_apps.remove(&(document.id.clone(), shelf.parent.clone()));
            }
            "zones" => {
                self.zones.remove(&document.id);
            }
            "group_rules" => {
                self.rules.remove(&document.id);
            }
            "authorization_servers" => {
                self.servers.remove(&document.id);
            }
            kind if PARTS.contains(&kind) => {
                if let Some(server) = self.server_above(shelf) {
                    server.remove(shelf, &document.id);
                }
            }
            _ => {}
        }
    }

    /// The authorization server that a shelf of its parts lies below.
    fn server_above(&mut self, shelf: &Shelf) -> Option<&mut AuthorizationServer> {
        let id = shelf.parent.split('/').next()?;
        self.servers.get_mut(id).map(Arc::make_mut)
    }
}

/// Two views are equal when they answer alike; clients are compared by what they were made of.
impl PartialEq for Derived {
    fn eq(&self, other: &Self) -> bool {
        self.grants == other.grants
            && self.api_tokens == other.api_tokens
            && self.roles == other.roles
            && self.servers == other.servers
            && self.bindings == other.bindings
            && self.permissions == other.permissions
            && self.resources == other.resources
            && self.shares == other.shares
            && self.group_apps == other.group_apps
            && self.zones == other.zones
            && self.rules.keys().eq(other.rules.keys())
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

/// The key of a binding.
fn binding(resource_set: &str, role: &str) -> String {
    format!("{resource_set}/{role}")
}

/// What a resource of a set names, and what it excludes, marked by `!`.
fn resource(document: &Document) -> Vec<Arc<str>> {
    let value = document.value();
    let excluded = value.pointer("/conditions/Exclude/okta:ORN").and_then(Value::as_array);
    let excluded = excluded.into_iter().flatten().filter_map(Value::as_str);
    let excluded =
        excluded.filter_map(|orn| orn.splitn(5, ':').nth(4).map(|named| format!("!{named}").into()));
    hidden(document, "/named").map(Arc::from).into_iter().chain(excluded).collect()
}
