//! Okta's Node SDK, in PrivateKey mode over TLS. It sends a proof with every token request, to every app, signed with
//! the app's own key (real-clients §2, 6 and 7).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::files;
use crate::install::node;
use crate::server::Server;

/// npm `@okta/okta-sdk-nodejs`, pinned.
pub(crate) const OKTA_SDK: &str = "@okta/okta-sdk-nodejs@8.1.0";

/// Runs intents through the SDK; one outcome each.
pub(crate) fn through_the_sdk(modules: &Path, server: &Server, client: &str, intents: &[&str]) -> Vec<Value> {
    let client = server.client(client);
    let output = Command::new("node")
        .arg(files::path("clients/node_sdk.js"))
        .arg(server.text("/tls_base_url"))
        .arg(client["client_id"].as_str().unwrap())
        .arg(client["private_key_file"].as_str().unwrap())
        .args(intents)
        .env("NODE_PATH", modules)
        .env("NODE_EXTRA_CA_CERTS", server.text("/ca_file"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An org with an app whose tokens are bound, and one whose tokens are not.
pub(crate) fn org() -> Server {
    Server::start(&["--org", &files::path("clients/bound.toml")])
}

/// The ids of all users, read through the SDK by an app; and what the org saw.
fn all_users(app: &str) -> Option<(usize, Vec<String>)> {
    let modules = node(&[OKTA_SDK])?;
    let server = org();
    let outcomes = through_the_sdk(&modules, &server, app, &["list_all"]);
    let ids = outcomes[0]["ids"].as_array().unwrap_or_else(|| panic!("{outcomes:?}"));
    let ids: BTreeSet<String> = ids.iter().map(Value::to_string).collect();
    Some((ids.len(), server.seen()))
}

const PAGE: &str = "GET /api/v1/users 200";

/// No challenge and no detour: the proof that nobody asked for is ignored.
#[test]
fn the_node_sdk_reads_all_users_with_a_bearer_token() {
    let Some((users, seen)) = all_users("bearer") else { return };
    assert_eq!(users, 5, "each user once");
    assert_eq!(seen, ["POST /oauth2/v1/token 200", PAGE, PAGE, PAGE]);
}

#[test]
fn the_node_sdk_reads_all_users_with_a_token_that_is_bound_to_its_key() {
    let Some((users, seen)) = all_users("bound") else { return };
    assert_eq!(users, 5, "each user once");
    assert_eq!(seen, ["POST /oauth2/v1/token 400", "POST /oauth2/v1/token 200", PAGE, PAGE, PAGE]);
}
