//! What every org has on its first day: the objects of `fixtures/new-org/`, which name each other by keys.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use serde_json::Value;

use super::SeedError;
use crate::facts::resources::fill_value;
use crate::facts::{facts, gathered};
use crate::org::change::{Change, Shelf};
use crate::org::ids::Ids;

/// The files, embedded: `build.rs` makes one JSON document of them.
const FILES: &str = include_str!(concat!(env!("OUT_DIR"), "/new-org.json"));

/// An object of a new org.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The kind.
    kind: String,
    /// The name by which other objects mean it: `{id:key}`.
    key: Option<String>,
    /// The id, where it is always the same.
    id: Option<String>,
    /// The beginning of its id, where that is not the kind's.
    prefix: Option<String>,
    /// The objects above it, the outermost first.
    #[serde(default)]
    parents: Vec<String>,
    /// The object as shown, with placeholders.
    value: Value,
    /// What only the org knows of it.
    #[serde(default)]
    hidden: Value,
}

/// Objects that the builder itself makes, and that others name.
const BUILT: [(&str, &str); 3] = [("everyone", "00g"), ("user-type", "oty"), ("admin", "00u")];

/// The key of the authorization server that every org has.
pub(super) const DEFAULT_SERVER: &str = "default-server";
const PARENT: &str = "{id:default-server}";

/// The ids of the objects of a new org.
#[derive(Debug)]
pub(super) struct NewOrg {
    ids: HashMap<&'static str, Arc<str>>,
    /// In the order of the entries.
    own: Vec<Arc<str>>,
}

fn entries() -> Result<&'static [Entry], SeedError> {
    static ENTRIES: LazyLock<Result<Vec<Entry>, String>> = LazyLock::new(|| {
        let files = gathered::read("new-org", FILES)?;
        let mut entries = Vec::new();
        for (name, file) in files {
            let file: Vec<Entry> =
                serde_json::from_value(file).map_err(|error| format!("{name}.json: {error}"))?;
            entries.extend(file);
        }
        Ok(entries)
    });
    ENTRIES.as_deref().map_err(|error| SeedError::invalid("fixtures/new-org", error.clone()))
}

impl NewOrg {
    /// Gives every object its id. `admin`: the id of the org's first user, where its document says it.
    pub(super) fn with(source: &Ids, admin: Option<&str>) -> Self {
        let mut ids: HashMap<&'static str, Arc<str>> =
            BUILT.iter().map(|(key, prefix)| (*key, source.next(prefix).into())).collect();
        if let Some(admin) = admin {
            ids.insert("admin", admin.into());
        }
        let mut own = Vec::new();
        for entry in entries().unwrap_or_default() {
            let prefix = entry.prefix.as_deref();
            let prefix = prefix
                .or_else(|| facts().resources.get(&entry.kind).map(|resource| resource.id_prefix.as_str()));
            let given = entry.id.as_deref().map(Arc::from);
            let known = entry.key.as_deref().and_then(|key| ids.get(key).cloned());
            let id = known.or(given).unwrap_or_else(|| source.next(prefix.unwrap_or_default()).into());
            if let Some(key) = &entry.key {
                ids.insert(key, id.clone());
            }
            own.push(id);
        }
        Self { ids, own }
    }

    /// The id of an object by its key; empty for a key that nothing has.
    pub(super) fn id(&self, key: &str) -> Arc<str> {
        self.ids.get(key).cloned().unwrap_or_default()
    }

    /// The changes that make them.
    pub(super) fn changes(
        &self,
        org_id: &str,
        org_name: &str,
        created: &str,
    ) -> Result<Vec<Change>, SeedError> {
        let mut changes = Vec::new();
        for (entry, id) in entries()?.iter().zip(&self.own) {
            let place = || format!("fixtures/new-org ({})", entry.key.as_deref().unwrap_or(&entry.kind));
            let kind = facts().resources.get(&entry.kind).map(|resource| resource.kind.as_str());
            let kind =
                kind.ok_or_else(|| SeedError::invalid(place(), format!("no kind {:?}", entry.kind)))?;
            let with = |name: &str| match name {
                "id" => Some(id.to_string()),
                "now" => Some(created.to_owned()),
                "org" => Some(org_id.to_owned()),
                "org_name" => Some(org_name.to_owned()),
                _ => match name.split_once(':')? {
                    ("id", key) => self.ids.get(key).map(|id| id.to_string()),
                    // What stands behind the prefix: a schema's id goes with its type's.
                    ("tail", key) => self.ids.get(key).and_then(|id| id.get(3..)).map(str::to_owned),
                    _ => None,
                },
            };
            let mut parents = Value::from(entry.parents.clone());
            let (mut value, mut hidden) = (entry.value.clone(), entry.hidden.clone());
            fill_value(&mut parents, &with);
            fill_value(&mut value, &with);
            fill_value(&mut hidden, &with);
            let parents: Vec<&str> =
                parents.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            changes.push(Change::put(Shelf::below(kind, &parents), id.clone(), value, hidden));
        }
        Ok(changes)
    }
}

/// The changes that make the parts of a new authorization server: what the server `default` has of these kinds.
pub fn server_parts(ids: &Ids, kinds: &[&str], server: &str, created: &str) -> Vec<Change> {
    let mut made: HashMap<&str, Arc<str>> = HashMap::from([(DEFAULT_SERVER, server.into())]);
    let mut changes = Vec::new();
    let parts = entries().unwrap_or_default().iter().filter(|entry| {
        kinds.contains(&entry.kind.as_str()) && entry.parents.first().is_some_and(|one| one == PARENT)
    });
    for entry in parts {
        let Some(resource) = facts().resources.get(&entry.kind) else { continue };
        let id: Arc<str> = ids.next(&resource.id_prefix).into();
        if let Some(key) = &entry.key {
            made.insert(key, id.clone());
        }
        let with = |name: &str| match name {
            "id" => Some(id.to_string()),
            "now" => Some(created.to_owned()),
            _ => made.get(name.strip_prefix("id:")?).map(|id| id.to_string()),
        };
        let (mut parents, mut value) = (Value::from(entry.parents.clone()), entry.value.clone());
        fill_value(&mut parents, &with);
        fill_value(&mut value, &with);
        let parents: Vec<&str> = parents.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let shelf = Shelf::below(&resource.kind, &parents);
        changes.push(Change::put(shelf, id.clone(), value, entry.hidden.clone()));
    }
    changes
}
