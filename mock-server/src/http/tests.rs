//! Listeners with a site that says what it read.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, Version, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::Timestamp;
use parking_lot::Mutex;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::*;

/// Answers with what it read; keeps what the listener answered itself.
#[derive(Default)]
struct Mirror {
    kept: Mutex<Vec<(u16, String)>>,
}

impl Site for Mirror {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn arrive(&self) -> Arc<Flight> {
        Arc::default()
    }

    fn answer(&self, request: Request, version: Version, _: &Arc<Flight>) -> Answer {
        let seen = json!({
            "target": request.target,
            "lines": request.raw_headers,
            "body": String::from_utf8_lossy(&request.body),
            "base_url": &*request.base_url,
            "version": format!("{version:?}"),
        });
        let line = |value| HeaderValue::from_static(value);
        let reply = Reply::json(StatusCode::OK, seen.to_string())
            .with(header::LINK, line("<a>; rel=\"self\""))
            .with(header::DATE, line("Thu, 01 Jan 1970 00:00:00 GMT"))
            .with(header::LINK, line("<b>; rel=\"next\""));
        Answer::Now(reply)
    }

    fn keep(&self, request: &Request, _: Version, trace: &Trace, reply: &Reply) {
        let reason = trace.steps.iter().map(|step| &*step.reason).collect::<String>();
        self.kept.lock().push((reply.status.as_u16(), format!("{} {reason}", request.target)));
    }

    fn control(&self, request: http::Request<Incoming>, arrival: Arrival) -> ControlFuture {
        let said = format!("{} {}", arrival.base_url, request.uri());
        Box::pin(async move { Response::new(Body::from(said)) })
    }
}

struct Served {
    site: Arc<Mirror>,
    tasks: Tasks,
    address: SocketAddr,
}

async fn serve(policy: Policy, tls: Option<Arc<rustls::ServerConfig>>) -> Served {
    let site = Arc::new(Mirror::default());
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), tls).await.unwrap();
    let address = listener.url().rsplit('/').next().unwrap().parse().unwrap();
    let tasks = Tasks::default();
    listener.serve(site.clone(), Arc::new(policy), &tasks);
    Served { site, tasks, address }
}

impl Served {
    /// Sends bytes as they are and reads until the server closes.
    async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (address, bytes) = (self.address, bytes.into());
        let exchange = move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(&bytes).unwrap();
            let mut answer = Vec::new();
            // A server that refuses may reset after its answer.
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::task::spawn_blocking(exchange).await.unwrap()
    }
}

