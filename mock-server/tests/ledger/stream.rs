//! The ledger as it grows: server-sent events.

use std::time::Duration;

use mock_server::MockOrg;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::{address, get, json as send_json, send};

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

struct Reader {
    stream: TcpStream,
    text: String,
}

impl Reader {
    async fn open(org: &MockOrg, name: &str, query: &str, lines: &str) -> Self {
        let url = format!("{}/orgs/{name}/ledger/stream{query}", org.control_url());
        let host = address(&url);
        let (_, target) = url.split_once(host).unwrap();
        let mut stream = TcpStream::connect(host).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self { stream, text: String::new() };
        while !reader.text.contains(": from ") {
            reader.more().await;
        }
        reader
    }

    /// Reads until something has come.
    async fn until(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            assert!(self.more().await, "the stream ended without {wanted:?}: {}", self.text);
        }
    }

    async fn more(&mut self) -> bool {
        if self.over() {
            return false;
        }
        let mut bytes = [0; 64 * 1024];
        let count = timeout(PATIENCE, self.stream.read(&mut bytes)).await.unwrap().unwrap_or(0);
        self.text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }

    /// Chunked: the last chunk has no bytes.
    fn over(&self) -> bool {
        self.text.ends_with("\r\n0\r\n\r\n")
    }

    async fn rest(mut self) -> String {
        while self.more().await {}
        self.text
    }

    fn seqs(&self) -> Vec<u64> {
        seqs(&self.text)
    }
}

fn seqs(text: &str) -> Vec<u64> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.trim().parse().unwrap()).collect()
}

async fn ask(org: &MockOrg, path: &str) {
    get(&format!("{}{path}", org.base_url())).await;
}

#[tokio::test]
async fn exchanges_come_as_they_happen_and_a_reader_resumes() {
    let org = MockOrg::builder().start().await.unwrap();
    ask(&org, "/before").await;
    let mut reader = Reader::open(&org, "default", "", "").await;
    assert!(reader.text.contains("content-type: text/event-stream"), "{}", reader.text);
    ask(&org, "/api/v1/users/a?sessionToken=hidden").await;
    reader.until("id: 2").await;
    ask(&org, "/b").await;
    reader.until("id: 3").await;
    assert_eq!(reader.seqs(), [2, 3], "from now on");
    let data = reader.text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let shown: Value = serde_json::from_str(data).unwrap();
    assert_eq!(shown["request"]["target"], "/api/v1/users/a?sessionToken=secret:1");
    let kept = get(&format!("{}/orgs/default/ledger?since=1&limit=1", org.control_url())).await.json();
    assert_eq!(shown, kept[0], "the same as in the ledger");
    drop(reader);
    let resumed = Reader::open(&org, "default", "?since=0&limit=1", "Last-Event-ID: 2\r\n").await;
    assert_eq!(seqs(&resumed.rest().await), [3], "the id of the last event wins");
    let chosen = Reader::open(&org, "default", "?since=0&path=/b&limit=1", "").await;
    assert_eq!(seqs(&chosen.rest().await), [3]);
    let url = format!("{}/orgs/default/ledger/stream", org.control_url());
    assert_eq!(send("GET", &url, &[("Last-Event-ID", "x")], "").await.status, 400);
}

#[tokio::test]
async fn a_reader_is_told_when_the_ledger_is_emptied() {
    let org = MockOrg::builder().start().await.unwrap();
    let own = format!("{}/orgs/default", org.control_url());
    for _ in 0..3 {
        ask(&org, "/a").await;
    }
    let mut reader = Reader::open(&org, "default", "?since=0", "").await;
    reader.until("id: 3").await;
    send("DELETE", &format!("{own}/ledger"), &[], "").await;
    reader.until("event: emptied").await;
    ask(&org, "/b").await;
    reader.until("id: 4").await;
    send("POST", &format!("{own}/reset"), &[], "").await;
    ask(&org, "/c").await;
    reader.until("\"/c\"").await;
    assert_eq!(reader.seqs(), [1, 2, 3, 4, 1]);
    assert_eq!(reader.text.matches("event: emptied").count(), 2);
    // Whoever was away meanwhile learns it as well.
    let mut late = Reader::open(&org, "default", "", "Last-Event-ID: 4\r\n").await;
    late.until("id: 1").await;
    assert_eq!(late.text.matches("event: emptied").count(), 1);
}

#[tokio::test]
async fn it_ends_with_the_org_and_with_the_server() {
    let org = MockOrg::builder().start().await.unwrap();
    let orgs = format!("{}/orgs", org.control_url());
    send_json("POST", &orgs, r#"{"name":"acme"}"#).await;
    let reader = Reader::open(&org, "acme", "", "").await;
    assert_eq!(send("DELETE", &format!("{orgs}/acme"), &[], "").await.status, 204);
    assert!(reader.rest().await.contains(": the org is gone"));
    let reader = Reader::open(&org, "default", "", "").await;
    let stopped = tokio::spawn(org.stopped());
    assert!(reader.rest().await.contains(": the org is gone"));
    timeout(PATIENCE, stopped).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_does_not_read_holds_nobody_up_and_is_dropped() {
    let org = MockOrg::builder().ledger_mib(1).rate_limits("off").start().await.unwrap();
    let reader = Reader::open(&org, "default", "?since=0", "").await;
    // More than the sockets' buffers and the ledger hold.
    let body = "a".repeat(16 * 1024);
    for _ in 0..1500 {
        let answer = send_json("POST", &format!("{}/x", org.base_url()), &body).await;
        assert_eq!(answer.status, 404);
    }
    let text = reader.rest().await;
    let seqs = seqs(&text);
    assert!(text.contains("exchanges were pushed out before they were read"), "{} came", seqs.len());
    assert!(!seqs.is_empty() && seqs.len() < 1500, "{}", seqs.len());
    assert!(seqs.is_sorted(), "in order");
}
