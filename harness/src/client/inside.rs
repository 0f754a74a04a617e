//! A client that the harness plays itself: it hears and answers the messages of the adapter protocol on an in-memory
//! pipe, as an adapter process does on its own.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, WriteHalf};

use super::{
    FarEnd, Wire,
    protocol::{Achieved, Hello, Op, Outcome, Reply, Request},
};

/// Who answers.
pub(super) trait Inside: Send + 'static {
    /// Who it is, or why it cannot be asked.
    fn hello(&mut self) -> impl Future<Output = Result<Hello, String>> + Send;
    /// Does what is asked; `hello` and `bye` are not.
    fn perform(&mut self, op: Op) -> impl Future<Output = Outcome> + Send;
    /// Puts away what it made.
    fn end(&mut self) -> impl Future<Output = ()> + Send;
    /// What is worth keeping in the scenario's log since it was asked last.
    fn log(&mut self) -> Vec<String>;
}

/// The two ends of a pipe to such a client.
pub(super) fn wire(client: impl Inside) -> Wire {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (replies, requests) = tokio::io::split(near);
    Wire {
        requests: Box::new(requests),
        replies: Box::new(replies),
        far_end: FarEnd::Task(tokio::spawn(serve(far, client))),
    }
}

async fn serve(pipe: DuplexStream, mut client: impl Inside) {
    let (requests, mut replies) = tokio::io::split(pipe);
    let mut lines = BufReader::new(requests).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(value) = serde_json::from_str::<Value>(&line) else { continue };
        let Some(id) = value.get("id").and_then(Value::as_u64) else { continue };
        let request = serde_json::from_value::<Request>(value);
        let ending = matches!(request, Ok(Request { op: Op::Bye, .. }));
        let reply = match request {
            Ok(Request { op: Op::Hello { .. }, .. }) => match client.hello().await {
                Ok(hello) => greeting(id, hello),
                Err(message) => reply(id, Outcome::Error { message }),
            },
            Ok(Request { op: Op::Bye, .. }) => {
                client.end().await;
                reply(id, Outcome::Ok(Achieved::default()))
            }
            Ok(request) => reply(id, client.perform(request.op).await),
            Err(_) => reply(id, Outcome::Unsupported),
        };
        for line in client.log() {
            // What a client printed is no reply, whatever it looks like.
            let mark = if line.starts_with('{') { "| " } else { "" };
            say(&mut replies, &format!("{mark}{line}")).await;
        }
        say(&mut replies, &reply.to_string()).await;
        if ending {
            break;
        }
    }
    let _ = replies.shutdown().await;
}

fn greeting(id: u64, hello: Hello) -> Value {
    let mut greeting = serde_json::to_value(hello).unwrap_or_default();
    greeting["id"] = json!(id);
    greeting
}

fn reply(id: u64, outcome: Outcome) -> Value {
    serde_json::to_value(Reply { id, outcome }).unwrap_or_default()
}

async fn say(replies: &mut WriteHalf<DuplexStream>, line: &str) {
    // The harness may have hung up; then nobody needs the reply.
    let _ = replies.write_all(format!("{line}\n").as_bytes()).await;
    let _ = replies.flush().await;
}
