//! Okta's two error catalogues (`fixtures/errors.jsonl`, `fixtures/oauth-errors.jsonl`).

use std::collections::HashMap;

use http::StatusCode;
use serde::Deserialize;

/// A row of the catalogue of the Management API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagementError {
    /// `E0000007`.
    pub code: String,
    #[serde(deserialize_with = "status")]
    /// The status.
    pub status: StatusCode,
    /// The summary, with `{0}` where an argument belongs.
    pub summary: String,
}

/// The catalogue of the Management API: 251 rows, release 2026.08.1.
#[derive(Debug)]
pub struct ManagementErrors(HashMap<String, ManagementError>);

/// A row of the catalogue of the authorization servers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthErrorRow {
    /// Okta's internal name of the error: `client_assertion_expired_token`.
    pub id: String,
    /// The status.
    #[serde(deserialize_with = "status")]
    pub status: StatusCode,
    /// The `error` member: `invalid_client`.
    pub error: String,
    /// The `error_description`, with `{0}`, `{1}` where arguments belong.
    pub description: String,
}

/// The catalogue of the authorization servers: 476 rows, release 2026.08.1.
#[derive(Debug)]
pub struct OAuthErrors(HashMap<String, OAuthErrorRow>);

impl ManagementErrors {
    /// The codes.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn load() -> Result<Self, String> {
        let rows =
            rows(include_str!("../../../fixtures/errors.jsonl"), "errors.jsonl", |row: &ManagementError| {
                row.code.clone()
            })?;
        Ok(Self(rows))
    }

    /// The row of a code.
    pub fn get(&self, code: &str) -> Option<&ManagementError> {
        self.0.get(code)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl OAuthErrors {
    /// The internal names.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn load() -> Result<Self, String> {
        let text = include_str!("../../../fixtures/oauth-errors.jsonl");
        Ok(Self(rows(text, "oauth-errors.jsonl", |row: &OAuthErrorRow| row.id.clone())?))
    }

    /// The row of an internal name.
    pub fn get(&self, id: &str) -> Option<&OAuthErrorRow> {
        self.0.get(id)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The rows of the OAuth catalogue in their order.
pub(super) fn catalogue() -> Result<Vec<OAuthErrorRow>, String> {
    in_order(include_str!("../../../fixtures/oauth-errors.jsonl"), "oauth-errors.jsonl")
}

/// The rows of the catalogue of the Management API in their order.
pub(super) fn management_catalogue() -> Result<Vec<ManagementError>, String> {
    in_order(include_str!("../../../fixtures/errors.jsonl"), "errors.jsonl")
}

fn in_order<T: for<'a> Deserialize<'a>>(text: &'static str, name: &str) -> Result<Vec<T>, String> {
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{name}: {error}"))).collect()
}

/// Fills `{0}`, `{1}` … of a template.
pub fn fill(template: &str, arguments: &[&str]) -> String {
    let mut filled = template.to_owned();
    for (nth, argument) in arguments.iter().enumerate() {
        filled = filled.replace(&format!("{{{nth}}}"), argument);
    }
    filled
}

/// A JSON document a line.
pub(super) fn rows<T: for<'a> Deserialize<'a>>(
    text: &'static str,
    name: &str,
    key: impl Fn(&T) -> String,
) -> Result<HashMap<String, T>, String> {
    let mut rows = HashMap::new();
    for (nth, line) in text.lines().enumerate() {
        let row: T =
            serde_json::from_str(line).map_err(|error| format!("{name}, line {}: {error}", nth + 1))?;
        let key = key(&row);
        if rows.insert(key.clone(), row).is_some() {
            return Err(format!("{name}, line {}: {key} occurs twice", nth + 1));
        }
    }
    Ok(rows)
}

fn status<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
    let number = u16::deserialize(deserializer)?;
    StatusCode::from_u16(number).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn arguments_take_their_places() {
        assert_eq!(fill("Not found: {0}", &["x"]), "Not found: x");
        assert_eq!(fill("from {0} app to {1} app", &["web", "spa"]), "from web app to spa app");
        assert_eq!(fill("none", &["x"]), "none");
    }
}
