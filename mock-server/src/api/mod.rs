//! The Management API: what each operation does once the gate has let the caller through.

mod answer;
mod app_grants;
mod apps;
mod authorization_servers;
mod body;
mod clients;
mod credential_keys;
mod device_users;
mod directories;
mod draft;
mod events;
mod hooks;
mod idps;
mod images;
mod link;
mod logs;
mod mappings;
mod own;
mod page;
mod principals;
mod roles;
mod schemas;
mod spare_keys;
mod special;
mod subscriptions;
mod target;
mod users;
mod verbs;

pub use answer::answer;
pub use images::image;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::facts::facts;
use crate::facts::operations::Operation;
use crate::facts::resources::{Act, Resource};

/// What an operation does here.
#[derive(Debug, Clone, Copy)]
pub enum Behaviour {
    /// A verb that its resource file gives it.
    Verb(&'static Resource, &'static Act),
    /// Code of its own (`api/own.rs`).
    Own,
    /// Nothing yet: 501.
    Missing,
}

/// What an operation does here.
pub fn behaviour(operation: &Operation) -> Behaviour {
    static BY_ID: LazyLock<HashMap<&'static str, Behaviour>> = LazyLock::new(|| {
        let verbs = facts().resources.all().flat_map(|resource| {
            resource.operations.iter().map(move |(id, act)| (id.as_str(), Behaviour::Verb(resource, act)))
        });
        verbs.chain(own::operations().map(|id| (id, Behaviour::Own))).collect()
    });
    BY_ID.get(operation.id.as_str()).copied().unwrap_or(Behaviour::Missing)
}

/// One operation and how it is answered: a row of `orgtwin coverage`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct CoverageRow {
    /// `listUsers`.
    pub operation: &'static str,
    /// The method.
    pub method: String,
    /// The path.
    pub path: &'static str,
    /// The scopes that a token needs.
    pub scopes: &'static [String],
    /// The verb of its resource file (`list`, `create`, …), `own` (code of its own), or `missing`.
    pub behaviour: &'static str,
    /// The file that says so.
    pub source: Option<String>,
    /// In how many recorded exchanges of real orgs it occurs: what is recorded is built to be exact, the rest follows
    /// the specification.
    pub recorded: u32,
}

/// All operations and how they are answered, in the order of the specification.
pub fn coverage() -> Vec<CoverageRow> {
    let row = |operation: &'static Operation| {
        let (behaviour, source) = match behaviour(operation) {
            Behaviour::Verb(resource, act) => {
                (act.verb.name(), Some(format!("fixtures/resources/{}.toml", resource.kind)))
            }
            Behaviour::Own => ("own", own::source(&operation.id)),
            Behaviour::Missing => ("missing", None),
        };
        CoverageRow {
            operation: &operation.id,
            method: operation.method.to_string(),
            path: &operation.path,
            scopes: &operation.scopes,
            behaviour,
            source,
            recorded: operation.recorded,
        }
    };
    facts().operations.all().iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// The readable table of all 732 operations; what leaves `missing` shows in the diff.
    #[test]
    fn every_operation_resolves_to_exactly_one_behaviour() {
        let mut table = String::new();
        for row in coverage() {
            let scopes = if row.scopes.is_empty() { "-".to_owned() } else { row.scopes.join("+") };
            let _ = writeln!(
                table,
                "{:8} {:6} {} ({}) {scopes}",
                row.behaviour, row.method, row.path, row.operation
            );
        }
        insta::assert_snapshot!("operations", table);
    }

    #[test]
    fn a_resource_file_names_operations_that_exist_and_no_operation_twice() {
        let known: std::collections::HashSet<_> =
            facts().operations.all().iter().map(|row| row.id.as_str()).collect();
        let oauth = facts().oauth_operations.all().iter().map(|row| row.id.as_str()).collect::<Vec<_>>();
        let mut seen = std::collections::HashSet::new();
        for resource in facts().resources.all() {
            for id in resource.operations.keys() {
                let exists = known.contains(id.as_str()) || oauth.contains(&id.as_str());
                assert!(exists, "{}.toml names {id}", resource.kind);
                assert!(seen.insert(id.as_str()), "{id} is in two resource files");
            }
        }
        for id in own::operations() {
            assert!(known.contains(id) || oauth.contains(&id), "own.rs names {id}");
            assert!(seen.insert(id), "{id} is in a resource file and in own.rs");
        }
    }
}
