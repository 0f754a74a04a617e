//! An org that only a proxy leads to, and whose certificate only `ca_pem` vouches for: what `configure` says of both is
//! obeyed.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{Adapter, support::orgtwin};

/// Nobody resolves it.
const HOST: &str = "acme.invalid";

/// An org behind TLS; gone when dropped.
struct Org {
    server: Child,
    ready: Value,
}

impl Org {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ready.json");
        let place = file.display().to_string();
        let (any, tls) = (["--listen", "127.0.0.1:0"], ["--tls-listen", "127.0.0.1:0", "--host-name", HOST]);
        let mut server = orgtwin(&[&["serve", "--ready-file", &place], &any[..], &tls].concat())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let ready = (0..1000).find_map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            assert!(server.try_wait().unwrap().is_none(), "the server ended");
            std::fs::read_to_string(&file).ok()
        });
        Self { server, ready: serde_json::from_str(&ready.unwrap()).unwrap() }
    }

    /// What `configure` says, but for proxy and certificate.
    fn client(&self) -> Value {
        let clients = self.ready["clients"].as_array().unwrap();
        let app = clients.iter().find(|client| client["name"] == "acmesync").unwrap();
        let org = format!("https://{HOST}");
        json!({
            "org_url": org, "issuer": org, "client_id": app["client_id"], "scopes": ["okta.users.read"], "dpop": false,
            "auth": { "method": "client_secret_basic", "client_secret": app["client_secret"] },
            "ca_pem": null, "proxy": null,
        })
    }
}

impl Drop for Org {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A proxy that leads every CONNECT to one place, and tells its address and what it was asked.
fn proxy(leads_to: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    // It lives as long as the tests.
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, leads_to, notes) = (client.unwrap(), leads_to.clone(), Arc::clone(&notes));
            std::thread::spawn(move || lead(client, &leads_to, &notes));
        }
    });
    (url, asked)
}

fn lead(mut client: TcpStream, leads_to: &str, notes: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    notes.lock().unwrap().push(String::from_utf8(head).unwrap().lines().next().unwrap().to_owned());
    let mut org = TcpStream::connect(leads_to).unwrap();
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    let (mut up, mut down) = (client.try_clone().unwrap(), org.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut down, &mut client));
    std::io::copy(&mut up, &mut org).ok()?;
    org.shutdown(std::net::Shutdown::Write).ok()
}

/// A conversation with an adapter; it is ended when dropped.
struct Conversation {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    id: u32,
}

impl Conversation {
    fn begin(adapter: &Adapter) -> Self {
        let mut process = Command::new(&adapter.program[0])
            .args(&adapter.program[1..])
            .current_dir(&adapter.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut conversation = Self { process, to, from, id: 0 };
        conversation.ask(json!({ "op": "hello", "protocols": [1], "harness": "test" }));
        conversation
    }

    fn ask(&mut self, mut request: Value) -> Value {
        self.id += 1;
        request["id"] = json!(self.id);
        writeln!(self.to, "{request}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_proxy_leads_to_the_org_and_only_the_given_authority_is_trusted() {
    let org = Org::start();
    let ca = std::fs::read_to_string(org.ready["ca_file"].as_str().unwrap()).unwrap();
    let tls = org.ready["tls_base_url"].as_str().unwrap();
    let port = tls.rsplit_once(':').unwrap().1;
    for language in ["python", "node", "go", "java", "dotnet", "ruby", "rust", "bash"] {
        let Some(adapter) = Adapter::new(language) else { continue };
        let (proxy, asked) = proxy(format!("127.0.0.1:{port}"));
        let mut conversation = Conversation::begin(&adapter);
        let mut client = org.client();
        client["proxy"] = json!(proxy);
        conversation.ask(json!({ "op": "configure", "client": client }));
        let said = conversation.ask(json!({ "op": "get_token" }));
        assert_eq!(
            (&said["outcome"], &said["reason"]),
            (&json!("refused"), &json!("tls")),
            "{language}: {said}"
        );

        client["ca_pem"] = json!(ca);
        conversation.ask(json!({ "op": "configure", "client": client }));
        let request = json!({ "op": "list_all", "path": "/api/v1/users?limit=200", "key": "id" });
        let said = conversation.ask(request);
        assert_eq!(said["outcome"], "ok", "{language}: {said}");
        assert!(said["count"].as_u64() > Some(1), "{language}: {said}");
        let asked = asked.lock().unwrap();
        let connect = format!("CONNECT {HOST}:443 HTTP/1.");
        assert!(
            asked.len() >= 2 && asked.iter().all(|line| line.starts_with(&connect)),
            "{language}: {asked:?}"
        );
    }
}
