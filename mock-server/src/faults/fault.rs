//! One fault: what was wished, and how often it struck.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::kinds::{self, Effect};
use super::matching::{Chance, Rule};
use crate::exchange::Request;
use crate::facts::nearest;

/// A fault that cannot be: words that name the field, the value and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct FaultError(pub(super) String);

/// A fault that is wished for, read from `{"match":{…},"fault":{…}}`.
#[derive(Debug)]
pub(crate) struct Wish {
    rule: Rule,
    effects: Vec<Box<dyn Effect>>,
    /// As it was given.
    given: Value,
}

impl Wish {
    /// Reads a wish.
    ///
    /// # Errors
    /// [`FaultError`].
    pub(crate) fn parse(body: &Value) -> Result<Self, FaultError> {
        let Some(members) = body.as_object() else {
            return Err(FaultError(format!("{body}: write {{\"match\": {{…}}, \"fault\": {{…}}}}")));
        };
        if let Some(name) = members.keys().find(|name| !["match", "fault"].contains(&name.as_str())) {
            let near = nearest(name, ["match", "fault"]);
            let hint = match near {
                Some(near) => format!(" (did you mean {near:?}?)"),
                None if kinds::names().any(|kind| kind == name) => " (it belongs into \"fault\")".to_owned(),
                None => String::new(),
            };
            let message =
                format!("there is no member {name:?}{hint}; write {{\"match\": {{…}}, \"fault\": {{…}}}}");
            return Err(FaultError(message));
        }
        let rule = Rule::parse(members.get("match").unwrap_or(&Value::Null))?;
        let Some(fault) = members.get("fault") else {
            let message = "fault is missing: say what is to happen, like {\"fault\": {\"status\": 503}}";
            return Err(FaultError(message.to_owned()));
        };
        let effects = kinds::read(fault)?;
        let given = json!({ "match": members.get("match").unwrap_or(&json!({})), "fault": fault });
        Ok(Self { rule, effects, given })
    }
}

/// A fault of an org.
#[derive(Debug)]
pub(crate) struct Fault {
    /// How the ledger calls it: `f1`.
    pub(crate) id: String,
    wish: Wish,
    chance: Chance,
    seen: AtomicU64,
    fired: AtomicU64,
}

impl Fault {
    pub(super) fn new(number: u64, wish: Wish, seed: u64) -> Self {
        let chance = Chance::new(seed, number);
        Self { id: format!("f{number}"), wish, chance, seen: AtomicU64::new(0), fired: AtomicU64::new(0) }
    }

    /// Whether it is about this request. `names` is who asks, worked out at need.
    pub(super) fn matches<'n>(&self, request: &Request, names: impl FnOnce() -> &'n [String]) -> bool {
        self.is_live() && self.wish.rule.admits(request, names)
    }

    /// Counts a request that it is about; gives the number, from 1.
    pub(super) fn count(&self) -> u64 {
        self.seen.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Strikes the `nth` request that it is about, if that is its turn; says whether that was the last time. Never
    /// strikes more often than it may, whoever else asks at the same moment.
    pub(super) fn fire(&self, nth: u64) -> Option<bool> {
        let rule = &self.wish.rule;
        if nth < rule.from() || !self.chance.decides(nth, rule.probability) {
            return None;
        }
        let most = rule.times();
        let more = |fired| (most.is_none_or(|most| fired < most)).then(|| fired + 1);
        let before = self.fired.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(most == Some(before + 1))
    }

    /// Whether it may strike again.
    pub(super) fn is_live(&self) -> bool {
        self.wish.rule.times().is_none_or(|most| self.fired.load(Ordering::Acquire) < most)
    }

    /// What it does, in the order in which it is done.
    pub(super) fn effects(&self) -> &[Box<dyn Effect>] {
        &self.wish.effects
    }

    /// Whether it answers in the org's place.
    pub(super) fn answers(&self) -> bool {
        self.wish.effects.iter().any(|effect| effect.answers())
    }

    /// A number that is this fault's for its `nth` request: the same at each run with the same seed.
    pub(super) fn random(&self, nth: u64) -> u64 {
        self.chance.number(nth)
    }

    /// What it does, in words.
    pub(super) fn words(&self) -> String {
        self.wish.given["fault"].to_string()
    }

    /// As JSON: as it was wished, and how often it struck.
    pub(super) fn shown(&self) -> Value {
        let fired = self.fired.load(Ordering::Acquire);
        json!({
            "id": self.id,
            "match": self.wish.given["match"],
            "fault": self.wish.given["fault"],
            "matched": self.seen.load(Ordering::Acquire),
            "fired": fired,
            "remaining": self.wish.rule.times().map(|most| most.saturating_sub(fired)),
        })
    }
}
