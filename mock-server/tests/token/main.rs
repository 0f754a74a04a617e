//! The authorization servers, asked without sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ask;
mod happy;
