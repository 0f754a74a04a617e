//! How a reply goes to the socket: mostly whole and at once.

use std::time::Duration;

use super::Reply;

/// A reply, and how it is to be written.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The reply.
    pub reply: Reply,
    /// How it is written.
    pub manner: Manner,
}

/// How a reply is written. The default is whole and at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manner {
    /// Wait before anything is written.
    pub delay: Duration,
    /// Write nothing, and reset the connection.
    pub reset: bool,
    /// End after so many bytes of the body, though the head announces all of it.
    pub cut: Option<usize>,
    /// Write the body in pieces.
    pub pace: Option<Pace>,
}

/// The pieces of a slow body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Bytes of a piece.
    pub bytes: usize,
    /// The time between two pieces.
    pub pause: Duration,
}

impl From<Reply> for Delivery {
    fn from(reply: Reply) -> Self {
        Self { reply, manner: Manner::default() }
    }
}
