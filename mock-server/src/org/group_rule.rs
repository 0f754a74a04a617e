//! An active group rule, ready to be asked.

use std::sync::Arc;

use serde_json::Value;

use super::document::Document;
use super::state::OrgState;
use crate::expression::{Expression, Subject};

/// A rule that assigns users to groups.
#[derive(Debug)]
pub struct GroupRule {
    expression: Expression,
    /// Ids of the groups that it assigns to.
    pub groups: Vec<Arc<str>>,
    /// Ids of users that it leaves alone.
    excluded: Vec<Arc<str>>,
}

impl GroupRule {
    /// The rule of a document; none where it is not active.
    pub(super) fn active(rule: &Value) -> Option<Self> {
        let expression = rule.pointer("/conditions/expression/value")?.as_str()?;
        let ids = |pointer: &str| -> Vec<Arc<str>> {
            let ids = rule.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            ids.filter_map(Value::as_str).map(Arc::from).collect()
        };
        (rule.pointer("/status")? == "ACTIVE").then_some(())?;
        Some(Self {
            expression: Expression::parse(expression).ok()?,
            groups: ids("/actions/assignUserToGroups/groupIds"),
            excluded: ids("/conditions/people/users/exclude"),
        })
    }

    /// Whether it assigns a user.
    pub(super) fn holds(&self, state: &OrgState, user: &Document) -> bool {
        !self.excluded.contains(&user.id)
            && !user.is("/status", "DEPROVISIONED")
            && self.expression.holds(&User { state, id: &user.id, value: user.value() })
    }
}

/// A user as expressions see it.
struct User<'a> {
    state: &'a OrgState,
    id: &'a str,
    value: Value,
}

impl Subject for User<'_> {
    fn attribute(&self, name: &str) -> Value {
        let value = &self.value;
        let profile = value.get("profile").and_then(|profile| profile.get(name));
        // `user.status` and the like are no profile attributes.
        let found = profile.or_else(|| matches!(name, "id" | "status").then(|| value.get(name)).flatten());
        found.cloned().unwrap_or_default()
    }

    fn groups(&self) -> Vec<(String, String)> {
        let groups = self.state.holders("members", self.id, None);
        let named = groups.filter_map(|id| {
            let group = self.state.get("groups", id)?;
            Some((id.to_string(), group.text("/profile/name")?.into_owned()))
        });
        named.collect()
    }
}
