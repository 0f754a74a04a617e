//! A second address of an org: what a client sends there reaches the org, which answers with links to its own
//! address. So a next page is at another origin than the client was given, as behind a gateway that is set up badly.
//! Whoever stands there may change what passes.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The header that marks what came this way.
pub(crate) const VIA: (&str, &str) = ("Via", "1.1 second-address");
/// Requests larger than this are no client's.
const MAX_REQUEST: usize = 256 * 1024;

/// What happens on the way: each text is a whole message, head and body.
#[derive(Clone, Copy)]
pub(crate) struct Passage {
    /// To the org.
    pub(crate) request: fn(&str) -> String,
    /// To the client.
    pub(crate) answer: fn(&str) -> String,
}

impl Passage {
    /// Everything passes as it is.
    pub(crate) const UNCHANGED: Self = Self { request: str::to_owned, answer: str::to_owned };
}

/// An address that forwards to an org; gone when dropped.
pub(crate) struct SecondAddress {
    /// `http://127.0.0.1:41234`.
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl SecondAddress {
    /// Opens it in front of the org at `base_url`.
    ///
    /// # Errors
    /// No port can be had.
    pub(crate) async fn of(base_url: &str) -> std::io::Result<Self> {
        Self::with(base_url, Passage::UNCHANGED).await
    }

    /// Opens it in front of the org at `base_url`, with somebody who changes what passes.
    ///
    /// # Errors
    /// No port can be had.
    pub(crate) async fn with(base_url: &str, passage: Passage) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let authority: Arc<str> = Arc::from(base_url.trim_start_matches("http://"));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let authority = Arc::clone(&authority);
                // A connection that fails is the client's to report.
                tokio::spawn(async move { forward(client, &authority, passage).await.ok() });
            }
        });
        Ok(Self { url, task })
    }
}

impl Drop for SecondAddress {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request a connection: the org is asked to close it after its answer, which it tells the client.
async fn forward(mut client: TcpStream, authority: &str, passage: Passage) -> std::io::Result<()> {
    let mut received = Vec::new();
    let request = loop {
        if let Some(request) = whole(&received) {
            break request;
        }
        if received.len() > MAX_REQUEST || client.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    };
    let request = with_length((passage.request)(&request));
    let (head, body) = request.split_once("\r\n\r\n").unwrap_or((&request, ""));
    let mut org = TcpStream::connect(authority).await?;
    org.write_all(format!("{}\r\n{body}", rewritten(head, authority)).as_bytes()).await?;
    let mut answer = Vec::new();
    org.read_to_end(&mut answer).await?;
    // Bytes that are no text are nobody's to change.
    let answer = match String::from_utf8(answer) {
        Ok(text) => with_length((passage.answer)(&text)).into_bytes(),
        Err(error) => error.into_bytes(),
    };
    client.write_all(&answer).await?;
    client.shutdown().await
}

/// The request, once head and body are there.
fn whole(received: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(received).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = length_line(head).and_then(|line| line.split_once(':')?.1.trim().parse().ok());
    (body.len() >= length.unwrap_or(0)).then(|| text.to_owned())
}

fn length_line(head: &str) -> Option<&str> {
    let name = "content-length:";
    head.lines().find(|line| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
}

/// The message with the length that its body has.
fn with_length(message: String) -> String {
    let Some((head, body)) = message.split_once("\r\n\r\n") else { return message };
    match length_line(head) {
        Some(line) => {
            let head = head.replacen(line, &format!("Content-Length: {}", body.len()), 1);
            format!("{head}\r\n\r\n{body}")
        }
        None => message,
    }
}

/// The head for the org: its own Host, the mark, and one request a connection.
fn rewritten(head: &str, authority: &str) -> String {
    let ours = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("connection")
    };
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty());
    let start = lines.next().unwrap_or_default();
    let kept: String = lines.filter(ours).map(|line| format!("{line}\r\n")).collect();
    format!("{start}\r\nHost: {authority}\r\n{kept}{}: {}\r\nConnection: close\r\n", VIA.0, VIA.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_org_sees_its_own_address_and_the_mark() {
        let head = "GET /api HTTP/1.1\r\nhost: 127.0.0.1:2\r\nAccept: a\r\nConnection: keep-alive\r\n";
        assert_eq!(whole(head.as_bytes()), None, "its head has not ended");
        assert_eq!(
            rewritten(head, "127.0.0.1:1"),
            "GET /api HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAccept: a\r\nVia: 1.1 second-address\r\nConnection: close\r\n"
        );
    }

    #[test]
    fn a_message_that_was_changed_says_its_new_length() {
        let message = "POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nb=c";
        assert_eq!(whole(&message.as_bytes()[..message.len() - 1]), None);
        assert_eq!(whole(message.as_bytes()).as_deref(), Some(message));
        let changed = with_length(message.replace("b=c", "b=longer"));
        assert_eq!(changed, "POST /a HTTP/1.1\r\nContent-Length: 8\r\n\r\nb=longer");
        assert_eq!(with_length("no message".to_owned()), "no message");
    }
}
