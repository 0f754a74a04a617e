//! The authorization servers. Nothing is answered yet: the gateway says 501.

pub mod access_token;

use crate::exchange::{Reply, Request, Trace};
use crate::org::Org;
use crate::org::state::OrgState;

/// What an authorization server answers.
#[derive(Debug, Clone, Copy)]
pub enum Endpoint {}

/// Which authorization server.
#[derive(Debug, Clone, Copy)]
pub struct Server<'p>(std::marker::PhantomData<&'p str>);

/// The server and the endpoint of a path.
pub fn route(_path: &str) -> Option<(Server<'_>, Endpoint)> {
    None
}

/// The client id that a request claims.
pub fn principal(_request: &Request) -> Option<String> {
    None
}

/// Answers an endpoint.
pub fn answer(_: Server<'_>, endpoint: Endpoint, _: &Org, _: &OrgState, _: &Request, _: &mut Trace) -> Reply {
    match endpoint {}
}
