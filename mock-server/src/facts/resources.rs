//! Kinds of resources, a stanza each in `fixtures/resources/`: path, id prefix, type name, pages, links.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

use super::dialects::Switch;
use crate::query::Queryable;

/// Stands for the base URL inside a document that is being rendered; two private-use characters that no Okta
/// value contains.
pub const BASE_MARK: &str = "\u{E000}\u{E001}";

/// The stanzas, embedded.
const STANZAS: [&str; 3] = [
    include_str!("../../../fixtures/resources/users.toml"),
    include_str!("../../../fixtures/resources/groups.toml"),
    include_str!("../../../fixtures/resources/apps.toml"),
];

/// All kinds that have a stanza.
#[derive(Debug)]
pub struct Resources(HashMap<String, Resource>);

/// One kind of resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The name of the kind, which is the name of its collection in an org.
    pub kind: String,
    /// The path of the collection.
    pub path: String,
    /// The first three characters of its ids (mgmt-facts §6.1).
    pub id_prefix: String,
    /// The type name in `Not found: Resource not found: <id> (<Type>)` (mgmt-facts §2).
    pub type_name: String,
    /// JSON pointers of values that may stand for the id in a path (a user's login).
    #[serde(default)]
    pub aliases: Vec<String>,
    /// JSON pointer of the lifecycle state.
    pub state: Option<String>,
    /// Whether a single read carries an entity tag (mgmt-facts §5).
    #[serde(default)]
    pub etag: bool,
    /// The switch that says what its list shows to a principal without a role.
    pub role_less: Option<Switch>,
    /// What its operations do, by operation id.
    pub operations: BTreeMap<String, Verb>,
    /// How lists are cut into pages.
    pub page: Page,
    /// What a caller may ask of a list (mgmt-facts §4).
    #[serde(default)]
    pub query: Queryable,
    /// The links, in the order in which Okta sends them.
    #[serde(default)]
    links: Vec<Link>,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Verb {
    /// A list of the kind.
    List,
    /// One object of the kind, named by the last path parameter.
    Get,
    /// What an object of the kind has in a relation.
    Related(Relation),
    /// The other way round: what has an object of the kind in a relation.
    Holders(Relation),
}

/// A list of what belongs to an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The name of the relation.
    pub relation: String,
    /// The kind of what is listed.
    pub kind: String,
    /// The page when no limit is asked for.
    pub default: usize,
    /// The largest page.
    pub max: usize,
}

/// How lists of a kind are cut into pages (mgmt-facts §3).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The limit when none is asked for.
    pub default: usize,
    /// The largest limit; larger ones are lowered to it.
    pub max: usize,
    /// The form of the cursor.
    pub cursor: CursorForm,
    /// The code of the error for a cursor that names nothing.
    pub bad_cursor: String,
    /// States that a plain list leaves out.
    #[serde(default)]
    pub hides: Vec<String>,
}

/// The form of an `after` cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorForm {
    /// The id of the last item.
    Id,
    /// One digit, then the id of the last item (lists of users).
    DigitAndId,
}

/// A row of `links`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    rel: String,
    href: Option<String>,
    method: Option<String>,
    allow: Option<Vec<String>>,
    json: Option<String>,
    #[serde(default)]
    states: Vec<String>,
    present: Option<String>,
    #[serde(default)]
    in_lists: bool,
    /// What it is rendered from.
    #[serde(skip)]
    text: String,
}

impl Resources {
    /// Reads the embedded stanzas.
    ///
    /// # Errors
    /// A message that names the stanza and what is wrong with it.
    pub fn load() -> Result<Self, String> {
        let mut kinds = HashMap::new();
        for text in STANZAS {
            let mut resource: Resource =
                toml::from_str(text).map_err(|error| format!("fixtures/resources: {error}"))?;
            for link in &mut resource.links {
                if link.href.is_some() == link.json.is_some() {
                    return Err(format!("{}: link {} needs href or json", resource.kind, link.rel));
                }
                link.text = link.template();
            }
            kinds.insert(resource.kind.clone(), resource);
        }
        Ok(Self(kinds))
    }

