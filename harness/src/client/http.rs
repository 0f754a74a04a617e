//! An adapter that is reached by HTTP: the same objects as on a line, one in each POST (contracts §4). For adapters that
//! live in a browser, a container or on another machine.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

use super::{Driver, DriverError, FarEnd, Needs, Wire};

/// The header by which an adapter tells conversations apart.
const SESSION: &str = "X-Orgtwin-Session";
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// More than this is no reply.
const LONGEST: usize = 16 * 1024 * 1024;

/// Posts each request to one address.
pub(super) struct Http {
    url: String,
}

impl Http {
    /// An adapter at this address.
    pub(super) fn new(url: String) -> Self {
        Self { url }
    }
}

impl Driver for Http {
    fn describe(&self) -> String {
        format!("the adapter at {}", self.url)
    }

    fn needs(&self) -> Needs {
        // One adapter serves all scenarios; it is spared from telling them apart.
        Needs { alone: true, ..Needs::default() }
    }

    fn open(&self) -> Result<Wire, DriverError> {
        let failed = |error: reqwest::Error| DriverError::Start {
            program: self.url.clone(),
            cause: error.to_string(),
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .connect_timeout(CONNECT)
            .build()
            .map_err(failed)?;
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (replies, requests) = tokio::io::split(near);
        let session = format!("{:016x}", rand::random::<u64>());
        let task = tokio::spawn(carry(far, http, self.url.clone(), session));
        Ok(Wire { requests: Box::new(requests), replies: Box::new(replies), far_end: FarEnd::Task(task) })
    }
}

/// Carries lines to the adapter and its replies back, until `bye`.
async fn carry(pipe: DuplexStream, http: reqwest::Client, url: String, session: String) {
    let (requests, mut replies) = tokio::io::split(pipe);
    let mut lines = BufReader::new(requests).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let request: Value = serde_json::from_str(&line).unwrap_or_default();
        let op = request["op"].as_str().unwrap_or_default();
        let reply = match post(&http, &url, &session, line).await {
            // An adapter that has nothing to say to `bye` says nothing.
            Ok(None) if op == "bye" => None,
            Ok(Some(reply)) => Some(reply),
            Ok(None) => Some(broke(&request, "the answer is empty; answer each POST with the reply object")),
            Err(_) if op == "bye" => None,
            Err(cause) => Some(broke(&request, &format!("POST {url}: {cause}"))),
        };
        if let Some(reply) = reply {
            let _ = replies.write_all(format!("{reply}\n").as_bytes()).await;
        }
        if op == "bye" {
            break;
        }
    }
    let _ = replies.shutdown().await;
}

fn broke(request: &Value, cause: &str) -> Value {
    json!({ "id": request["id"], "outcome": "error", "message": cause })
}

async fn post(
    http: &reqwest::Client,
    url: &str,
    session: &str,
    body: String,
) -> Result<Option<Value>, String> {
    let request = http.post(url).header("Content-Type", "application/json").header(SESSION, session);
    let mut response = request.body(body).send().await.map_err(|error| match error.is_connect() {
        true => {
            "nobody listens there; start the adapter before the run, and check host, port and path".to_owned()
        }
        false => error.to_string(),
    })?;
    let status = response.status();
    let mut bytes: Vec<u8> = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST {
            return Err(format!("the answer is longer than {LONGEST} bytes; a reply is one JSON object"));
        }
    }
    if !status.is_success() {
        return Err(format!(
            "the adapter answered {status}; answer 200 with the reply object, whatever came of the op \
             (`refused` and `error` are outcomes, not statuses)"
        ));
    }
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let reply: Value = serde_json::from_str(&text).map_err(|error| {
        let shown: String = text.chars().take(80).collect();
        format!("the answer is not JSON ({error}): {shown:?}")
    })?;
    match reply.get("id") {
        Some(_) => Ok(Some(reply)),
        None => Err("the answer is no object with an `id`; echo the id of the request".to_owned()),
    }
}
