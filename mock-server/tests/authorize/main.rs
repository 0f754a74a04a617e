//! How a user signs in, asked without sockets: authorize, par, authn, userinfo, logout.
#![expect(clippy::unwrap_used, reason = "tests")]

mod browser;
mod flow;
mod sign_in;
mod table;
