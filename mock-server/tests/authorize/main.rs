//! How a user signs in, asked without sockets: authorize, par, authn, userinfo, logout.
#![expect(clippy::unwrap_used, reason = "tests")]

mod admission;
mod browser;
mod enrolment;
mod flow;
mod request_object;
mod sign_in;
mod table;
#[path = "../token_facts/known.rs"]
mod token_facts;
