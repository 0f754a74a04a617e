//! Whether a request is one of Okta's specification: its address, its query, its body. Judged from the tables of
//! `fixtures/` that were made of Okta's OpenAPI document, never by what the mock takes.
//!
//! A request that the harness asked for word for word, or that an administrator of a scenario makes, is the harness's:
//! wrong ones are its own defect, unless the scenario is there for wrong requests (`@wrong-request`). An address that the
//! org handed out is the org's.

mod schema;

use std::{collections::HashMap, sync::LazyLock};

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

use super::{By, Finding, Scene};
use crate::{
    client::protocol::Op,
    operations::{self, Operation},
    target::ledger::Exchange,
};

static PARAMETERS: &str = include_str!("../../../../fixtures/parameters.jsonl");

#[derive(Deserialize)]
struct Asked {
    operation: String,
    query: HashMap<String, Parameter>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    required: bool,
}

/// The operations of each path by their methods.
static ROUTES: LazyLock<matchit::Router<HashMap<&str, &Operation>>> = LazyLock::new(|| {
    let mut paths: HashMap<&str, HashMap<&str, &Operation>> = HashMap::new();
    for operation in operations::all() {
        paths.entry(&operation.path).or_default().insert(&operation.method, operation);
    }
    let mut routes = matchit::Router::new();
    for (path, methods) in paths {
        if let Err(error) = routes.insert(path, methods) {
            tracing::warn!("{path} is not told from another path: {error}");
        }
    }
    routes
});

static QUERIES: LazyLock<HashMap<String, HashMap<String, Parameter>>> =
    LazyLock::new(|| rows::<Asked>(PARAMETERS).map(|row| (row.operation, row.query)).collect());

fn rows<T: serde::de::DeserializeOwned>(text: &str) -> impl Iterator<Item = T> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// What the specification has at a path, by its methods; none for an address that it does not have.
fn at(path: &str) -> Option<&'static HashMap<&'static str, &'static Operation>> {
    // Orgs take a slash too many at the end.
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    ROUTES.at(path).ok().map(|found| found.value)
}

fn operation(exchange: &Exchange) -> Option<&'static Operation> {
    at(exchange.request.path())?.get(&*exchange.request.method).copied()
}

/// Whether the specification speaks of such addresses at all. Signing in with a password is an API of its own.
fn is_of_the_api(exchange: &Exchange) -> bool {
    let path = exchange.request.path();
    (path.starts_with("/api/") && !path.starts_with("/api/v1/authn")) || path.starts_with("/admin/")
}

/// Who is behind a request; none if it is the org, or wrong on purpose.
fn behind(scene: &Scene<'_>, exchange: &Exchange) -> Option<By> {
    if exchange.is_bystander() {
        return (!scene.wrong_request).then_some(By::Harness);
    }
    let target = exchange.request.target.as_str();
    let asked = scene.doings.iter().any(|doing| match &doing.op {
        Op::Call { method, path, body } => {
            *method == exchange.request.method
                && same_address(path, target)
                && body.as_ref().is_none_or(|body| {
                    serde_json::from_str::<Value>(&exchange.request.body).is_ok_and(|sent| sent == *body)
                })
        }
        Op::ListAll { path, .. } => exchange.request.method == "GET" && same_address(path, target),
        _ => false,
    });
    if asked {
        return (!scene.wrong_request).then_some(By::Harness);
    }
    let earlier = scene.ledger.0.iter().take_while(|earlier| earlier.seq < exchange.seq);
    let mut handed_out = earlier.filter_map(|earlier| earlier.response.next_page());
    (!handed_out.any(|page| page.ends_with(target))).then_some(By::Client)
}

/// Path and query mean the same, however they are escaped.
fn same_address(one: &str, other: &str) -> bool {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    one == other || decoded(one) == decoded(other)
}

/// The first request of which something is wrong.
fn first(scene: &Scene<'_>, expected: &str, fault: impl Fn(&Exchange) -> Option<String>) -> Option<Finding> {
    scene.ledger.0.iter().filter(|exchange| is_of_the_api(exchange)).find_map(|exchange| {
        let words = fault(exchange)?;
        let by = behind(scene, exchange)?;
        let observed = format!("{} {}: {words}", exchange.request.method, exchange.request.path());
        Some(Finding { by, ..Finding::at(exchange, expected, observed) })
    })
}

/// An address and a method that the specification has.
pub(super) fn address(scene: &Scene<'_>) -> Option<Finding> {
    first(scene, "addresses and methods of Okta's specification", |exchange| {
        match at(exchange.request.path()) {
            None => Some("no such address".to_owned()),
            Some(methods) => (!methods.contains_key(&*exchange.request.method)).then(|| {
                let mut offered: Vec<&str> = methods.keys().copied().collect();
                offered.sort_unstable();
                format!("it takes {}", offered.join(", "))
            }),
        }
    })
}

/// Parameters that the operation has, of the type that it wants.
pub(super) fn query(scene: &Scene<'_>) -> Option<Finding> {
    first(scene, "query parameters that the operation documents", |exchange| {
        let operation = operation(exchange)?;
        let known = QUERIES.get(&operation.id);
        let (_, query) = exchange.request.target.split_once('?').unwrap_or(("", ""));
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        given
            .iter()
            .find_map(|(name, value)| match known.and_then(|known| known.get(&**name)) {
                None => Some(format!("it documents no parameter {name}")),
                Some(parameter) => parameter.refuses(value).map(|wanted| format!("{name} is no {wanted}")),
            })
            .or_else(|| {
                let mut missing: Vec<&str> = known
                    .into_iter()
                    .flatten()
                    .filter(|(name, parameter)| {
                        parameter.required && given.iter().all(|(given, _)| given != *name)
                    })
                    .map(|(name, _)| name.as_str())
                    .collect();
                missing.sort_unstable();
                missing.first().map(|name| format!("it requires the parameter {name}"))
            })
    })
}

impl Parameter {
    /// The type that a value is not of.
    fn refuses(&self, value: &str) -> Option<&str> {
        let kind = self.kind.as_deref()?;
        let fits = match kind {
            "integer" => value.parse::<i64>().is_ok(),
            "number" => value.parse::<f64>().is_ok(),
            "boolean" => matches!(value, "true" | "false"),
            _ => true,
        };
        (!fits).then_some(kind)
    }
}

/// A body of the form that the operation documents.
pub(super) fn body(scene: &Scene<'_>) -> Option<Finding> {
    first(scene, "a body as the operation documents it", |exchange| {
        let Operation { id, path, .. } = operation(exchange)?;
        let method = exchange.request.method.as_str();
        // An update says what it changes, and no more.
        let partial = method == "PATCH" || (method == "POST" && path.ends_with('}'));
        schema::fault(id, &exchange.request.body, partial)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read_whole() {
        assert_eq!(QUERIES.len(), PARAMETERS.lines().count());
        for row in operations::all() {
            assert!(at(&row.path).is_some_and(|methods| methods.contains_key(&*row.method)), "{}", row.path);
        }
        assert!(at("/api/v1/unicorns").is_none());
    }

    #[test]
    fn a_parameter_has_a_type() {
        let of = |kind: &str| Parameter { kind: Some(kind.to_owned()), required: false };
        for (kind, value, fits) in [
            ("integer", "20", true),
            ("integer", "twenty", false),
            ("boolean", "true", true),
            ("boolean", "1", false),
            ("string", "", true),
            ("array", "a,b", true),
        ] {
            assert_eq!(of(kind).refuses(value).is_none(), fits, "{kind} {value}");
        }
    }
}
