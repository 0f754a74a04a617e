//! The built program as a server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::orgtwin;

/// A server of the built program; stops on drop.
pub(crate) struct Server {
    child: Child,
    pub(crate) ready: Value,
    folder: tempfile::TempDir,
}

const READY: &str = "ready.json";

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ready_file = folder.path().join(READY);
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
        Self { child, ready, folder }
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.ready
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer}: {}", self.ready))
    }

    /// The file that says where the org is and what opens it.
    pub(crate) fn ready_file(&self) -> std::path::PathBuf {
        self.folder.path().join(READY)
    }

    pub(crate) fn client(&self, name: &str) -> &Value {
        self.ready["clients"].as_array().unwrap().iter().find(|client| client["name"] == name).unwrap()
    }

    /// What the server answers, as it goes over the wire.
    pub(crate) fn ask(&self, method: &str, target: &str, lines: &[(&str, &str)], body: &str) -> String {
        let host = self.text("/base_url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let lines: String = lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What the org's API answers to its first administrator.
    pub(crate) fn admin(&self, method: &str, target: &str) -> Value {
        let token = format!("SSWS {}", self.text("/api_token"));
        let answer = self.ask(method, target, &[("Authorization", &token)], "");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or(Value::Null)
    }

    /// A call of the control API.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let target = format!("/_mock/orgs/default/{path}");
        let answer = self.ask(method, &target, &[("Content-Type", "application/json")], &body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 2"), "{answer}");
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// The exchanges that the org saw, as `METHOD path status`.
    pub(crate) fn seen(&self) -> Vec<String> {
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
