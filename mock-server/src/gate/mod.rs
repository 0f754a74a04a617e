//! The gate in front of every operation: who asks, may the token do it, may the role do it.

pub mod caller;
pub mod permission;
pub mod roles;
