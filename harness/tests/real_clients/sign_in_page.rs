//! A browser on the sign-in page, driven by keys alone, with scripts switched off.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Chromium;
use crate::server::Server;

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
    let lines = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = server.ask("POST", "/oauth2/v1/token", &lines, form);
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
