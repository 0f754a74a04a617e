//! The Management API, without sockets: a request in, a reply out. One module a group of paths.
#![expect(clippy::unwrap_used, reason = "tests")]

mod app_assignments;
mod app_grants;
mod apps;
mod authorization_servers;
mod brands;
mod client;
mod client_roles;
mod custom_roles;
mod default_admin;
mod device;
mod errors;
mod factors;
mod fido;
mod gate;
mod group_rules;
mod groups;
mod groups_and_apps;
mod hooks;
mod idps;
mod imported_passwords;
mod imports;
mod limits;
mod logs;
mod org_settings;
mod paging;
mod people;
mod policies;
mod principals;
mod races;
mod registration;
mod roles;
mod schemas;
mod search;
mod users;
