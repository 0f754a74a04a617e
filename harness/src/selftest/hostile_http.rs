//! Adapters with bad manners that are reached by HTTP. As those of `hostile.rs` they lie but for the misbehaviour of their
//! mode. HTTP is written by hand here: a library would not write it badly.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::hostile::lie;

/// Longer than any deadline of a selftest.
const FOR_EVER: Duration = Duration::from_secs(60);
/// More than any reply may have.
const HUGE: usize = 20 * 1024 * 1024;

/// An address at which such an adapter listens; gone when dropped.
pub(super) struct Listener {
    /// `http://127.0.0.1:41235/`.
    pub(super) url: String,
    task: JoinHandle<()>,
}

impl Listener {
    /// Listens as the mode says, at the op that it names.
    ///
    /// # Errors
    /// No port can be had.
    pub(super) async fn start(mode: &str, at: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let manners: Arc<(String, String)> = Arc::new((mode.to_owned(), at.to_owned()));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let manners = Arc::clone(&manners);
                tokio::spawn(async move { answer(stream, &manners.0, &manners.1).await.ok() });
            }
        });
        Ok(Self { url, task })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request a connection.
async fn answer(mut stream: TcpStream, mode: &str, at: &str) -> std::io::Result<()> {
    let mut received = Vec::new();
    let request = loop {
        if let Some(request) = whole(&received) {
            break request;
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    };
    let op = request["op"].as_str().unwrap_or_default();
    let mut reply = lie(op, mode);
    reply["id"] = request["id"].clone();
    let text = reply.to_string();
    let bytes = if op == at { misbehaved(mode, &request, &text).await } else { response("200 OK", &text) };
    stream.write_all(&bytes).await?;
    stream.shutdown().await
}

/// What goes over the wire in place of the reply; nothing closes the connection.
async fn misbehaved(mode: &str, request: &Value, reply: &str) -> Vec<u8> {
    match mode {
        "hang" => {
            tokio::time::sleep(FOR_EVER).await;
            Vec::new()
        }
        "closed" => Vec::new(),
        "garbage" => b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
        "page" => response("200 OK", "<html>It works!</html>"),
        "empty" => response("200 OK", ""),
        "fails" => response("500 Internal Server Error", "Traceback (most recent call last):"),
        "elsewhere" => {
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n".to_vec()
        }
        "half" => {
            let mut bytes = response("200 OK", reply);
            bytes.truncate(bytes.len().saturating_sub(reply.len() / 2));
            bytes
        }
        "huge" => response("200 OK", &format!("\"{}\"", "x".repeat(HUGE))),
        "foreign" => response("200 OK", r#"{"id":4711,"outcome":"ok"}"#),
        "nameless" => response("200 OK", r#"{"outcome":"ok"}"#),
        "malformed" => response("200 OK", &json!({ "id": request["id"], "outcome": "maybe" }).to_string()),
        "breaks" => {
            let broke = json!({ "id": request["id"], "outcome": "error", "message": "KeyError: token" });
            response("200 OK", &broke.to_string())
        }
        _ => response("200 OK", reply),
    }
}

fn response(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// The object that was posted, once head and body are there.
fn whole(received: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(received).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    (body.len() >= length).then(|| serde_json::from_str(body).unwrap_or_default())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_when_its_body_is_there() {
        let post = "POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\n{\"op\":\"x\"}";
        assert_eq!(whole(&post.as_bytes()[..post.len() - 1]), None);
        assert_eq!(whole(post.as_bytes()), Some(json!({ "op": "x" })));
    }

    #[tokio::test]
    async fn half_a_body_is_less_than_was_announced() {
        let bytes = misbehaved("half", &json!({}), r#"{"outcome":"ok"}"#).await;
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Content-Length: 16"), "{head}");
        assert_eq!(body.len(), 8);
    }
}
