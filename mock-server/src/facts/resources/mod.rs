//! Kinds of resources, a file each in `fixtures/resources/`: path, ids, what a new one looks like, what its operations
//! do, how lists are cut and searched, links. docs/resource-files.md explains the vocabulary with a worked example.

mod act;
mod condition;
mod links;
mod shape;
mod template;

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use super::dialects::Switch;
use super::gathered;
use crate::query::{Grammar, Path, Queryable};

pub use act::{Act, Answer, Relation, Verb};
pub use condition::Condition;
use links::Link;
pub use links::LinksOf;
pub use shape::{Shape, Variant};
pub use template::{BASE_MARK, Fill, fill_value};

/// All kinds, embedded: `build.rs` makes one JSON document of the files.
const STANZAS: &str = include_str!(concat!(env!("OUT_DIR"), "/resources.json"));

/// All kinds that have a file.
#[derive(Debug)]
pub struct Resources {
    kinds: HashMap<String, Resource>,
    /// By kind: the kinds whose documents stand for one of it and go with it.
    followers: HashMap<String, Vec<String>>,
}

/// One kind of resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The name of the kind: of its file, and of its collection in an org.
    pub kind: String,
    /// The path of the collection; its parameters name the objects above.
    pub path: String,
    /// The kinds of the objects above, in the order of the path's parameters.
    #[serde(default)]
    pub parents: Vec<String>,
    /// More kinds that it lies below, where the path can name one only: a role is a user's, a group's or a client's.
    #[serde(default)]
    pub also_below: Vec<String>,
    /// Where its ids come from.
    #[serde(default)]
    pub id: IdForm,
    /// The first characters of its ids (mgmt-facts §6.1).
    #[serde(default)]
    pub id_prefix: String,
    /// The type name in `Not found: Resource not found: <id> (<Type>)` (mgmt-facts §2).
    pub type_name: String,
    /// JSON pointers of values that may stand for the id in a path (a user's login); `hidden/…` is in the hidden part.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The kind whose objects it stands for, with the same ids (an app's users): it goes when they go.
    pub follows: Option<String>,
    /// JSON pointer of the lifecycle state.
    pub state: Option<String>,
    /// Whether a single read carries an entity tag (mgmt-facts §5).
    #[serde(default)]
    pub etag: bool,
    /// The switch that says what its list shows to a principal without a role.
    pub role_less: Option<Switch>,
    /// What its operations do, by operation id.
    #[serde(default)]
    pub operations: BTreeMap<String, Act>,
    /// How lists are cut into pages; none: one page without links.
    pub page: Option<Page>,
    /// The member of an object that a list is wrapped in; none: a plain array.
    pub wrap: Option<String>,
    /// A list of one page says `Link: …; rel="self"` all the same (policies).
    #[serde(default)]
    pub self_link: bool,
    /// Single objects and creations say `Link: …; rel="self"` too (mgmt-facts §3: iam/roles).
    #[serde(default)]
    pub object_link: bool,
    /// What a caller may ask of a list (mgmt-facts §4).
    #[serde(default)]
    pub query: Queryable,
    /// There is exactly one below each parent (or in the org), under the id `default`.
    #[serde(default)]
    pub singleton: bool,
    /// Of a singleton: there is none until a client puts one (a customized page).
    #[serde(default)]
    pub optional: bool,
    /// What a new one looks like.
    #[serde(default)]
    pub shape: Shape,
    /// Lifecycle operations, by name.
    #[serde(default)]
    pub lifecycle: BTreeMap<String, Transition>,
    /// A `DELETE` of one that is not there is answered like any other.
    #[serde(default)]
    pub delete_again: bool,
    /// When one may be deleted.
    pub delete: Option<Guard>,
    /// The code in `api/special/` that does what no data can say; see there.
    pub special: Option<String>,
    /// The System Log events that it writes, by what happens: `create`, `update`, `delete`, the name of a lifecycle.
    #[serde(default)]
    pub events: BTreeMap<String, String>,
    /// The links, in the order in which Okta sends them.
    #[serde(default)]
    links: Vec<Link>,
    /// JSON pointers of members that a list leaves out.
    #[serde(default)]
    pub omit_in_lists: Vec<String>,
    /// Where the facts come from: `recorded`, `documented`, or words.
    pub evidence: String,
    /// The attributes that an index has.
    #[serde(skip)]
    indexed: Vec<Path>,
}

/// Where ids come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdForm {
    /// `id_prefix` and random characters, 20 in all.
    #[default]
    Random,
    /// A random UUID.
    Uuid,
    /// A member of the object, by JSON pointer: its name is its id.
    Member(String),
    /// The last parameter of the path.
    Path,
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
    #[serde(default)]
    pub cursor: CursorForm,
    /// The code of the error for a cursor that names nothing.
    #[serde(default = "paging_error")]
    pub bad_cursor: String,
    /// States that a plain list leaves out.
    #[serde(default)]
    pub hides: Vec<String>,
}

fn paging_error() -> String {
    "E0000029".to_owned()
}

