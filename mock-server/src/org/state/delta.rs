//! What one state has and another has not, in a form that can be stored: parts of a hundred kilobytes, one JSON object a
//! line. What two states share is jumped over, so the difference costs as much as was changed.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{available_parallelism, scope};

use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::OrgState;
use crate::facts::facts;
use crate::org::change::{Change, Shelf};
use crate::org::collection::Collection;
use crate::org::document::Document;
use crate::org::event_log::{Entry, LogEvent, Place};
use crate::org::stored::{Kind, Relation, StoredError, StoredKeys, StoredSettings, is_top};

/// A part is closed when it has so many bytes.
const PART: usize = 100_000;

/// A difference.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Piece {
    /// A document, at its place.
    Document {
        kind: Kind,
        #[serde(default, skip_serializing_if = "is_top")]
        parent: Arc<str>,
        id: Arc<str>,
        seq: u64,
        value: Box<RawValue>,
        hidden: Arc<Value>,
    },
    /// A document that is gone.
    Gone {
        kind: Kind,
        #[serde(default, skip_serializing_if = "is_top")]
        parent: Arc<str>,
        id: Arc<str>,
    },
    /// A collection that went with the object above it.
    Dropped {
        kind: Kind,
        parent: Arc<str>,
    },
    /// The place of a document that came and went.
    Place {
        kind: Kind,
        #[serde(default, skip_serializing_if = "is_top")]
        parent: Arc<str>,
        id: Arc<str>,
        seq: u64,
    },
    Link {
        relation: Relation,
        from: Arc<str>,
        to: Arc<str>,
    },
    Unlink {
        relation: Relation,
        from: Arc<str>,
        to: Arc<str>,
    },
    /// The System Log begins anew.
    Events {
        disordered: bool,
    },
    Event {
        ms: i64,
        nth: u32,
        published: i64,
        text: Box<str>,
    },
    Settings(StoredSettings),
    Keys(StoredKeys),
    /// The next place.
    Next {
        seq: u64,
    },
}

/// A piece, read: documents are rendered already.
enum Read {
    Document(Shelf, Arc<Document>),
    Other(Piece),
}

#[derive(Default)]
struct Parts {
    done: Vec<Vec<u8>>,
    open: Vec<u8>,
}

impl Parts {
    fn add(&mut self, piece: &Piece) -> Result<(), StoredError> {
        serde_json::to_writer(&mut self.open, piece)?;
        self.open.push(b'\n');
        if self.open.len() >= PART {
            self.done.push(std::mem::take(&mut self.open));
        }
        Ok(())
    }
}

