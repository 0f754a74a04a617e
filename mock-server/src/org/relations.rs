//! Who belongs to what, both ways: the members of a group, the groups of a user.

use std::ops::Bound;
use std::sync::Arc;

use imbl::{HashMap, OrdMap};

/// What somebody has in a relation, by its place in the order of creation.
pub(super) type Related = OrdMap<u64, Arc<str>>;

/// Who has somebody in a relation: few, in the order of creation. A user is in some groups, a group has thousands of
/// users; a map for each user would cost more than the user.
type Holders = Arc<[(u64, Arc<str>)]>;

/// The relations of an org. A document is named by its id and its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Relations {
    forth: HashMap<(&'static str, Arc<str>), Related>,
    back: HashMap<(&'static str, Arc<str>), Holders>,
}

/// An end of a relation: the id, and its place in the order of creation.
pub(super) type End = (Arc<str>, u64);

impl Relations {
    pub(super) fn link(&mut self, relation: &'static str, from: &End, to: &End) {
        self.forth.entry((relation, from.0.clone())).or_default().insert(to.1, to.0.clone());
        let mut holders =
            self.back.get(&(relation, to.0.clone())).map_or_else(Vec::new, |held| held.to_vec());
        if let Err(place) = holders.binary_search_by_key(&from.1, |(place, _)| *place) {
            holders.insert(place, (from.1, from.0.clone()));
            self.back.insert((relation, to.0.clone()), holders.into());
        }
    }

    /// Relates one to many.
    pub(super) fn link_all(&mut self, relation: &'static str, from: &End, to: impl Iterator<Item = End>) {
        let alone: Holders = Arc::new([(from.1, from.0.clone())]);
        let mut held = self.forth.remove(&(relation, from.0.clone())).unwrap_or_default();
        for to in to {
            let holders = self.back.entry((relation, to.0.clone())).or_insert_with(|| alone.clone());
            if let Err(place) = holders.binary_search_by_key(&from.1, |(place, _)| *place) {
                let mut more = holders.to_vec();
                more.insert(place, (from.1, from.0.clone()));
                *holders = more.into();
            }
            held.insert(to.1, to.0);
        }
        self.forth.insert((relation, from.0.clone()), held);
    }

    pub(super) fn unlink(&mut self, relation: &'static str, from: &End, to: &End) {
        drop_one(&mut self.forth, relation, &from.0, to.1);
        self.drop_holder(relation, &to.0, from.1);
    }

    fn drop_holder(&mut self, relation: &'static str, held: &Arc<str>, place: u64) {
        let key = (relation, held.clone());
        let Some(holders) = self.back.get(&key) else { return };
        let left: Holders = holders.iter().filter(|(one, _)| *one != place).cloned().collect();
        if left.is_empty() {
            self.back.remove(&key);
        } else {
            self.back.insert(key, left);
        }
    }

    /// Forgets a document on either end.
    pub(super) fn forget(&mut self, gone: &End) {
        for name in NAMES {
            let key = (name, gone.0.clone());
            if let Some(held) = self.forth.remove(&key) {
                for to in held.values() {
                    self.drop_holder(name, to, gone.1);
                }
            }
            if let Some(holders) = self.back.remove(&key) {
                for (_, from) in holders.iter() {
                    drop_one(&mut self.forth, name, from, gone.1);
                }
            }
        }
    }

    /// Every relation: its name, who has, and what is had.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &Arc<str>, &Related)> {
        self.forth.iter().map(|((relation, from), held)| (*relation, from, held))
    }

    /// All that `from` has.
    pub(super) fn held(&self, relation: &'static str, from: &Arc<str>) -> Option<&Related> {
        self.forth.get(&(relation, from.clone()))
    }

    /// What `from` has, in the order of creation, behind a place.
    pub(super) fn of(
        &self,
        relation: &'static str,
        from: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = &Arc<str>> {
        behind(self.forth.get(&(relation, Arc::from(from))), after)
    }

    /// Who has `to`, in the order of creation, behind a place.
    pub(super) fn holders(
        &self,
        relation: &'static str,
        to: &str,
        after: Option<u64>,
    ) -> impl Iterator<Item = &Arc<str>> {
        let holders = self.back.get(&(relation, Arc::from(to)));
        let behind = move |(place, _): &&(u64, Arc<str>)| after.is_none_or(|after| *place > after);
        holders.into_iter().flat_map(|holders| holders.iter()).filter(behind).map(|(_, id)| id)
    }

    pub(super) fn count(&self, relation: &'static str, from: &str) -> usize {
        self.forth.get(&(relation, Arc::from(from))).map_or(0, Related::len)
    }

    pub(super) fn has(&self, relation: &'static str, from: &str, place: u64) -> bool {
        self.forth.get(&(relation, Arc::from(from))).is_some_and(|ends| ends.contains_key(&place))
    }
}

/// The relations that there are, with the kinds of their ends: who has, and what is had.
pub const RELATIONS: [(&str, &str, &str); 3] = [
    ("members", "groups", "users"),
    // Of these members, those that a rule put there.
    ("members_by_rule", "groups", "users"),
    // The users of whom a rule holds, as far as it has assigned them.
    ("rule_users", "group_rules", "users"),
];

const NAMES: [&str; RELATIONS.len()] = {
    let mut names = [""; RELATIONS.len()];
    let mut nth = 0;
    while nth < names.len() {
        names[nth] = RELATIONS[nth].0;
        nth += 1;
    }
    names
};

fn behind(ends: Option<&Related>, after: Option<u64>) -> impl Iterator<Item = &Arc<str>> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    ends.into_iter().flat_map(move |map| map.range((start, Bound::Unbounded)).map(|(_, id)| id))
}

fn drop_one(
    map: &mut HashMap<(&'static str, Arc<str>), Related>,
    relation: &'static str,
    id: &Arc<str>,
    place: u64,
) {
    let key = (relation, id.clone());
    if let Some(ends) = map.get_mut(&key) {
        ends.remove(&place);
        if ends.is_empty() {
            map.remove(&key);
        }
    }
}
