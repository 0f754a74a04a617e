//! The org that stands in for a real one.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::orgtwin;

/// Of the integration.
pub(crate) const SECRET: &str = "the-real-secret-0123456789-abcdefghijklmnopqrst";
/// Of the harness.
pub(crate) const API_TOKEN: &str = "00harnessharnessharnessharnessharnessharn";

const DOCUMENT: &str = include_str!("stand-in.json");

/// What a run of the program came to.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A running org; killed on drop.
pub(crate) struct StandIn {
    child: Child,
    ready: Value,
    /// For files of the test.
    pub(crate) folder: TempDir,
    /// `https://localhost:41233`.
    pub(crate) target: String,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl StandIn {
    pub(crate) fn start() -> Self {
        Self::of(DOCUMENT)
    }

    /// One that differs in its document.
    pub(crate) fn unlike(from: &str, to: &str) -> Self {
        assert!(DOCUMENT.contains(from), "{from}");
        Self::of(&DOCUMENT.replacen(from, to, 1))
    }

    fn of(document: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("org.json"), document).unwrap();
        let (org, file) = (path("org.json"), path("ready.json"));
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--org", &org];
        let mut child = orgtwin(&[&arguments[..], &["--ready-file", &file]].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        let ready: Value = loop {
            if let Ok(text) = std::fs::read_to_string(&file)
                && let Ok(ready) = serde_json::from_str(&text)
            {
                break ready;
            }
            if let Some(status) = child.try_wait().unwrap() {
                let mut err = String::new();
                child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
                panic!("it ended ({status}): {err}");
            }
            assert!(began.elapsed() < Duration::from_secs(120), "it does not start");
            std::thread::sleep(Duration::from_millis(5));
        };
        let target = ready["tls_base_url"].as_str().unwrap().replace("127.0.0.1", "localhost");
        let org = Self { child, ready, folder, target };
        org.file(
            "org.toml",
            &format!(
                r#"
[apps.service-app]
client_id = "0oaRealServiceApp001"
private_key_file = "{}"
kid = "k1"
scopes = ["okta.users.read", "okta.groups.read", "okta.apps.read"]
[apps.integration]
client_id = "0oaRealIntegration01"
client_secret_env = "ORGTWIN_TEST_SECRET"
scopes = ["okta.users.read", "okta.groups.read", "okta.apps.read"]
[apps.manager]
client_id = "0oaRealManagerApp001"
private_key_file = "{}"
kid = "k2"
scopes = ["okta.users.manage", "okta.groups.manage"]
[people]
member = "00uTheMember00000001"
helper = "00uTheHelper00000001"
[groups]
Support = "00gTheSupportTeam001"
[harness]
api_token_env = "ORGTWIN_TEST_TOKEN"
"#,
                org.key("service"),
                org.key("writer"),
            ),
        );
        org
    }

    /// Writes a file, and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn config(&self) -> String {
        self.folder.path().join("org.toml").display().to_string()
    }

    pub(crate) fn ca(&self) -> String {
        self.ready["ca_file"].as_str().unwrap().to_owned()
    }

    /// The private key file of an app.
    pub(crate) fn key(&self, name: &str) -> String {
        let clients = self.ready["clients"].as_array().unwrap();
        let client = clients.iter().find(|client| client["name"] == name).unwrap();
        client["private_key_file"].as_str().unwrap().to_owned()
    }

