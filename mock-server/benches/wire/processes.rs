//! The servers as processes: started by running this program again.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use axum::body::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use mock_server::exchange::{HeaderLines, Request, Trace};
use mock_server::gateway;
use mock_server::org::seed::dev;
use mock_server::org::{Org, OrgOptions};
use mock_server::{MockOrg, MockOrgBuilder};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bare;

/// A server in another process.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    pub(crate) fn start(which: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["serve", which])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().unwrap() }
    }

    /// User and system time so far, from /proc; in hundredths of a second.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        ticks / 100.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The bare server, with the header lines and bodies that orgtwin would send.
pub(crate) fn serve_bare() {
    let org = Org::new(&dev(), &OrgOptions::default()).unwrap();
    org.configure(|settings| settings.limits.profile = "off".to_owned());
    runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let reply = |target: &str| {
            let token = HeaderValue::from_static("SSWS 00devSuperAdminToken000000000000000000000A");
            let request = Request {
                method: Method::GET,
                target: target.to_owned(),
                headers: HeaderMap::from_iter([(header::AUTHORIZATION, token)]),
                raw_headers: HeaderLines::default(),
                body: Bytes::new(),
                base_url: format!("http://{address}").into(),
                peer: address.ip(),
                now: org.clock().now(),
            };
            gateway::answer(&org, &request, &mut Trace::default())
        };
        let (page, user) = (reply("/api/v1/users?limit=200"), reply("/api/v1/users/ada.admin@example.com"));
        println!("{address}");
        let router = bare::router(page, user, format!("http://{address}/oauth2/v1/token"));
        axum::serve(listener, router).await.unwrap();
    });
}

/// orgtwin with the dev org, its limiter off.
pub(crate) fn serve_mock() {
    serve(MockOrg::builder().rate_limits("off"), &[]);
}

/// The same without a ledger.
pub(crate) fn serve_unwatched() {
    serve(MockOrg::builder().rate_limits("off").ledger_mib(0), &[]);
}

/// With limiter and ledger, and with a fault that strikes other requests.
pub(crate) fn serve_watched() {
    let buckets = r#"{"buckets":{"/api/v1/users/{idOrLogin}":{"limit":4000000000}}}"#;
    let fault = r#"{"match":{"path":"/api/v1/groups/**"},"fault":{"status":503}}"#;
    serve(MockOrg::builder(), &[("PUT", "rate-limits", buckets), ("POST", "faults", fault)]);
}

/// Serves an org to which these control calls were made.
fn serve(builder: MockOrgBuilder, calls: &[(&str, &str, &str)]) {
    runtime().block_on(async {
        let org = builder.start().await.unwrap();
        let address = org.base_url().strip_prefix("http://").unwrap();
        for (method, path, body) in calls {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = format!(
                "{method} /_mock/orgs/default/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
        }
        println!("{address}");
        std::future::pending::<()>().await;
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}
