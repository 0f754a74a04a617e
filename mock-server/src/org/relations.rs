//! Who belongs to what, both ways: the members of a group, the groups of a user.

use std::ops::Bound;
use std::sync::Arc;

use imbl::{HashMap, OrdMap};

/// What somebody has in a relation, by its place in the order of creation.
type Related = OrdMap<u64, Arc<str>>;

/// The relations of an org. A document is named by its id and its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Relations {
    forth: HashMap<(&'static str, Arc<str>), Related>,
    back: HashMap<(&'static str, Arc<str>), Related>,
}

/// An end of a relation: the id, and its place in the order of creation.
pub(super) type End = (Arc<str>, u64);

impl Relations {
    pub(super) fn link(&mut self, relation: &'static str, from: &End, to: &End) {
        self.forth.entry((relation, from.0.clone())).or_default().insert(to.1, to.0.clone());
        self.back.entry((relation, to.0.clone())).or_default().insert(from.1, from.0.clone());
    }

    pub(super) fn unlink(&mut self, relation: &'static str, from: &End, to: &End) {
        drop_one(&mut self.forth, relation, &from.0, to.1);
        drop_one(&mut self.back, relation, &to.0, from.1);
    }

    /// Forgets a document on either end.
    pub(super) fn forget(&mut self, gone: &End) {
        let with = |map: &HashMap<(&'static str, Arc<str>), Related>| -> Vec<_> {
            NAMES
                .iter()
                .filter_map(|name| map.get_key_value(&(*name, gone.0.clone())))
                .map(|(key, ends)| (key.0, ends.clone()))
                .collect()
        };
        for (relation, ends) in with(&self.forth) {
            for to in ends.values() {
                drop_one(&mut self.back, relation, to, gone.1);
            }
            self.forth.remove(&(relation, gone.0.clone()));
        }
        for (relation, ends) in with(&self.back) {
            for from in ends.values() {
                drop_one(&mut self.forth, relation, from, gone.1);
            }
            self.back.remove(&(relation, gone.0.clone()));
        }
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
        behind(self.back.get(&(relation, Arc::from(to))), after)
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