    /// `orgtwin` with these arguments, knowing the secrets.
    pub(crate) fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = self.program(arguments);
        command.envs(env.iter().copied());
        let output = command.output().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = orgtwin(arguments);
        command.env("ORGTWIN_TEST_SECRET", SECRET).env("ORGTWIN_TEST_TOKEN", API_TOKEN);
        // A job that tests this is none that means a real org.
        command.env_remove("CI").env_remove("CONFORMANCE_REAL");
        // One lock a stand-in: they share the name of this machine.
        command.env("TMPDIR", self.folder.path());
        command
    }

    /// A run of the suite at this org, every gate open.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let (config, ca) = (self.config(), self.ca());
        let base = ["test", "--target", &self.target, "--confirm-org", "localhost", "--target-ca", &ca];
        self.program(&[&base[..], &["--org-config", &config], more].concat())
    }

    pub(crate) fn test(&self, more: &[&str]) -> Ran {
        let output = self.command(more).output().unwrap();
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `orgtwin parity` at this org, every gate open.
    pub(crate) fn parity(&self, more: &[&str]) -> Command {
        let (config, ca) = (self.config(), self.ca());
        let base = ["parity", "--target", &self.target, "--confirm-org", "localhost", "--target-ca", &ca];
        self.program(&[&base[..], &["--org-config", &config], more].concat())
    }

    pub(crate) fn cleanup(&self, journal: &str) -> Ran {
        let (config, ca) = (self.config(), self.ca());
        let arguments = ["cleanup", "--journal", journal, "--org-config", &config, "--target-ca", &ca];
        self.run(&[&arguments[..], &["--confirm-org", "localhost"]].concat(), &[])
    }

    // ---- what the org saw -------------------------------------------------------------------------------------

    /// Method, path and status of every request that a run made of it.
    pub(crate) fn seen(&self) -> Vec<(String, String, u64)> {
        let of = |exchange: &Value| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let path = text(&exchange["request"]["target"]).split('?').next().unwrap().to_owned();
            (text(&exchange["request"]["method"]), path, exchange["response"]["status"].as_u64().unwrap())
        };
        self.exchanges().iter().map(of).collect()
    }

    /// The access tokens that it issued.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let token = |exchange: &Value| {
            let body: Value = serde_json::from_str(exchange["response"]["body"].as_str()?).ok()?;
            body["access_token"].as_str().map(ToOwned::to_owned)
        };
        self.exchanges().iter().filter_map(token).collect()
    }

    /// How many of them it still accepts.
    pub(crate) fn valid_tokens(&self) -> usize {
        let works =
            |token: &String| self.call("GET", "/api/v1/groups", &format!("Bearer {token}"), None).0 != 401;
        let tokens = self.tokens();
        tokens.iter().filter(|token| works(token)).count()
    }

    fn exchanges(&self) -> Vec<Value> {
        let ledger = self.call("GET", "/_mock/orgs/default/ledger?secrets=plain", "", None).1;
        let all = serde_json::from_str::<Vec<Value>>(&ledger).unwrap();
        // What this test asks itself says so.
        let own = |exchange: &Value| {
            let headers = exchange["request"]["headers"].as_array().unwrap();
            headers
                .iter()
                .any(|header| header[0].as_str().is_some_and(|name| name.eq_ignore_ascii_case("x-test")))
        };
        all.into_iter().filter(|exchange| !own(exchange)).collect()
    }

    /// The names of groups and users that bear the mark of runs.
    pub(crate) fn marked(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (path, pointer) in [("/api/v1/groups", "/profile/name"), ("/api/v1/users", "/profile/login")] {
            let list = self.call("GET", path, &format!("SSWS {API_TOKEN}"), None).1;
            let list: Vec<Value> = serde_json::from_str(&list).unwrap();
            let name = |one: &Value| one.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            names.extend(list.iter().map(name).filter(|name| name.starts_with("conf-")));
        }
        names
    }

    /// The labels of all apps.
    pub(crate) fn apps(&self) -> Vec<String> {
        let list = self.call("GET", "/api/v1/apps?limit=200", &format!("SSWS {API_TOKEN}"), None).1;
        let list: Vec<Value> = serde_json::from_str(&list).unwrap();
        list.iter().map(|app| app["label"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn create_group(&self, name: &str) {
        let body = json!({ "profile": { "name": name } });
        assert_eq!(self.call("POST", "/api/v1/groups", &format!("SSWS {API_TOKEN}"), Some(&body)).0, 200);
    }

    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) {
        let (status, answer) = self.call(method, &format!("/_mock/orgs/default{path}"), "", Some(body));
        assert!(status < 300, "{status} {answer}");
    }

    /// A plain request over the listener without TLS: status and body.
    fn call(&self, method: &str, target: &str, authorization: &str, body: Option<&Value>) -> (u16, String) {
        let host = self.ready["base_url"].as_str().unwrap().trim_start_matches("http://");
        let body = body.map(ToString::to_string).unwrap_or_default();
        let authorization = match authorization {
            "" => String::new(),
            value => format!("Authorization: {value}\r\n"),
        };
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(
            stream,
            "{method} {target} HTTP/1.0\r\nHost: {host}\r\nX-Test: 1\r\n{authorization}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        (status, text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }
}
