//! A real org: what is asked before one is called, and what is done there.

pub(crate) mod door;
pub(crate) mod gates;
pub(crate) mod parity;
pub(crate) mod probe;

use std::time::Duration;

/// How long an answer of a real org may take.
const DEADLINE: Duration = Duration::from_secs(30);