/// The form of an `after` cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CursorForm {
    /// The id of the last item.
    #[default]
    Id,
    /// One digit, then the id of the last item (lists of users).
    DigitAndId,
    /// The id of the last item in Base64 (email templates, which are named by their ids).
    Base64,
}

/// A lifecycle operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// The states that it starts from; none: any.
    #[serde(default)]
    pub from: Vec<String>,
    /// The state that it leads to; none: the state stays.
    pub to: Option<String>,
    /// Other members that it sets, by JSON pointer (a switch that is on or off); `"-"` stands for null.
    #[serde(default)]
    pub sets: BTreeMap<String, Value>,
    /// The states in which it is answered like a success and changes nothing.
    #[serde(default)]
    pub idle: Vec<String>,
    /// What is answered from any other state.
    pub otherwise: Option<Refusal>,
}

/// When something may be done.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// It may not be done to an object of which this holds.
    pub unless: Condition,
    /// What is answered then.
    pub otherwise: Refusal,
}

/// An error of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The code.
    pub code: String,
    /// What fills the summary's placeholder.
    #[serde(default)]
    pub about: String,
    /// The causes.
    #[serde(default)]
    pub causes: Vec<String>,
}

impl Resources {
    /// Reads the embedded files.
    ///
    /// # Errors
    /// A message that names the file and what is wrong with it.
    pub fn load() -> Result<Self, String> {
        let stanzas = gathered::read("resources", STANZAS)?;
        let mut kinds = HashMap::new();
        let mut followers: HashMap<String, Vec<String>> = HashMap::new();
        for (name, stanza) in stanzas {
            let problem = |what: String| format!("fixtures/resources/{name}.toml: {what}");
            let mut resource: Resource =
                serde_json::from_value(stanza).map_err(|error| problem(error.to_string()))?;
            if resource.kind != name {
                return Err(problem(format!("its kind is {:?}; it must be the file's name", resource.kind)));
            }
            resource.prepare().map_err(problem)?;
            if let Some(followed) = &resource.follows {
                followers.entry(followed.clone()).or_default().push(name.clone());
            }
            kinds.insert(name, resource);
        }
        for resource in kinds.values() {
            if let Some(parent) = resource.parents.iter().find(|parent| !kinds.contains_key(*parent)) {
                return Err(format!("fixtures/resources/{}.toml: no kind {parent:?}", resource.kind));
            }
        }
        Ok(Self { kinds, followers })
    }

    /// All kinds.
    pub fn all(&self) -> impl Iterator<Item = &Resource> {
        self.kinds.values()
    }

    /// The file of a kind.
    pub fn get(&self, kind: &str) -> Option<&Resource> {
        self.kinds.get(kind)
    }

    /// The kinds whose documents stand for one of this kind.
    pub fn followers(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.followers.get(kind).into_iter().flatten().map(String::as_str)
    }

    /// Whether documents of a kind lie below objects of another, at any depth.
    pub fn lies_below(&self, kind: &str, above: &str) -> bool {
        let above_it = |resource: &Resource| {
            resource.parents.iter().chain(&resource.also_below).any(|parent| parent == above)
        };
        self.get(kind).is_some_and(above_it)
    }
}

impl Resource {
    fn prepare(&mut self) -> Result<(), String> {
        let parameters = self.path.matches('{').count();
        if parameters != self.parents.len() {
            return Err(format!(
                "{} has {parameters} parameter(s), parents has {}",
                self.path,
                self.parents.len()
            ));
        }
        for (id, act) in &self.operations {
            if let Verb::Lifecycle(name) = &act.verb
                && !self.lifecycle.contains_key(name)
            {
                return Err(format!("{id} does {name:?}, which is no verb and no lifecycle of the file"));
            }
        }
        for link in &mut self.links {
            link.prepare()?;
        }
        let grammars = [&self.query.search, &self.query.filter].into_iter().flatten();
        for name in grammars.flat_map(Grammar::indexed) {
            // Ids have an index of their own.
            if let Some(path) = Path::parse(name)
                && name != "id"
                && !self.indexed.contains(&path)
            {
                self.indexed.push(path);
            }
        }
        self.shape.prepare()
    }

    /// The attributes that an index has, besides the id.
    pub fn indexed(&self) -> &[Path] {
        &self.indexed
    }

    /// The state of an object.
    pub fn state_of<'v>(&self, value: &'v Value) -> Option<&'v str> {
        value.pointer(self.state.as_deref()?)?.as_str()
    }

    /// Whether a plain list shows an object, by its state.
    pub fn lists(&self, value: &Value) -> bool {
        let hides = self.page.as_ref().map_or(&[][..], |page| &page.hides);
        self.state_of(value).is_none_or(|state| !hides.iter().any(|hidden| hidden == state))
    }

    /// Whether objects have `_links`.
    pub fn has_links(&self) -> bool {
        !self.links.is_empty()
    }

    /// Appends the `_links` of a document as JSON text. URLs of the org begin with [`BASE_MARK`].
    pub fn write_links(&self, about: &LinksOf<'_>, in_list: bool, out: &mut String) {
        links::write(&self.links, self.state_of(about.value), about, in_list, out);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
