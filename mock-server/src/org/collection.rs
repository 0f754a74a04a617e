//! The documents of one kind, in the order of creation, and by id.

use std::ops::Bound;
use std::sync::Arc;

use imbl::{HashMap, OrdMap};

use super::document::Document;

/// An immutable collection; a changed copy shares all but the changed parts.
#[derive(Debug, Clone, Default)]
pub struct Collection {
    by_seq: OrdMap<u64, Arc<Document>>,
    /// Places are never forgotten, so that a cursor still works when its document is gone.
    places: HashMap<Arc<str>, u64>,
    /// Other names of documents in lower case: a login, and what stands before its `@` (real-clients §2.30). Of two
    /// documents with the same short name the older has it.
    aliases: HashMap<Arc<str>, u64>,
}

impl Collection {
    /// The document with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Document>> {
        self.by_seq.get(self.places.get(id)?)
    }

    /// The document with this other name; upper and lower case are the same.
    pub fn by_alias(&self, alias: &str) -> Option<&Arc<Document>> {
        self.by_seq.get(self.aliases.get(alias.to_lowercase().as_str())?)
    }

    /// The place of an id in the order of creation, also of a document that is gone.
    pub fn place(&self, id: &str) -> Option<u64> {
        self.places.get(id).copied()
    }

    /// The documents behind a place (behind none: all), in order.
    pub fn after(&self, place: Option<u64>) -> impl Iterator<Item = &Arc<Document>> {
        let from = place.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_seq.range((from, Bound::Unbounded)).map(|(_, document)| document)
    }

    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.by_seq.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_seq.is_empty()
    }

    /// Stores a document or replaces the one at its place; `names` points at the values that may stand for the id.
    pub(super) fn put(&mut self, document: Arc<Document>, names: &[String]) {
        if let Some(old) = self.by_seq.get(&document.seq).cloned() {
            self.forget_names(&old, names);
        }
        for name in names.iter().filter_map(|pointer| document.text(pointer)) {
            let name = name.to_lowercase();
            if let Some((short, _)) = name.split_once('@') {
                self.aliases.entry(short.into()).or_insert(document.seq);
            }
            self.aliases.insert(name.into(), document.seq);
        }
        self.places.insert(document.id.clone(), document.seq);
        self.by_seq.insert(document.seq, document);
    }

    pub(super) fn remove(&mut self, id: &str, names: &[String]) {
        if let Some(old) = self.get(id).cloned() {
            self.forget_names(&old, names);
            self.by_seq.remove(&old.seq);
        }
    }

    fn forget_names(&mut self, old: &Document, names: &[String]) {
        for name in names.iter().filter_map(|pointer| old.text(pointer)) {
            let name = name.to_lowercase();
            if let Some((short, _)) = name.split_once('@')
                && self.aliases.get(short) == Some(&old.seq)
            {
                self.aliases.remove(short);
            }
            self.aliases.remove(name.as_str());
        }
    }
}

/// Equal in content; places of documents that are gone count too, since cursors see them.
impl PartialEq for Collection {
    fn eq(&self, other: &Self) -> bool {
        self.by_seq == other.by_seq && self.places == other.places && self.aliases == other.aliases
    }
}
