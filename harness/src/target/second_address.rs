//! A second address of an org: what a client sends there reaches the org, which answers with links to its own
//! address. So a next page is at another origin than the client was given, as behind a gateway that is set up badly.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The header that marks what came this way.
pub(crate) const VIA: (&str, &str) = ("Via", "1.1 second-address");
/// Heads larger than this are no client's.
const MAX_HEAD: usize = 64 * 1024;

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
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let authority = base_url.trim_start_matches("http://").to_owned();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let authority = authority.clone();
                // A connection that fails is the client's to report.
                tokio::spawn(async move { forward(client, &authority).await.ok() });
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
async fn forward(mut client: TcpStream, authority: &str) -> std::io::Result<()> {
    let mut received = Vec::new();
    let end = loop {
        if let Some(at) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 2;
        }
        if received.len() > MAX_HEAD || client.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    };
    let (head, rest) = received.split_at(end);
    let mut org = TcpStream::connect(authority).await?;
    org.write_all(rewritten(&String::from_utf8_lossy(head), authority).as_bytes()).await?;
    org.write_all(rest).await?;
    copy_bidirectional(&mut client, &mut org).await?;
    Ok(())
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
        assert_eq!(
            rewritten(head, "127.0.0.1:1"),
            "GET /api HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAccept: a\r\nVia: 1.1 second-address\r\nConnection: close\r\n"
        );
    }
}
