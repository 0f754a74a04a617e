//! `expand`: what an object embeds when a caller asks for it.

use serde_json::{Value, json};

use crate::api::answer::Asked;
use crate::org::document::Document;

/// Whether the query's `expand` names a thing; several are separated by commas.
pub(in crate::api) fn expands(asked: &Asked<'_>, name: &str) -> bool {
    asked.query("expand").is_some_and(|names| names.split(',').any(|one| one.trim() == name))
}

/// Objects with their `_links`.
pub(super) fn all_linked<'d>(documents: impl Iterator<Item = &'d std::sync::Arc<Document>>) -> Value {
    documents.map(|document| document.whole()).collect::<Vec<_>>().into()
}

/// The object with what was asked for embedded; none when nothing was.
pub(super) fn embedded(document: &Document, parts: Vec<(&str, Value)>) -> Option<Value> {
    if parts.is_empty() {
        return None;
    }
    let mut value = document.whole();
    let parts: serde_json::Map<_, _> =
        parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect();
    value["_embedded"] = json!(parts);
    Some(value)
}