    /// All stanzas.
    pub fn all(&self) -> impl Iterator<Item = &Resource> {
        self.0.values()
    }

    /// The stanza of a kind.
    pub fn get(&self, kind: &str) -> Option<&Resource> {
        self.0.get(kind)
    }
}

impl Resource {
    /// Whether a plain list shows an object, by its state.
    pub fn lists(&self, value: &Value) -> bool {
        let state = self.state.as_deref().and_then(|pointer| value.pointer(pointer)).and_then(Value::as_str);
        state.is_none_or(|state| !self.page.hides.iter().any(|hidden| hidden == state))
    }

    /// Appends the `_links` of a document as JSON text: `value` is the document as shown, `hidden` what only the org
    /// knows. URLs of the org begin with [`BASE_MARK`].
    pub fn write_links(&self, value: &Value, hidden: &Value, in_list: bool, out: &mut String) {
        let state = self.state.as_deref().and_then(|pointer| value.pointer(pointer)).and_then(Value::as_str);
        out.push('{');
        let mut first = true;
        for link in &self.links {
            let hidden_by_state = !link.states.is_empty()
                && !state.is_some_and(|state| link.states.iter().any(|one| one == state));
            let absent = link.present.as_deref().is_some_and(|pointer| value.pointer(pointer).is_none());
            if (in_list && !link.in_lists) || hidden_by_state || absent {
                continue;
            }
            if !first {
                out.push(',');
            }
            first = false;
            fill(&link.text, value, hidden, out);
        }
        out.push('}');
    }
}

impl Link {
    /// The member of `_links` as JSON text with placeholders, made once.
    fn template(&self) -> String {
        let rel = json!(self.rel);
        if let Some(json) = &self.json {
            return format!("{rel}:{json}");
        }
        let mut link = json!({ "href": format!("{BASE_MARK}{}", self.href.as_deref().unwrap_or_default()) });
        if let Some(method) = &self.method {
            link["method"] = json!(method);
        }
        if let Some(allow) = &self.allow {
            link["hints"] = json!({ "allow": allow });
        }
        format!("{rel}:{link}")
    }
}

/// Replaces `{base}`, `{id}`, `{type/id}` (a pointer into the document) and `{hidden/x}` inside JSON text.
fn fill(template: &str, value: &Value, hidden: &Value, out: &mut String) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            out.push('{');
            rest = after;
            continue;
        };
        if name == "base" {
            out.push_str(BASE_MARK);
        } else {
            let member = |tree: &'_ Value, path: &str| -> Option<String> {
                let found = path.split('/').try_fold(tree, |tree, name| tree.get(name))?;
                found.as_str().map(str::to_owned)
            };
            let text = match name.strip_prefix("hidden/") {
                Some(path) => member(hidden, path),
                None => member(value, name),
            };
            escape(text.as_deref().unwrap_or_default(), out);
        }
        rest = tail;
    }
    out.push_str(rest);
}

/// Text as it stands between the quotes of a JSON string.
fn escape(text: &str, out: &mut String) {
    let plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if plain {
        out.push_str(text);
    } else {
        let quoted = Value::from(text).to_string();
        out.push_str(quoted.trim_matches('"'));
    }
}

