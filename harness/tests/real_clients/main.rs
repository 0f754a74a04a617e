//! Real clients against the built program, over sockets, unmodified: Okta's Python SDK over TLS, and curl with the
//! README's commands.
//!
//! A client that is not on the machine and cannot be installed skips its tests with a printed reason; with
//! `ORGTWIN_REQUIRE_CLIENTS=1`, which `.ci/run` sets, that is a failure.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use support::orgtwin;

/// PyPI `okta`, the version that the facts were gathered with.
const OKTA_SDK: &str = "okta==3.4.6";

/// A server of the built program; stops on drop.
struct Server {
    child: Child,
    ready: Value,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ready_file = folder.path().join("ready.json");
        let mut child =
            orgtwin(&["serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--ready-file"])
                .arg(&ready_file)
                .args(arguments)
                .stdout(Stdio::null())
                .stdin(Stdio::null())
                .spawn()
                .unwrap();
        // The file is written whole, once the server listens.
        let ready = (0..1000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            assert!(child.try_wait().unwrap().is_none(), "the server ended");
            std::fs::read_to_string(&ready_file).ok()
        });
        let ready = serde_json::from_str(&ready.unwrap()).unwrap();
        Self { child, ready, _folder: folder }
    }

    fn text(&self, pointer: &str) -> &str {
        self.ready
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer}: {}", self.ready))
    }

    fn client(&self, name: &str) -> &Value {
        self.ready["clients"].as_array().unwrap().iter().find(|client| client["name"] == name).unwrap()
    }

    /// A call of the control API.
    fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let host = self.text("/base_url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head =
            format!("{method} /_mock/orgs/default/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        write!(
            stream,
            "{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 2"), "{answer}");
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// The exchanges that the org saw, as `METHOD path status`.
    fn seen(&self) -> Vec<String> {
        let ledger = self.control("GET", "ledger", &Value::Null);
        let line = |exchange: &Value| {
            let target = exchange["request"]["target"].as_str().unwrap();
            let path = target.split('?').next().unwrap();
            format!(
                "{} {path} {}",
                exchange["request"]["method"].as_str().unwrap(),
                exchange["response"]["status"]
            )
        };
        ledger.as_array().unwrap().iter().map(line).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Skips with a reason, or fails where clients are required.
fn missing(reason: &str) {
    assert!(std::env::var_os("ORGTWIN_REQUIRE_CLIENTS").is_none(), "{reason}");
    eprintln!("skipped: {reason}");
}

/// A Python with the SDK; made once, under the target folder.
fn python_with_sdk() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    PYTHON
        .get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(OKTA_SDK.replace("==", "-"));
            let python = folder.join("bin/python");
            let works = |python: &Path| {
                Command::new(python)
                    .args(["-c", "import okta.pagination"])
                    .output()
                    .is_ok_and(|run| run.status.success())
            };
            if works(&python) {
                return Some(python);
            }
            let run =
                |program: &Path, arguments: &[&str]| match Command::new(program).args(arguments).output() {
                    Ok(output) if output.status.success() => Ok(()),
                    Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
                    Err(error) => Err(error.to_string()),
                };
            let made = run(Path::new("python3"), &["-m", "venv", folder.to_str().unwrap()])
                .and_then(|()| run(&python, &["-m", "pip", "install", "--quiet", OKTA_SDK]));
            match made {
                Ok(()) if works(&python) => Some(python),
                Ok(()) => {
                    missing("the SDK was installed and cannot be imported");
                    None
                }
                Err(error) => {
                    missing(&format!("Okta's Python SDK cannot be installed: {}", error.trim()));
                    None
                }
            }
        })
        .as_ref()
}

/// Runs intents through the SDK; one outcome each.
fn through_the_sdk(python: &Path, server: &Server, client: &str, intents: &[&str]) -> Vec<Value> {
    let client = server.client(client);
    let output = Command::new(python)
        .arg(support::path("clients/python_sdk.py"))
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
    let Some(python) = python_with_sdk() else { return };
    let server = Server::start(&[]);
    let outcomes = through_the_sdk(python, &server, "service", &["list_all"]);
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
    let Some(python) = python_with_sdk() else { return };
    let server = Server::start(&[]);
    let outcomes = through_the_sdk(python, &server, "service-without-role", &["one_page", "forbidden"]);
    assert_eq!(outcomes[0]["count"], 0, "the list is empty: {outcomes:?}");
    let error = &outcomes[1]["error"];
    assert_eq!(outcomes[1]["user"], false, "{outcomes:?}");
    let text = error["text"].as_str().unwrap();
    assert!(text.contains("403") && text.contains("E0000006"), "{error}");
    assert!(text.contains("You do not have permission to perform the requested action"), "{error}");
}

#[test]
fn the_python_sdk_survives_a_429_by_its_own_retry() {
    let Some(python) = python_with_sdk() else { return };
    let server = Server::start(&[]);
    let buckets = json!({ "buckets": { "/api/v1/groups": { "limit": 2, "window_seconds": 2 } } });
    server.control("PUT", "rate-limits", &buckets);
    let outcomes = through_the_sdk(python, &server, "service", &["limited"]);
    assert_eq!(outcomes[0]["statuses"], json!([1, 1, 1]), "{outcomes:?}");
    let seen = server.seen();
    assert!(seen.contains(&"GET /api/v1/groups 429".to_owned()), "{seen:?}");
    assert_eq!(seen.iter().filter(|line| *line == "GET /api/v1/groups 200").count(), 3, "{seen:?}");
}

/// The two curl commands of the README, word for word, against the port that the server chose.
#[test]
fn curl_does_what_the_readme_says() {
    if Command::new("curl").arg("--version").output().is_err() {
        return missing("curl is not installed");
    }
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let commands = readme.split("```sh\n").find(|block| block.starts_with("TOKEN=$(curl")).unwrap();
    let commands = commands.split("```").next().unwrap();
    let server = Server::start(&[]);
    let commands = commands.replace("http://127.0.0.1:8080", server.text("/base_url"));
    let output = Command::new("bash").args(["-c", &commands]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).to_lowercase();
    assert!(text.starts_with("http/1.1 200"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("x-rate-limit-remaining: 299"), "{text}");
    assert_eq!(text.matches("rel=\"next\"").count(), 1, "{text}");
    assert_eq!(text.matches("\"login\":").count(), 2, "{text}");
}
