//! Which rows of the two catalogues are reached (`fixtures/oauth-error-coverage.toml`, `fixtures/error-coverage.toml`). Read
//! on demand only: no answer depends on it.

use std::collections::HashMap;

use serde::Deserialize;

use super::errors::{catalogue, management_catalogue};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    reached: Vec<Reached>,
    #[serde(default)]
    feature: Vec<Feature>,
}

/// A row that the code raises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reached {
    #[serde(alias = "code")]
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

/// A row of a catalogue: a line of `orgtwin coverage --errors`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ErrorRow {
    /// Okta's internal name; of the Management API the code.
    pub id: String,
    /// The status.
    pub status: u16,
    /// The `error` member; the Management API has none.
    pub error: Option<String>,
    /// The template of the `error_description`, or of the `errorSummary`.
    pub description: String,
    /// How it is covered.
    pub cover: ErrorCover,
}

/// All rows of the authorization servers, in the order of the catalogue.
///
/// # Errors
/// A message that names what is wrong in the table: a row that the catalogue has not, or one that is there twice.
pub fn error_coverage() -> Result<Vec<ErrorRow>, String> {
    let rows = catalogue()?.into_iter().map(|row| ErrorRow {
        id: row.id,
        status: row.status.as_u16(),
        error: Some(row.error),
        description: row.description,
        cover: ErrorCover::Open,
    });
    let text = include_str!("../../../fixtures/oauth-error-coverage.toml");
    covered(rows.collect(), text, "oauth-error-coverage.toml")
}

/// All rows of the Management API, in the order of the catalogue.
///
/// # Errors
/// As [`error_coverage`].
pub fn management_error_coverage() -> Result<Vec<ErrorRow>, String> {
    let rows = management_catalogue()?.into_iter().map(|row| ErrorRow {
        id: row.code,
        status: row.status.as_u16(),
        error: None,
        description: row.summary,
        cover: ErrorCover::Open,
    });
    covered(rows.collect(), include_str!("../../../fixtures/error-coverage.toml"), "error-coverage.toml")
}

/// Says of each row how the table covers it.
fn covered(mut rows: Vec<ErrorRow>, text: &str, name: &str) -> Result<Vec<ErrorRow>, String> {
    let table: Table = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
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
    for row in &mut rows {
        if let Some(cover) = covers.remove(&row.id) {
            row.cover = cover;
        }
    }
    match covers.keys().next() {
        Some(unknown) => Err(format!("{name}: the catalogue has no row {unknown}")),
        None => Ok(rows),
    }
}
