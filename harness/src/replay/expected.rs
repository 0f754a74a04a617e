//! What may be expected of any org (`fixtures/replay/fresh-org.toml`).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use super::generated::is_generated;

/// The table, as it is written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// Headers that are compared.
    pub(crate) headers: Vec<String>,
    /// Relations of links that are compared.
    pub(crate) link_relations: Vec<String>,
    /// Attributes of every user.
    pub(crate) user_profile: BTreeSet<String>,
    /// Attributes of every group.
    pub(crate) group_profile: BTreeSet<String>,
    /// What names an element of a list.
    pub(crate) natural_keys: Vec<String>,
    /// Members with secrets.
    pub(crate) secrets: BTreeSet<String>,
    /// Cookies of an administrator.
    pub(crate) session_cookies: BTreeSet<String>,
    /// What stands in a credential's place.
    pub(crate) redactions: Vec<String>,
    /// First segments of an org's API.
    pub(crate) api: BTreeSet<String>,
    built_in: Vec<BuiltIn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BuiltIn {
    collection: String,
    #[serde(default)]
    by: Vec<String>,
    #[serde(default)]
    are: Vec<String>,
    #[serde(default)]
    only_one_without: Option<String>,
}

/// The table; a test reads it as strictly as the build does.
pub(crate) fn expected() -> &'static Expected {
    static TABLE: LazyLock<Expected> = LazyLock::new(|| toml::from_str(TEXT).unwrap_or_default());
    &TABLE
}

const TEXT: &str = include_str!("../../../fixtures/replay/fresh-org.toml");

impl Expected {
    /// Whether this element of an org-level list is one that a brand-new org has as well; `of` elements are in the list.
    pub(crate) fn built_in(&self, collection: &str, element: &Value, of: usize) -> bool {
        if !element.is_object() {
            return true;
        }
        let is = |member: &str| element.get(member) == Some(&Value::Bool(true));
        if is("system") || is("default") || is("isDefault") || element["type"] == "BUILT_IN" {
            return true;
        }
        match self.built_in.iter().find(|row| row.collection == collection) {
            Some(row) => {
                row.only_one_without.as_ref().is_some_and(|member| of == 1 && element.get(member).is_none())
                    || row.by.iter().any(|path| {
                        let found = path.split('.').try_fold(element, |value, member| value.get(member));
                        let found = found.and_then(Value::as_str).map(str::to_lowercase);
                        found.is_some_and(|found| row.are.contains(&found))
                    })
            }
            None => !element["id"].as_str().is_some_and(is_generated),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_table_is_sound() {
        let table: Expected = toml::from_str(TEXT).unwrap();
        assert_eq!(table.built_in.len(), expected().built_in.len());
    }

    #[test]
    fn what_every_org_has_is_known() {
        let table = expected();
        let id = "00u1abcdEFGH2345i0x7";
        for (collection, element, of, built_in) in [
            ("groups", json!({"id": id, "type": "BUILT_IN"}), 3, true),
            ("groups", json!({"id": id, "type": "OKTA_GROUP"}), 3, false),
            ("policies", json!({"id": id, "name": "Okta Dashboard"}), 3, true),
            ("realms", json!({"id": id, "profile": {"name": "Default Realm"}}), 2, true),
            ("brands", json!({"id": id}), 1, true),
            ("brands", json!({"id": id}), 2, false),
            ("roles", json!({"id": "SUPER_ADMIN"}), 2, true),
            ("linkedObjects", json!({"primary": {}}), 1, false),
        ] {
            assert_eq!(table.built_in(collection, &element, of), built_in, "{collection} {element}");
        }
    }
}
