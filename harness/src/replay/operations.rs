//! Which documented operation a request asks for.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The methods of each path.
type Routes = matchit::Router<HashMap<String, String>>;

/// `GET /api/v1/users/{userId}`; none for what is not in Okta's OpenAPI document.
pub(crate) fn operation_of(method: &str, path: &str) -> Option<String> {
    static ROUTES: LazyLock<Routes> = LazyLock::new(routes);
    // Clients send a slash too many at either end, and orgs take it.
    let path = if path.starts_with("//") { &path[1..] } else { path };
    let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
    ROUTES.at(path).ok()?.value.get(method).cloned()
}

fn routes() -> Routes {
    let mut methods: HashMap<&str, HashMap<String, String>> = HashMap::new();
    for row in mock_server::coverage() {
        let operation = format!("{} {}", row.method, row.path);
        methods.entry(row.path).or_default().insert(row.method, operation);
    }
    let mut routes = Routes::new();
    for (path, methods) in methods {
        if let Err(error) = routes.insert(path, methods) {
            tracing::warn!("{path} is not told from another path: {error}");
        }
    }
    routes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_by_method_and_path() {
        for (method, path, operation) in [
            ("GET", "/api/v1/users/00u1", Some("GET /api/v1/users/{id}")),
            ("GET", "//api/v1/users/00u1/", Some("GET /api/v1/users/{id}")),
            ("POST", "/api/v1/groups", Some("POST /api/v1/groups")),
            ("PATCH", "/api/v1/groups", None),
            ("GET", "/governance/api/v1/campaigns", None),
        ] {
            assert_eq!(operation_of(method, path).as_deref(), operation, "{method} {path}");
        }
    }

    #[test]
    fn every_operation_has_a_route() {
        for row in mock_server::coverage() {
            let operation = format!("{} {}", row.method, row.path);
            assert_eq!(operation_of(&row.method, row.path), Some(operation));
        }
    }
}
