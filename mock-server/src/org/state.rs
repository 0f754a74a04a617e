//! The state of an org: an immutable value that shares structure with its predecessors.

mod bulk;
mod delta;

use std::sync::Arc;

use imbl::{HashMap, OrdMap};
use jiff::SignedDuration;
use serde_json::Value;

use super::change::{Change, Commit, Shelf};
use super::collection::Collection;
use super::derived::Derived;
use super::document::Document;
use super::event_log::EventLog;
use super::keys::SigningKeys;
use super::relations::{End, RELATIONS, Relations};
use crate::facts::dialects::Dialect;
use crate::facts::facts;
pub use crate::limits::{BucketOverride, LimitSettings};
use crate::org::mutation::Mutations;

/// The collections below one object, by kind.
type Below = HashMap<&'static str, Collection>;

/// What an org is at one moment. Cloning it costs a few pointers.
#[derive(Debug, Clone, PartialEq)]
pub struct OrgState {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The signing keys.
    pub keys: Arc<SigningKeys>,
    /// The views that decisions read, kept up to date by every change. Shared: the forks of an org differ in their
    /// settings only.
    pub derived: Arc<Derived>,
    /// The System Log.
    pub events: EventLog,
    top: HashMap<&'static str, Collection>,
    /// By the ids of the objects above, joined by `/`: an object's own begin with its id.
    below: OrdMap<Arc<str>, Below>,
    relations: Relations,
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
    /// How it is not like Okta, for selftests. Not kept: an org that is stored is like Okta when it is read again.
    pub mutations: Mutations,
    /// So far do searches and the System Log lag behind writes; none: not at all.
    pub search_lag: Option<SignedDuration>,
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
            derived: Arc::default(),
            events: EventLog::default(),
            top: HashMap::new(),
            below: OrdMap::new(),
            relations: Relations::default(),
            next_seq: 1,
        }
    }

    /// The state that follows from this one and these commits.
    pub fn replayed(&self, commits: &[Commit]) -> Self {
        let mut state = self.clone();
        commits.iter().flat_map(|commit| &*commit.changes).for_each(|change| state.apply(change));
        state
    }

    /// The collection of a kind at the top of the org; empty when nothing of it exists.
    pub fn all(&self, kind: &str) -> &Collection {
        self.top.get(kind).unwrap_or_else(none)
    }

    /// The collection of a kind below an object; `parent` as in [`Shelf`].
    pub fn below(&self, kind: &str, parent: &str) -> &Collection {
        if parent.is_empty() {
            return self.all(kind);
        }
        self.below.get(parent).and_then(|below| below.get(kind)).unwrap_or_else(none)
    }

    /// The collection of a shelf.
    pub fn on(&self, shelf: &Shelf) -> &Collection {
        self.below(shelf.kind, &shelf.parent)
    }

    /// Every collection of a kind that lies below some object, with the ids of the objects above it.
    pub fn everywhere<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = (&'s Arc<str>, &'s Collection)> {
        self.below.iter().filter_map(move |(parent, below)| Some((parent, below.get(kind)?)))
    }

    /// A document at the top of the org, by kind and id.
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
        self.relations.of(relation, from, after)
    }

    /// The ids of those that have `to` in a relation, in the order of their creation, behind a place.
    pub fn holders(
        &self,
        relation: &'static str,
        to: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = &Arc<str>> {
        self.relations.holders(relation, to, after)
    }

    /// How many `from` has in a relation.
    pub fn count_related(&self, relation: &'static str, from: &str) -> usize {
        self.relations.count(relation, from)
    }

    /// Whether `from` has `to` in a relation.
    pub fn is_related(&self, relation: &'static str, from: &str, to: &str) -> bool {
        let Some((_, _, kind)) = RELATIONS.iter().find(|(name, ..)| *name == relation) else { return false };
        self.all(kind).place(to).is_some_and(|place| self.relations.has(relation, from, place))
    }

    /// Applies one change. Called by the writer and by replay, by nobody else.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Put { shelf, id, value, hidden } => self.put(shelf, id, value, hidden),
            Change::Remove { shelf, id } => self.remove(shelf, id),
            Change::Link { relation, from, to } => {
                if let Some((from, to)) = self.ends(relation, from, to) {
                    self.relations.link(relation, &from, &to);
                }
            }
            Change::Unlink { relation, from, to } => {
                if let Some((from, to)) = self.ends(relation, from, to) {
                    self.relations.unlink(relation, &from, &to);
                }
            }
            Change::Event(event) => self.events.push(event),
            Change::Settings(settings) => self.settings = settings.clone(),
            Change::Keys(keys) => self.keys = keys.clone(),
        }
    }

    fn put(&mut self, shelf: &Shelf, id: &Arc<str>, value: &Arc<Value>, hidden: &Arc<Value>) {
        let kind = shelf.kind;
        let resource = facts().resources.get(kind);
        let seq = self.on(shelf).place(id).unwrap_or(self.next_seq);
        self.next_seq = self.next_seq.max(seq + 1);
        let document = Document::new(id.clone(), seq, value, hidden.clone(), &shelf.parent, resource);
        let document = Arc::new(document);
        Arc::make_mut(&mut self.derived).put(shelf, &document);
        self.shelf_mut(shelf).put(document, resource);
    }

    fn remove(&mut self, shelf: &Shelf, id: &Arc<str>) {
        let Some(document) = self.on(shelf).get(id).cloned() else { return };
        Arc::make_mut(&mut self.derived).remove(shelf, &document);
        self.shelf_mut(shelf).remove(id, facts().resources.get(shelf.kind));
        if shelf.parent.is_empty() {
            self.relations.forget(&(id.clone(), document.seq));
        }
        self.remove_below(shelf, id);
        for follower in facts().resources.followers(shelf.kind) {
            self.remove_followers(follower, id);
        }
    }

    /// Removes what lies below an object. Ids of different kinds never meet, names may: only the collections of kinds
    /// that lie below this kind are meant.
    fn remove_below(&mut self, shelf: &Shelf, id: &str) {
        let root = if shelf.parent.is_empty() { id.to_owned() } else { format!("{}/{id}", shelf.parent) };
        let inside = format!("{root}/");
        let parents: Vec<_> = self
            .below
            .range(Arc::from(root.as_str())..)
            .map(|(parent, _)| parent.clone())
            .take_while(|parent| parent.starts_with(&root))
            .filter(|parent| **parent == *root || parent.starts_with(&inside))
            .collect();
        for parent in parents {
            let Some(below) = self.below.get(&parent).cloned() else { continue };
            for (kind, collection) in &below {
                if !facts().resources.lies_below(kind, shelf.kind) {
                    continue;
                }
                let shelf = Shelf { kind, parent: parent.clone() };
                for document in collection.after(None) {
                    Arc::make_mut(&mut self.derived).remove(&shelf, document);
                }
                if let Some(below) = self.below.get_mut(&parent) {
                    below.remove(kind);
                }
            }
        }
    }

    /// Removes the documents of a kind that stand for an object which is gone: an app's user with the user.
    fn remove_followers(&mut self, follower: &'static str, id: &Arc<str>) {
        let held: Vec<_> = self
            .everywhere(follower)
            .filter(|(_, collection)| collection.get(id).is_some())
            .map(|(parent, _)| Shelf { kind: follower, parent: parent.clone() })
            .collect();
        for shelf in held {
            self.remove(&shelf, id);
        }
    }

    fn shelf_mut(&mut self, shelf: &Shelf) -> &mut Collection {
        if shelf.parent.is_empty() {
            return self.top.entry(shelf.kind).or_default();
        }
        self.below.entry(shelf.parent.clone()).or_default().entry(shelf.kind).or_default()
    }

    /// The ends of a relation with their places; none when one of them is gone, whose relations are forgotten.
    fn ends(&self, relation: &str, from: &Arc<str>, to: &Arc<str>) -> Option<(End, End)> {
        let (_, holders, held) = RELATIONS.iter().find(|(name, ..)| *name == relation)?;
        let from = (from.clone(), self.get(holders, from)?.seq);
        Some((from, (to.clone(), self.get(held, to)?.seq)))
    }
}

fn none<'c>() -> &'c Collection {
    static NONE: std::sync::LazyLock<Collection> = std::sync::LazyLock::new(Collection::default);
    &NONE
}
