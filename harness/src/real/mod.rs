//! A real org: what is asked before one is called, and what is done there.
//!
//! `door` and `gates` decide whether it is called at all; `caller` is the one place from which it is, within `rules` and
//! `spending`, each creation first in the `journal`. `proxy` stands between it and a client and keeps the `witness`'s
//! record, which is judged like a twin's ledger; of a client that goes around it `syslog` tells. `probe` asks what the documents leave open, `parity` puts a twin beside it.

pub(crate) mod args;
mod caller;
pub(crate) mod command;
mod config;
pub(crate) mod door;
pub(crate) mod gates;
mod journal;
mod lock;
pub(crate) mod org;
pub(crate) mod parity;
pub(crate) mod plan;
mod preflight;
pub(crate) mod probe;
mod proxy;
mod rules;
pub(crate) mod run;
mod spending;
mod syslog;
mod tidy;
mod witness;

use std::time::Duration;

/// How long an answer of a real org may take.
const DEADLINE: Duration = Duration::from_secs(30);
