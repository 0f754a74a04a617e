//! Which rows of the OAuth catalogue are reached (`fixtures/oauth-error-coverage.toml`). Read on demand only: no answer
//! depends on it.

use std::collections::HashMap;

use serde::Deserialize;

use super::errors::catalogue;

const TEXT: &str = include_str!("../../../fixtures/oauth-error-coverage.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    reached: Vec<Reached>,
    feature: Vec<Feature>,
}

/// A row that the code raises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reached {
    id: String,
    by: String,
    test: Option<String>,
}

/// Errors of a feature that an org without licences does not have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    name: String,
    ids: Vec<String>,
}

/// How a row of the catalogue is covered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCover {
    /// Raised, and a test shows it.
    Shown {
        /// The request.
        by: String,
        /// `file::test`.
        test: String,
    },
    /// Raised, and no test shows it yet.
    Raised {
        /// The request.
        by: String,
    },
    /// Of a feature that an org without licences does not have.
    Feature {
        /// The feature.
        name: String,
    },
    /// Not reachable yet.
    Open,
}

/// A row of the catalogue: a line of `orgtwin coverage --errors`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ErrorRow {
    /// Okta's internal name.
    pub id: String,
    /// The status.
    pub status: u16,
    /// The `error` member.
    pub error: String,
    /// The template of the `error_description`.
    pub description: String,
    /// How it is covered.
    pub cover: ErrorCover,
}

/// All rows, in the order of the catalogue.
///
/// # Errors
/// A message that names what is wrong in the table: a row that the catalogue has not, or one that is there twice.
pub fn error_coverage() -> Result<Vec<ErrorRow>, String> {
    let name = "oauth-error-coverage.toml";
    let table: Table = toml::from_str(TEXT).map_err(|error| format!("{name}: {error}"))?;
    let reached = table.reached.into_iter().map(|row| {
        let cover = match row.test {
            Some(test) => ErrorCover::Shown { by: row.by, test },
            None => ErrorCover::Raised { by: row.by },
        };
        (row.id, cover)
    });
    let features = table.feature.into_iter().flat_map(|feature| {
        let name = feature.name;
        feature.ids.into_iter().map(move |id| (id, ErrorCover::Feature { name: name.clone() }))
    });
    let mut covers = HashMap::new();
    for (id, cover) in reached.chain(features) {
        if covers.insert(id.clone(), cover).is_some() {
            return Err(format!("{name}: {id} is there twice"));
        }
    }
    let mut rows = Vec::new();
    for row in catalogue()? {
        let cover = covers.remove(&row.id).unwrap_or(ErrorCover::Open);
        let (status, error, description) = (row.status.as_u16(), row.error, row.description);
        rows.push(ErrorRow { id: row.id, status, error, description, cover });
    }
    match covers.keys().next() {
        Some(unknown) => Err(format!("{name}: the catalogue has no row {unknown}")),
        None => Ok(rows),
    }
}
