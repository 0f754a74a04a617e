//! The authorization servers, asked without sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ask;
#[path = "../token_facts/complete.rs"]
mod completeness;
mod document;
mod dpop;
mod happy;
mod hostile;
mod judge;
mod resource;
mod rotation;
mod table;
#[path = "../token_facts/known.rs"]
mod token_facts;