impl OrgState {
    /// What makes this state of another one.
    ///
    /// # Errors
    /// [`StoredError`] when something has no stored form.
    pub fn since(&self, before: &Self) -> Result<Vec<Vec<u8>>, StoredError> {
        let mut parts = Parts::default();
        if self.settings != before.settings {
            parts.add(&Piece::Settings(StoredSettings::of(&self.settings)))?;
        }
        if self.keys != before.keys {
            parts.add(&Piece::Keys(StoredKeys::of(&self.keys)?))?;
        }
        let nothing = Collection::default();
        let mut fresh: Vec<(Shelf, Arc<Document>)> = Vec::new();
        for (shelf, collection) in self.collections() {
            let mut old = before.on(&shelf);
            // What was above it is gone and there again: a place that is not kept shows that it began anew.
            let mut known =
                old.documents().values().map(|document| &document.id).chain(old.gone().map(|(id, _)| id));
            if !shelf.parent.is_empty() && known.any(|id| collection.place(id).is_none()) {
                parts.add(&Piece::Dropped { kind: Kind(shelf.kind), parent: shelf.parent.clone() })?;
                old = &nothing;
            }
            for item in old.documents().diff(collection.documents()) {
                match item {
                    DiffItem::Add(_, document) | DiffItem::Update { new: (_, document), .. } => {
                        fresh.push((shelf.clone(), document.clone()));
                    }
                    DiffItem::Remove(_, document) => parts.add(&gone(&shelf, &document.id))?,
                }
            }
            for (id, seq) in collection.gone().filter(|(id, _)| old.place(id).is_none()) {
                let (kind, parent) = (Kind(shelf.kind), shelf.parent.clone());
                parts.add(&Piece::Place { kind, parent, id: id.clone(), seq })?;
            }
        }
        for (shelf, _) in before.collections() {
            if !self.has(&shelf) {
                parts.add(&Piece::Dropped { kind: Kind(shelf.kind), parent: shelf.parent.clone() })?;
            }
        }
        // Views keep the order in which things were made.
        fresh.sort_by_key(|(_, document)| document.seq);
        for (shelf, document) in fresh {
            parts.add(&Piece::Document {
                kind: Kind(shelf.kind),
                parent: shelf.parent,
                id: document.id.clone(),
                seq: document.seq,
                value: RawValue::from_string(document.marked())?,
                hidden: document.hidden.clone(),
            })?;
        }
        for (relation, from, held) in self.relations.all() {
            let none = OrdMap::new();
            let old = before.relations.held(relation, from).unwrap_or(&none);
            for item in old.diff(held) {
                let (relation, from) = (Relation(relation), from.clone());
                parts.add(&match item {
                    DiffItem::Add(_, to) | DiffItem::Update { new: (_, to), .. } => {
                        Piece::Link { relation, from, to: to.clone() }
                    }
                    DiffItem::Remove(_, to) => Piece::Unlink { relation, from, to: to.clone() },
                })?;
            }
        }
        for (relation, from, held) in before.relations.all() {
            if self.relations.held(relation, from).is_none() {
                for to in held.values() {
                    let (relation, from) = (Relation(relation), from.clone());
                    parts.add(&Piece::Unlink { relation, from, to: to.clone() })?;
                }
            }
        }
        if self.events != before.events {
            parts.add(&Piece::Events { disordered: self.events.is_disordered() })?;
            for Entry { place, event } in self.events.iter() {
                let LogEvent { published, text } = &**event;
                let (published, text) = (*published, text.clone());
                parts.add(&Piece::Event { ms: place.ms, nth: place.nth, published, text })?;
            }
        }
        parts.add(&Piece::Next { seq: self.next_seq })?;
        parts.done.push(parts.open);
        Ok(parts.done)
    }

    /// The state that these parts make of this one.
    ///
    /// # Errors
    /// [`StoredError`] says what is not understood.
    pub fn with(&self, parts: &[Vec<u8>]) -> Result<Self, StoredError> {
        let workers = if parts.len() < 4 { 1 } else { available_parallelism().map_or(1, usize::from) };
        let size = parts.len().div_ceil(workers).max(1);
        let read = if workers == 1 {
            vec![read(parts)?]
        } else {
            scope(|scope| {
                let running: Vec<_> = parts.chunks(size).map(|parts| scope.spawn(|| read(parts))).collect();
                let joined =
                    running.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)));
                joined.collect::<Result<Vec<_>, StoredError>>()
            })?
        };
        let mut state = self.clone();
        for piece in read.into_iter().flatten() {
            state.take(piece)?;
        }
        Ok(state)
    }

    fn take(&mut self, read: Read) -> Result<(), StoredError> {
        let piece = match read {
            Read::Document(shelf, document) => {
                let resource = facts().resources.get(shelf.kind);
                Arc::make_mut(&mut self.derived).put(&shelf, &document);
                self.shelf_mut(&shelf).put(document, resource);
                return Ok(());
            }
            Read::Other(piece) => piece,
        };
        match piece {
            Piece::Document { .. } => {}
            Piece::Gone { kind, parent, id } => {
                self.apply(&Change::Remove { shelf: Shelf { kind: kind.0, parent }, id });
            }
            Piece::Dropped { kind, parent } => {
                let shelf = Shelf { kind: kind.0, parent };
                let ids: Vec<_> = self.on(&shelf).after(None).map(|document| document.id.clone()).collect();
                for id in ids {
                    self.remove(&shelf, &id);
                }
                if let Some(below) = self.below.get_mut(&shelf.parent) {
                    below.remove(shelf.kind);
                }
            }
            Piece::Place { kind, parent, id, seq } => {
                self.shelf_mut(&Shelf { kind: kind.0, parent }).reserve(id, seq);
            }
            Piece::Link { relation, from, to } => {
                self.apply(&Change::Link { relation: relation.0, from, to })
            }
            Piece::Unlink { relation, from, to } => {
                self.apply(&Change::Unlink { relation: relation.0, from, to });
            }
            Piece::Events { disordered } => self.events.begin_anew(disordered),
            Piece::Event { ms, nth, published, text } => {
                let event = Arc::new(LogEvent { published, text });
                self.events.put_back(Entry { place: Place { ms, nth }, event });
            }
            Piece::Settings(settings) => self.settings = Arc::new(settings.read()?),
            Piece::Keys(keys) => self.keys = keys.read()?,
            Piece::Next { seq } => self.next_seq = seq,
        }
        Ok(())
    }

    /// Every collection and where it lies.
    fn collections(&self) -> impl Iterator<Item = (Shelf, &Collection)> {
        let top = self.top.iter().map(|(kind, collection)| (Shelf::from(*kind), collection));
        let below = self.below.iter().flat_map(|(parent, below)| {
            below.iter().map(|(kind, collection)| (Shelf { kind, parent: parent.clone() }, collection))
        });
        top.chain(below)
    }

    fn has(&self, shelf: &Shelf) -> bool {
        if shelf.parent.is_empty() {
            return self.top.contains_key(shelf.kind);
        }
        self.below.get(&shelf.parent).is_some_and(|below| below.contains_key(shelf.kind))
    }
}

