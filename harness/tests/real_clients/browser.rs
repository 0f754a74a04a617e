//! Headless Chromium, driven through its pipe by keys and clicks, as a person would.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::install::missing;

/// A running browser with one page; ends on drop.
pub(crate) struct Chromium {
    child: Child,
    commands: std::fs::File,
    answers: BufReader<std::fs::File>,
    sent: u64,
    session: Option<String>,
    /// Whether the page is on its way.
    loading: bool,
    _folder: tempfile::TempDir,
}

impl Chromium {
    /// The browser of this machine, if there is one.
    pub(crate) fn start() -> Option<Self> {
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
        let mut own =
            Self { child, commands, answers, sent: 0, session: None, loading: false, _folder: folder };
        let target = own.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = own.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        own.session = attached["sessionId"].as_str().map(str::to_owned);
        own.call("Page.enable", json!({}));
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
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.attempt(method, parameters);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a command and waits for its answer; of the events only those count that tell whether the page is there.
    fn attempt(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut command = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        write!(self.commands, "{command}\0").unwrap();
        loop {
            let message = self.message();
            match message["method"].as_str() {
                Some("Page.frameStartedLoading" | "Page.frameStartedNavigating") => self.loading = true,
                Some("Page.frameStoppedLoading") => self.loading = false,
                _ => {}
            }
            if message["id"] == self.sent {
                return message;
            }
        }
    }

    pub(crate) fn go(&mut self, url: &str) {
        self.call("Page.navigate", json!({ "url": url }));
    }

    /// Waits until the page has such an element.
    pub(crate) fn until(&mut self, selector: &str) {
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

    /// The middle of an element, scrolled into sight.
    fn place(&mut self, selector: &str) -> Option<(f64, f64)> {
        let root = self.attempt("DOM.getDocument", json!({ "depth": 0 }));
        let root = root["result"]["root"]["nodeId"].clone();
        let found = self.attempt("DOM.querySelector", json!({ "nodeId": root, "selector": selector }));
        let node = found["result"]["nodeId"].as_u64().filter(|node| *node > 0)?;
        self.attempt("DOM.scrollIntoViewIfNeeded", json!({ "nodeId": node }));
        // A link over two lines has a box for each; the middle of both together may be neither's.
        let shape = self.attempt("DOM.getContentQuads", json!({ "nodeId": node }));
        let corner = |nth: usize| shape["result"]["quads"][0][nth].as_f64();
        Some(((corner(0)? + corner(4)?) / 2.0, (corner(1)? + corner(5)?) / 2.0))
    }

    /// Clicks on an element when it is there and stays where it is: a page moves while it loads.
    pub(crate) fn clicks(&mut self, selector: &str) {
        let mut before = None;
        let place = (0..400).find_map(|_| {
            let now = self.place(selector);
            let settled = now.filter(|_| now == before && !self.loading);
            before = now;
            std::thread::sleep(Duration::from_millis(50));
            settled
        });
        let (x, y) = place.unwrap_or_else(|| panic!("there is no {selector} to click on"));
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", click);
        }
    }

    /// Keeps a picture of the page for a person to look at, if `ORGTWIN_SCREENSHOTS` names a folder: at this width, in the
    /// light and in the dark.
    pub(crate) fn pictures(&mut self, name: &str, width: u32) {
        let Some(folder) = std::env::var_os("ORGTWIN_SCREENSHOTS") else { return };
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
        for theme in ["light", "dark"] {
            let theme_is = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
            self.call("Emulation.setEmulatedMedia", theme_is);
            let picture = self.call("Page.captureScreenshot", json!({ "captureBeyondViewport": false }));
            let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}-{width}-{theme}.png")), bytes)
                .unwrap();
        }
        self.call("Emulation.clearDeviceMetricsOverride", json!({}));
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    pub(crate) fn presses(&mut self, key: &str, code: u32, text: &str) {
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
