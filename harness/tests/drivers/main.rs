//! The drivers for clients that are no program on a pipe, through the built program: adapters by HTTP, clients that cannot
//! be changed, clients that a person starts.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod exec;
#[path = "../support/files.rs"]
mod files;
mod http;
#[path = "../support/ran.rs"]
mod ran;
#[path = "../support/mod.rs"]
mod support;
mod watch;

use std::process::Command;

/// The machine has this program; else the test is skipped and says so.
fn has(program: &str) -> bool {
    let has = Command::new(program).arg("--version").output().is_ok();
    if !has {
        eprintln!("skipped: there is no {program}");
    }
    has
}
