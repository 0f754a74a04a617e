//! An orgtwin adapter in Rust: the loop of the protocol, one JSON request a line on standard input, one JSON reply a line
//! on standard output. The client that it drives is in `client.rs`: that is what you replace.
//!
//! ```sh
//! cargo build --locked
//! orgtwin client lint stdio -- target/debug/adapter
//! orgtwin test --client stdio -- target/debug/adapter
//! ```
#![forbid(unsafe_code)]

mod client;
mod clock;
mod sign_in;
mod signing;
mod wire;

use std::{
    io::{BufRead as _, Write as _},
    process::ExitCode,
    sync::Arc,
};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{client::Client, clock::Clock, wire::Refused};

/// What the client can do: what is declared is tested.
const CAPABILITIES: &[&str] = &[
    "auth.private_key_jwt",
    "auth.client_secret_basic",
    "auth.none",
    "auth.ssws",
    "alg.ES256",
    "grant.authorization_code",
    "dpop",
    "list_all",
    "forget_token",
    "clock.inject",
];

/// Why an op came to nothing.
enum Failure {
    /// The client's ordinary negative result.
    Refused(Refused),
    /// A defect of this adapter, never a verdict on the client.
    Broken(String),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

fn main() -> ExitCode {
    let started = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Ok(()), Ok(runtime)) = (started, runtime) else { return ExitCode::FAILURE };
    runtime.block_on(converse());
    ExitCode::SUCCESS
}

/// Works off the ops one after the other until `bye` or the end of the input.
async fn converse() {
    let clock = Arc::new(Clock::new());
    let mut requests = read(Arc::clone(&clock));
    let mut client = None;
    while let Some(request) = requests.recv().await {
        let reply = match perform(&mut client, &request, &clock).await {
            Ok(reply) => reply,
            Err(Failure::Refused(refused)) => refused.reply(),
            Err(Failure::Broken(message)) => json!({ "outcome": "error", "message": message }),
        };
        say(&request, reply);
        if request["op"] == "bye" {
            return;
        }
    }
}

/// Reads requests in a thread of its own. The clock is moved at once: an op may be waiting for it.
fn read(clock: Arc<Clock>) -> mpsc::UnboundedReceiver<Value> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let Ok(request) = serde_json::from_str::<Value>(&line) else { continue };
            if request["op"] == "advance_clock" {
                clock.advance(request["ms"].as_i64().unwrap_or(0));
                say(&request, json!({ "outcome": "ok" }));
            } else if sender.send(request).is_err() {
                return;
            }
        }
    });
    receiver
}

/// One line, flushed, with the id of the request. Who reads it may be gone: then there is nobody to tell.
fn say(request: &Value, mut reply: Value) {
    reply["id"] = request["id"].clone();
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{reply}").and_then(|()| out.flush());
}

async fn perform(client: &mut Option<Client>, request: &Value, clock: &Arc<Clock>) -> Result<Value, Failure> {
    let text = |name: &str| {
        request[name].as_str().ok_or_else(|| Failure::Broken(format!("{name} of the request is no text")))
    };
    let op = text("op")?;
    match op {
        "hello" => {
            return Ok(json!({
                "protocol": 1,
                "client": { "name": "rust-adapter", "version": env!("CARGO_PKG_VERSION"), "language": "rust" },
                "capabilities": CAPABILITIES,
            }));
        }
        "configure" => {
            let config = serde_json::from_value(request["client"].clone())
                .map_err(|error| Failure::Broken(format!("client of configure: {error}")))?;
            *client = Some(Client::new(config, Arc::clone(clock))?);
            return Ok(json!({ "outcome": "ok" }));
        }
        "bye" => return Ok(json!({ "outcome": "ok" })),
        "get_token" | "call" | "list_all" | "forget_token" => {}
        _ => return Ok(json!({ "outcome": "unsupported" })),
    }
    let client = client.as_mut().ok_or_else(|| Refused::new("config", "not configured yet"))?;
    Ok(match op {
        "get_token" => {
            let token = client.token().await?;
            let scope: Vec<&str> = token.scope.split_ascii_whitespace().collect();
            let left = token.until - clock.now();
            json!({ "outcome": "ok", "token_type": token.token_type, "expires_in": left, "scope": scope })
        }
        "call" => {
            let body = request.get("body").filter(|body| !body.is_null());
            let answer = client.call(text("method")?, text("path")?, body).await?;
            match answer.body.is_empty() {
                true => json!({ "outcome": "ok", "status": answer.status }),
                false => json!({ "outcome": "ok", "status": answer.status, "body": answer.json()? }),
            }
        }
        "list_all" => {
            let values = client.list_all(text("path")?, text("key")?).await?;
            json!({ "outcome": "ok", "count": values.len(), "values": values })
        }
        _ => {
            client.forget_token();
            json!({ "outcome": "ok" })
        }
    })
}
