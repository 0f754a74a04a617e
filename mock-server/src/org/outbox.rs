//! Events that wait to be delivered to event hooks: put in when they are written to the System Log, taken out by whoever
//! delivers them. Deliveries never hold up a request.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;
use serde_json::Value;

use super::document::Document;
use super::state::OrgState;
use crate::expression::EventFilter;
use crate::query::{JsonText, Scalar};

/// More than this many wait only where nobody delivers: the oldest go.
const MOST: usize = 10_000;

/// An event for a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The hook's id.
    pub hook: Arc<str>,
    /// The event as the System Log shows it: JSON.
    pub event: Arc<str>,
}

/// Whoever empties an outbox. It is sent for with the first letter: most orgs never have one, and there may be thousands.
pub trait Postman: Send + Sync {
    /// Takes letters until there is none; returns at once.
    fn come(self: Arc<Self>);
}

/// The events that wait.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Mutex<Waiting>,
    postman: OnceLock<Weak<dyn Postman>>,
}

#[derive(Debug, Default)]
struct Waiting {
    letters: VecDeque<Letter>,
    /// Somebody takes letters until there is none.
    sent_for: bool,
}

impl Outbox {
    /// From now on there is somebody who delivers.
    pub fn served_by(&self, postman: Weak<dyn Postman>) {
        self.postman.get_or_init(|| postman);
    }

    /// Puts an event, JSON as the System Log shows it, in for every hook that wants it: active, verified, and of its type,
    /// and let through by its filter.
    pub fn post(&self, state: &OrgState, event: &str) {
        let hooks = state.all("event_hooks");
        if hooks.is_empty() {
            return;
        }
        let Some(Scalar::Text(kind)) = JsonText(event).at("/eventType") else { return };
        let mut wanted =
            hooks.after(None).filter(|hook| delivers(hook) && wants(hook, &kind, event)).peekable();
        if wanted.peek().is_none() {
            return;
        }
        let event: Arc<str> = event.into();
        let mut waiting = self.waiting.lock();
        waiting.letters.extend(wanted.map(|hook| Letter { hook: hook.id.clone(), event: event.clone() }));
        let over = waiting.letters.len().saturating_sub(MOST);
        waiting.letters.drain(..over);
        if let Some(postman) = self.postman.get().and_then(Weak::upgrade)
            && !std::mem::replace(&mut waiting.sent_for, true)
        {
            drop(waiting);
            postman.come();
        }
    }

    /// Takes all that waits. Whoever finds nothing is sent for again with the next letter.
    pub fn take(&self) -> Option<Vec<Letter>> {
        let mut waiting = self.waiting.lock();
        waiting.sent_for = !waiting.letters.is_empty();
        waiting.sent_for.then(|| std::mem::take(&mut waiting.letters).into())
    }

    /// Forgets what waits.
    pub(super) fn clear(&self) {
        self.waiting.lock().letters.clear();
    }
}

/// Whether a hook is delivered to (specification: only active and verified ones are).
pub fn delivers(hook: &Document) -> bool {
    hook.is("/status", "ACTIVE") && hook.is("/verificationStatus", "VERIFIED")
}

/// Whether a hook wants an event of this type; one that its filter names must fit the expression there.
fn wants(hook: &Document, kind: &str, event: &str) -> bool {
    let value = hook.value();
    let items = value.pointer("/events/items").and_then(Value::as_array);
    if !items.into_iter().flatten().any(|item| item == kind) {
        return false;
    }
    let mut conditions = conditions(&value).filter(|(of, _)| *of == kind).peekable();
    if conditions.peek().is_none() {
        return true;
    }
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    conditions.all(|(_, text)| EventFilter::parse(text).is_ok_and(|filter| filter.holds(&event)))
}

/// The filter of a hook: types of events, and the expressions that they must fit.
pub fn conditions(hook: &Value) -> impl Iterator<Item = (&str, &str)> {
    let map = hook.pointer("/events/filter/eventFilterMap").and_then(Value::as_array);
    map.into_iter().flatten().filter_map(|one| {
        Some((one.get("event")?.as_str()?, one.pointer("/condition/expression")?.as_str()?))
    })
}

/// The header lines of calls to a hook: Okta's own, those that its author added, and the secret of its scheme.
pub fn lines_of(hook: &Document) -> Vec<(String, String)> {
    let value = hook.value();
    let own = [("accept", "application/json"), ("content-type", "application/json")];
    let mut lines: Vec<(String, String)> =
        own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let added = value.pointer("/channel/config/headers").and_then(Value::as_array);
    lines.extend(
        added.into_iter().flatten().filter_map(|line| Some((text(line, "key")?, text(line, "value")?))),
    );
    let scheme = value.pointer("/channel/config/authScheme").and_then(|scheme| text(scheme, "key"));
    let secret = hook.hidden.pointer("/channel/config/authScheme").and_then(|scheme| text(scheme, "value"));
    lines.extend(scheme.zip(secret));
    lines
}
