//! The load: a few keep-alive connections that ask as fast as they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::org::keys::fixture_pem;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 8;

/// Requests, ready to be written.
pub(crate) struct Load(Arc<Vec<Vec<u8>>>);

impl Load {
    /// A GET by the super admin's API token.
    pub(crate) fn get(path: &str) -> Self {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: SSWS 00devSuperAdminToken000000000000000000000A\r\n\
             Accept: application/json\r\nUser-Agent: bench\r\n\r\n"
        );
        Self(Arc::new(vec![request.into_bytes()]))
    }

    /// Token requests, each with an assertion of its own.
    pub(crate) fn tokens(address: SocketAddr, count: usize) -> Self {
        let key = EncodingKey::from_rsa_pem(fixture_pem("client-rsa").unwrap().as_bytes()).unwrap();
        let seconds = std::time::UNIX_EPOCH.elapsed().unwrap();
        let header = Header { kid: Some("dev-rsa".to_owned()), ..Header::new(Algorithm::RS256) };
        let one = |nth: usize| {
            let client = "0oadevservice00001d7";
            let claims = json!({
                "iss": client, "sub": client, "aud": format!("http://{address}/oauth2/v1/token"),
                "iat": seconds.as_secs(), "exp": seconds.as_secs() + 600, "jti": format!("{}-{nth}", seconds.as_nanos()),
            });
            let assertion = jsonwebtoken::encode(&header, &claims, &key).unwrap();
            let body = format!(
                "grant_type=client_credentials&scope=okta.users.read&client_assertion_type=\
                 urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
            );
            format!(
                "POST /oauth2/v1/token HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        };
        Self(Arc::new((0..count).map(one).collect()))
    }

    /// Asks again and again; requests a second.
    pub(crate) async fn for_a_while(&self, address: SocketAddr, duration: Duration) -> f64 {
        let start = Instant::now();
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let requests = self.0.clone();
                tokio::spawn(async move {
                    let mut connection = Connection::open(address).await;
                    let mut answered = 0_u32;
                    while start.elapsed() < duration {
                        connection.ask(&requests[0]).await;
                        answered += 1;
                    }
                    answered
                })
            })
            .collect();
        let mut answered = 0;
        for task in tasks {
            answered += task.await.unwrap();
        }
        f64::from(answered) / start.elapsed().as_secs_f64()
    }

    /// Asks each request once.
    pub(crate) async fn once_each(&self, address: SocketAddr) {
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|first| {
                let requests = self.0.clone();
                tokio::spawn(async move {
                    let mut connection = Connection::open(address).await;
                    for request in requests.iter().skip(first).step_by(CONNECTIONS) {
                        connection.ask(request).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(512 * 1024) }
    }

    /// One request, one answer, which must be a 200.
    async fn ask(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        let whole = loop {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "the server closed");
            if let Some(head) = find(&self.buffer, b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
                assert!(text.starts_with("http/1.1 200"), "{text}");
                let length =
                    text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()).unwrap();
                break head + 4 + length.parse::<usize>().unwrap();
            }
        };
        while self.buffer.len() < whole {
            assert_ne!(self.stream.read_buf(&mut self.buffer).await.unwrap(), 0, "the server closed");
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
