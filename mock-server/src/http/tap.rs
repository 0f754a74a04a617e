//! A socket whose incoming bytes pass by the reader of heads, and that tells when its peer does not read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use super::heads::Heads;

/// The socket. If it is to break, its end is a reset and no farewell.
#[derive(Debug)]
pub(super) struct Tap<S: Socket> {
    inner: S,
    heads: Heads,
    outflow: Outflow,
    breaking: Breaking,
}

/// How what is written leaves: an odd number while the peer has not taken it, another one with every write that it took.
#[derive(Debug, Clone, Default)]
pub(super) struct Outflow(Arc<AtomicU64>);

impl Outflow {
    /// The number of the write that waits for the peer; none when nothing waits.
    pub(super) fn waiting(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|count| count % 2 == 1)
    }

    fn note<T>(&self, written: &Poll<T>) {
        let before = self.0.load(Ordering::Relaxed);
        let after = match (written, before % 2) {
            (Poll::Pending, 0) | (Poll::Ready(_), 1) => before.wrapping_add(1),
            _ => return,
        };
        self.0.store(after, Ordering::Relaxed);
    }
}

/// Whether a connection is to be reset, and who waits for that.
#[derive(Debug, Clone, Default)]
pub(super) struct Breaking(CancellationToken);

impl Breaking {
    /// Resets the connection.
    pub(super) fn now(&self) {
        self.0.cancel();
    }

    /// Waits until the connection is to be reset.
    pub(super) async fn told(&self) {
        self.0.cancelled().await;
    }
}

/// What carries a connection.
pub(super) trait Socket {
    /// The socket of the operating system.
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

impl<S: Socket> Tap<S> {
    /// Lets the bytes of `inner` pass by `heads`.
    pub(super) fn new(inner: S, heads: Heads, outflow: Outflow, breaking: Breaking) -> Self {
        Self { inner, heads, outflow, breaking }
    }
}

impl<S: Socket> Drop for Tap<S> {
    fn drop(&mut self) {
        // A socket that does not linger is closed by RST.
        if self.breaking.0.is_cancelled()
            && let Err(error) = self.inner.tcp().set_zero_linger()
        {
            tracing::debug!(%error, "the connection ends in an orderly way");
        }
    }
}

impl<S: Socket + AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if let Some(new) = buffer.filled().get(before..).filter(|new| !new.is_empty()) {
            self.heads.see(new);
        }
        outcome
    }
}

impl<S: Socket + AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.outflow.note(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.outflow.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
