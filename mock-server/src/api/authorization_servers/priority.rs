//! The order of policies and of rules: each has a place from 1 on, none has two, and there are no gaps (recorded: a
//! priority beyond the last place becomes the last place).

use serde_json::{Value, json};

use crate::api::draft::{Action, Draft};
use crate::org::change::Change;

/// Gives what is written its place, and the others those that follow from it.
pub(super) fn arrange(draft: &mut Draft<'_>) {
    let shelf = &draft.target.shelf;
    let mut others: Vec<_> = draft
        .state
        .on(shelf)
        .after(None)
        .filter(|other| other.id != draft.id)
        .map(|other| (other.value()["priority"].as_i64().unwrap_or(i64::MAX), other.seq, other.clone()))
        .collect();
    others.sort_by_key(|(priority, seq, _)| (*priority, *seq));
    let own = match draft.action {
        Action::Delete => None,
        _ => {
            let last = others.len() as i64 + 1;
            let wanted = draft.value["priority"].as_i64().unwrap_or(last);
            let place = wanted.clamp(1, last);
            draft.value["priority"] = json!(place);
            Some(place)
        }
    };
    let places = (1..).filter(|place| Some(*place) != own);
    for ((priority, _, other), place) in others.into_iter().zip(places) {
        if priority != place {
            let mut value = other.value();
            value["priority"] = Value::from(place);
            draft.also.push(Change::put(shelf.clone(), other.id.clone(), value, other.hidden.clone()));
        }
    }
}
