//! The gate in front of every operation: who asks, may the token do it, may the role do it.

pub mod roles;
