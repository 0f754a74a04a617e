//! Claims: what a custom authorization server says in its tokens besides what every token says.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use crate::expression::{Expression, Subject};
use crate::org::document::Document;

/// A claim.
#[derive(Debug, Clone)]
pub struct Claim {
    pub(super) id: Arc<str>,
    /// The name.
    pub name: String,
    /// It is in access tokens; if not, it is in ID tokens.
    pub access: bool,
    /// It is in ID tokens also when the client gets an access token beside it.
    pub always: bool,
    active: bool,
    /// The scopes that bring it; none: all.
    scopes: Vec<String>,
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    /// As Okta makes it.
    System,
    /// An expression; none when it is none that is known here.
    Expression(Option<Expression>),
    /// The names of the user's groups that a filter lets through.
    Groups(Filter),
}

#[derive(Debug, Clone)]
enum Filter {
    StartsWith(String),
    Equals(String),
    Contains(String),
    /// None: no expression.
    Regex(Option<Regex>),
}

/// Two claims are the same when they were made of the same.
impl PartialEq for Claim {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
            && self.name == other.name
            && (self.access, self.always, self.active) == (other.access, other.always, other.active)
            && self.scopes == other.scopes
            && format!("{:?}", self.source) == format!("{:?}", other.source)
    }
}

impl Claim {
    pub(super) fn read(document: &Document) -> Self {
        let text = |pointer: &str| document.text(pointer).unwrap_or_default().into_owned();
        let value = document.value();
        let written = text("/value");
        let source = match text("/valueType").as_str() {
            "SYSTEM" => Source::System,
            "GROUPS" => Source::Groups(match text("/group_filter_type").as_str() {
                "EQUALS" => Filter::Equals(written),
                "CONTAINS" => Filter::Contains(written),
                // The whole name must fit.
                "REGEX" => Filter::Regex(Regex::new(&format!("^(?:{written})$")).ok()),
                _ => Filter::StartsWith(written),
            }),
            _ => Source::Expression(Expression::parse_claim(&written).ok()),
        };
        let scopes = value.pointer("/conditions/scopes").and_then(Value::as_array).into_iter().flatten();
        Self {
            id: document.id.clone(),
            name: text("/name"),
            access: document.is("/claimType", "RESOURCE"),
            always: value["alwaysIncludeInToken"] != false,
            active: document.is("/status", "ACTIVE"),
            scopes: scopes.filter_map(Value::as_str).map(str::to_owned).collect(),
            source,
        }
    }

    /// Its value in a token with these scopes; none: it is not there.
    pub fn value(&self, granted: &[Arc<str>], about: &dyn Subject) -> Option<Value> {
        let brought = self.scopes.is_empty()
            || self.scopes.iter().any(|scope| granted.iter().any(|one| **one == **scope));
        if !self.active || !brought {
            return None;
        }
        match &self.source {
            Source::System => None,
            Source::Expression(expression) => {
                Some(expression.as_ref()?.value(about)).filter(|value| !value.is_null())
            }
            Source::Groups(filter) => {
                let groups = about.groups().into_iter().map(|(_, name)| name);
                let groups: Vec<String> = groups.filter(|name| filter.lets(name)).collect();
                (!groups.is_empty()).then(|| serde_json::json!(groups))
            }
        }
    }
}

impl Filter {
    fn lets(&self, name: &str) -> bool {
        match self {
            Self::StartsWith(text) => name.starts_with(text.as_str()),
            Self::Equals(text) => name == text,
            Self::Contains(text) => name.contains(text.as_str()),
            Self::Regex(regex) => regex.as_ref().is_some_and(|regex| regex.is_match(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_filtered_and_scopes_bring_claims() {
        struct About;
        impl Subject for About {
            fn attribute(&self, name: &str) -> Value {
                if name == "x" { json!("x") } else { Value::Null }
            }
            fn groups(&self) -> Vec<(String, String)> {
                ["Staff", "Staff EU", "Board"].map(|name| (String::new(), name.to_owned())).to_vec()
            }
        }
        let groups = ["Staff", "Staff EU", "Board"];
        for (claim, granted, expected) in [
            (
                json!({ "valueType": "GROUPS", "value": "Staff", "group_filter_type": "STARTS_WITH" }),
                "a",
                json!(["Staff", "Staff EU"]),
            ),
            (
                json!({ "valueType": "GROUPS", "value": "Staff", "group_filter_type": "EQUALS" }),
                "a",
                json!(["Staff"]),
            ),
            (
                json!({ "valueType": "GROUPS", "value": "oar", "group_filter_type": "CONTAINS" }),
                "a",
                json!(["Board"]),
            ),
            (
                json!({ "valueType": "GROUPS", "value": ".*", "group_filter_type": "REGEX" }),
                "a",
                json!(groups),
            ),
            (json!({ "valueType": "GROUPS", "value": "S", "group_filter_type": "REGEX" }), "a", Value::Null),
            (json!({ "valueType": "GROUPS", "value": "(", "group_filter_type": "REGEX" }), "a", Value::Null),
            (
                json!({ "valueType": "EXPRESSION", "value": "user.x", "conditions": { "scopes": ["a"] } }),
                "a",
                json!("x"),
            ),
            (
                json!({ "valueType": "EXPRESSION", "value": "user.x", "conditions": { "scopes": ["b"] } }),
                "a",
                Value::Null,
            ),
            (json!({ "valueType": "EXPRESSION", "value": "user.x", "status": "INACTIVE" }), "a", Value::Null),
            (json!({ "valueType": "SYSTEM", "value": "user.x" }), "a", Value::Null),
        ] {
            let mut value = json!({ "name": "c", "status": "ACTIVE" });
            if let (Value::Object(value), Value::Object(own)) = (&mut value, claim.clone()) {
                value.extend(own);
            }
            let document = Document::new("ocl1".into(), 1, &value, Arc::new(Value::Null), "", None);
            let read = Claim::read(&document);
            assert_eq!(read.value(&[granted.into()], &About).unwrap_or_default(), expected, "{claim}");
        }
    }
}
