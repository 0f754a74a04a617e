//! Pushed authorization requests: 3600 seconds, for the client that pushed them (token-facts §10, par.ok).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Kept, decide, keep};
use crate::org::Org;
use crate::org::state::OrgState;

/// How long a pushed request can be used, in seconds.
pub const LIFETIME: i64 = 3600;

/// What stands before the id in a `request_uri`.
const PREFIX: &str = "urn:okta:";

/// A pushed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedRequest {
    /// The client.
    pub client_id: Arc<str>,
    /// The custom authorization server; none for the org's own.
    pub server: Option<Arc<str>>,
    /// The parameters, credentials left out.
    pub parameters: Vec<(String, String)>,
    /// When it ends, in epoch seconds.
    pub expires_at: i64,
}

impl Kept for PushedRequest {
    const KIND: &'static str = "pushed_requests";

    fn until(&self) -> i64 {
        self.expires_at
    }
}

/// Keeps a request and returns its `request_uri`.
pub fn issue(
    org: &Org,
    now: i64,
    client_id: Arc<str>,
    server: Option<Arc<str>>,
    parameters: Vec<(String, String)>,
) -> String {
    let uri = format!("{PREFIX}{}", org.ids().word(43));
    let request = PushedRequest { client_id, server, parameters, expires_at: now.saturating_add(LIFETIME) };
    keep(org, now, &uri, &request, 0);
    uri
}

/// The request behind a `request_uri`, of whichever client.
pub fn find(state: &OrgState, now: i64, uri: &str) -> Option<PushedRequest> {
    PushedRequest::live(state, now, uri)
}

/// Uses a request of a client up: when a code was issued for it.
pub fn take(org: &Org, now: i64, client_id: &str, uri: &str) -> Option<PushedRequest> {
    decide(org, now, |state| {
        let request = find(state, now, uri).filter(|request| *request.client_id == *client_id)?;
        Some((request, vec![PushedRequest::forget(uri)]))
    })
}
