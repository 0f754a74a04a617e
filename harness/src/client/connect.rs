//! How a way through a proxy begins: the head of a `CONNECT`, and the refusal of one that leads elsewhere.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// No head of a `CONNECT` is longer.
const MAX_HEAD: usize = 16 * 1024;

/// The first line that a client says to its proxy, and what came behind the head: a client may not wait for the answer
/// before it speaks TLS.
pub(crate) struct Opening {
    /// `CONNECT host:port HTTP/1.1`
    pub(crate) line: String,
    /// The beginning of what goes through.
    pub(crate) rest: Vec<u8>,
}

impl Opening {
    /// Reads it; none when the client goes before its head is over, or says too much.
    ///
    /// # Errors
    /// The socket's.
    pub(crate) async fn read(client: &mut TcpStream) -> std::io::Result<Option<Self>> {
        let mut head = Vec::new();
        let end = loop {
            if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if head.len() > MAX_HEAD || client.read_buf(&mut head).await? == 0 {
                return Ok(None);
            }
        };
        let first = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        Ok(Some(Self { line: String::from_utf8_lossy(first).into_owned(), rest: head.split_off(end) }))
    }
}

/// Says that the proxy leads to one host only, and hangs up.
///
/// # Errors
/// The socket's.
pub(crate) async fn refuse(mut client: TcpStream, host: &str) -> std::io::Result<()> {
    let body = format!("orgtwin's proxy leads to {host} only\n");
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await
}
