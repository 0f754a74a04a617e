//! The operations that were asked for and are not implemented.

use std::collections::BTreeMap;

use http::Method;
use serde::Serialize;

/// An operation that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Gap {
    /// The operation id.
    pub(crate) operation: &'static str,
    /// The method.
    pub(crate) method: String,
    /// The path that was asked for first.
    pub(crate) path: String,
    /// How often it was asked for.
    pub(crate) count: u64,
}

/// All of them, by operation id.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<&'static str, Gap>);

impl Gaps {
    pub(super) fn count(&mut self, operation: &'static str, method: &Method, path: &str) {
        let gap = self.0.entry(operation);
        let first = || Gap { operation, method: method.to_string(), path: path.to_owned(), count: 0 };
        gap.or_insert_with(first).count += 1;
    }

    pub(super) fn list(&self) -> Vec<Gap> {
        self.0.values().cloned().collect()
    }
}
