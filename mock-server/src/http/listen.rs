//! The accept loop: plain TCP or TLS, HTTP/1.1 and HTTP/2, patience with slow peers, an orderly stop.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::ready;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, PollSemaphore};
use tokio_util::task::TaskTracker;

use super::base_url::BaseUrls;
use super::connection::Connection;
use super::heads::Heads;
use super::tap::{Breaking, Outflow, Socket, Tap};
use super::{Policy, Site, own_url};

/// A bound address, not yet served.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    address: SocketAddr,
}

/// The tasks of the listeners that stop together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    stop: CancellationToken,
    /// The accept loops of these listeners.
    accepting: TaskTracker,
    /// Everything, of all that stop together.
    all: TaskTracker,
}

impl Tasks {
    /// Tasks that stop with these, or before them.
    pub(crate) fn child(&self) -> Self {
        Self { stop: self.stop.child_token(), accepting: TaskTracker::new(), all: self.all.clone() }
    }

    /// Does some work, which is given the token by which these stop: then it has to end.
    pub(crate) fn spawn<F>(&self, work: impl FnOnce(CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.all.spawn(work(self.stop.clone()));
    }

    /// Begins to stop: no new connections, idle ones closed, exchanges under way are finished.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until these begin to stop.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Waits until the ports of these listeners are free. Call after [`Tasks::stop`].
    pub(crate) async fn ports_free(&self) {
        self.accepting.close();
        self.accepting.wait().await;
    }

    /// Waits until everything has ended. Call after [`Tasks::stop`], on the tasks that are nobody's child.
    pub(crate) async fn ended(&self) {
        self.all.close();
        self.all.wait().await;
    }
}

impl Listener {
    /// Binds an address.
    ///
    /// # Errors
    /// The system's, when the address is taken or is not this machine's.
    pub(crate) async fn bind(
        address: SocketAddr,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self { socket, tls, address })
    }

    /// The port of the bound address.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The URL of the bound address.
    pub(crate) fn url(&self) -> String {
        own_url(self.scheme(), self.address)
    }

    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Serves a site on the current runtime until the tasks are stopped.
    pub(crate) fn serve(self, site: Arc<dyn Site>, policy: Arc<Policy>, tasks: &Tasks) {
        let serving = Serving {
            own_url: self.url().into(),
            scheme: self.scheme(),
            tls: self.tls.map(TlsAcceptor::from),
            policy,
            site,
            stop: tasks.stop.clone(),
        };
        let accepting = accept(self.socket, Arc::new(serving), tasks.all.clone());
        tasks.all.spawn(tasks.accepting.track_future(accepting));
    }
}

/// What the connections of a listener share.
struct Serving {
    site: Arc<dyn Site>,
    policy: Arc<Policy>,
    scheme: &'static str,
    own_url: Arc<str>,
    tls: Option<TlsAcceptor>,
    stop: CancellationToken,
}

fn http(policy: &Policy) -> auto::Builder<TokioExecutor> {
    let mut http = auto::Builder::new(TokioExecutor::new());
    // The reply says the date, which is the org's. Slow heads are watched here: a timer a connection, not a request.
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(policy.max_head)
        .auto_date_header(false);
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(policy.max_head).unwrap_or(u32::MAX))
        .auto_date_header(false);
    http
}

/// Accepts until it is stopped. There is one for each org, and there may be thousands: what waits is kept small.
async fn accept(socket: TcpListener, serving: Arc<Serving>, connections: TaskTracker) {
    let mut places = PollSemaphore::new(Arc::new(Semaphore::new(serving.policy.max_connections)));
    let mut free = None;
    loop {
        // Whoever finds no place waits in the backlog of the system, at no cost here.
        let next = poll_fn(|context| {
            if free.is_none() {
                free = ready!(places.poll_acquire(context));
            }
            socket.poll_accept(context)
        });
        let accepted = tokio::select! {
            biased;
            () = serving.stop.cancelled() => return,
            accepted = next => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (serving, place) = (serving.clone(), free.take());
                connections.spawn(async move {
                    connect(stream, peer, serving).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                if !is_the_peers(&error) {
                    // Out of file descriptors or memory: some will be free soon.
                    Box::pin(sleep(Duration::from_millis(50))).await;
                }
            }
        }
    }
}

/// Errors that concern the one connection that would have been accepted.
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connect(stream: TcpStream, peer: SocketAddr, serving: Arc<Serving>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let Some(tls) = &serving.tls else {
        return converse(stream, peer, &serving).await;
    };
    let handshake = timeout(serving.policy.patience, tls.accept(stream));
    let outcome = tokio::select! {
        outcome = handshake => outcome,
        () = serving.stop.cancelled() => return,
    };
    match outcome {
        Ok(Ok(stream)) => converse(stream, peer, &serving).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS connection"),
        Err(_) => tracing::debug!(%peer, "no TLS connection in time"),
    }
}

async fn converse<S>(stream: S, peer: SocketAddr, serving: &Serving)
where
    S: Socket + AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let policy = &serving.policy;
    let (heads, outflow) = (Heads::new(policy.max_head), Outflow::default());
    let breaking = Breaking::default();
    let fixed = policy.base_url.clone();
    let connection = Arc::new(Connection {
        site: serving.site.clone(),
        policy: policy.clone(),
        peer: peer.ip().to_canonical(),
        base_urls: BaseUrls::new(serving.scheme, serving.own_url.clone(), fixed, policy.trust_proxy),
        heads: heads.clone(),
        breaking: breaking.clone(),
    });
    let io = TokioIo::new(Tap::new(stream, heads.clone(), outflow.clone(), breaking.clone()));
    let service = service_fn(move |request| connection.clone().handle(request));
    let http = http(policy);
    let mut conversation = pin!(http.serve_connection(io, service));
    let mut stopping = false;
    let (mut seen, mut unread) = (None, None);
    let mut tick = pin!(sleep(policy.patience));
    loop {
        tokio::select! {
            biased;
            outcome = conversation.as_mut() => {
                if let Err(error) = outcome {
                    tracing::debug!(%peer, %error, "the connection ended");
                }
                return;
            }
            () = breaking.told() => return,
            () = serving.stop.cancelled(), if !stopping => {
                stopping = true;
                conversation.as_mut().graceful_shutdown();
                tick.as_mut().reset(Instant::now() + policy.grace);
            }
            () = tick.as_mut() => {
                let progress = heads.progress();
                let waiting = outflow.waiting();
                // The same head was awaited one tick ago, or the same bytes were not read: the peer is too slow.
                let slow = (progress.awaited && seen == Some(progress)) || (waiting.is_some() && waiting == unread);
                if stopping || slow {
                    return;
                }
                (seen, unread) = (Some(progress), waiting);
                tick.as_mut().reset(Instant::now() + policy.patience);
            }
        }
    }
}
