//! Filters of event hooks: conditions on events of the System Log (Okta's documentation of event hooks).

use serde_json::Value;

use super::parse::{self, About};
use super::{ExpressionError, Node, Subject, evaluate};

/// A condition on events that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFilter(Node);

impl EventFilter {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text, About::Event).map(Self)
    }

    /// Whether it holds of an event, as the System Log shows it.
    pub fn holds(&self, event: &Value) -> bool {
        evaluate::evaluate(&self.0, &OfEvent(event)) == Value::Bool(true)
    }
}

struct OfEvent<'a>(&'a Value);

impl Subject for OfEvent<'_> {
    fn attribute(&self, _: &str) -> Value {
        Value::Null
    }

    fn groups(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn named(&self, name: &str) -> Value {
        let mut path = name.split('.');
        if path.next() != Some("event") {
            return Value::Null;
        }
        // The language knows `debugData` without the object around it.
        let own = path.clone().next() == Some("debugData");
        let start = if own { self.0.get("debugContext") } else { Some(self.0) };
        path.fold(start, |value, name| value?.get(name)).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "eventType": "group.user_membership.add",
            "outcome": { "result": "SUCCESS", "reason": null },
            "actor": { "id": "00u1", "type": "User", "alternateId": "ada@acme.example", "displayName": "Ada" },
            "target": [
                { "id": "00u2", "type": "User", "alternateId": "bob@acme.example", "displayName": "Bob" },
                { "id": "00g1", "type": "UserGroup", "alternateId": "unknown", "displayName": "Sales" },
            ],
            "debugContext": { "debugData": { "changedAttributes": "firstName,lastName" } },
        })
    }

    #[test]
    fn events_are_let_through_by_their_fields_and_targets() {
        for (text, holds) in [
            ("event.target.?[type eq 'UserGroup' && displayName eq 'Sales'].size()> 0", true),
            ("event.target.?[type eq 'User' && displayName eq 'Sales'].size()>0", false),
            (
                "event.target.?[type eq 'UserGroup'].size()>0 && event.target.?[displayName eq 'Sales'].size()>0",
                true,
            ),
            ("event.target.?[id eq '00g9'].size() >0 OR event.target.?[id eq '00g1'].size() >0", true),
            ("event.target.?[alternateId ne 'unknown'].size() == 1", true),
            ("event.target.?[displayName.startsWith('Sal')].isEmpty()", false),
            ("event.target.size() == 2", true),
            ("event.actor.id != null", true),
            ("event.actor.id eq '1234'", false),
            ("event.actor.alternateId.endsWith('@acme.example')", true),
            ("event.outcome.result eq 'SUCCESS' and !(event.eventType eq 'user.session.start')", true),
            ("event.outcome.reason.contains('INVALID_CREDENTIALS')", false),
            ("event.debugData.changedAttributes.contains('lastName')", true),
            ("String.stringContains(event.actor.displayName, 'da')", true),
            ("event.actor.displayName", false),
        ] {
            assert_eq!(EventFilter::parse(text).unwrap().holds(&event()), holds, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_evaluated_is_refused_in_words() {
        for (text, why) in [
            ("", "the expression ends too early"),
            (
                "event.client.ipAddress eq '1'",
                "event.client.ipAddress is no field that events are filtered by",
            ),
            ("user.login == 'a'", "user.login is no field that events are filtered by"),
            ("event.target.?[detailEntry eq 'x'].size() > 0", "detailEntry is no field of a target"),
            ("event.target.?[type eq 'User'.size() > 0", "> is not expected"),
            ("event.target.?[type eq 'User'", "the expression ends too early"),
            ("event.target.?[type eq 'User']", ""),
            ("event.target.?[type eq 'User'].count() > 0", "count is no method"),
            ("event.actor.?[id eq '1'].size() > 0", "event.actor is no field that events are filtered by"),
            ("event.target.size(1) > 0", "size takes 0 argument(s), not 1"),
            ("event.target.?[type eq 'User'].size > 0", "> is not expected"),
        ] {
            let found = EventFilter::parse(text).err().map(|error| error.to_string());
            assert_eq!(found.unwrap_or_default(), why, "{text}");
        }
        let deep = "event.target.?[".repeat(200);
        assert!(EventFilter::parse(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(event|target|type|\\.\\?\\[|\\]|\\.size\\(\\)|[a-zA-Z.()\"'!&|=<>+?:{}, 0-9\u{e9}]){0,40}") {
            if let Ok(filter) = EventFilter::parse(&text) {
                filter.holds(&event());
            }
        }
    }
}
