//! An org of a few lines for the reference client's tests: it answers by a script and keeps what it was asked.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A request as the script sees it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// `GET /api/v1/users?limit=2`.
    pub(super) line: String,
    /// All header lines.
    pub(super) head: String,
    /// The body.
    pub(super) body: String,
}

/// Status, header lines, body.
pub(super) type Answered = (u16, Vec<(&'static str, String)>, String);

type Script = Arc<dyn Fn(&Asked, usize) -> Answered + Send + Sync>;

/// A listener that answers by a script until it is dropped.
pub(super) struct ScriptedOrg {
    /// `http://127.0.0.1:41233`.
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: tokio::task::JoinHandle<()>,
}

impl ScriptedOrg {
    /// The script gets each request and how many came before it.
    pub(super) async fn start(script: impl Fn(&Asked, usize) -> Answered + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, script): (_, Script) = (Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let seen = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&script), Arc::clone(&seen)));
            }
        });
        Self { url, asked, task }
    }

    /// Everything that was asked.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The request lines.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

impl Drop for ScriptedOrg {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, script: Script, seen: Arc<Mutex<Vec<Asked>>>) {
    let mut bytes = Vec::new();
    let asked = loop {
        if let Some(asked) = whole(&bytes) {
            break asked;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let (status, headers, body) = {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = script(&asked, seen.len());
        seen.push(asked);
        answered
    };
    let mut text = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes()).await;
}

fn whole(bytes: &[u8]) -> Option<Asked> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (line, head) = head.split_once("\r\n")?;
    let length = head
        .lines()
        .find_map(|line| {
            line.to_lowercase().strip_prefix("content-length:").map(|value| value.trim().parse().ok())
        })
        .flatten()
        .unwrap_or(0);
    (body.len() >= length).then(|| Asked {
        line: line.trim_end_matches(" HTTP/1.1").to_owned(),
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
