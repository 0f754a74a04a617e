//! Priorities. In some rows they are dense (1, 2, 3 …, what came with the org last), in others they are what clients
//! say, and a rule whose number is taken moves the one that had it (recorded).

use std::sync::Arc;

use serde_json::Value;

use crate::api::draft::{Action, Draft, set};
use crate::org::change::Change;
use crate::org::document::Document;

/// The priority of a catch-all rule.
pub(super) const LAST: i64 = 99;

/// The priority of a policy or a rule; without one it comes last.
pub(super) fn of(value: &Value) -> i64 {
    value.get("priority").and_then(Value::as_i64).unwrap_or(i64::MAX)
}

/// What the request asks for.
fn wanted(draft: &Draft<'_>) -> Option<i64> {
    draft.body.get("priority").and_then(Value::as_i64)
}

/// Gives the object its place in a dense row, and moves the others. The others come in their order.
pub(super) fn rank(draft: &mut Draft<'_>, others: &[Arc<Document>]) {
    let system = |document: &Arc<Document>| super::is_system(&document.value());
    let mine = super::is_system(&draft.value);
    let customs = others.iter().filter(|other| !system(other)).count();
    let row: Vec<Option<&Arc<Document>>> = if draft.action == Action::Delete {
        others.iter().map(Some).collect()
    } else {
        let at = if mine {
            let before = draft.old.as_ref().map_or(i64::MAX, |old| of(&old.value()));
            others.iter().filter(|other| !system(other) || of(&other.value()) < before).count()
        } else {
            place(customs, wanted(draft))
        };
        let (first, rest) = others.split_at(at);
        first.iter().map(Some).chain([None]).chain(rest.iter().map(Some)).collect()
    };
    for (priority, document) in (1i64..).zip(row) {
        match document {
            None => set(&mut draft.value, "/priority", priority.into()),
            Some(other) if of(&other.value()) != priority => shift(draft, other, priority),
            Some(_) => {}
        }
    }
}

/// The index in a row of so many others.
fn place(others: usize, wanted: Option<i64>) -> usize {
    let last = i64::try_from(others).unwrap_or(i64::MAX);
    let index = wanted.map_or(last, |wanted| (wanted - 1).clamp(0, last));
    usize::try_from(index).unwrap_or(others)
}

/// Gives the object the number it asks for, or the next free one, and moves whatever has that number.
pub(super) fn number(draft: &mut Draft<'_>, others: &[Arc<Document>]) {
    let before = draft.old.as_ref().map(|old| of(&old.value()));
    let customs: Vec<_> = others.iter().filter(|other| !super::is_system(&other.value())).collect();
    let taken: Vec<i64> = customs.iter().map(|other| of(&other.value())).collect();
    let mine = wanted(draft).unwrap_or_else(|| after(taken.iter().copied().chain(before)));
    set(&mut draft.value, "/priority", mine.into());
    for (other, priority) in customs.iter().zip(moved(&taken, mine)) {
        if of(&other.value()) != priority {
            shift(draft, other, priority);
        }
    }
}

/// The number behind all others.
fn after(taken: impl Iterator<Item = i64>) -> i64 {
    taken.max().map_or(0, |last| last.saturating_add(1))
}

/// Where the others are once `mine` is taken. They come in their order.
fn moved(others: &[i64], mine: i64) -> Vec<i64> {
    let mut taken = mine;
    others
        .iter()
        .map(|&other| {
            if other == taken {
                taken = taken.saturating_add(1);
                return taken;
            }
            other
        })
        .collect()
}

fn shift(draft: &mut Draft<'_>, other: &Arc<Document>, priority: i64) {
    let mut value = other.value();
    set(&mut value, "/priority", priority.into());
    draft.also.push(Change::put(draft.target.shelf.clone(), other.id.clone(), value, other.hidden.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_clamped_to_the_row() {
        for (others, wanted, index) in [
            (0, None, 0),
            (2, None, 2),
            (2, Some(1), 0),
            (2, Some(2), 1),
            (2, Some(999), 2),
            (2, Some(-4), 0),
        ] {
            assert_eq!(place(others, wanted), index, "{others} {wanted:?}");
        }
    }

    #[test]
    fn a_taken_number_moves_the_one_that_had_it() {
        assert_eq!(moved(&[0, 1, 2, 5], 1), [0, 2, 3, 5]);
        assert_eq!(moved(&[0, 1], 3), [0, 1]);
        assert_eq!(moved(&[], 3), [0; 0]);
        assert_eq!(after([8].into_iter()), 9);
        assert_eq!(after(std::iter::empty()), 0);
    }
}
