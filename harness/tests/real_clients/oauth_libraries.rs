//! OAuth libraries that know nothing of Okta, and Okta's token verifiers: npm `openid-client` with
//! `@okta/jwt-verifier`, PyPI `authlib` with `okta-jwt-verifier`. The scripts are in `tests/clients/`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::files;
use crate::install::{node, python};
use crate::server::Server;

const NODE: [&str; 2] = ["openid-client@6.9.0", "@okta/jwt-verifier@4.0.2"];
const PYTHON: [&str; 3] = ["authlib==1.9.10", "requests==2.34.2", "okta-jwt-verifier==0.5.0"];

/// Runs a script against the org; what it saw.
fn seen(mut program: Command, script: &str, server: &Server, folder: &Path) -> Value {
    let with = |name: &str| server.client(name).clone();
    let mut web = with("web");
    web["redirect_uri"] = json!("http://localhost:8090/callback");
    let connection = json!({
        "org": server.text("/tls_base_url"), "web": web, "service": with("service"), "integration": with("acmesync"),
        "user": { "login": "ursula.user@example.com", "password": "dev-password-1" },
    });
    let file = folder.join(format!("{}.json", server.text("/base_url").rsplit(':').next().unwrap()));
    std::fs::write(&file, connection.to_string()).unwrap();
    let ca = server.text("/ca_file");
    let output = program
        .arg(files::path(script))
        .arg(&file)
        .envs([("NODE_EXTRA_CA_CERTS", ca), ("REQUESTS_CA_BUNDLE", ca), ("SSL_CERT_FILE", ca)])
        .env("CLIENTS_FOLDER", folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}\n{}\n{:#?}",
        String::from_utf8_lossy(&output.stderr),
        server.seen()
    );
    serde_json::from_str(&text).unwrap()
}

/// What both languages have to see.
fn judge(seen: &Value, server: &Server) {
    assert_eq!(seen["issuer"], server.text("/tls_base_url"));
    assert_eq!(seen["code"]["token_type"].as_str().unwrap().to_lowercase(), "bearer");
    assert_eq!(seen["userinfo"], "ursula.user@example.com");
    assert_eq!((&seen["active"], &seen["revoked"]), (&json!(true), &json!(false)));
    assert_eq!((&seen["secret"], &seen["key"]), (&json!("okta.users.read"), &json!("okta.users.read")));
    assert_ne!(seen["tampered"], "taken", "{seen}");
}

#[test]
fn openid_client_and_okta_s_verifier_in_node() {
    let Some(folder) = node(&NODE) else { return };
    let server = Server::start(&[]);
    let seen = seen(Command::new("node"), "clients/openid_client.mjs", &server, &folder);
    judge(&seen, &server);
    let user = &seen["code"]["sub"];
    assert!(user.as_str().unwrap().starts_with("00u"));
    assert_eq!((&seen["verified"], &seen["verified_access"]), (user, user));
    assert_eq!(
        seen["refresh"],
        json!({ "same": true, "sub": user }),
        "a web app's refresh token stays (real-clients 13)"
    );
    assert_eq!(
        seen["issuer_as_audience"],
        "The audience claim for client_assertion must be the endpoint invoked for the request."
    );
}

#[test]
fn authlib_and_okta_s_verifier_in_python() {
    let Some(python) = python(&PYTHON) else { return };
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let seen = seen(Command::new(python), "clients/authlib_client.py", &server, folder.path());
    judge(&seen, &server);
    assert_eq!((&seen["verified"], &seen["verified_access"]), (&json!("taken"), &json!("taken")));
    assert_eq!(seen["refresh"], true);
}
