//! What Okta says of a value that does not fit (`fixtures/validation-words.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

/// The words, the first row that fits counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    words: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    problem: Problem,
    #[serde(default)]
    schemas: Vec<String>,
    property: Option<String>,
    cause: String,
    #[serde(rename = "evidence")]
    _evidence: String,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// It is required and not there, null or blank.
    Missing,
    /// It is of another type.
    Kind,
    /// It is none of the values that there are.
    Value,
    /// It is no date, URI, address.
    Format,
    /// It has too many characters.
    TooLong,
    /// It has too few characters.
    TooShort,
}

/// The words. Read at the first request that is refused.
///
/// # Panics
/// When the table cannot be read; a test makes sure that it can.
pub fn words() -> &'static Words {
    static WORDS: LazyLock<Words> =
        LazyLock::new(|| match toml::from_str(include_str!("../../../fixtures/validation-words.toml")) {
            Ok(words) => words,
            Err(error) => panic!("fixtures/validation-words.toml: {error}"),
        });
    &WORDS
}

impl Words {
    /// The cause that an answer gives.
    pub fn cause(&self, problem: Problem, schema: &str, property: &str, limit: usize) -> String {
        let fits = |row: &&Row| {
            row.problem == problem
                && (row.schemas.is_empty() || row.schemas.iter().any(|name| name == schema))
                && row.property.as_deref().is_none_or(|name| name == property)
        };
        let row = self.words.iter().find(fits);
        let cause = row.map_or("{property}: The field has an invalid value", |row| row.cause.as_str());
        cause.replace("{property}", property).replace("{limit}", &limit.to_string())
    }
}
