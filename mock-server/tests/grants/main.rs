//! Tokens for users, and what becomes of them, asked without sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ask;
mod bound;
mod complete;
mod exchange;
mod story;
mod table;
