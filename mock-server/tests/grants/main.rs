//! Tokens for users, and what becomes of them, asked without sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod ask;
mod bound;
mod complete;
#[path = "../token_facts/complete.rs"]
mod completeness;
mod exchange;
mod story;
mod table;
#[path = "../token_facts/known.rs"]
mod token_facts;
