//! One request's way, top to bottom, in Okta's order.

use http::StatusCode;

use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;

/// Answers a request. Pure but for the org it is given; never panics.
pub fn answer(org: &Org, request: &Request, trace: &mut Trace) -> Reply {
    let _ = (org, request);
    trace.note("route", "nothing is routed yet");
    Reply::empty(StatusCode::NOT_IMPLEMENTED)
}
