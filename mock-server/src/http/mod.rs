//! The sockets: the only asynchronous code. Bytes become a [`Request`], a [`Reply`] becomes bytes.
//!
//! A listener knows nothing of orgs. Behind it stands a [`Site`], which answers. HTTP/1.1 and HTTP/2 over TCP and
//! TLS come the same way: accept → (TLS) → [`tap`] keeps the heads as they were → hyper → [`request`] → `Site::answer`
//! → [`reply`].

mod base_url;
mod chunked;
mod connection;
mod delivery;
mod heads;
mod listen;
mod reply;
mod request;
mod tap;
pub(crate) mod tls;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Response, Version};
use hyper::body::Incoming;
use jiff::Timestamp;

pub(crate) use base_url::{host_is_valid, host_name};
pub(crate) use listen::{Listener, Tasks};

use crate::exchange::{Delivery, Reply, Request, Trace};
use crate::limits::Flight;

/// The path below which requests are the control API's and not the org's.
pub(crate) const CONTROL_PATH: &str = "/_mock";

/// What stands behind a listener.
pub(crate) trait Site: Send + Sync {
    /// The time at which a request that was just read counts as read.
    fn now(&self) -> Timestamp;

    /// The head of a request was read: it is in flight until what this returns is dropped.
    fn arrive(&self) -> Arc<Flight>;

    /// Answers a request and keeps the exchange. Never waits: what needs a call of the org's own comes later.
    fn answer(&self, request: Request, version: Version, flight: &Arc<Flight>) -> Answer;

    /// Keeps an exchange that the listener answered itself.
    fn keep(&self, request: &Request, version: Version, trace: &Trace, reply: &Reply);

    /// Answers a request below [`CONTROL_PATH`].
    fn control(&self, request: http::Request<Incoming>, arrival: Arrival) -> ControlFuture;
}

/// The answer to a request.
pub(crate) enum Answer {
    /// Here it is.
    Now(Reply),
    /// It takes a while: the org has to ask somebody else first, or something goes wrong on purpose.
    Later(Pin<Box<dyn Future<Output = Delivery> + Send>>),
}

/// The answer of the control API, some time later.
pub(crate) type ControlFuture = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// How a request of the control API arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// The peer's address.
    pub(crate) peer: IpAddr,
    /// `scheme://host[:port]` as the caller wrote it.
    pub(crate) base_url: Arc<str>,
}

/// How a listener reads.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// The base URL of every request, whatever it says.
    pub(crate) base_url: Option<Arc<str>>,
    /// Whether `X-Forwarded-Proto` and `X-Forwarded-Host` are believed.
    pub(crate) trust_proxy: bool,
    /// Whether what is below [`CONTROL_PATH`] is the control API's; otherwise the org has no such paths.
    pub(crate) control: bool,
    /// The size that a head may have, in bytes.
    pub(crate) max_head: usize,
    /// The size that a body may have, in bytes.
    pub(crate) max_body: usize,
    /// How long a head or a body may take. A head is dropped after one to two times this, and so is a peer that does
    /// not read what it is sent.
    pub(crate) patience: Duration,
    /// How many connections a listener has at once; more wait to be accepted.
    pub(crate) max_connections: usize,
    /// How long a stopping listener waits for the exchanges under way.
    pub(crate) grace: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            base_url: None,
            trust_proxy: false,
            control: true,
            max_head: 64 * 1024,
            // The largest body that Okta takes by its API is an image of 2 MB in a form.
            max_body: 3 * 1024 * 1024,
            patience: Duration::from_secs(20),
            max_connections: 10_000,
            grace: Duration::from_secs(1),
        }
    }
}

/// The URL of a listener's own address; an address that stands for all is reached by loopback.
pub(crate) fn own_url(scheme: &str, address: SocketAddr) -> String {
    let address = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v4.port())),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, v6.port()))
        }
        other => other,
    };
    format!("{scheme}://{address}")
}
