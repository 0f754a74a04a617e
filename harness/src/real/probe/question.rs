//! What Okta's documents leave open, as data: `fixtures/probe/*.toml`, each question about one switch of the dialect.

use std::collections::{BTreeMap, BTreeSet};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::real::parity::{
    answer::Seen,
    asker::Made,
    dialects::Switch,
    observation::{BadTable, Observations},
};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../fixtures/probe");

/// An open question.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The switch that the answer sets.
    pub(crate) switch: String,
    /// The question in words.
    pub(crate) asks: String,
    /// Why it is open.
    pub(crate) source: String,
    /// Why no client can find out; then nothing is asked.
    pub(crate) unobservable: Option<String>,
    /// Where to look, in the order of trust.
    #[serde(default, rename = "look")]
    pub(crate) looks: Vec<Look>,
}

/// An observation that may tell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// The observation's id (`fixtures/parity`).
    pub(crate) at: String,
    /// What its last answer means; the first that fits counts.
    pub(crate) means: Vec<Meaning>,
}

/// What an answer means.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meaning {
    /// The switch's value.
    pub(crate) value: String,
    /// By aspect, what the answer is like; a `*` at an end stands for anything.
    pub(crate) when: BTreeMap<String, String>,
}

/// What was found out about a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A value, the observation that shows it, and its answer.
    Value { value: String, at: String, evidence: String },
    /// Nothing, and why.
    Open(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    question: Vec<Question>,
}

/// Reads the questions.
///
/// # Errors
/// [`BadTable`]: also for a switch, a value or an observation that does not exist.
pub(crate) fn load(switches: &[Switch], observations: &Observations) -> Result<Vec<Question>, BadTable> {
    let mut all: Vec<Question> = Vec::new();
    for file in FILES.files() {
        let name = format!("probe/{}", file.path().display());
        let text = file.contents_utf8().unwrap_or_default();
        let file: File = toml::from_str(text).map_err(|error| BadTable::new(&name, error))?;
        all.extend(file.question);
    }
    let mut named = BTreeSet::new();
    for question in &all {
        let wrong = |cause: String| Err(BadTable::new(format!("probe: {}", question.switch), cause));
        let Some(switch) = switches.iter().find(|switch| switch.name == question.switch) else {
            return wrong("there is no such switch".to_owned());
        };
        if !named.insert(&question.switch) {
            return wrong("the switch has two questions".to_owned());
        }
        if question.looks.is_empty() != question.unobservable.is_some() {
            return wrong("either says where to look or why nobody can".to_owned());
        }
        for look in &question.looks {
            if observations.get(&look.at).is_none() {
                return wrong(format!("there is no observation {}", look.at));
            }
            if let Some(meaning) = look.means.iter().find(|meaning| !switch.values.contains(&meaning.value)) {
                return wrong(format!("{} is none of its values", meaning.value));
            }
        }
    }
    match switches.iter().find(|switch| !named.contains(&switch.name)) {
        Some(switch) => Err(BadTable::new("probe", format!("nobody asks about {}", switch.name))),
        None => {
            // In the order in which a dialect lists its switches.
            all.sort_by_key(|question| switches.iter().position(|switch| switch.name == question.switch));
            Ok(all)
        }
    }
}

impl Meaning {
    fn fits(&self, seen: &Seen) -> bool {
        self.when.iter().all(|(aspect, wanted)| {
            let found = seen.get(aspect);
            let word = wanted.trim_matches('*');
            match (wanted.starts_with('*'), wanted.ends_with('*')) {
                (false, false) => found == Some(wanted),
                (false, true) => found.is_some_and(|found| found.starts_with(word)),
                (true, false) => found.is_some_and(|found| found.ends_with(word)),
                (true, true) => found.is_some_and(|found| found.contains(word)),
            }
        })
    }
}

impl Look {
    /// What the answers mean.
    fn value(&self, seen: &[Seen]) -> Option<&str> {
        let last = seen.last()?;
        self.means.iter().find(|meaning| meaning.fits(last)).map(|meaning| meaning.value.as_str())
    }
}

impl Question {
    /// What observations tell; `made` gives what became of one of them.
    pub(crate) fn answered<'m>(&self, made: impl Fn(&str) -> Option<&'m Made>) -> Found {
        if let Some(reason) = &self.unobservable {
            return Found::Open(vec![format!("no client can find out: {reason}")]);
        }
        let mut open = Vec::new();
        for look in &self.looks {
            match made(&look.at) {
                Some(Ok(seen)) => match (look.value(seen), seen.last()) {
                    (Some(value), Some(last)) => {
                        let (value, at) = (value.to_owned(), look.at.clone());
                        return Found::Value { value, at, evidence: last.line() };
                    }
                    (_, last) => {
                        let line = last.map(Seen::line).unwrap_or_default();
                        open.push(format!("{} tells nothing: {line}", look.at));
                    }
                },
                Some(Err(reason)) => open.push(format!("{}: {reason}", look.at)),
                None => open.push(format!("{}: not asked", look.at)),
            }
        }
        Found::Open(open)
    }
}
