//! A mock Okta org: the org authorization server and the Management API.
#![forbid(unsafe_code)]

pub mod api;
pub mod exchange;
pub mod facts;
pub mod gate;
pub mod gateway;
pub mod limits;
pub mod oauth;
pub mod org;
pub mod wire;
