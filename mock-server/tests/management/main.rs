//! The Management API, without sockets: a request in, a reply out. One module a group of paths.
#![expect(clippy::unwrap_used, reason = "tests")]

mod app_grants;
mod client;
mod client_roles;
mod device;
mod gate;
mod groups_and_apps;
mod limits;
mod logs;
mod paging;
mod registration;
mod search;
mod users;
