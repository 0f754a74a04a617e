//! `orgtwin serve --data`, and calls to it that know nothing of the program.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// `orgtwin` with these arguments.
pub(crate) fn orgtwin(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgtwin"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

/// A running server; killed on drop.
pub(crate) struct Served {
    child: Child,
    /// What the ready file says.
    pub(crate) ready: Value,
}

impl Served {
    /// Serves a folder on a free port.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        let file = folder.with_extension("ready");
        let _ = std::fs::remove_file(&file);
        let (data, ready) = (folder.display().to_string(), file.display().to_string());
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--rate-limits", "off"];
        arguments.extend(["--data", &data, "--ready-file", &ready]);
        arguments.extend(more);
        let mut child = orgtwin(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let began = Instant::now();
        loop {
            if let Ok(text) = std::fs::read_to_string(&file) {
                return Self { child, ready: serde_json::from_str(&text).unwrap() };
            }
            if let Some(status) = child.try_wait().unwrap() {
                let mut err = String::new();
                child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
                panic!("it ended ({status}): {err}");
            }
            assert!(began.elapsed() < Duration::from_secs(120), "it does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and the end.
    pub(crate) fn end(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap();
    }

    /// How to call the first org as its admin.
    pub(crate) fn admin(&self) -> Caller {
        Caller::admin(&self.ready)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who calls an org.
#[derive(Clone)]
pub(crate) struct Caller {
    host: String,
    authorization: String,
}

impl Caller {
    /// The owner of the first API token of a ready file.
    pub(crate) fn admin(ready: &Value) -> Self {
        let token = ready["api_token"].as_str().unwrap();
        Self::new(ready["base_url"].as_str().unwrap(), &format!("SSWS {token}"))
    }

    /// Somebody with this `Authorization`.
    pub(crate) fn new(base_url: &str, authorization: &str) -> Self {
        let host = base_url.strip_prefix("http://").unwrap().to_owned();
        Self { host, authorization: authorization.to_owned() }
    }

    /// Calls; none when the server was not there to the end of its answer.
    pub(crate) fn try_call(&self, method: &str, target: &str, body: &str) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(&self.host).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
        let kind =
            if target.ends_with("/token") { "application/x-www-form-urlencoded" } else { "application/json" };
        let request = format!(
            "{method} {target} HTTP/1.0\r\nhost: {}\r\nauthorization: {}\r\naccept: application/json\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            self.authorization,
            body.len(),
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let text = String::from_utf8(answer).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let lengths = lines.filter_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
        });
        if lengths.max().is_some_and(|length: usize| length != body.len()) {
            return None;
        }
        Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
    }

    /// Calls.
    pub(crate) fn call(&self, method: &str, target: &str, body: &str) -> (u16, Value) {
        self.try_call(method, target, body).unwrap_or_else(|| panic!("{method} {target}: no answer"))
    }
}