fn gone(shelf: &Shelf, id: &Arc<str>) -> Piece {
    Piece::Gone { kind: Kind(shelf.kind), parent: shelf.parent.clone(), id: id.clone() }
}

fn read(parts: &[Vec<u8>]) -> Result<Vec<Read>, StoredError> {
    let mut last_hidden: Arc<Value> = Arc::default();
    let mut pieces = Vec::new();
    for line in
        parts.iter().flat_map(|part| part.split(|byte| *byte == b'\n')).filter(|line| !line.is_empty())
    {
        pieces.push(match serde_json::from_slice(line)? {
            Piece::Document { kind, parent, id, seq, value, hidden } => {
                let value: Value = serde_json::from_str(value.get())?;
                // Thousands of users have the same hidden part: one will do for all.
                if hidden != last_hidden {
                    last_hidden = hidden;
                }
                let resource = facts().resources.get(kind.0);
                let document = Document::new(id, seq, &value, last_hidden.clone(), &parent, resource);
                Read::Document(Shelf { kind: kind.0, parent }, Arc::new(document))
            }
            piece => Read::Other(piece),
        });
    }
    Ok(pieces)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::org::keys::SigningKeys;
    use crate::org::seed::dev;
    use crate::org::{Org, OrgOptions};

    /// What a state says, kind by kind: everything but how it came about.
    fn said(state: &OrgState) -> Vec<String> {
        let mut said = Vec::new();
        for (shelf, collection) in state.collections() {
            for document in collection.after(None) {
                let text = String::from_utf8(document.bytes("http://x")).unwrap();
                let hidden = &document.hidden;
                said.push(format!(
                    "{shelf:?} {} {} {text} {hidden} {:?}",
                    document.id, document.seq, document.etag
                ));
            }
            said.extend(collection.gone().map(|(id, seq)| format!("{shelf:?} {id} {seq} is gone")));
        }
        let links = state.relations.all().flat_map(|(relation, from, held)| {
            held.iter().map(move |(place, to)| format!("{relation} {from} {to} {place}"))
        });
        said.extend(links);
        said.extend(state.events.iter().map(|entry| format!("{entry:?}")));
        said.sort();
        said.push(format!("{:?} {} {}", state.settings, state.keys.kid(), state.next_seq));
        said
    }

    fn nothing(state: &OrgState) -> OrgState {
        OrgState::empty(super::super::Settings::clone(&state.settings), SigningKeys::fixture())
    }

    #[test]
    fn an_org_is_made_again_of_nothing() {
        let org = Org::new(&dev(), &OrgOptions { users: 1_500, ..OrgOptions::default() }).unwrap();
        let state = org.state();
        let again = nothing(&state).with(&state.since(&nothing(&state)).unwrap()).unwrap();
        assert_eq!(said(&again), said(&state));
        assert!(again.derived == state.derived, "the views differ");
        let user = state.all("users").after(None).nth(700).unwrap();
        let login = user.text("/profile/login").unwrap().into_owned();
        assert_eq!(again.all("users").by_alias(&login).unwrap().id, user.id);
        assert_eq!(state.since(&state).unwrap().concat().iter().filter(|byte| **byte == b'\n').count(), 1);
    }

    /// Something that happens to an org.
    #[derive(Debug, Clone)]
    enum Act {
        Put(usize),
        Remove(usize),
        Below(usize, usize),
        Join(usize),
        Leave(usize),
        Event,
        Generation,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            (0..6_usize).prop_map(Act::Put),
            (0..6_usize).prop_map(Act::Remove),
            (0..6_usize, 0..2_usize).prop_map(|(above, nth)| Act::Below(above, nth)),
            (0..6_usize).prop_map(Act::Join),
            (0..6_usize).prop_map(Act::Leave),
            Just(Act::Event),
            Just(Act::Generation),
        ]
    }

    fn changes(act: &Act, state: &OrgState, group: &Arc<str>) -> Vec<Change> {
        let user = |nth: &usize| Arc::<str>::from(format!("00utest{nth}"));
        let link = |to: Arc<str>| (group.clone(), to);
        match act {
            Act::Put(nth) => {
                let value = json!({ "id": user(nth), "status": "ACTIVE", "profile": { "login": format!("u{nth}@x.y") } });
                vec![Change::put("users", user(nth), value, json!({ "n": state.next_seq }))]
            }
            Act::Remove(nth) => vec![Change::remove("users", user(nth))],
            Act::Below(above, nth) => {
                let shelf = Shelf::below("role_assignments", &[&user(above)]);
                vec![Change::put(shelf, format!("ra{nth}"), json!({ "id": nth }), Value::Null)]
            }
            Act::Join(nth) => {
                let (from, to) = link(user(nth));
                vec![Change::Link { relation: "members", from, to }]
            }
            Act::Leave(nth) => {
                let (from, to) = link(user(nth));
                vec![Change::Unlink { relation: "members", from, to }]
            }
            Act::Event => {
                let published = i64::try_from(state.events.len()).unwrap_or(0) / 2;
                vec![Change::Event(Arc::new(LogEvent { published, text: "{}".into() }))]
            }
            Act::Generation => {
                let mut settings = super::super::Settings::clone(&state.settings);
                settings.token_generation += 1;
                vec![Change::Settings(Arc::new(settings))]
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever happened: the difference to the beginning, put on top of the beginning, is what there was; and so is
        /// the difference between any two moments.
        #[test]
        fn a_difference_leads_from_one_state_to_the_other(
            acts in proptest::collection::vec(act(), 1..40),
            moment in 0..40_usize,
        ) {
            let org = Org::new(&dev(), &OrgOptions { seed: Some(1), ..OrgOptions::default() }).unwrap();
            let group = org.state().all("groups").after(None).nth(2).unwrap().id.clone();
            let mut states = vec![org.state()];
            for act in &acts {
                let at = org.clock().now();
                states.push(org.commit(at, |state| Ok::<_, Infallible>(changes(act, state, &group))).unwrap());
            }
            let (first, last) = (&states[0], &states[states.len() - 1]);
            for from in [first, &states[moment % states.len()]] {
                let again = from.with(&last.since(from).unwrap()).unwrap();
                let (again, last) = (said(&again), said(last));
                let lost: Vec<_> = last.iter().filter(|one| !again.contains(one)).collect();
                let strange: Vec<_> = again.iter().filter(|one| !last.contains(one)).collect();
                prop_assert!(again == last, "lost: {lost:#?}, strange: {strange:#?}");
            }
        }
    }
}
