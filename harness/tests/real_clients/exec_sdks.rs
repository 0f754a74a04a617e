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
    // "README says 0 = unlimited, code says 0 = none": what is tried again above is not tried again.
    judged(
        "node/unlimited.toml",
        &[("NODE_PATH", modules.display().to_string())],
        &[("PAGE-001", "pass", ""), ("RATE-001", "FAIL", "no further call")],
    );
}
