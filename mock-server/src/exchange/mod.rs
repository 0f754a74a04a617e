//! One exchange, free of sockets: the request as it came, the reply as it goes, and the trace of what decided.
//!
//! Everything below `http/` works on these values only.

mod delivery;
mod errand;
pub(crate) mod framing;
mod lines;
mod pattern;
mod reply;
mod request;
mod trace;
pub(crate) mod usual;

pub use delivery::{Delivery, Manner, Pace};
pub use errand::{Answered, Call, CallFailure, Errand};
pub use lines::HeaderLines;
pub(crate) use pattern::path_fits;
pub use reply::Reply;
pub use request::{Form, Request};
pub use trace::{Learnt, Sent, Step, Trace};
