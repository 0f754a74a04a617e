//! An endpoint of somebody else's, which the org calls.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What an endpoint answers to the nth request: status and body; `{challenge}` is the value that it was sent.
pub(crate) type Script = Vec<(u16, &'static str)>;

/// An endpoint that keeps what it is sent.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    pub(crate) async fn with(script: Script) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", socket.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        tokio::spawn(async move {
            let mut script = script.into_iter();
            while let Ok((mut stream, _)) = socket.accept().await {
                let mut request = Vec::new();
                while !is_whole(&request) {
                    let mut bytes = [0; 4096];
                    match stream.read(&mut bytes).await.unwrap() {
                        0 => break,
                        length => request.extend_from_slice(&bytes[..length]),
                    }
                }
                let request = String::from_utf8(request).unwrap();
                let (status, body) = script.next().unwrap_or((500, ""));
                let challenge =
                    header(&request, "x-okta-verification-challenge").unwrap_or_default().to_owned();
                let body = body.replace("{challenge}", &challenge);
                kept.lock().push(request);
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((_, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = header(&text, "content-length").and_then(|length| length.parse::<usize>().ok()).unwrap_or(0);
    body.len() >= length
}

/// The value of a header line of a request.
pub(crate) fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    let lines = request.split("\r\n\r\n").next()?.split("\r\n");
    let mut pairs = lines.filter_map(|line| line.split_once(": "));
    pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
