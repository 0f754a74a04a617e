//! Observations of scopes: how they are asked for, and which of them nothing needs.

use std::collections::BTreeSet;

use super::{Observed, all};
use crate::oin::finding::{Finding, Outcome};
use crate::operations;

/// OIN-006.
pub(super) fn scope_present(observed: &Observed<'_>) -> Finding {
    let of = observed.tokens().filter(|sent| {
        // A code or a refresh token has its scopes from before.
        sent.form("grant_type").is_none_or(|grant| grant == "client_credentials")
    });
    all(of, "token requests", |sent| {
        let scope = sent.form("scope").or_else(|| sent.parameter("scope")).unwrap_or_default();
        let words: Vec<&str> = scope.split(' ').collect();
        let once: BTreeSet<&str> = words.iter().copied().collect();
        if scope.trim().is_empty() {
            Some("there is no scope".to_owned())
        } else if scope.contains([',', ';']) {
            Some("the scopes are not separated by spaces".to_owned())
        } else if once.len() < words.len() {
            Some("a scope is there twice".to_owned())
        } else {
            None
        }
    })
}

/// OIN-021: what is registered, against what the operations of the manifest need.
pub(super) fn least_privilege(observed: &Observed<'_>) -> Finding {
    let manifest = observed.manifest;
    if manifest.operation.is_empty() {
        return Finding::not_judged("the manifest names no [[operation]]");
    }
    let registered: BTreeSet<&str> = manifest.scope.iter().map(|scope| scope.name.as_str()).collect();
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for operation in &manifest.operation {
        let what = format!("{} {}", operation.method, operation.path);
        if !registered.contains(operation.scope.as_str()) {
            faults.push(format!("{what} uses {}, which is not registered", operation.scope));
        }
        match operations::find(&operation.method, &operation.path) {
            None => faults.push(format!("{what} is no operation of the Management API")),
            Some(row) if !takes(&row.scopes, &operation.scope) => {
                faults.push(format!("{what} takes {}, not {}", row.scopes.join(" or "), operation.scope));
            }
            Some(row) => {
                used.insert(operation.scope.as_str());
                let read = operation.scope.strip_suffix(".manage").map(|kind| format!("{kind}.read"));
                if read.is_some_and(|read| row.scopes.contains(&read))
                    && !writes_elsewhere(observed, &operation.scope)
                {
                    faults.push(format!("{} is used to read only", operation.scope));
                }
            }
        }
    }
    for scope in registered.difference(&used) {
        if !manifest.operation.iter().any(|operation| operation.scope == *scope) {
            faults.push(format!("{scope} is registered, and no operation uses it"));
        }
    }
    if faults.is_empty() {
        Finding::holds(format!("each of the {} scopes is used by an operation", registered.len()))
    } else {
        faults.dedup();
        Finding::new(Outcome::Fails, faults.join("; "))
    }
}

/// A scope opens an operation: it is named, or it is the manage of a read that is.
fn takes(scopes: &[String], scope: &str) -> bool {
    let read = scope.strip_suffix(".manage").map(|kind| format!("{kind}.read"));
    scopes.iter().any(|known| known == scope || Some(known) == read.as_ref())
}

/// Another operation needs the scope to manage.
fn writes_elsewhere(observed: &Observed<'_>, scope: &str) -> bool {
    observed.manifest.operation.iter().filter(|operation| operation.scope == scope).any(|operation| {
        operations::find(&operation.method, &operation.path)
            .is_some_and(|row| row.scopes.iter().any(|known| known == scope))
    })
}
