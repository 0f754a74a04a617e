//! A browser on the sign-in page: headless Chromium, driven through its pipe by keys alone, with scripts switched off.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::install::missing;
use crate::server::Server;

/// A running browser with one page; ends on drop.
struct Chromium {
    child: Child,
    commands: std::fs::File,
    answers: BufReader<std::fs::File>,
    sent: u64,
    session: Option<String>,
    _folder: tempfile::TempDir,
}

impl Chromium {
    /// The browser of this machine, if there is one.
    fn start() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let works =
            |name: &&&str| Command::new(name).arg("--version").output().is_ok_and(|run| run.status.success());
        let Some(program) = names.iter().find(works) else {
            missing("chromium is not installed");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let (inward, outward) = (folder.path().join("in"), folder.path().join("out"));
        assert!(Command::new("mkfifo").args([&inward, &outward]).status().unwrap().success());
        // The browser ends by itself after a while, whatever becomes of the test. It reads commands from descriptor 3 and writes answers to descriptor 4, each ended by a zero byte.
        let child = Command::new("bash")
            .args(["-c", "exec timeout 120 \"$0\" \"$@\" 3<\"$IN\" 4>\"$OUT\"", program])
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            // Without these it asks hosts of the internet, which a test machine may refuse it.
            .args(["--disable-quic", "--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .env("IN", &inward)
            .env("OUT", &outward)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = std::fs::File::options().write(true).open(&inward).unwrap();
        let answers = BufReader::new(std::fs::File::open(&outward).unwrap());
        let mut own = Self { child, commands, answers, sent: 0, session: None, _folder: folder };
        let target = own.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = own.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        own.session = attached["sessionId"].as_str().map(str::to_owned);
        own.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        Some(own)
    }

    /// The next message.
    fn message(&mut self) -> Value {
        let mut message = Vec::new();
        self.answers.read_until(0, &mut message).unwrap();
        message.pop();
        serde_json::from_slice(&message).unwrap_or_else(|_| panic!("the browser has ended"))
    }

    /// Sends a command that succeeds, and waits for its result.
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.attempt(method, parameters);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a command and waits for its answer; events are of no interest.
    fn attempt(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        write!(self.commands, "{command}\0").unwrap();
        loop {
            let message = self.message();
            if message["id"] == self.sent {
                return message;
            }
        }
    }

    fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
    }

    /// Waits until the page has such an element.
    fn until(&mut self, selector: &str) {
        for _ in 0..400 {
            let root = self.call("DOM.getDocument", json!({ "depth": 0 }))["root"]["nodeId"].clone();
            let found = self.attempt("DOM.querySelector", json!({ "nodeId": root, "selector": selector }));
            // The document may have been replaced in between.
            if found["result"]["nodeId"].as_u64().is_some_and(|node| node > 0) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the page has no {selector}");
    }

    fn types(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    fn presses(&mut self, key: &str, code: u32, text: &str) {
        let key = |kind: &str| json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
        self.call("Input.dispatchKeyEvent", key("keyDown"));
        self.call("Input.dispatchKeyEvent", key("keyUp"));
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.session = None;
        let _ = write!(self.commands, "{}\0", json!({ "id": 0, "method": "Browser.close" }));
        let _ = self.child.wait();
    }
}

/// The app's end of the redirect: its callback's URL, and the targets of the requests for it.
fn app() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let callback = format!("http://127.0.0.1:{}/callback", listener.local_addr().unwrap().port());
    let (sender, targets) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            let target = line.split(' ').nth(1).unwrap_or_default();
            if target.starts_with("/callback") && sender.send(target.to_owned()).is_err() {
                return;
            }
        }
    });
    (callback, targets)
}

/// Where the browser was sent back to.
fn landed(targets: &Receiver<String>) -> String {
    let target = targets.recv_timeout(Duration::from_secs(60));
    target.unwrap_or_else(|_| panic!("the browser was not sent back"))
}

fn parameter<'t>(target: &'t str, name: &str) -> &'t str {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {name} in {target}"))
}

/// Redeems a code as the app would.
fn redeem(server: &Server, form: &str) -> Value {
    let host = server.text("/base_url").strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /oauth2/v1/token HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Signs in by keyboard, is sent back with a code, and is known the next time; the code gets tokens.
#[test]
fn chromium_signs_in_by_keyboard_and_without_scripts() {
    let Some(mut chromium) = Chromium::start() else { return };
    let (callback, targets) = app();
    let folder = tempfile::tempdir().unwrap();
    let org = folder.path().join("org.toml");
    write_org(&org, &callback);
    let server = Server::start(&["--org", &org.display().to_string()]);
    let authorize = |state: &str| {
        format!(
            "{}/oauth2/v1/authorize?client_id=0oachromium000000001&redirect_uri={callback}&response_type=code\
             &scope=openid&state={state}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
             &code_challenge_method=S256",
            server.text("/base_url")
        )
    };
    chromium.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    chromium.go(&authorize("s1"));
    // The first field has the focus. A wrong password first: the page comes back, says so and keeps the name.
    chromium.until("#username:focus");
    chromium.types("una.user@example.com");
    chromium.presses("Tab", 9, "");
    chromium.until("#password:focus");
    chromium.types("wrong");
    chromium.presses("Enter", 13, "\r");
    chromium.until("#problem[role=alert]");
    chromium.until("#password:focus");
    chromium.until("#username[value='una.user@example.com']");
    chromium.types("una's password");
    chromium.presses("Enter", 13, "\r");
    let first = landed(&targets);
    assert_eq!(parameter(&first, "state"), "s1");
    let tokens = redeem(
        &server,
        &format!(
            "grant_type=authorization_code&client_id=0oachromium000000001&redirect_uri={callback}&code={}\
             &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            parameter(&first, "code")
        ),
    );
    assert_eq!(tokens["scope"], "openid", "{tokens}");
    // With the session's cookie there is no page any more.
    chromium.go(&authorize("s2"));
    let second = landed(&targets);
    assert_eq!(parameter(&second, "state"), "s2");
    assert_ne!(parameter(&first, "code"), parameter(&second, "code"));
    let signed_in: Vec<String> =
        server.seen().into_iter().filter(|line| line.contains("/oauth2/v1/authorize")).collect();
    let authorize = |method: &str, status: u16| format!("{method} /oauth2/v1/authorize {status}");
    assert_eq!(
        signed_in,
        [authorize("GET", 200), authorize("POST", 200), authorize("POST", 302), authorize("GET", 302)]
    );
}

fn write_org(path: &Path, callback: &str) {
    let org = format!(
        "[[users]]\nprofile = {{ login = \"una.user@example.com\" }}\npassword = \"una's password\"\n\n\
         [[apps]]\nname = \"app\"\nclient_id = \"0oachromium000000001\"\nkind = \"browser\"\n\
         redirect_uris = [\"{callback}\"]\n"
    );
    std::fs::write(path, org).unwrap();
}