/// Braces of JSON itself are told from placeholders by what stands between them.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/' || byte == b'_')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn links_of(
        resources: &Resources,
        user: &Value,
        hidden: &Value,
        in_list: bool,
    ) -> serde_json::Map<String, Value> {
        let mut text = String::new();
        resources.get("users").unwrap().write_links(user, hidden, in_list, &mut text);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn ids_that_json_has_to_escape_are_escaped() {
        let resources = Resources::load().unwrap();
        let user = json!({ "id": "a\"b\\c\n", "status": "ACTIVE" });
        let links = links_of(&resources, &user, &Value::Null, true);
        assert_eq!(links["self"]["href"], format!("{BASE_MARK}/api/v1/users/a\"b\\c\n"));
    }

    #[test]
    fn every_stanza_loads() {
        let resources = Resources::load().unwrap();
        for kind in ["users", "groups", "apps"] {
            assert_eq!(resources.get(kind).unwrap().kind, kind);
        }
    }

    #[test]
    fn an_active_users_links_come_in_okta_s_order() {
        let resources = Resources::load().unwrap();
        let user = json!({ "id": "00u1", "status": "ACTIVE", "type": { "id": "oty1" } });
        let links = links_of(&resources, &user, &json!({ "schema": "osc1" }), false);
        let rels: Vec<_> = links.keys().map(String::as_str).collect();
        assert_eq!(
            rels,
            [
                "suspend",
                "schema",
                "resetPassword",
                "forgotPassword",
                "expirePassword",
                "changeRecoveryQuestion",
                "self",
                "resetFactors",
                "type",
                "changePassword",
                "deactivate"
            ]
        );
        assert_eq!(links["schema"]["href"], format!("{BASE_MARK}/api/v1/meta/schemas/user/osc1"));
        assert_eq!(links["suspend"]["method"], "POST");
    }

    #[test]
    fn a_user_in_a_list_has_only_itself() {
        let resources = Resources::load().unwrap();
        let user = json!({ "id": "00u1", "status": "ACTIVE" });
        let links = links_of(&resources, &user, &Value::Null, true);
        assert_eq!(links.keys().collect::<Vec<_>>(), ["self"]);
    }

    #[test]
    fn kinds_say_what_may_be_asked() {
        let resources = Resources::load().unwrap();
        for (kind, parameter, query, code) in [
            // Recorded or documented as working.
            ("users", "search", r#"profile.custom.deep eq "x" and type.id pr"#, None),
            ("users", "search", r#"profile.email co "x" or (created gt "2021-01-01T00:00:00.000Z")"#, None),
            ("users", "search", r#"status ne "ACTIVE""#, Some("E0000031")),
            ("users", "search", r#"not (status eq "ACTIVE")"#, Some("E0000031")),
            ("users", "search", r#"profile.city co "x""#, Some("E0000031")),
            ("users", "search", r#"credentials.provider.type eq "OKTA""#, Some("E0000031")),
            ("users", "search", "profile pr", Some("E0000031")),
            ("users", "filter", r#"status eq "ACTIVE""#, None),
            (
                "users",
                "filter",
                r#"lastUpdated gt "2013-06-01T00:00:00.000Z" and (status eq "RECOVERY" or id eq "x")"#,
                None,
            ),
            ("users", "filter", r#"status ne "ACTIVE""#, Some("E0000031")),
            ("users", "filter", r#"profile.city eq "x""#, Some("E0000031")),
            (
                "groups",
                "search",
                r#"type eq "APP_GROUP" and (created lt "2014-01-01T00:00:00.000Z" and source.id eq "0oa2")"#,
                None,
            ),
            ("groups", "search", r#"profile.samAccountName sw "West Coast""#, None),
            ("groups", "filter", r#"profile.name eq "foo""#, Some("E0000031")),
            ("apps", "filter", r#"credentials.signing.kid eq "SIMcCQNY3uwX""#, None),
            ("apps", "filter", "user.id eq someid", Some("E0000031")),
            ("apps", "filter", r#"label eq "x""#, Some("E0000031")),
            ("apps", "search", "nonsense", None),
        ] {
            let table = &resources.get(kind).unwrap().query;
            let read = match parameter {
                "search" => table.read(Some(query), None),
                _ => table.read(None, Some(query)),
            };
            assert_eq!(read.err().map(|error| error.code()), code, "{kind}?{parameter}={query}");
        }
        let users = &resources.get("users").unwrap().query;
        assert_eq!(
            users.read(Some("id pr"), Some("id pr")).unwrap_err(),
            crate::query::QueryError::SearchWithFilter
        );
        assert_eq!(users.search.as_ref().unwrap().indexed().len(), 5);
    }
}
