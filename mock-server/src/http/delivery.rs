//! Bodies that come slowly, or not to their end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::Method;
use hyper::body::{Body as HttpBody, Frame};
use tokio::time::{Sleep, sleep};

use crate::exchange::framing::content_length;
use crate::exchange::{Manner, Reply};

/// What was written must have left the buffers before the connection ends: this long is waited.
const BEFORE_THE_END: Duration = Duration::from_millis(25);

/// The body of a reply that is not written whole and at once; none for a reply that is. The head announces the whole
/// body in any case.
pub(super) fn faulty(reply: &Reply, manner: &Manner, method: &Method) -> Option<Body> {
    let length = reply.body.len();
    let bodiless = method == Method::HEAD || content_length(reply.status, length).is_none();
    let cut = manner.cut.filter(|cut| *cut < length);
    if bodiless || (cut.is_none() && manner.pace.is_none()) {
        return None;
    }
    let left = reply.body.slice(..cut.unwrap_or(length));
    let (bytes, pause) = manner.pace.map_or((usize::MAX, Duration::ZERO), |pace| (pace.bytes, pace.pause));
    Some(Body::new(Faulty { left, bytes, pause, breaks: cut.is_some(), waiting: None, sent: false }))
}

/// A body in pieces with pauses between them, which may break instead of ending.
struct Faulty {
    left: Bytes,
    bytes: usize,
    pause: Duration,
    breaks: bool,
    waiting: Option<Pin<Box<Sleep>>>,
    /// Whether a piece was given already.
    sent: bool,
}

impl HttpBody for Faulty {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(waiting) = &mut self.waiting {
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
            if self.left.is_empty() {
                return Poll::Ready(Some(Err(io::Error::other("the body ends here on purpose"))));
            }
        } else if self.left.is_empty() && !self.breaks {
            return Poll::Ready(None);
        } else if self.left.is_empty() || (self.sent && !self.pause.is_zero()) {
            let pause = if self.left.is_empty() { BEFORE_THE_END } else { self.pause };
            self.waiting = Some(Box::pin(sleep(pause)));
            return self.poll_frame(context);
        }
        let piece = self.bytes.min(self.left.len());
        let piece = self.left.split_to(piece);
        self.sent = true;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
