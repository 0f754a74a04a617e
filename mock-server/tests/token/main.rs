//! The authorization servers, asked without sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ask;
mod document;
mod dpop;
mod happy;
mod hostile;
mod judge;
mod resource;
mod rotation;
mod table;
