//! The custom authorization servers of an org document: their objects are those that the Management API would make.

use std::sync::Arc;

use serde_json::{Value, json};

use super::build::Builder;
use super::document::{AuthorizationServerEntry, OrgDocument, ScopeEntry, SigningKeySource};
use super::new_org::{DEFAULT_SERVER, server_parts};
use super::{SeedError, apps};
use crate::facts::resources::BASE_MARK;
use crate::org::authorization_server::PARTS;
use crate::org::change::{Change, Shelf};

const KIND: &str = "authorization_servers";
const POLICIES: &str = "authorization_server_policies";

/// The server that every org has.
const DEFAULT: &str = "default";

impl Builder<'_> {
    pub(super) fn authorization_servers(&mut self, document: &OrgDocument) -> Result<(), SeedError> {
        let default = self.new_org.id(DEFAULT_SERVER);
        if document.signing_keys == SigningKeySource::Unique {
            self.own_keys(&default);
        }
        for (nth, entry) in document.authorization_servers.iter().enumerate() {
            let place = format!("authorization_servers[{nth}]");
            let is_default = entry.name == DEFAULT || entry.id.as_deref() == Some(DEFAULT);
            let id = if is_default { default.clone() } else { self.id(entry.id.as_ref(), "aus") };
            let status = apps::status(entry.status.as_deref(), &format!("{place}.status"))?;
            let scopes = entry.scopes.iter().enumerate();
            let scopes = scopes.map(|(nth, scope)| own_scope(scope, &format!("{place}.scopes[{nth}]")));
            let scopes = scopes.collect::<Result<Vec<_>, _>>()?;
            if is_default {
                self.alter_default(&id, entry, &status);
            } else {
                self.new_server(&id, entry, &status);
            }
            for mut scope in scopes {
                let scope_id = self.ids.next("scp");
                scope["id"] = json!(scope_id);
                let shelf = Shelf::below("authorization_server_scopes", &[&id]);
                self.changes.push(Change::put(shelf, scope_id, scope, Value::Null));
            }
            if let Some(names) = &entry.clients {
                let clients = self.client_ids(names, &format!("{place}.clients"))?;
                self.only_for(&id, &clients);
            }
        }
        Ok(())
    }

    /// Ids of keys that nobody has made yet.
    fn keys(&self) -> [(&'static str, String); 2] {
        [("ACTIVE", self.ids.word(43)), ("NEXT", self.ids.word(43))]
    }

    fn alter(&mut self, id: &Arc<str>, alter: impl FnOnce(&mut Value, &mut Value)) {
        let Some(server) = self.changes.state.get(KIND, id).cloned() else { return };
        let (mut value, mut hidden) = (server.value(), Value::clone(&server.hidden));
        alter(&mut value, &mut hidden);
        self.put(KIND, id, value, hidden);
    }

    fn own_keys(&mut self, id: &Arc<str>) {
        let keys = self.keys();
        self.alter(id, |value, hidden| {
            value["credentials"]["signing"]["kid"] = json!(keys[0].1);
            hidden["keys"] = shown(&keys);
        });
    }

    fn alter_default(&mut self, id: &Arc<str>, entry: &AuthorizationServerEntry, status: &str) {
        self.alter(id, |value, _| {
            value["status"] = json!(status);
            if let Some(audience) = &entry.audience {
                value["audiences"] = json!([audience]);
            }
        });
    }

    /// A server with what `default` has: scopes, the claim `sub`, a policy with a rule for everybody.
    fn new_server(&mut self, id: &Arc<str>, entry: &AuthorizationServerEntry, status: &str) {
        let (keys, created) = (self.keys(), self.created.clone());
        let value = json!({
            "id": id,
            "name": entry.name,
            "description": null,
            "audiences": [entry.audience.as_deref().unwrap_or("api://default")],
            "issuer": format!("{BASE_MARK}/oauth2/{id}"),
            "issuerMode": "DYNAMIC",
            "status": status,
            "created": created,
            "lastUpdated": created,
            "credentials": { "signing": { "kid": keys[0].1, "rotationMode": "MANUAL", "lastRotated": created } },
            "default": false,
        });
        self.put(KIND, id, value, json!({ "name": id, "keys": shown(&keys) }));
        for part in server_parts(self.ids, &PARTS, id, &created) {
            self.changes.push(part);
        }
    }

    /// Lets only some clients in.
    fn only_for(&mut self, id: &Arc<str>, clients: &[String]) {
        let shelf = Shelf::below(POLICIES, &[id]);
        let policies: Vec<_> = self.changes.state.on(&shelf).after(None).cloned().collect();
        for policy in policies {
            let mut value = policy.value();
            value["conditions"]["clients"]["include"] = json!(clients);
            self.changes.push(Change::put(shelf.clone(), policy.id.clone(), value, policy.hidden.clone()));
        }
    }
}

fn shown(keys: &[(&str, String)]) -> Value {
    keys.iter().map(|(status, kid)| json!({ "kid": kid, "status": status })).collect()
}

/// A scope of a custom server. Okta's own names cannot be taken (token-facts tok.scope.okta_on_custom).
fn own_scope(scope: &ScopeEntry, place: &str) -> Result<Value, SeedError> {
    let (name, default, consent_required) = match scope {
        ScopeEntry::Name(name) => (name, false, false),
        ScopeEntry::Detailed(scope) => (&scope.name, scope.default, scope.consent_required),
    };
    if name.is_empty() || name.contains(char::is_whitespace) || name.starts_with("okta.") {
        let message =
            format!("{name:?} cannot be a scope of your own: one word that does not begin with okta.");
        return Err(SeedError::invalid(place, message));
    }
    let consent = if consent_required { "REQUIRED" } else { "IMPLICIT" };
    Ok(json!({
        "id": null,
        "name": name,
        "displayName": name,
        "description": null,
        "system": false,
        "metadataPublish": "ALL_CLIENTS",
        "consent": consent,
        "optional": false,
        "apiResourceId": null,
        "default": default,
    }))
}
