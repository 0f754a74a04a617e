//! Which element of the twin's list is meant by which recorded one: by mapped id, then by its natural key, then by place.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::mem::discriminant;

use serde_json::Value;

use super::expected::expected;
use super::generated::is_generated;
use super::names::{Listing, Names};

/// More combinations than this are not tried.
const MOST_COMBINATIONS: usize = 60_000;

/// The recorded elements that are not dropped, each with the place of the twin's, if it has one.
pub(crate) fn pairs(
    names: &Names,
    recorded: &[Value],
    twin: &[Value],
    listing: Listing<'_>,
) -> BTreeMap<usize, Option<usize>> {
    let nothing = BTreeSet::new();
    let dropped = listing.dropped.unwrap_or(&nothing);
    let mut pairing = Pairing { names, recorded, twin, found: BTreeMap::new(), used: HashSet::new() };
    let left = pairing.by_id(dropped);
    let left = pairing.by_natural_key(left);
    let whole = recorded.len() - dropped.len() == twin.len();
    pairing.by_place(left, listing.of_the_org, whole);
    pairing.found
}

struct Pairing<'a> {
    names: &'a Names,
    recorded: &'a [Value],
    twin: &'a [Value],
    found: BTreeMap<usize, Option<usize>>,
    used: HashSet<usize>,
}

/// `id` or `kid`.
fn id_of(element: &Value) -> Option<&str> {
    ["id", "kid"].iter().find_map(|name| element[*name].as_str())
}

impl Pairing<'_> {
    fn pair(&mut self, at: usize, with: usize) {
        self.used.insert(with);
        self.found.insert(at, Some(with));
    }

    fn free(&self) -> Vec<usize> {
        (0..self.twin.len()).filter(|with| !self.used.contains(with)).collect()
    }

    fn by_id(&mut self, dropped: &BTreeSet<usize>) -> Vec<usize> {
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, element) in self.twin.iter().enumerate() {
            for id in ["id", "kid"].iter().filter_map(|name| element[*name].as_str()) {
                places.entry(id).or_insert(place);
            }
        }
        let mut left = Vec::new();
        for (at, element) in self.recorded.iter().enumerate().filter(|(at, _)| !dropped.contains(at)) {
            let id = id_of(element);
            let mapped = id.and_then(|id| self.names.twin_of(id));
            let meant = mapped.or_else(|| id.filter(|id| !is_generated(id)));
            match meant.and_then(|id| places.get(id)).filter(|place| !self.used.contains(place)) {
                Some(place) => self.pair(at, *place),
                // Known in the twin under another id, and absent here.
                None if mapped.is_some() => {
                    self.found.insert(at, None);
                }
                None => left.push(at),
            }
        }
        left
    }

    fn by_natural_key(&mut self, left: Vec<usize>) -> Vec<usize> {
        let free = self.free();
        if left.is_empty() || free.is_empty() || left.len() * free.len() > MOST_COMBINATIONS {
            return left;
        }
        let keys: Vec<(usize, Keys)> = free
            .into_iter()
            .filter(|with| self.twin[*with].is_object())
            .map(|with| (with, keys(&self.twin[with], None)))
            .collect();
        let mut candidates = Vec::new();
        for at in left.iter().copied().filter(|at| self.recorded[*at].is_object()) {
            let element = &self.recorded[at];
            let own = keys_of_recorded(element, self.names);
            for (with, others) in &keys {
                let twin = &self.twin[*with];
                if self.is_another(element, twin) {
                    continue;
                }
                let common = own.iter().filter_map(|(name, value)| Some((name, value, others.get(name)?)));
                let (alike, unlike): (Vec<_>, Vec<_>) = common.partition(|(_, value, other)| value == other);
                if alike.is_empty() && unlike.is_empty() {
                    continue;
                }
                let unlike: Vec<&str> = unlike.iter().map(|(name, ..)| name.as_str()).collect();
                if !unlike.is_empty() && !is_the_same(element, twin, &own, others, &unlike) {
                    continue;
                }
                let score = 3 * alike.len() + equal_members(element, twin);
                if score > 0 {
                    candidates.push((std::cmp::Reverse(score), at.abs_diff(*with), at, *with));
                }
            }
        }
        candidates.sort_unstable();
        for (_, _, at, with) in candidates {
            if !self.found.contains_key(&at) && !self.used.contains(&with) {
                self.pair(at, with);
            }
        }
        left.into_iter().filter(|at| !self.found.contains_key(at)).collect()
    }

    /// Whether the twin's element is known as another recorded thing.
    fn is_another(&self, element: &Value, twin: &Value) -> bool {
        let known = twin["id"].as_str().and_then(|id| self.names.recorded_of(id));
        known.is_some_and(|known| is_generated(known) && element["id"].as_str() != Some(known))
    }

    fn by_place(&mut self, left: Vec<usize>, of_the_org: bool, whole: bool) {
        let mut free = self.free();
        for at in left {
            let element = &self.recorded[at];
            if of_the_org && element["id"].is_string() && (!keys(element, None).is_empty() || !whole) {
                self.found.insert(at, None);
                continue;
            }
            let fits = |with: &usize| {
                let twin = &self.twin[*with];
                discriminant(twin) == discriminant(element) && !self.conflict(element, twin)
            };
            let place = free.iter().position(fits);
            self.found.insert(at, place.map(|place| free.remove(place)));
        }
    }

    fn conflict(&self, element: &Value, twin: &Value) -> bool {
        if !element["id"].is_string() {
            return false;
        }
        let (own, others) = (keys_of_recorded(element, self.names), keys(twin, None));
        own.iter().any(|(name, value)| name != "type" && others.get(name).is_some_and(|other| other != value))
    }
}