fn bodies(answers: &str) -> Vec<Value> {
    let parts = answers.split("\r\n\r\n").skip(1);
    parts.filter_map(|part| serde_json::Deserializer::from_str(part).into_iter().next()?.ok()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pipelined_requests_keep_their_own_header_lines() {
    let served = serve(Policy::default(), None).await;
    let answers = served
        .raw(
            "GET /one?x=%41 HTTP/1.1\r\nhOST: a:1\r\nX-B: 1\r\nAccept: x\r\nx-b: 2\r\n\r\n\
             POST /two HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nT: t\r\n\r\n\
             PUT /three HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\n\r\nhi\
             GET /four HTTP/1.1\r\nHost: b\r\nConnection: close\r\nZ: z\r\n\r\n",
        )
        .await;
    let bodies = bodies(&answers);
    assert_eq!(bodies.len(), 4, "{answers}");
    assert_eq!(bodies[0]["lines"], json!([["hOST", "a:1"], ["X-B", "1"], ["Accept", "x"], ["x-b", "2"]]));
    assert_eq!(bodies[0]["target"], "/one?x=%41");
    assert_eq!(bodies[0]["base_url"], "http://a:1");
    assert_eq!((&bodies[1]["target"], &bodies[1]["body"]), (&json!("/two"), &json!("hello!")));
    assert_eq!((&bodies[2]["target"], &bodies[2]["body"]), (&json!("/three"), &json!("hi")));
    assert_eq!(bodies[3]["lines"], json!([["Host", "b"], ["Connection", "close"], ["Z", "z"]]));
    let heads: Vec<&str> = answers.split("HTTP/1.1 200 OK").skip(1).collect();
    assert!(heads.iter().all(|head| head.matches("\r\nlink: ").count() == 2), "two Link lines: {answers}");
    assert!(heads.iter().all(|head| head.matches("\r\ndate: ").count() == 1), "one Date line: {answers}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_has_the_headers_of_get_and_no_body() {
    let served = serve(Policy::default(), None).await;
    let get = served.raw("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    let head = served.raw("HEAD /x HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    let (lines, body) = get.split_once("\r\n\r\n").unwrap();
    assert_eq!(head, format!("{lines}\r\n\r\n"));
    assert!(lines.contains(&format!("content-length: {}", body.len())), "{lines}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused() {
    let served = serve(Policy::default(), None).await;
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101));
    for (bytes, status) in [
        (long.as_str(), "HTTP/1.1 431 "),
        (&many, "HTTP/1.1 431 "),
        ("\u{16}\u{3}\u{1}\u{2}\0garbage\r\n\r\n", "HTTP/1.1 400 "),
        ("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 400 "),
    ] {
        let answer = served.raw(bytes).await;
        assert!(answer.starts_with(status), "{status}: {answer:?}");
    }
    assert!(served.raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_told_and_kept() {
    let served = serve(Policy { max_body: 1000, ..Policy::default() }, None).await;
    let sized = format!("POST /sized HTTP/1.1\r\nContent-Length: 300000\r\n\r\n{}", "a".repeat(300_000));
    let chunk = format!("400\r\n{}\r\n", "a".repeat(1024));
    let chunked = format!("POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
    let expects = "POST /expects HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n";
    for bytes in [sized.as_str(), &chunked, expects] {
        let answer = served.raw(bytes).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.ends_with(r#"{"error":"the body has more than 1000 bytes; send less"}"#), "{answer}");
    }
    let kept = served.site.kept.lock().clone();
    let targets: Vec<&str> = kept.iter().filter_map(|(_, text)| text.split(' ').next()).collect();
    assert_eq!(targets, ["/sized", "/chunked", "/expects"]);
    let fits =
        format!("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n{}", "a".repeat(1000));
    assert!(served.raw(fits).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_peers_are_let_go() {
    let served = serve(Policy { patience: Duration::from_millis(50), ..Policy::default() }, None).await;
    assert_eq!(served.raw("").await, "", "nothing came");
    assert_eq!(served.raw("GET / HTTP/1.1\r\nHost: a\r\n").await, "", "no end of the head");
    assert_eq!(served.raw("PRI * HT").await, "", "no end of the HTTP/2 preface");
    let answer = served.raw("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "no end of the body: {answer}");
}

/// Who asks again and again and reads nothing fills the socket's buffers, and is let go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_let_go() {
    let served = serve(Policy { patience: Duration::from_millis(100), ..Policy::default() }, None).await;
    let mut stream = std::net::TcpStream::connect(served.address).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let ask = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(32 * 1024));
    let outcome = (0..100_000).find_map(|_| stream.write_all(ask.as_bytes()).err());
    let error = outcome.unwrap().kind();
    let cut = [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::BrokenPipe];
    assert!(cut.contains(&error), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_connections_than_there_are_places_for_wait() {
    let served = serve(Policy { max_connections: 1, ..Policy::default() }, None).await;
    let mut first = std::net::TcpStream::connect(served.address).unwrap();
    first.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    first.read_exact(&mut [0; 12]).unwrap();
    let mut second = std::net::TcpStream::connect(served.address).unwrap();
    second.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    second.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(second.read_exact(&mut [0; 1]).is_err(), "there is no place yet");
    drop(first);
    second.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = [0; 12];
    second.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_closes_idle_connections_and_frees_the_port() {
    let served = serve(Policy::default(), None).await;
    let mut idle = std::net::TcpStream::connect(served.address).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    served.tasks.stop();
    tokio::time::timeout(Duration::from_secs(10), served.tasks.ended()).await.unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).unwrap();
    assert!(std::net::TcpStream::connect(served.address).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_path_is_not_the_orgs() {
    let served = serve(Policy::default(), None).await;
    let ask = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n");
    assert!(served.raw(ask("/_mock/health?x")).await.ends_with("http://c /_mock/health?x"));
    assert!(served.raw(ask("/_mocked")).await.contains(r#""target":"/_mocked""#));
}

/// A request over TLS, in the protocol that is negotiated.
async fn over_tls(
    address: SocketAddr,
    ca_pem: &str,
    name: &str,
    alpn: &[&[u8]],
) -> (Response<Bytes>, Option<Vec<u8>>) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let negotiated = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    let io = TokioIo::new(stream);
    let request = http::Request::builder().header("x-b", "1").header("accept", "x").header("x-b", "2");
    let response = if negotiated.as_deref() == Some(b"h2") {
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        let request =
            request.method(Method::HEAD).uri("https://acme.localhost:444/h2?q").body(Empty::<Bytes>::new());
        let head = sender.send_request(request.unwrap()).await.unwrap();
        assert!(head.into_body().collect().await.unwrap().to_bytes().is_empty());
        let request = http::Request::builder().header("x-b", "1").header("accept", "x").header("x-b", "2");
        let request = request.uri("https://acme.localhost:444/h2?q").body(Empty::<Bytes>::new());
        sender.send_request(request.unwrap()).await.unwrap()
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let request = request.uri("/h1").header("host", "localhost:443").body(Empty::<Bytes>::new());
        sender.send_request(request.unwrap()).await.unwrap()
    };
    let (parts, body) = response.into_parts();
    (Response::from_parts(parts, body.collect().await.unwrap().to_bytes()), negotiated)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_speaks_both_protocols_for_every_name() {
    let today = crate::org::clock::Clock::default().now();
    let tls = tls::Tls::with_new_ca(&["acme.localhost".to_owned()], today).unwrap();
    let more = tls.for_names(&["acme.okta.com".to_owned()], today);
    let ca = tls.ca_pem.unwrap();
    let served = serve(Policy::default(), Some(tls.config)).await;
    for name in ["localhost", "127.0.0.1", "::1", "acme.localhost"] {
        let (response, _) = over_tls(served.address, &ca, name, &[b"http/1.1"]).await;
        let seen: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(seen["base_url"], "https://localhost:443");
        assert_eq!(seen["version"], "HTTP/1.1");
    }
    let (response, negotiated) = over_tls(served.address, &ca, "localhost", &[b"h2", b"http/1.1"]).await;
    assert_eq!(negotiated.as_deref(), Some(&b"h2"[..]));
    assert_eq!(response.headers().get_all("link").iter().count(), 2);
    let seen: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(seen["version"], "HTTP/2.0");
    assert_eq!(seen["base_url"], "https://acme.localhost:444");
    assert_eq!(seen["target"], "/h2?q");
    assert_eq!(seen["lines"], json!([["x-b", "1"], ["x-b", "2"], ["accept", "x"]]));

    let more = more.unwrap();
    assert_eq!(more.ca_pem.as_ref(), Some(&ca), "by the same CA");
    let served = serve(Policy::default(), Some(more.config)).await;
    let (response, _) = over_tls(served.address, &ca, "acme.okta.com", &[b"http/1.1"]).await;
    assert_eq!(response.status(), 200);
}
