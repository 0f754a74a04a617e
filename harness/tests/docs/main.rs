//! The documentation: its links lead somewhere, its code is the code of `examples/`, and that runs; what is said of file formats, commands
//! and coverage is what the program says. `ORGTWIN_RENEW=1` writes the parts of pages that are made anew.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod ci;
mod fidelity;
mod image;
mod included;
#[path = "../real_clients/install.rs"]
mod install;
mod links;
mod org_file;
mod pages;
mod quick_start;
#[path = "../real_clients/server.rs"]
#[expect(dead_code, reason = "the tests of real clients need more of it")]
mod server;
#[path = "../support/mod.rs"]
mod support;
mod told;
