//! An entry for each new failure, to be pasted.

use crate::suite::outcome::Check;

/// An entry, without its reason: what is known has to be said by a person.
pub(super) fn entry(check: &Check, reason: &str) -> toml_edit::Table {
    let mut entry = toml_edit::Table::new();
    entry["check"] = toml_edit::value(&check.id);
    entry["kind"] = toml_edit::value("fails");
    entry["reason"] = toml_edit::value(reason);
    entry["message"] = toml_edit::value(&check.expected);
    entry
}

/// Entries for the checks; none if there are none.
pub(super) fn template<'a>(path: &str, checks: impl Iterator<Item = &'a Check>) -> Option<String> {
    let mut known = toml_edit::ArrayOfTables::new();
    for check in checks {
        known.push(entry(check, ""));
    }
    if known.is_empty() {
        return None;
    }
    let mut document = toml_edit::DocumentMut::new();
    document["known"] = toml_edit::Item::ArrayOfTables(known);
    Some(format!("New failures. Mend them, or say in {path} why they are known:\n\n{document}"))
}
