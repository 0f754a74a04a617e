//! The ledger, over sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod har;
mod reading;
mod secrets;
mod stream;
mod walk;
#[path = "../wire/mod.rs"]
mod wire;
