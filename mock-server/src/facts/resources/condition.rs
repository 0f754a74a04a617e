//! When a row of a resource file applies: members and their values.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// All members have one of their values. `"*"` stands for any value but null, `"-"` for null or none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Condition(BTreeMap<String, OneOrMore>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    More(Vec<Value>),
    One(Value),
}

impl Condition {
    /// Whether it holds of an object.
    pub fn holds(&self, value: &Value) -> bool {
        self.0.iter().all(|(pointer, wanted)| {
            let found = value.pointer(pointer).filter(|found| !found.is_null());
            match wanted {
                OneOrMore::One(one) => is(found, one),
                OneOrMore::More(more) => more.iter().any(|one| is(found, one)),
            }
        })
    }
}

fn is(found: Option<&Value>, wanted: &Value) -> bool {
    match wanted.as_str() {
        Some("*") => found.is_some(),
        Some("-") => found.is_none(),
        _ => found == Some(wanted),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_compared() {
        let value = json!({ "type": "IP", "system": false, "name": null });
        for (condition, holds) in [
            (json!({}), true),
            (json!({ "/type": "IP" }), true),
            (json!({ "/type": "DYNAMIC" }), false),
            (json!({ "/type": ["DYNAMIC", "IP"], "/system": false }), true),
            (json!({ "/system": true }), false),
            (json!({ "/name": "*" }), false),
            (json!({ "/name": "-", "/other": "-" }), true),
            (json!({ "/type": "*" }), true),
        ] {
            let read: Condition = serde_json::from_value(condition.clone()).unwrap_or_default();
            assert_eq!(read.holds(&value), holds, "{condition}");
        }
    }
}
