//! A mock Okta org: the org authorization server and the Management API.
#![forbid(unsafe_code)]

pub mod exchange;
pub mod facts;
pub mod gate;
pub mod gateway;
mod http;
mod ledger;
pub mod limits;
pub mod oauth;
pub mod org;
pub mod store;
pub mod wire;
