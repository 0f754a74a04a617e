//! The command line: what it says, where it says it, and its exit codes.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/files.rs"]
mod files;
#[path = "support/ran.rs"]
mod ran;
mod support;

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::Stdio,
    time::{Duration, Instant},
};

use files::path;
use ran::{Ran, run};
use support::orgtwin;

#[test]
fn usage_errors_are_exit_2_and_say_what_to_do() {
    let table: &[(&[&str], &str)] = &[
        (&["test", "--client", "carrier-pigeon"], "unknown kind of client"),
        (&["test", "--client", "builtin:nope"], "no such mutant; there are: no-token-cache"),
        (&["test", "--client", "stdio"], "name the program"),
        (&["test", "--", "python3"], "needs `--client stdio`"),
        (&["test", "--tags", "@a and"], "not a tag expression"),
        (&["test", "--scenario", "NO-999"], "there is no such scenario"),
        (&["test", "--shard", "4/3"], "is not a part of the whole"),
        (&["test", "--jobs", "0"], "0 is not in 1..=64"),
        (&["test", "--target", "acme"], "neither `mock` nor an http:// or https:// address"),
        (&["test", "--features", "/no/such/folder"], "check --features"),
        (&["test", "--report-dir", "/dev/null/x"], "--report-dir /dev/null/x"),
        (&["test", "--no-such-flag"], "unexpected argument"),
        (&["serve", "--tls-cert", "a.pem"], "--tls-key"),
        (&["serve", "--org", "/no/such/file.toml"], "--org /no/such/file.toml"),
    ];
    for (arguments, words) in table {
        let Ran { code, out, err } = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
        assert_eq!(out, "", "{arguments:?}: errors go to stderr");
    }
}

#[test]
fn an_invalid_feature_file_is_exit_2_before_anything_is_run() {
    let Ran { code, out, err } = run(&["test", "--features", &path("features/faulty")]);
    assert_eq!(code, Some(2));
    assert_eq!(out, "");
    for words in [
        "undefined.feature:6: no step is defined for `Then the org sends a postcard`",
        "undefined.feature:9: the tag @retry-after is reserved by cucumber",
        "undefined.feature:9: the id @BAD-001 is taken by",
        "undefined.feature:9: @BAD-001 names no requirement",
    ] {
        assert!(err.contains(words), "{words}\n{err}");
    }
    let Ran { code, err, .. } = run(&["test", "--features", &path("features/broken")]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("broken.feature:3: not valid Gherkin"), "{err}");
}

#[test]
fn nothing_selected_is_exit_4() {
    for arguments in [&["test", "--tags", "@no-such-tag"][..], &["test", "--list", "--tags", "@no-such-tag"]]
    {
        let Ran { code, err, .. } = run(arguments);
        assert_eq!(code, Some(4), "{arguments:?}");
        assert!(err.contains("nothing was tested"), "{err}");
    }
}

#[test]
fn list_and_dry_run_name_the_scenarios_and_run_nothing() {
    let Ran { code, out, .. } = run(&["test", "--list", "--tags", "@TOK-001"]);
    assert_eq!((code, out.as_str()), (Some(0), "TOK-001      The client gets a token\n"));
    let Ran { code, out, .. } =
        run(&["test", "--dry-run", "--scenario", "TOK-001", "--client", "stdio:./not-started"]);
    assert_eq!(code, Some(0));
    assert!(out.ends_with("1 scenarios would be run; nothing was.\n"), "{out}");
}