type Keys = BTreeMap<String, String>;

fn keys_of_recorded(element: &Value, names: &Names) -> Keys {
    keys(element, Some(names))
}

/// What names an element, in lower case.
fn keys(element: &Value, names: Option<&Names>) -> Keys {
    let text = |value: &str| names.map_or_else(|| value.to_owned(), |names| names.text(value)).to_lowercase();
    let mut keys = Keys::new();
    for name in &expected().natural_keys {
        if let Some(value) = element[name.as_str()].as_str() {
            keys.insert(name.clone(), text(value));
        }
    }
    for name in ["login", "name", "email"] {
        if let Some(value) = element["profile"][name].as_str() {
            keys.insert(format!("profile.{name}"), text(value));
        }
    }
    for name in ["source", "target"] {
        let side = &element[name];
        let Some(id) = side["id"].as_str() else { continue };
        if let Some(value) = side["name"].as_str() {
            keys.insert(format!("{name}.name"), text(value));
        }
        if names.is_none_or(|names| names.twin_of(id).is_some()) {
            keys.insert(name.to_owned(), text(id));
        }
    }
    keys
}

/// Whether two elements are the same built-in thing although some name differs.
fn is_the_same(element: &Value, twin: &Value, own: &Keys, others: &Keys, unlike: &[&str]) -> bool {
    if let (Some(key), Some(other)) = (own.get("key"), others.get("key")) {
        return key == other;
    }
    if own.get("type") != others.get("type") {
        return false;
    }
    let both = |name: &&str| element[*name] == Value::Bool(true) && twin[*name] == Value::Bool(true);
    ["system", "isDefault", "default"].iter().any(both)
        || (own.get("name").is_some_and(|name| others.get("name") == Some(name))
            && unlike.iter().all(|name| matches!(*name, "label" | "title" | "displayName")))
}

fn equal_members(element: &Value, twin: &Value) -> usize {
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    element.as_object().map_or(0, |members| {
        members.iter().filter(|(name, value)| plain(value) && twin.get(*name) == Some(*value)).count()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(recorded: Value, twin: Value, of_the_org: bool) -> Vec<(usize, Option<usize>)> {
        let names = Names::new("http://127.0.0.1:1", Vec::new());
        let none = Vec::new();
        let listing = Listing { of_the_org, dropped: None };
        pairs(&names, recorded.as_array().unwrap_or(&none), twin.as_array().unwrap_or(&none), listing)
            .into_iter()
            .collect()
    }

    #[test]
    fn names_are_stronger_than_places() {
        let recorded = json!([{"id": "00g1abcdEFGH2345i0x7", "profile": {"name": "A"}}, {"id": "00g2abcdEFGH2345i0x7", "profile": {"name": "B"}}]);
        let twin = json!([{"id": "00gAabcdEFGH2345i0x7", "profile": {"name": "B"}}, {"id": "00gBabcdEFGH2345i0x7", "profile": {"name": "a"}}]);
        assert_eq!(places(recorded, twin, true), [(0, Some(1)), (1, Some(0))]);
    }

    #[test]
    fn places_say_nothing_in_lists_of_an_org() {
        let recorded = json!([{"id": "00g1abcdEFGH2345i0x7", "name": "A"}]);
        let twin = json!([{"id": "00gAabcdEFGH2345i0x7", "name": "B"}]);
        assert_eq!(places(recorded, twin, true), [(0, None)]);
        assert_eq!(places(json!(["a", "b"]), json!(["c"]), false), [(0, Some(0)), (1, None)]);
    }
}
