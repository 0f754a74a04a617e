//! The proxy between a client and a real org: CONNECT to the org's host is answered, TLS ends here with a certificate of
//! the run's own authority, and what comes out is recorded and passed on. The client keeps the org's name, on which
//! audiences, issuers, proofs and links depend. Every other host is refused.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Request as HttpRequest, Response as HttpResponse, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use reqwest::header::HeaderMap;
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use super::{
    caller::{Answered, CallError, Caller, Outgoing, is_passed_on},
    witness::Record,
};
use crate::{
    client::connect::{self, Opening},
    target::ledger::{Request, Response},
};

/// Requests with larger bodies are no client's.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// The authority of a run, and what it signed for the org's host.
#[derive(Clone)]
pub(crate) struct Authority {
    /// Its certificate, for the client to trust.
    pub(crate) pem: String,
    acceptor: TlsAcceptor,
    /// `acme.okta.com:443`.
    host_port: String,
}

impl Authority {
    /// A new one for the host, kept nowhere.
    ///
    /// # Errors
    /// No certificate can be made, in words.
    pub(crate) fn new(host: &str, port: u16) -> Result<Self, String> {
        let failed = |error: rcgen::Error| format!("no certificate for {host}: {error}");
        let named = |names: Vec<String>, name: &str| {
            let mut params = CertificateParams::new(names)?;
            params.distinguished_name.push(DnType::CommonName, name);
            Ok(params)
        };
        let mut authority = named(Vec::new(), "orgtwin run CA").map_err(failed)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(failed)?;
        let pem = authority.self_signed(&key).map_err(failed)?.pem();
        let issuer = Issuer::new(authority, key);
        let mut leaf = named(vec![host.trim_matches(['[', ']']).to_owned()], host).map_err(failed)?;
        leaf.is_ca = IsCa::ExplicitNoCa;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = leaf.signed_by(&key, &issuer).map_err(failed)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate.into()], key))
            .map_err(|error| format!("the proxy's TLS: {error}"))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let host_port = format!("{}:{port}", host.to_ascii_lowercase());
        Ok(Self { pem, acceptor: TlsAcceptor::from(Arc::new(config)), host_port })
    }
}

/// A proxy; gone when dropped.
#[derive(Debug)]
pub(crate) struct WitnessProxy {
    /// `http://127.0.0.1:41235`.
    pub(crate) url: String,
    task: JoinHandle<()>,
}

impl Drop for WitnessProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Way {
    authority: Authority,
    caller: Arc<Caller>,
    record: Arc<Record>,
}

impl WitnessProxy {
    /// Opens it on a free port of this machine, for one scenario's record.
    ///
    /// # Errors
    /// No port can be had.
    pub(crate) async fn open(
        authority: Authority,
        caller: Arc<Caller>,
        record: Arc<Record>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let way = Arc::new(Way { authority, caller, record });
        let task = tokio::spawn(async move {
            // They end with this task.
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let way = Arc::clone(&way);
                connections.spawn(async move {
                    if let Err(cause) = lead(client, &way).await {
                        way.record.trouble(format!("a connection to the proxy: {cause}"));
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { url, task })
    }
}

async fn lead(mut client: TcpStream, way: &Arc<Way>) -> std::io::Result<()> {
    way.record.touch();
    let Some(Opening { line, rest }) = Opening::read(&mut client).await? else { return Ok(()) };
    let mut words = line.split(' ');
    let admitted = words.next() == Some("CONNECT")
        && words.next().is_some_and(|host| host.eq_ignore_ascii_case(&way.authority.host_port));
    if !admitted {
        let host = &way.authority.host_port;
        way.record.trouble(format!("the client asked the proxy for `{line}`; it leads to {host} only"));
        return connect::refuse(client, host).await;
    }
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    let early = std::io::Cursor::new(rest);
    let (read, write) = client.into_split();
    let Ok(tls) = way.authority.acceptor.accept(tokio::io::join(early.chain(read), write)).await else {
        // A client that does not trust the run's authority says so itself.
        return Ok(());
    };
    let service = service_fn(|request| answer(request, way));
    let mut http = hyper::server::conn::http1::Builder::new();
    // A client that hangs up is none of our business.
    let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(tls), service).await;
    Ok(())
}

async fn answer(
    request: HttpRequest<Incoming>,
    way: &Arc<Way>,
) -> Result<HttpResponse<Full<Bytes>>, Infallible> {
    let _under_way = way.record.begin();
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        way.record.trouble("a request whose body was cut off or too large".to_owned());
        return Ok(refusal(413, "the body was cut off or is too large"));
    };
    let body = body.to_bytes();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.headers {
        if is_passed_on(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    let seen = Request {
        method: parts.method.to_string(),
        target: target.clone(),
        headers: lines(&parts.headers),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let outgoing = Outgoing { method: parts.method, target, headers, body: body.to_vec() };
    match way.caller.call(outgoing).await {
        Ok(answered) => {
            let response = Response {
                status: answered.status,
                headers: lines(&answered.headers),
                body: String::from_utf8_lossy(&answered.body).into_owned(),
                body_truncated: false,
            };
            if let Some(token) = way.record.keep(seen, response) {
                way.caller.keep_token(token);
            }
            Ok(passed_on(answered))
        }
        Err(error) => {
            let status = if matches!(error, CallError::Http { .. }) { 502 } else { 403 };
            // What ends the whole run is told there.
            if !matches!(error, CallError::Refused(_)) {
                way.record.trouble(error.to_string());
            }
            Ok(refusal(status, &error.to_string()))
        }
    }
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let line = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers.iter().map(line).collect()
}

fn passed_on(answered: Answered) -> HttpResponse<Full<Bytes>> {
    let mut response = HttpResponse::new(Full::new(Bytes::from(answered.body)));
    *response.status_mut() = hyper::StatusCode::from_u16(answered.status).unwrap_or_default();
    for (name, value) in &answered.headers {
        if is_passed_on(name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    response
}

/// The proxy's own no; the org never saw the request.
fn refusal(status: u16, words: &str) -> HttpResponse<Full<Bytes>> {
    let mut response = HttpResponse::new(Full::new(Bytes::from(format!("orgtwin: {words}\n"))));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}
