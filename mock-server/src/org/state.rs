//! The state of an org: an immutable value that shares structure with its predecessors.

use std::ops::Bound;
use std::sync::Arc;

use imbl::{HashMap, OrdMap};
use serde_json::Value;

use super::change::Change;
use super::collection::Collection;
use super::derived::Derived;
use super::document::Document;
use super::keys::SigningKeys;
use crate::facts::dialects::Dialect;
use crate::facts::facts;
pub use crate::limits::{BucketOverride, LimitSettings};

/// What somebody has in a relation, by its place in the order of creation.
type Related = OrdMap<u64, Arc<str>>;

/// What an org is at one moment. Cloning it costs a few pointers.
#[derive(Debug, Clone, PartialEq)]
pub struct OrgState {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The signing keys.
    pub keys: Arc<SigningKeys>,
    /// The views that decisions read, kept up to date by every change.
    pub derived: Derived,
    collections: HashMap<&'static str, Collection>,
    relations: HashMap<(&'static str, Arc<str>), Related>,
    next_seq: u64,
}

/// The settings of an org.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The org's name, as in `/_mock/orgs/{name}`.
    pub name: String,
    /// The org's id (`00o…`).
    pub org_id: String,
    /// Where real orgs differ.
    pub dialect: Dialect,
    /// The rate limits.
    pub limits: LimitSettings,
    /// Caps every page.
    pub max_page: Option<usize>,
    /// The sign-in page offers people to pick from, and knows their passwords.
    pub sign_in_picker: bool,
    /// Access tokens of an earlier generation count as expired; their ids carry the generation.
    pub token_generation: u16,
}

impl OrgState {
    /// An org with nothing in it.
    pub fn empty(settings: Settings, keys: Arc<SigningKeys>) -> Self {
        Self {
            settings: Arc::new(settings),
            keys,
            derived: Derived::default(),
            collections: HashMap::new(),
            relations: HashMap::new(),
            next_seq: 1,
        }
    }

    /// The collection of a kind; empty when nothing of it exists.
    pub fn all(&self, kind: &str) -> &Collection {
        static NONE: std::sync::LazyLock<Collection> = std::sync::LazyLock::new(Collection::default);
        self.collections.get(kind).unwrap_or(&NONE)
    }

    /// A document by kind and id.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Arc<Document>> {
        self.all(kind).get(id)
    }

    /// The ids that `from` has in a relation, in the order of their creation, behind a place.
    pub fn related(
        &self,
        relation: &'static str,
        from: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = &Arc<str>> {
        let from = self.relations.get(&(relation, Arc::from(from)));
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        from.into_iter().flat_map(move |map| map.range((start, Bound::Unbounded)).map(|(_, to)| to))
    }

    /// Whether `from` has `to` in a relation.
    pub fn is_related(&self, relation: &'static str, from: &str, to: &str) -> bool {
        let held = self.relations.get(&(relation, Arc::from(from)));
        held.is_some_and(|map| self.place_of(to).is_some_and(|place| map.contains_key(&place)))
    }

    /// Applies one change. Called by the writer and by replay, by nobody else.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put { kind, id, value, hidden } => self.put(kind, id, value, hidden),
            Change::Remove { kind, id } => self.remove(kind, id),
            Change::Link { relation, from, to } => self.link(relation, from, to),
            Change::Unlink { relation, from, to } => self.unlink(relation, from, to),
            Change::Settings(settings) => self.settings = settings.clone(),
            Change::Keys(keys) => self.keys = keys.clone(),
        }
    }

    fn put(&mut self, kind: &'static str, id: &Arc<str>, value: &Arc<Value>, hidden: &Arc<Value>) {
        let resource = facts().resources.get(kind);
        let seq = self.all(kind).place(id).unwrap_or(self.next_seq);
        self.next_seq = self.next_seq.max(seq + 1);
        let document = Arc::new(Document::new(id.clone(), seq, value.clone(), hidden.clone(), resource));
        self.derived.put(kind, &document);
        self.collections.entry(kind).or_default().put(document, names(kind));
    }

    fn remove(&mut self, kind: &'static str, id: &Arc<str>) {
        if let Some(document) = self.all(kind).get(id).cloned() {
            self.derived.remove(kind, &document);
            self.collections.entry(kind).or_default().remove(id, names(kind));
            self.relations.retain(|(_, from), _| from != id);
            let place = document.seq;
            let holders: Vec<_> = self
                .relations
                .iter()
                .filter(|(_, to)| to.contains_key(&place))
                .map(|(key, _)| key.clone())
                .collect();
            for key in holders {
                self.relations.entry(key).or_default().remove(&place);
            }
        }
    }

    fn link(&mut self, relation: &'static str, from: &Arc<str>, to: &Arc<str>) {
        if let Some(place) = self.place_of(to) {
            self.relations.entry((relation, from.clone())).or_default().insert(place, to.clone());
        }
    }

    fn unlink(&mut self, relation: &'static str, from: &Arc<str>, to: &Arc<str>) {
        if let Some(place) = self.place_of(to) {
            self.relations.entry((relation, from.clone())).or_default().remove(&place);
        }
    }

    /// Places are unique in the whole org, so an id's place is enough to order relations by.
    fn place_of(&self, id: &str) -> Option<u64> {
        self.collections.values().find_map(|collection| collection.place(id))
    }
}

/// The JSON pointers of the values that may stand for the id of a kind.
fn names(kind: &str) -> &'static [String] {
    facts().resources.get(kind).map_or(&[], |resource| &resource.aliases)
}
