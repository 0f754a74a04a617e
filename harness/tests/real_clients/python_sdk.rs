//! Okta's Python SDK, in PrivateKey mode over TLS.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::files;
use crate::install::python;
use crate::server::Server;

/// PyPI `okta`, the version that the facts were gathered with.
pub(crate) const OKTA_SDK: &str = "okta==3.4.6";

/// Runs intents through the SDK; one outcome each.
pub(crate) fn through_the_sdk(python: &Path, server: &Server, client: &str, intents: &[&str]) -> Vec<Value> {
    run_sdk(Command::new(python), server, client, intents)
}

fn run_sdk(mut python: Command, server: &Server, client: &str, intents: &[&str]) -> Vec<Value> {
    let client = server.client(client);
    let output = python
        .arg(files::path("clients/python_sdk.py"))
        .arg(server.text("/tls_base_url"))
        .arg(client["client_id"].as_str().unwrap())
        .arg(client["private_key_file"].as_str().unwrap())
        .args(intents)
        .env("SSL_CERT_FILE", server.text("/ca_file"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_python_sdk_gets_a_token_and_reads_all_users_through_pages() {
    let Some(python) = python(&[OKTA_SDK]) else { return };
    let server = Server::start(&[]);
    let outcomes = through_the_sdk(&python, &server, "service", &["list_all"]);
    let ids: std::collections::BTreeSet<_> = outcomes[0]["ids"]
        .as_array()
        .unwrap_or_else(|| panic!("{outcomes:?}"))
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(ids.len(), 250, "each user once");
    let page = "GET /api/v1/users 200";
    assert_eq!(server.seen(), ["POST /oauth2/v1/token 200", page, page, page]);
}

#[test]
fn the_python_sdk_maps_a_missing_role_to_its_error() {
    let Some(python) = python(&[OKTA_SDK]) else { return };
    let server = Server::start(&[]);
    let outcomes = through_the_sdk(&python, &server, "service-without-role", &["one_page", "forbidden"]);
    assert_eq!(outcomes[0]["count"], 0, "the list is empty: {outcomes:?}");
    let error = &outcomes[1]["error"];
    assert_eq!(outcomes[1]["user"], false, "{outcomes:?}");
    let text = error["text"].as_str().unwrap();
    assert!(text.contains("403") && text.contains("E0000006"), "{error}");
    assert!(text.contains("You do not have permission to perform the requested action"), "{error}");
}

#[test]
fn the_python_sdk_survives_a_429_by_its_own_retry() {
    let Some(python) = python(&[OKTA_SDK]) else { return };
    let server = Server::start(&[]);
    let buckets = json!({ "buckets": { "/api/v1/groups": { "limit": 2, "window_seconds": 2 } } });
    server.control("PUT", "rate-limits", &buckets);
    let outcomes = through_the_sdk(&python, &server, "service", &["limited"]);
    assert_eq!(outcomes[0]["statuses"], json!([1, 1, 1]), "{outcomes:?}");
    let seen = server.seen();
    assert!(seen.contains(&"GET /api/v1/groups 429".to_owned()), "{seen:?}");
    assert_eq!(seen.iter().filter(|line| *line == "GET /api/v1/groups 200").count(), 3, "{seen:?}");
}

/// With `dpopEnabled` the SDK makes a 3072-bit key of its own: its proofs are longer than some servers take.
#[test]
fn the_python_sdk_proves_possession_of_a_key() {
    let Some(python) = python(&[OKTA_SDK]) else { return };
    let server = Server::start(&["--org", &files::path("clients/bound.toml")]);
    let mut command = Command::new(python);
    command.env("DPOP", "1");
    let outcomes = run_sdk(command, &server, "bound", &["one_page", "limited"]);
    assert_eq!(outcomes[0]["count"], 3, "{outcomes:?}");
    assert_eq!(outcomes[1]["statuses"], json!([1, 1, 1]), "{outcomes:?}");
    let seen = server.seen();
    let (users, groups) = ("GET /api/v1/users 200", "GET /api/v1/groups 200");
    assert_eq!(
        seen,
        ["POST /oauth2/v1/token 400", "POST /oauth2/v1/token 200", users, groups, groups, groups]
    );
}
