//! Orgs that outlive the process: the built program, killed at any moment, comes back with all that it has answered.
#![expect(clippy::unwrap_used, reason = "tests")]

mod kept;
mod killed;
mod served;