#[test]
fn a_target_that_is_no_twin_is_exit_3() {
    let Ran { code, err, .. } = run(&["test", "--target", "http://127.0.0.1:9"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("no twin answers there"), "{err}");
    let Ran { code, err, .. } = run(&["health", "http://127.0.0.1:9"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("no answer"), "{err}");
}

#[test]
fn the_schema_of_an_org_file_is_printed() {
    let Ran { code, out, .. } = run(&["schema", "org-file"]);
    assert_eq!(code, Some(0));
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(schema["properties"]["users"].is_object(), "{out}");
}

#[test]
fn the_coverage_is_printed() {
    let Ran { code, out, .. } = run(&["coverage"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("listUsers"), "{out}");
    assert!(out.contains("operations are answered"), "{out}");
}

#[test]
fn a_served_org_is_ready_healthy_and_soon_gone() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    let mut server =
        orgtwin(&["serve", "--listen", "127.0.0.1:0", "--ready-file", &ready_file.display().to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let greeting: Vec<String> =
        lines.by_ref().map(Result::unwrap).take_while(|line| !line.contains("Ctrl-C")).collect();
    assert!(greeting.iter().any(|line| line.contains("curl -H 'Authorization: SSWS ")), "{greeting:?}");
    // The file is written after the greeting.
    let until = Instant::now() + Duration::from_secs(10);
    while !ready_file.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let ready: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&ready_file).unwrap()).unwrap();
    let url = ready["base_url"].as_str().unwrap();
    assert!(greeting[0].contains(url), "{greeting:?}");
    let Ran { code, out, .. } = run(&["health", url]);
    assert_eq!(code, Some(0));
    assert!(out.contains("\"status\":\"ok\""), "{out}");

    let busy = url.trim_start_matches("http://").to_owned();
    let Ran { code, err, .. } = run(&["serve", "--listen", &busy]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--listen"), "{err}");

    let killed =
        std::process::Command::new("kill").args(["-INT", &server.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended = server.wait().unwrap();
    let mut err = String::new();
    server.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(ended.code(), Some(0), "{err}");
    let Ran { code, .. } = run(&["health", url]);
    assert_eq!(code, Some(3), "it is gone");
}

/// A container's way: everything by the environment, SIGTERM, and an exchange that is under way meanwhile.
#[test]
fn the_environment_configures_and_a_signal_lets_exchanges_finish() {
    let folder = tempfile::tempdir().unwrap();
    let ready_file = folder.path().join("ready.json");
    let mut server = orgtwin(&["serve"])
        .env("ORGTWIN_LISTEN", "127.0.0.1:0")
        .env("ORGTWIN_READY_FILE", &ready_file)
        .env("ORGTWIN_USERS", "7")
        .env("ORGTWIN_MAX_PAGE", "2")
        .env("ORGTWIN_RATE_LIMITS", "off")
        .env("ORGTWIN_LEDGER_MIB", "8")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while !ready_file.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    let ready: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&ready_file).unwrap()).unwrap();
    let url = ready["base_url"].as_str().unwrap();
    let health = orgtwin(&["health"]).env("MOCK_ORG", url).output().unwrap();
    assert_eq!(health.status.code(), Some(0), "{health:?}");
    let host = url.trim_start_matches("http://");
    let token = ready["api_token"].as_str().unwrap();

    let mut stream = std::net::TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let body = r#"{"profile":{"name":"finished"}}"#;
    write!(
        stream,
        "POST /api/v1/groups HTTP/1.1\r\nHost: {host}\r\nAuthorization: SSWS {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        body.len(),
        &body[..10]
    )
    .unwrap();
    // The server has read the head once it has answered another caller.
    assert_eq!(run(&["health", url]).code, Some(0));
    let id = server.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all(&body.as_bytes()[10..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"finished\""), "{answer}");
    let ended = server.wait().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert!(!ready_file.exists(), "it would name an org that is gone");
}

#[test]
fn a_mutant_and_an_org_are_killed_where_it_is_declared_and_the_matrix_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().display().to_string();
    let only = ["--only", "own-cursor", "--only", "deletes-nothing"];
    let Ran { code, out, err } = run(&[&["selftest", "--report-dir", &reports][..], &only[..]].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("1 of 1 client mutants and 1 of 1 org mutants killed"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 160), "{out}");
    let text = std::fs::read_to_string(folder.path().join("kill-matrix.txt")).unwrap();
    assert!(text.contains("PAGE-002:next-page-verbatim"), "{text}");
    let json = std::fs::read_to_string(folder.path().join("kill-matrix.json")).unwrap();
    let matrix: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(matrix["rows"][1]["name"], "deletes-nothing");
    assert_eq!(matrix["rows"][1]["killed_by"][0], "GRP-005:org-has-named");
}

#[test]
fn what_is_not_there_cannot_be_tried() {
    let Ran { code, err, .. } = run(&["selftest", "--only", "no-such-mutant"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("--only names nothing"), "{err}");
}
