//! What can be asked: the rows of the tables, the schemas of bodies, the calls of the control API.

use std::collections::HashMap;

use serde_json::Value;

/// An operation: method, path, the schema of its body.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// All operations and schemas.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) operations: Vec<Row>,
    pub(crate) schemas: HashMap<String, Value>,
}

/// The calls are found in the sources of their routers, so that a new one is fuzzed without being told.
const ROUTERS: [(&str, &str); 2] = [
    ("/_mock", include_str!("../../src/control/mod.rs")),
    ("/_mock/console/{name}", include_str!("../../src/control/console/mod.rs")),
];

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Rows {
    /// The operations of the Management API and of the authorization servers.
    pub(crate) fn of_the_org() -> Self {
        let mut bodies: HashMap<String, Value> = lines(include_str!("../../../fixtures/bodies.jsonl"))
            .map(|row| (text(&row["operation"]), row["request"].clone()))
            .collect();
        let tables = [
            include_str!("../../../fixtures/operations.jsonl"),
            include_str!("../../../fixtures/oauth-operations.jsonl"),
        ];
        let operations = tables.into_iter().flat_map(lines).map(|row| {
            let id = text(&row["id"]);
            let body = bodies.remove(&id).filter(|body| !body.is_null());
            Row { id, method: text(&row["method"]), path: text(&row["path"]), body }
        });
        let operations = operations.collect();
        let schemas = lines(include_str!("../../../fixtures/schemas.jsonl"))
            .map(|row| (text(&row["schema"]), row))
            .collect();
        Self { operations, schemas }
    }

    /// The calls of the control API and the console.
    pub(crate) fn of_the_control_api() -> Vec<Row> {
        let mut calls = Vec::new();
        for (prefix, source) in ROUTERS {
            for route in source.split(".route(").skip(1) {
                let path = route.split('"').nth(1).unwrap();
                let path =
                    if path.starts_with("/_mock") { path.to_owned() } else { format!("{prefix}{path}") };
                let made_by = route.split(".route(").next().unwrap();
                for method in ["get", "post", "put", "delete"] {
                    if made_by.contains(&format!("{method}(")) {
                        let method = method.to_ascii_uppercase();
                        calls.push(Row {
                            id: format!("{method} {path}"),
                            method,
                            path: path.clone(),
                            body: None,
                        });
                    }
                }
            }
        }
        assert!(calls.len() > 40, "{calls:?}");
        calls
    }
}
