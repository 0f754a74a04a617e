//! The gate in front of every operation: who asks, what it is charged, may the token do it, may the role do it.

pub mod caller;
pub mod charge;
pub mod limit_events;
pub mod permission;
pub mod roles;
