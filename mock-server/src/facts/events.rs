//! The types of System Log events that are written here (`fixtures/events.jsonl`; mgmt-facts §9).

use std::collections::HashMap;

use serde::Deserialize;

/// A type of event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// Its name: `user.lifecycle.create`.
    #[serde(rename = "type")]
    pub name: String,
    /// The `displayMessage`.
    pub message: String,
    /// The `severity`, unless something failed.
    #[serde(default = "info")]
    pub severity: String,
    /// The `severity` of a failure.
    #[serde(default = "warn")]
    pub failure: String,
    /// The `legacyEventType`; newer types have none.
    pub legacy: Option<String>,
    /// The `legacyEventType` of a failure, where it is another.
    pub legacy_failure: Option<String>,
    /// Where the message comes from: `seen` (in published events), `catalogue` (the words of Okta's public list of types,
    /// shortened), `inferred` (after the pattern of its neighbours).
    pub evidence: Evidence,
}

/// Where the words of a row come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// In published events of real orgs.
    Seen,
    /// In Okta's public list of types.
    Catalogue,
    /// After the pattern of its neighbours.
    Inferred,
}

fn info() -> String {
    "INFO".to_owned()
}

fn warn() -> String {
    "WARN".to_owned()
}

/// All types.
#[derive(Debug)]
pub struct EventTypes(HashMap<String, EventType>);

impl EventTypes {
    pub(super) fn load() -> Result<Self, String> {
        let text = include_str!("../../../fixtures/events.jsonl");
        let mut types = HashMap::new();
        for (nth, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let problem = |what: String| format!("events.jsonl, line {}: {what}", nth + 1);
            let row: EventType = serde_json::from_str(line).map_err(|error| problem(error.to_string()))?;
            if let Some(twice) = types.insert(row.name.clone(), row) {
                return Err(problem(format!("{} is there twice", twice.name)));
            }
        }
        Ok(Self(types))
    }

    /// The row of a type.
    pub fn get(&self, name: &str) -> Option<&EventType> {
        self.0.get(name)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &EventType> {
        self.0.values()
    }
}
