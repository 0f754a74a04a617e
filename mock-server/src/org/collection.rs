//! The documents of one kind, in the order of creation, and by id.

use std::borrow::Cow;
use std::ops::Bound;
use std::sync::Arc;

use imbl::{HashMap, OrdMap, OrdSet};

use super::document::Document;
use crate::facts::resources::Resource;
use crate::query::{Lookup, Operator, Path, Probe, Scalar, fold};

/// An immutable collection; a changed copy shares all but the changed parts.
#[derive(Debug, Clone, Default)]
pub struct Collection {
    by_seq: OrdMap<u64, Arc<Document>>,
    /// Places are never forgotten, so that a cursor still works when its document is gone.
    places: HashMap<Arc<str>, u64>,
    /// Other names of documents in lower case: a login, and what stands before its `@` (real-clients §2.30). Of two
    /// documents with the same short name the older has it.
    aliases: HashMap<Arc<str>, u64>,
    /// The indexed attributes of the kind, in the order of its resource file: folded values and places.
    indexes: Vec<OrdSet<Text>>,
}

/// A folded value of an indexed attribute, and the place of the document that has it.
type Text = (Arc<str>, u64);

/// New documents, and what an index says of them.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) documents: Vec<Arc<Document>>,
    /// By the indexed attributes of the kind.
    texts: Vec<Vec<Text>>,
}

impl Batch {
    /// An empty batch with room for so many documents of a kind.
    pub(super) fn of(resource: Option<&Resource>, room: usize) -> Self {
        let indexes = resource.map_or(0, |resource| resource.indexed().len());
        let texts = (0..indexes).map(|_| Vec::with_capacity(room)).collect();
        Self { documents: Vec::with_capacity(room), texts }
    }

    /// Adds a document.
    pub(super) fn add(&mut self, document: Arc<Document>, resource: Option<&Resource>) {
        for (texts, path) in self.texts.iter_mut().zip(resource.map_or(&[][..], Resource::indexed)) {
            each_text(&document, path, |value| texts.push((value, document.seq)));
        }
        self.documents.push(document);
    }

    /// Brings what the indexes are told into their order.
    pub(super) fn sort(&mut self) {
        self.texts.iter_mut().for_each(|texts| texts.sort_unstable());
    }
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

    /// The places of the documents that an index gives for a question, in order; none when no index has the attribute.
    pub fn probe(&self, resource: &Resource, probe: &Probe<'_>) -> Option<Vec<u64>> {
        let nth = resource.indexed().iter().position(|path| path.is(probe.attribute))?;
        Some(self.indexed(nth, probe.operator, probe.folded()))
    }

