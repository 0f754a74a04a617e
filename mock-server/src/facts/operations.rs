//! The operations of the Management API (`fixtures/operations.jsonl`) and of the authorization servers
//! (`fixtures/oauth-operations.jsonl`): one row decides route, method, scope and kinds of tokens.

use std::collections::HashMap;

use http::Method;
use serde::Deserialize;

use super::limits::{BucketId, Limits};
use super::roles::Roles;

/// All operations, routed.
#[derive(Debug)]
pub struct Operations {
    rows: Vec<Operation>,
    routes: matchit::Router<HashMap<Method, usize>>,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// `listUsers`.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for parameters.
    pub path: String,
    /// The group in the specification: `User`.
    pub tag: String,
    /// The scopes that a token needs, all of them; none for the few operations without.
    pub scopes: Vec<String>,
    /// Whether an API token will do.
    pub api_token: bool,
    /// `GA`, `EA`, `LIMITED_GA`, …
    pub lifecycle: String,
    /// The success codes of the specification.
    pub status: Vec<u16>,
    /// The bucket that it is charged to; none for metadata.
    bucket: Option<BucketId>,
    /// Single paths of it that have a bucket of their own (`/api/v1/users/me`).
    own_buckets: Vec<(String, BucketId)>,
    /// Whether it only reads, as its scope says.
    pub reads: bool,
    /// In how many recorded exchanges of real orgs it occurs (mgmt-facts.json, `REC-*`).
    pub recorded: u32,
}

impl Operation {
    /// The bucket that a request is charged to; none for metadata and keys.
    pub fn bucket(&self, path: &str) -> Option<BucketId> {
        let path = tidied(path);
        let own = self.own_buckets.iter().find(|(literal, _)| literal == path);
        own.map(|(_, bucket)| *bucket).or(self.bucket)
    }
}

/// What a method and a path lead to.
#[derive(Debug)]
pub enum Route<'p> {
    /// An operation, and its path parameters in order.
    Found(&'static Operation, Vec<(&'static str, &'p str)>),
    /// The path exists, the method is not offered.
    WrongMethod,
    /// There is no such path.
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    method: String,
    path: String,
    tag: String,
    scopes: Vec<String>,
    api_token: bool,
    lifecycle: String,
    status: Vec<u16>,
    #[serde(default)]
    recorded: u32,
    /// Real orgs were seen to take an API token where the specification names none.
    #[serde(default)]
    recorded_api_token: bool,
}

impl Operations {
    pub(super) fn management(limits: &Limits, roles: &Roles) -> Result<Self, String> {
        Self::load("operations.jsonl", include_str!("../../../fixtures/operations.jsonl"), limits, roles)
    }

    pub(super) fn oauth(limits: &Limits, roles: &Roles) -> Result<Self, String> {
        Self::load(
            "oauth-operations.jsonl",
            include_str!("../../../fixtures/oauth-operations.jsonl"),
            limits,
            roles,
        )
    }

    fn load(file: &str, text: &str, limits: &Limits, roles: &Roles) -> Result<Self, String> {
        let mut rows = Vec::new();
        let mut by_path: HashMap<String, HashMap<Method, usize>> = HashMap::new();
        for (nth, line) in text.lines().enumerate() {
            let problem = |what: String| format!("{file}, line {}: {what}", nth + 1);
            let row: Row = serde_json::from_str(line).map_err(|error| problem(error.to_string()))?;
            let method =
                Method::from_bytes(row.method.as_bytes()).map_err(|error| problem(error.to_string()))?;
            if let Some(scope) = row.scopes.iter().find(|scope| roles.of_scope(scope).is_none()) {
                return Err(problem(format!("{scope} belongs to no resource of roles.toml")));
            }
            if by_path.entry(row.path.clone()).or_default().insert(method.clone(), rows.len()).is_some() {
                return Err(problem(format!("{method} {} occurs twice", row.path)));
            }
            let bucket = limits.bucket_of(&method, &row.path);
            let own_buckets = limits.literals_of(&method, &row.path);
            let reads = row.scopes.iter().all(|scope| scope.ends_with(".read"));
            rows.push(Operation {
                id: row.id,
                method,
                path: row.path,
                tag: row.tag,
                scopes: row.scopes,
                api_token: row.api_token || row.recorded_api_token,
                lifecycle: row.lifecycle,
                status: row.status,
                recorded: row.recorded,
                bucket,
                own_buckets,
                reads,
            });
        }
        let mut routes = matchit::Router::new();
        for (path, methods) in by_path {
            routes.insert(&path, methods).map_err(|error| format!("{file}: {path}: {error}"))?;
        }
        Ok(Self { rows, routes })
    }

    /// All operations, in the order of the specification.
    pub fn all(&self) -> &[Operation] {
        &self.rows
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Operations {
    /// Finds the operation of a method and a path. The path may have a trailing slash (real-clients §2.23) or two
    /// slashes at its beginning (mgmt-facts §2).
    pub fn route<'p>(&'static self, method: &Method, path: &'p str) -> Route<'p> {
        let Ok(found) = self.routes.at(tidied(path)) else { return Route::Unknown };
        match found.value.get(method).or_else(|| head_as_get(method, found.value)) {
            Some(nth) => Route::Found(&self.rows[*nth], found.params.iter().collect()),
            None => Route::WrongMethod,
        }
    }
}

/// A path without a second slash at its beginning and without one at its end: Okta takes both (mgmt-facts §2, unclean paths).
pub fn tidied(path: &str) -> &str {
    let path = if path.starts_with("//") { &path[1..] } else { path };
    if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path }
}

fn head_as_get<'m>(method: &Method, methods: &'m HashMap<Method, usize>) -> Option<&'m usize> {
    (*method == Method::HEAD).then(|| methods.get(&Method::GET)).flatten()
}
