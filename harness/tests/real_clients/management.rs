//! The Management API through Okta's own SDKs, as their scripts in `clients/` see it: users, groups, apps, grants, roles,
//! policies, logs; pages, lifecycles, errors.

use std::process::Command;

use serde_json::Value;

use crate::install::{node, python};
use crate::server::Server;
use crate::{files, node_sdk, python_sdk};

/// Fewer than these, and a script has stopped early.
const ASSERTIONS: u64 = 60;

const AREAS: [&str; 8] = ["users", "groups", "apps", "grants", "roles", "policies", "logs", "scopes"];

/// Runs a script against the built-in org; everything that it asserts must hold.
fn holds(mut script: Command, server: &Server) {
    let output = script.arg(server.text("/tls_base_url")).arg(server.ready_file()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_str(&text).unwrap();
    let failed: Vec<_> = seen["failed"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    for area in AREAS {
        assert!(seen["by_area"][area].as_u64() > Some(0), "nothing on {area}: {text}");
    }
    assert!(seen["assertions"].as_u64() >= Some(ASSERTIONS), "{text}");
    eprintln!("{} assertions", seen["assertions"]);
}

/// The SDK knows a new grant by 201 alone: with 200, as recorded in 2020, it returns nothing.
#[test]
fn the_python_sdk_manages_an_org() {
    let Some(python) = python(&[python_sdk::OKTA_SDK]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let org = folder.path().join("org.toml");
    let built_in = include_str!("../../../fixtures/orgs/dev.toml");
    std::fs::write(&org, format!("{built_in}\n[dialect]\nnew_grant = \"201\"\n")).unwrap();
    let server = Server::start(&["--org", org.to_str().unwrap()]);
    let mut script = Command::new(python);
    script.arg(files::path("clients/python_management.py")).env("SSL_CERT_FILE", server.text("/ca_file"));
    holds(script, &server);
}

#[test]
fn the_node_sdk_manages_an_org() {
    let Some(modules) = node(&[node_sdk::OKTA_SDK]) else { return };
    let server = Server::start(&[]);
    let mut script = Command::new("node");
    script
        .arg(files::path("clients/node_management.js"))
        .env("NODE_PATH", modules)
        .env("NODE_EXTRA_CA_CERTS", server.text("/ca_file"));
    holds(script, &server);
}
