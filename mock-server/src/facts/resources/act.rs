//! What an operation does, as its resource file says: a word, or a table with a word and details.

use serde::Deserialize;

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Act {
    /// The verb.
    pub verb: Verb,
    /// The status of success, where it is not the specification's.
    pub status: Option<u16>,
    /// What a success carries, where it is not what the verb carries.
    pub answer: Option<Answer>,
}

/// The verbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// A list of the kind.
    List,
    /// One object, named by the last path parameter; of a singleton the one that there is.
    Get,
    /// A new object.
    Create,
    /// Replaces what a client may write: what the request leaves out is as in a new object.
    Replace,
    /// Changes what the request names, and nothing else.
    Update,
    /// Creates the object that the path names, or replaces it.
    Put,
    /// Removes an object; of a singleton, what was written.
    Delete,
    /// Removes all objects of the collection.
    DeleteAll,
    /// A lifecycle operation of the file.
    Lifecycle(String),
    /// What an object of the kind has in a relation.
    Related(Relation),
    /// The other way round: what has an object of the kind in a relation.
    Holders(Relation),
    /// Relates an object to the one that the last path parameter names.
    Relate(Relation),
    /// Undoes that.
    Unrelate(Relation),
    /// Needs the object, and does nothing that could be seen here (an email is sent again).
    Accept,
    /// A feature that an org has only with a licence: `E0000015`.
    FeatureOff,
}

/// What a success carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The object.
    Object,
    /// `{}`.
    Empty,
    /// No body.
    None,
}

/// A relation and the kind of what is had.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// How it stands in the file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    r#do: String,
    status: Option<u16>,
    answer: Option<Answer>,
    relation: Option<String>,
    kind: Option<String>,
    #[serde(default)]
    default: usize,
    #[serde(default)]
    max: usize,
}

impl TryFrom<Written> for Act {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let table = match written {
            Written::Table(table) => table,
            Written::Word(word) => Table {
                r#do: word,
                status: None,
                answer: None,
                relation: None,
                kind: None,
                default: 0,
                max: 0,
            },
        };
        let relation = || -> Result<Relation, String> {
            let needs = |name: &str| format!("{:?} needs {name}", table.r#do);
            Ok(Relation {
                relation: table.relation.clone().ok_or_else(|| needs("relation"))?,
                kind: table.kind.clone().ok_or_else(|| needs("kind"))?,
                default: table.default,
                max: table.max,
            })
        };
        let verb = match table.r#do.as_str() {
            "list" => Verb::List,
            "get" => Verb::Get,
            "create" => Verb::Create,
            "replace" => Verb::Replace,
            "update" => Verb::Update,
            "put" => Verb::Put,
            "delete" => Verb::Delete,
            "delete_all" => Verb::DeleteAll,
            "related" => Verb::Related(relation()?),
            "holders" => Verb::Holders(relation()?),
            "relate" => Verb::Relate(relation()?),
            "unrelate" => Verb::Unrelate(relation()?),
            "accept" => Verb::Accept,
            "feature_off" => Verb::FeatureOff,
            other => Verb::Lifecycle(other.to_owned()),
        };
        Ok(Self { verb, status: table.status, answer: table.answer })
    }
}

impl Verb {
    /// The name that `orgtwin coverage` shows.
    pub fn name(&self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Update => "update",
            Self::Put => "put",
            Self::Delete => "delete",
            Self::DeleteAll => "delete_all",
            Self::Lifecycle(_) => "lifecycle",
            Self::Related(_) => "related",
            Self::Holders(_) => "holders",
            Self::Relate(_) => "relate",
            Self::Unrelate(_) => "unrelate",
            Self::Accept => "accept",
            Self::FeatureOff => "feature_off",
        }
    }
}
