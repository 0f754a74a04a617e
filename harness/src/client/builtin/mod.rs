//! The reference client: what a careful integration does, in the words of the adapter protocol. It talks to the
//! harness through an in-memory pipe exactly as an adapter process does through its own.

pub(crate) mod assertion;
mod calls;
mod clock;
pub(crate) mod conduct;
mod credentials;
pub(crate) mod habits;
mod id_token;
mod links;
pub(crate) mod mutants;
mod paging;
mod product;
pub(crate) mod proof;
mod requests;
#[cfg(test)]
mod scripted;
mod sign_in;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf},
    sync::{Mutex, mpsc},
};

use self::{calls::ReferenceClient, clock::ClientClock, conduct::Conduct, mutants::Mutant};
use super::{
    Driver, DriverError, FarEnd, Wire,
    protocol::{
        Achieved, Connection, Hello, Identity, Op, Outcome, PROTOCOL, Reason, Refused, Reply, ReportedError,
        Request,
    },
};

/// What the reference client can do beyond the plain ops.
const CAPABILITIES: &[&str] = &[
    "auth.private_key_jwt",
    "auth.client_secret_basic",
    "auth.none",
    "auth.ssws",
    "grant.authorization_code",
    "alg.ES256",
    "dpop",
    "list_all",
    "configure.again",
    "forget_token",
    "clock.inject",
    "tls",
    "domain",
    "settings",
    "connection_test",
    "sync",
];

/// The driver of the reference client and its mutants.
pub(crate) struct Builtin {
    mutant: Option<&'static Mutant>,
}

impl Builtin {
    /// The reference client, or the mutant.
    pub(crate) fn new(mutant: Option<&'static Mutant>) -> Self {
        Self { mutant }
    }
}

impl Driver for Builtin {
    fn describe(&self) -> String {
        match self.mutant {
            None => "the built-in reference client".to_owned(),
            Some(mutant) => format!("the built-in client that {} ({})", mutant.habit, mutant.name),
        }
    }

    fn open(&self) -> Result<Wire, DriverError> {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (replies, requests) = tokio::io::split(near);
        let conduct = self.mutant.map(Mutant::conduct).unwrap_or_default();
        let clock = ClientClock::new();
        let client = ReferenceClient::new(conduct, clock.clone());
        let task = tokio::spawn(serve(far, client, clock));
        Ok(Wire { requests: Box::new(requests), replies: Box::new(replies), far_end: FarEnd::Task(task) })
    }
}

type Replies = Arc<Mutex<WriteHalf<DuplexStream>>>;

/// Reads requests until `bye`. Ops are worked off one after the other; `advance_clock` is heard at any time.
async fn serve(pipe: DuplexStream, client: ReferenceClient, clock: ClientClock) {
    let (requests, replies) = tokio::io::split(pipe);
    let replies: Replies = Arc::new(Mutex::new(replies));
    let (queue, work) = mpsc::unbounded_channel();
    let mut worker = tokio::spawn(work_off(work, client, Arc::clone(&replies)));
    tokio::select! {
        () = read_requests(requests, &replies, &queue, &clock) => worker.abort(),
        // The worker ends first only by a panic: then this client dies of it, instead of keeping its caller waiting.
        ended = &mut worker => if let Err(panic) = ended.map_err(tokio::task::JoinError::try_into_panic)
            && let Ok(panic) = panic
        {
            std::panic::resume_unwind(panic);
        },
    }
    let _ = replies.lock().await.shutdown().await;
}

async fn read_requests(
    requests: ReadHalf<DuplexStream>,
    replies: &Replies,
    queue: &mpsc::UnboundedSender<Request>,
    clock: &ClientClock,
) {
    let mut lines = BufReader::new(requests).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
        let Some(id) = value.get("id").and_then(Value::as_u64) else { continue };
        match serde_json::from_value::<Request>(value) {
            Ok(Request { op: Op::Hello { .. }, .. }) => say(replies, greeting(id)).await,
            Ok(Request { op: Op::AdvanceClock { ms }, .. }) => {
                clock.advance(ms);
                reply(replies, id, Outcome::Ok(Achieved::default())).await;
            }
            Ok(Request { op: Op::Bye, .. }) => {
                reply(replies, id, Outcome::Ok(Achieved::default())).await;
                return;
            }
            Ok(request) => {
                let _ = queue.send(request);
            }
            Err(_) => reply(replies, id, Outcome::Unsupported).await,
        }
    }
}

async fn work_off(mut work: mpsc::UnboundedReceiver<Request>, mut client: ReferenceClient, replies: Replies) {
    while let Some(Request { id, op }) = work.recv().await {
        let outcome = client.perform(op.clone()).await.unwrap_or_else(Outcome::Refused);
        let outcome = client.habits().told(&op, outcome);
        if let Some(line) = client.printed() {
            say(&replies, json!(line)).await;
        }
        reply(&replies, id, outcome).await;
    }
}

fn greeting(id: u64) -> Value {
    let hello = Hello {
        protocol: PROTOCOL,
        client: Identity {
            name: "orgtwin reference client".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "rust".to_owned(),
        },
        capabilities: CAPABILITIES.iter().map(|name| (*name).to_owned()).collect(),
    };
    let mut greeting = serde_json::to_value(hello).unwrap_or_default();
    greeting["id"] = json!(id);
    greeting
}

async fn reply(replies: &Replies, id: u64, outcome: Outcome) {
    say(replies, serde_json::to_value(Reply { id, outcome }).unwrap_or_default()).await;
}

async fn say(replies: &Replies, value: Value) {
    let mut replies = replies.lock().await;
    // The harness may have hung up; then nobody needs the reply.
    let _ = replies.write_all(format!("{value}\n").as_bytes()).await;
    let _ = replies.flush().await;
}

/// A form for an endpoint of the authorization server with a client's credentials, as the reference client sends it.
///
/// # Errors
/// The credentials cannot be used, in words.
pub(crate) fn authenticated(
    connection: &Connection,
    endpoint: (&str, i64),
    request: reqwest::RequestBuilder,
    form: Vec<(&str, String)>,
) -> Result<reqwest::RequestBuilder, String> {
    let words = |refused: Refused| refused.error.and_then(|error| error.message).unwrap_or_default();
    credentials::authenticated(connection, &Conduct::default(), endpoint, request, form).map_err(words)
}

/// A refusal that is not about a status.
fn refused(reason: Reason, code: Option<&str>, message: impl Into<String>) -> Refused {
    Refused {
        status: None,
        error: Some(ReportedError { code: code.map(ToOwned::to_owned), message: Some(message.into()) }),
        reason: Some(reason),
    }
}
