//! A client that only a person can start: the harness says what to do, waits for traffic, and judges by what the org
//! saw. Nothing is heard from the client itself.

use std::{io::Write as _, path::PathBuf, time::Duration};

use super::{
    Driver, DriverError, Heard, Needs, Wire,
    inside::{self, Inside},
    protocol::{Achieved, Authentication, Connection, Hello, Identity, Op, Outcome, PROTOCOL},
    traffic::{Done, Traffic},
};
use crate::target::Org;

/// How a watched client is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watch {
    tls: bool,
    capabilities: Vec<String>,
}

impl Watch {
    /// Reads the words after `watch:`, as `http,auth.client_secret_basic`: plain HTTP instead of TLS, and what the
    /// client can do, where it is not everything.
    pub(super) fn of(words: &str) -> Self {
        let words: Vec<&str> = words.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        let named: Vec<String> =
            words.iter().filter(|word| **word != "http").map(|word| (*word).to_owned()).collect();
        let all = ["auth.private_key_jwt", "auth.client_secret_basic", "auth.ssws", "list_all"];
        let capabilities = match named.is_empty() {
            true => all.map(ToOwned::to_owned).to_vec(),
            false => named,
        };
        Self { tls: !words.contains(&"http"), capabilities }
    }
}

impl Driver for Watch {
    fn describe(&self) -> String {
        "a client that a person starts".to_owned()
    }

    fn needs(&self) -> Needs {
        Needs { tls: self.tls, alone: true, host: None }
    }

    fn open(&self) -> Result<Wire, DriverError> {
        Ok(inside::wire(Watched {
            capabilities: self.capabilities.clone(),
            traffic: Traffic::none(),
            key: None,
        }))
    }

    fn open_at(&self, org: &Org) -> Result<Wire, DriverError> {
        let traffic = Traffic::of(org.clone());
        Ok(inside::wire(Watched { capabilities: self.capabilities.clone(), traffic, key: None }))
    }

    fn hears(&self, _: &Op, _: Heard) -> bool {
        false
    }
}

struct Watched {
    capabilities: Vec<String>,
    traffic: Traffic,
    /// The folder of the key's file.
    key: Option<tempfile::TempDir>,
}

/// How long nothing may come after the first request.
const QUIET: Duration = Duration::from_millis(1500);

impl Inside for Watched {
    async fn hello(&mut self) -> Result<Hello, String> {
        let client = Identity { name: "watched client".to_owned(), ..Identity::default() };
        Ok(Hello { protocol: PROTOCOL, client, capabilities: self.capabilities.clone() })
    }

    async fn perform(&mut self, op: Op) -> Outcome {
        let error = |message: String| Outcome::Error { message };
        match op {
            Op::Configure { client } => match self.instructions(&client) {
                Ok(text) => {
                    tell(&text);
                    Outcome::Ok(Achieved::default())
                }
                Err(cause) => error(format!("the key cannot be written: {cause}")),
            },
            Op::GetToken | Op::Call { .. } | Op::ListAll { .. } => {
                tell(&format!("\n  Now: {}.\n  Waiting for its requests …\n", wish(&op)));
                let began = match self.traffic.last_seq().await {
                    Ok(seq) => seq,
                    Err(cause) => return error(cause),
                };
                match self.traffic.until(Done::Quiet(QUIET), began).await {
                    Ok(requests) => {
                        tell(&format!("  {requests} requests, then silence.\n"));
                        Outcome::Ok(Achieved::default())
                    }
                    Err(cause) => error(cause),
                }
            }
            _ => Outcome::Unsupported,
        }
    }

    async fn end(&mut self) {
        self.key = None;
    }

    fn log(&mut self) -> Vec<String> {
        Vec::new()
    }
}

impl Watched {
    fn instructions(&mut self, client: &Connection) -> std::io::Result<String> {
        let mut text = format!("\nPoint your client at this org:\n  URL          {}\n", client.org_url);
        let folder = tempfile::Builder::new().prefix("orgtwin-watch").tempdir()?;
        let write = |name: &str, content: &str| -> std::io::Result<PathBuf> {
            let path = folder.path().join(name);
            super::exec::files::write_private(&path, content)?;
            Ok(path)
        };
        if let Some(pem) = &client.ca_pem {
            text.push_str(&format!("  CA           {}\n", write("ca.pem", pem)?.display()));
        }
        if let Some(proxy) = &client.proxy {
            text.push_str(&format!("  HTTPS proxy  {proxy}\n"));
        }
        if !client.client_id.is_empty() {
            text.push_str(&format!("  client id    {}\n", client.client_id));
        }
        match &client.auth {
            Authentication::PrivateKeyJwt { private_key_pem, kid, .. } => {
                text.push_str(&format!("  private key  {}\n", write("key.pem", private_key_pem)?.display()));
                if let Some(kid) = kid {
                    text.push_str(&format!("  key id       {kid}\n"));
                }
            }
            Authentication::ClientSecretBasic { client_secret } => {
                text.push_str(&format!("  secret       {client_secret}\n"));
            }
            Authentication::Ssws { api_token } => text.push_str(&format!("  API token    {api_token}\n")),
            Authentication::Public => {}
        }
        if !client.scopes.is_empty() {
            text.push_str(&format!("  scopes       {}\n", client.scopes.join(" ")));
        }
        self.key = Some(folder);
        Ok(text)
    }
}

/// What the person is asked for.
fn wish(op: &Op) -> String {
    match op {
        Op::Call { method, path, body } => {
            let body = body.as_ref().map(|body| format!(" with {body}")).unwrap_or_default();
            format!("let it call {method} {path}{body}, once")
        }
        Op::ListAll { path, .. } => format!("let it read all of {path}, through all pages"),
        _ => "let it get a token".to_owned(),
    }
}

/// To the person at the terminal, who needs the credentials of a twin's org; they go to no report.
fn tell(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
