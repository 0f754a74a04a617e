//! A client that a person starts; the person is this test.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
};

use crate::{has, support::orgtwin};

#[test]
fn a_person_is_told_what_to_do_and_the_org_judges() {
    if !has("curl") {
        return;
    }
    let mut suite =
        orgtwin(&["test", "--scenario", "TOK-001", "--client", "watch:http,auth.client_secret_basic"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
    let mut told = BufReader::new(suite.stderr.take().unwrap());
    let mut words = |name: &str| {
        loop {
            let mut line = String::new();
            assert!(told.read_line(&mut line).unwrap() > 0, "the suite ended");
            if let Some(value) = line.trim().strip_prefix(name) {
                return value.trim().to_owned();
            }
        }
    };
    let (url, id, secret, scopes) = (words("URL"), words("client id"), words("secret"), words("scopes"));
    assert!(words("Now:").contains("get a token"));
    let done = Command::new("curl")
        .args([
            "-sS",
            "-u",
            &format!("{id}:{secret}"),
            "-d",
            "grant_type=client_credentials",
            "--data-urlencode",
        ])
        .args([format!("scope={scopes}"), format!("{url}/oauth2/v1/token")])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&done.stdout).contains("access_token"), "{done:?}");
    let mut out = String::new();
    suite.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(suite.wait().unwrap().code(), Some(0), "{out}");
    assert!(out.contains("pass       TOK-001"), "{out}");
}

#[test]
fn a_run_that_nobody_attends_ends() {
    let run = orgtwin(&["test", "--scenario", "TOK-001", "--client", "watch", "--op-timeout", "1"])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(3), "{run:?}");
    assert!(String::from_utf8_lossy(&run.stdout).contains("no reply to `get_token` within 1 s"), "{run:?}");
    let lint = orgtwin(&["client", "lint", "watch"]).output().unwrap();
    assert_eq!(lint.status.code(), Some(0), "{lint:?}");
}
