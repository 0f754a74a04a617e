//! A custom authorization server as its endpoints see it: read once when it is written.

use std::sync::Arc;

use serde_json::Value;

use super::document::Document;

/// A custom authorization server (`/oauth2/{id}`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationServer {
    /// The id, as in the path.
    pub id: Arc<str>,
    /// The audience of its tokens.
    pub audience: String,
    /// Its own scopes.
    pub scopes: Vec<ServerScope>,
    /// The clients that its access policies name; none: every client.
    pub clients: Option<Vec<String>>,
}

/// A scope of a custom authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerScope {
    /// The name.
    pub name: Arc<str>,
    /// It is granted when a request names no scope.
    pub default: bool,
    /// A user must consent to it.
    pub consent_required: bool,
}

impl AuthorizationServer {
    /// Reads an active server from a document of `authorization_servers`.
    pub(super) fn from_document(document: &Document) -> Option<Self> {
        if !document.is("/status", "ACTIVE") {
            return None;
        }
        let scopes = document.hidden.get("scopes").and_then(Value::as_array);
        let clients = document.hidden.get("clients").and_then(Value::as_array);
        Some(Self {
            id: document.id.clone(),
            audience: document.text("/audiences/0")?.into_owned(),
            scopes: scopes.into_iter().flatten().filter_map(ServerScope::read).collect(),
            clients: clients
                .map(|clients| clients.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        })
    }

    /// The scope with a name.
    pub fn scope(&self, name: &str) -> Option<&ServerScope> {
        self.scopes.iter().find(|scope| *scope.name == *name)
    }

    /// Whether an access policy lets a client in.
    pub fn admits(&self, client_id: &str) -> bool {
        self.clients.as_ref().is_none_or(|clients| clients.iter().any(|one| one == client_id))
    }
}

impl ServerScope {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            name: value.get("name")?.as_str()?.into(),
            default: value["default"] == true,
            consent_required: value["consent"] == "REQUIRED",
        })
    }
}
