//! Whether a table shows every fact that it is about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Every wanted fact is shown or left out with a reason, no fact is both, and all of them exist.
pub(crate) fn assert_complete(
    known: &BTreeMap<String, Value>,
    wanted: impl Fn(&str) -> bool,
    shown: &BTreeSet<&str>,
    left_out: &[(&str, &str)],
) {
    let left_out: BTreeSet<&str> = left_out.iter().map(|(id, _)| *id).collect();
    let open = |id: &&str| wanted(id) && !shown.contains(id) && !left_out.contains(id);
    let missing: Vec<_> = known.keys().map(String::as_str).filter(open).collect();
    assert!(missing.is_empty(), "no row shows {missing:?}");
    let unknown: Vec<_> = shown.union(&left_out).filter(|id| !known.contains_key(**id)).collect();
    assert!(unknown.is_empty(), "no such facts: {unknown:?}");
    assert!(shown.is_disjoint(&left_out));
}
