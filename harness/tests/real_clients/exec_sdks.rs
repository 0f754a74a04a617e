//! Okta's own SDKs as clients that cannot be changed: unmodified, through scripts of the kind that a user has, over TLS,
//! by the profiles in `examples/exec/`. What the suite finds is what ratelimit-oin-facts §1.11 and real-clients §2 say of
//! them.

use std::{path::PathBuf, process::Command};

use crate::{
    files::path,
    install::{node, python},
    node_sdk, python_sdk,
    support::orgtwin,
};

/// A scenario, what it comes to, and words that the report has of it.
type Row = (&'static str, &'static str, &'static str);

/// Runs the scenarios of a table in one go, and compares. It takes seconds to load an SDK, and many on a busy machine.
fn judged(profile: &str, environment: &[(&str, String)], table: &[Row]) {
    let mut command = orgtwin(&["test", "--jobs", "2", "--op-timeout", "180", "--client"]);
    command.arg(format!("exec:{}", path(&format!("../examples/exec/{profile}"))));
    for (scenario, ..) in table {
        command.args(["--scenario", scenario]);
    }
    command.envs(environment.iter().map(|(name, value)| (*name, value)));
    let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let wrong: Vec<String> = table.iter().filter_map(|row| differs(row, &out)).collect();
    assert!(wrong.is_empty(), "{}\n{out}", wrong.join("\n"));
}

/// An org that never answers, and a client that has so many seconds.
fn silence(profile: &str, seconds: &str, environment: &[(&str, String)]) -> (Option<i32>, String) {
    let mut command = orgtwin(&["test", "--features", &path("features/silent"), "--scenario", "SILENT-002"]);
    command.args(["--op-timeout", seconds, "--client", &format!("exec:{profile}")]);
    command.envs(environment.iter().map(|(name, value)| (*name, value)));
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// How the report of a scenario differs from its row.
fn differs((scenario, verdict, words): &Row, out: &str) -> Option<String> {
    let head = format!("{verdict:<10} {scenario} ");
    let Some((_, rest)) = out.split_once(&head) else { return Some(format!("{scenario} is not {verdict}")) };
    // What belongs to a scenario is indented.
    let first = rest.lines().next().unwrap_or_default();
    let body: Vec<&str> = rest.lines().skip(1).take_while(|line| line.starts_with(' ')).collect();
    let all = format!("{first}\n{}", body.join("\n"));
    (!all.contains(words)).then(|| format!("{scenario}: no {words:?}"))
}

#[test]
fn the_python_sdk_is_driven_unmodified_and_its_defects_are_found() {
    let Some(python) = python(&[python_sdk::OKTA_SDK]) else { return };
    let bin = python.parent().map(PathBuf::from).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    judged(
        "python/profile.toml",
        &[("PATH", path)],
        &[
            ("PAGE-001", "pass", ""),
            ("PAGE-005", "pass", ""),
            ("ASTRAY-003", "pass", ""),
            // The token stays with the org.
            ("ASTRAY-006", "pass", ""),
            ("KEY-001", "pass", ""),
            // "without Date/X-Rate-Limit-Reset it fails", also for 503: at the API the words are lost with the answer.
            ("ILL-001.1", "FAIL", "'NoneType' object has no attribute 'status'"),
            ("ILL-001.3", "FAIL", "'NoneType' object has no attribute 'status'"),
            ("TOKENDAY-007.1", "FAIL", "429 response must have the"),
            // "Waits for reset - Date + 1".
            ("RATE-001", "pass", ""),
            // Never renews a token on 401 (real-clients §2, oddities). The 401 of a dead token has no body: no error either.
            ("TOKENDAY-001", "FAIL", "0 token requests"),
            ("TOKENDAY-002", "FAIL", "2 elements"),
            // Not in the facts: an empty page ends its paging, whatever its link says.
            ("ASTRAY-001", "FAIL", "2 elements"),
        ],
    );
}

#[test]
fn the_node_sdk_is_driven_unmodified_and_its_defects_are_found() {
    let Some(modules) = node(&[node_sdk::OKTA_SDK]) else { return };
    if Command::new("node").arg("--version").output().is_err() {
        return;
    }
    judged(
        "node/profile.toml",
        &[("NODE_PATH", modules.display().to_string())],
        &[
            ("PAGE-001", "pass", ""),
            ("PAGE-005", "pass", ""),
            ("ASTRAY-003", "pass", ""),
            ("KEY-001", "pass", ""),
            // "on API 401 drops the token and retries once".
            ("TOKENDAY-001", "pass", ""),
            ("TOKENDAY-002", "pass", ""),
            // "Retries on 429 only".
            ("RATE-001", "pass", ""),
            ("ILL-001.1", "FAIL", "HTTP 503"),
            ("TOKENDAY-007.1", "FAIL", "invalid json response body"),
            // "Always sends a DPoP proof on the token call": set up for Bearer tokens, it is given one that is bound to its key.
            ("APP-001", "pass", ""),
            ("APP-008", "FAIL", "status is \"200\", not \"400\""),
            ("DPOP-202", "FAIL", "success (6 elements)"),
            // Not in the facts: the token goes to whatever host the link names, a web page is taken for a page of users, and
            // an empty page ends its paging.
            ("ASTRAY-006", "FAIL", "asked for at another origin"),
            ("ILL-011.3", "FAIL", "success"),
            ("ASTRAY-001", "FAIL", "2 elements"),
        ],
    );
    // "requestTimeout 0": it waits for ever for an org that never answers. The scenario ends, and names it.
    let node_path = [("NODE_PATH", modules.display().to_string())];
    let (code, out) = silence(&path("../examples/exec/node/profile.toml"), "40", &node_path);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("FAIL SILENT-002:gives-up"), "{out}");
    assert!(out.contains("after 40 s it still waits for the answer to GET /api/v1/users"), "{out}");
    // "README says 0 = unlimited, code says 0 = none": what is tried again above is not tried again.
    judged(
        "node/unlimited.toml",
        &[("NODE_PATH", modules.display().to_string())],
        &[("PAGE-001", "pass", ""), ("RATE-001", "FAIL", "no further call")],
    );
}

/// The other way is possible: who has a limit of their own tells the caller.
const IMPATIENT: &str = r#"
tls = false
[client]
name = "impatient"
capabilities = ["auth.client_secret_basic"]
absent = ["call POST", "call PUT", "call DELETE", "list_all", "get_token"]
[env]
ORG = "{org_url}"
APP = "{client_id}:{client_secret}"
[trigger.read_users]
run = ["bash", "-c", '''
set -e -o pipefail
ask() { curl --silent --fail --noproxy '*' "$@"; }
token=$(ask -u "$APP" -d 'grant_type=client_credentials&scope=okta.users.read' "$ORG/oauth2/v1/token" \
  | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
ask --max-time 2 -H "Authorization: Bearer $token" "$ORG/api/v1/users"
''']
observe.body = "$"
"#;

#[test]
fn who_gives_up_on_a_silent_org_passes() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("impatient.toml");
    std::fs::write(&profile, IMPATIENT).unwrap();
    let (code, out) = silence(&profile.display().to_string(), "40", &[]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("pass       SILENT-002"), "{out}");
}
