//! The documented operations, `fixtures/operations.jsonl`: their addresses, which scopes they take, which are deprecated.

use std::sync::LazyLock;

use serde::Deserialize;

const TEXTS: [&str; 2] =
    [include_str!("../../fixtures/operations.jsonl"), include_str!("../../fixtures/oauth-operations.jsonl")];

/// A documented operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    /// `listUsers`.
    pub(crate) id: String,
    /// `GET`.
    pub(crate) method: String,
    /// `/api/v1/users/{userId}`.
    pub(crate) path: String,
    /// The scopes that open it.
    pub(crate) scopes: Vec<String>,
    /// `GA`, `EA`, with ` deprecated` after it.
    #[serde(default)]
    pub(crate) lifecycle: String,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let lines = TEXTS.iter().flat_map(|text| text.lines());
    lines.filter_map(|line| serde_json::from_str(line).ok()).collect()
});

/// All of them.
pub(crate) fn all() -> &'static [Operation] {
    &OPERATIONS
}

/// The operation of a method and a path; a part of the path in braces, there or here, is any word.
pub(crate) fn find(method: &str, path: &str) -> Option<&'static Operation> {
    let fitting =
        || OPERATIONS.iter().filter(|row| row.method.eq_ignore_ascii_case(method) && fits(&row.path, path));
    // A word that is meant as such goes before one that stands for any.
    fitting().min_by_key(|row| row.path.matches('{').count())
}

/// The operation of that id.
pub(crate) fn of_id(id: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|row| row.id == id)
}

/// Some method is documented for the path.
pub(crate) fn has_path(path: &str) -> bool {
    OPERATIONS.iter().any(|row| fits(&row.path, path))
}

fn fits(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (mut known, mut asked) = (parts(pattern), parts(path));
    loop {
        match (known.next(), asked.next()) {
            (None, None) => return true,
            (Some(known), Some(asked)) if known == asked || known.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_by_method_and_path() {
        assert!(OPERATIONS.len() > 732, "every line can be read");
        let lines = TEXTS.iter().map(|text| text.lines().count()).sum::<usize>();
        assert_eq!(OPERATIONS.len(), lines);
        assert_eq!(find("GET", "/api/v1/users").unwrap().scopes, ["okta.users.read"]);
        assert_eq!(find("get", "/api/v1/users/{userId}?x=1").unwrap().id, "getUser");
        assert!(find("GET", "/api/v1/unicorns").is_none());
        assert!(has_path("/api/v1/users/me") && has_path("//api/v1/users/") && !has_path("/admin"));
    }
}
