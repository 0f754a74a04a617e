//! Real clients against the built program, over sockets, unmodified, through their documented settings. What happens
//! where a client is missing: `install.rs`.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod browser;
mod console;
mod curl;
mod exec_sdks;
#[path = "../support/files.rs"]
mod files;
mod install;
mod management;
mod node_sdk;
mod oauth_libraries;
mod python_sdk;
mod reports;
mod retries;
mod rust_crates;
mod server;
mod sign_in_page;
#[path = "../support/mod.rs"]
mod support;
