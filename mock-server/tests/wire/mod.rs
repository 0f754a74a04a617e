//! A client that writes what it is told and shows what came, byte by byte.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) lines: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.lines.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
        let lines =
            lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into()));
        Self { status, lines: lines.collect(), body: body.to_owned() }
    }
}

/// The address in a URL.
pub(crate) fn address(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Sends bytes as they are; reads until the server closes. A server may answer and close before it has read all.
pub(crate) async fn raw(url: &str, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut stream = TcpStream::connect(address(url)).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let mut answer = Vec::new();
    let (_broken, _reset) = tokio::join!(writing.write_all(bytes.as_ref()), reading.read_to_end(&mut answer));
    answer
}

/// A request with these header lines besides Host and Connection.
pub(crate) async fn send(method: &str, url: &str, lines: &[(&str, &str)], body: &str) -> Answer {
    let host = address(url);
    let (_, target) = url.split_once(host).unwrap();
    let target = if target.is_empty() { "/" } else { target };
    let mut request = format!("{method} {target} HTTP/1.1\r\n");
    if !lines.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request.push_str(&format!("Host: {host}\r\n"));
    }
    for (name, value) in lines {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("Connection: close\r\n\r\n");
    request.push_str(body);
    Answer::parse(&raw(url, request).await)
}

/// GET.
pub(crate) async fn get(url: &str) -> Answer {
    send("GET", url, &[], "").await
}

/// A request with a JSON body.
pub(crate) async fn json(method: &str, url: &str, body: &str) -> Answer {
    send(method, url, &[("Content-Type", "application/json")], body).await
}