    /// The documents whose member at a JSON pointer is this text; from an index, where the kind has one for it.
    pub fn with_text<'c>(
        &'c self,
        resource: &Resource,
        pointer: &'c str,
        text: &'c str,
    ) -> Box<dyn Iterator<Item = &'c Arc<Document>> + 'c> {
        let is = move |document: &&Arc<Document>| document.is(pointer, text);
        let attribute = pointer.trim_start_matches('/').replace('/', ".");
        match resource.indexed().iter().position(|path| path.is(&attribute)) {
            Some(nth) => {
                let places = self.indexed(nth, Operator::Eq, &fold(text)).into_iter();
                Box::new(places.filter_map(|place| self.at(place)).filter(is))
            }
            None => Box::new(self.after(None).filter(is)),
        }
    }

    /// The places that an index has for a folded value, or for its beginning.
    fn indexed(&self, nth: usize, operator: Operator, wanted: &str) -> Vec<u64> {
        let Some(index) = self.indexes.get(nth) else { return Vec::new() };
        let from: (Arc<str>, u64) = (wanted.into(), 0);
        let found = index.range(from..).take_while(|(value, _)| match operator {
            Operator::Eq => **value == *wanted,
            _ => value.starts_with(wanted),
        });
        let mut places: Vec<u64> = found.map(|(_, place)| *place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The document at a place.
    pub fn at(&self, place: u64) -> Option<&Arc<Document>> {
        self.by_seq.get(&place)
    }

    /// The documents by their places.
    pub(super) fn documents(&self) -> &OrdMap<u64, Arc<Document>> {
        &self.by_seq
    }

    /// The ids and places of documents that are gone.
    pub(super) fn gone(&self) -> impl Iterator<Item = (&Arc<str>, u64)> {
        let some = self.places.len() > self.by_seq.len();
        let all = some.then(|| self.places.iter().map(|(id, seq)| (id, *seq))).into_iter().flatten();
        all.filter(|(_, seq)| !self.by_seq.contains_key(seq))
    }

    /// Keeps the place of a document that is gone.
    pub(super) fn reserve(&mut self, id: Arc<str>, seq: u64) {
        self.places.insert(id, seq);
    }

    /// Stores a document or replaces the one at its place. The kind says which values may stand for the id, and which
    /// are indexed.
    pub(super) fn put(&mut self, document: Arc<Document>, resource: Option<&Resource>) {
        if let Some(old) = self.by_seq.get(&document.seq).cloned() {
            self.forget(&old, resource);
        }
        if let Some(resource) = resource {
            self.name(&document, resource);
            self.indexes.resize(resource.indexed().len(), OrdSet::new());
            for (index, path) in self.indexes.iter_mut().zip(resource.indexed()) {
                each_text(&document, path, |value| {
                    index.insert((value, document.seq));
                });
            }
        }
        self.places.insert(document.id.clone(), document.seq);
        self.by_seq.insert(document.seq, document);
    }

    /// Stores documents that are all new, the look-ups side by side where `threads` says so.
    pub(super) fn extend(&mut self, mut batches: Vec<Batch>, resource: Option<&Resource>, threads: bool) {
        let mut indexes = std::mem::take(&mut self.indexes);
        indexes.resize(resource.map_or(0, |resource| resource.indexed().len()), OrdSet::new());
        let mut texts: Vec<Vec<Text>> = indexes.iter().map(|_| Vec::new()).collect();
        for batch in &mut batches {
            for (all, own) in texts.iter_mut().zip(&mut batch.texts) {
                all.append(own);
            }
        }
        let grow = |(index, mut texts): (&mut OrdSet<Text>, Vec<Text>)| {
            // Each batch is sorted: what is left to do is to merge.
            texts.sort();
            index.extend(texts);
        };
        let work = indexes.iter_mut().zip(texts);
        std::thread::scope(|scope| {
            if threads {
                work.for_each(|one| {
                    scope.spawn(move || grow(one));
                });
            } else {
                work.for_each(grow);
            }
            for document in batches.into_iter().flat_map(|batch| batch.documents) {
                if let Some(resource) = resource {
                    self.name(&document, resource);
                }
                self.places.insert(document.id.clone(), document.seq);
                self.by_seq.insert(document.seq, document);
            }
        });
        self.indexes = indexes;
    }

    /// Lets a document be found by its other names.
    fn name(&mut self, document: &Document, resource: &Resource) {
        for name in resource.aliases.iter().filter_map(|pointer| alias(document, pointer)) {
            let name = name.to_lowercase();
            if let Some((short, _)) = name.split_once('@') {
                self.aliases.entry(short.into()).or_insert(document.seq);
            }
            self.aliases.insert(name.into(), document.seq);
        }
    }

    pub(super) fn remove(&mut self, id: &str, resource: Option<&Resource>) {
        if let Some(old) = self.get(id).cloned() {
            self.forget(&old, resource);
            self.by_seq.remove(&old.seq);
        }
    }

    /// Takes a document out of the look-ups by name and by attribute.
    fn forget(&mut self, old: &Document, resource: Option<&Resource>) {
        let Some(resource) = resource else { return };
        for name in resource.aliases.iter().filter_map(|pointer| alias(old, pointer)) {
            let name = name.to_lowercase();
            if let Some((short, _)) = name.split_once('@')
                && self.aliases.get(short) == Some(&old.seq)
            {
                self.aliases.remove(short);
            }
            self.aliases.remove(name.as_str());
        }
        for (index, path) in self.indexes.iter_mut().zip(resource.indexed()) {
            each_text(old, path, |value| {
                index.remove(&(value, old.seq));
            });
        }
    }
}

/// Another name of a document: a member, or one of the hidden part (`hidden/name`).
fn alias<'d>(document: &'d Document, pointer: &str) -> Option<Cow<'d, str>> {
    match pointer.strip_prefix("hidden") {
        Some(pointer) => document.hidden.pointer(pointer)?.as_str().map(Cow::Borrowed),
        None => document.text(pointer),
    }
}

/// The folded texts of an attribute.
fn each_text(document: &Document, path: &Path, mut see: impl FnMut(Arc<str>)) {
    document.json().any(path, &mut |value| {
        if let Scalar::Text(text) = value {
            see(fold(&text).into());
        }
        false
    });
}

/// Equal in content; places of documents that are gone count too, since cursors see them.
impl PartialEq for Collection {
    fn eq(&self, other: &Self) -> bool {
        self.by_seq == other.by_seq && self.places == other.places && self.aliases == other.aliases
    }
}
