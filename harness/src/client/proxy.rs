//! The proxy of a client that knows its org by another host: CONNECT to that host leads to the
//! scenario's org, whose TLS listener has a certificate for it by the run's CA. Every other host is refused and noted
//! (harness-anchors §3).

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::connect::{self, Opening};

/// A proxy; gone when dropped.
pub(crate) struct Proxy {
    /// `http://127.0.0.1:41235`.
    pub(crate) url: String,
    /// What was refused, in words, since it was looked at last.
    refused: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

/// Where connections go.
struct Route {
    /// `acme.okta.com`, or with a port.
    host: String,
    /// The org's TLS listener.
    org: String,
}

impl Proxy {
    /// Opens it in front of the org that listens with TLS at `org` (`127.0.0.1:41233`), for one host.
    ///
    /// # Errors
    /// No port can be had.
    pub(crate) async fn open(host: &str, org: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let route = Arc::new(Route { host: host.to_ascii_lowercase(), org: org.to_owned() });
        let refused = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&refused);
        let task = tokio::spawn(async move {
            // They end with this task.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (route, notes) = (Arc::clone(&route), Arc::clone(&notes));
                // A connection that fails is the client's to report.
                connections.spawn(async move { lead(client, &route, &notes).await.ok() });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { url, refused, task })
    }

    /// What was refused since this was asked last.
    pub(crate) fn refused(&self) -> Vec<String> {
        std::mem::take(&mut self.refused.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn lead(mut client: TcpStream, route: &Route, notes: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let Some(opening) = Opening::read(&mut client).await? else { return Ok(()) };
    let line = opening.line;
    if !route.admits(&line) {
        let what = line.rsplit_once(' ').map_or(line.as_str(), |(what, _)| what);
        notes.lock().unwrap_or_else(PoisonError::into_inner).push(format!("the proxy refused {what}"));
        return connect::refuse(client, &route.host).await;
    }
    let mut org = TcpStream::connect(&route.org).await?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    org.write_all(&opening.rest).await?;
    copy_bidirectional(&mut client, &mut org).await.map(drop)
}

impl Route {
    /// A request line of the proxy's own: `CONNECT acme.okta.com:443 HTTP/1.1`.
    fn admits(&self, line: &str) -> bool {
        let mut words = line.split(' ');
        let (Some("CONNECT"), Some(target)) = (words.next(), words.next()) else { return false };
        let target = target.to_ascii_lowercase();
        let wanted = match self.host.rsplit_once(':') {
            Some(_) => self.host.clone(),
            None => format!("{}:443", self.host),
        };
        // The org by its second name, which scenarios of strangers use, is the org too.
        let by_port = self.org.rsplit_once(':').map(|(_, port)| format!("localhost:{port}"));
        target == wanted || Some(target) == by_port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_is_let_through() {
        let route = Route { host: "acme.okta.com".to_owned(), org: "127.0.0.1:4433".to_owned() };
        for line in [
            "CONNECT acme.okta.com:443 HTTP/1.1",
            "CONNECT ACME.okta.com:443 HTTP/1.0",
            "CONNECT localhost:4433 HTTP/1.1",
        ] {
            assert!(route.admits(line), "{line}");
        }
        for line in [
            "CONNECT evil.example:443 HTTP/1.1",
            "CONNECT acme.okta.com.evil.example:443 HTTP/1.1",
            "CONNECT acme.okta.com:80 HTTP/1.1",
            "GET http://acme.okta.com/ HTTP/1.1",
            "",
        ] {
            assert!(!route.admits(line), "{line}");
        }
    }
}
