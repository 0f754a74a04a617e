//! One connection: each of its requests is read, answered by the site, written.

use std::net::IpAddr;
use std::sync::Arc;

use http::{Method, Response};
use http_body_util::Either;
use hyper::body::Incoming;

use super::base_url::BaseUrls;
use super::delivery;
use super::heads::Heads;
use super::reply::{self, ReplyBody};
use super::request::{self, Around};
use super::tap::Breaking;
use super::{Answer, Arrival, CONTROL_PATH, Policy, Site};
use crate::exchange::{Manner, Trace};

/// A connection.
pub(super) struct Connection {
    /// What answers.
    pub(super) site: Arc<dyn Site>,
    /// How to read.
    pub(super) policy: Arc<Policy>,
    /// The peer's address.
    pub(super) peer: IpAddr,
    /// The URLs that its requests call.
    pub(super) base_urls: BaseUrls,
    /// The heads that its bytes contain.
    pub(super) heads: Heads,
    /// Whether it is to be reset.
    pub(super) breaking: Breaking,
}

/// The connection is reset in place of an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is reset on purpose")]
pub(super) struct Broken;

impl Connection {
    /// Answers a request.
    pub(super) async fn handle(
        self: Arc<Self>,
        request: http::Request<Incoming>,
    ) -> Result<Response<ReplyBody>, Broken> {
        let (parts, incoming) = request.into_parts();
        let version = parts.version;
        let head = request::raw_head(&self.heads, version, &parts.method, &parts.uri, &parts.headers);
        let base_url = self.base_urls.of(&parts.uri, &parts.headers);
        if self.policy.control && is_control(parts.uri.path()) {
            let arrival = Arrival { peer: self.peer, base_url };
            let answer = self.site.control(http::Request::from_parts(parts, incoming), arrival);
            return Ok(answer.await.map(Either::Right));
        }
        // In flight until the reply is handed over.
        let flight = self.site.arrive();
        let body = request::body(incoming, &parts.headers, &self.policy).await;
        let around = Around { peer: self.peer, base_url, now: self.site.now() };
        let method: Method = parts.method.clone();
        let mut manner = Manner::default();
        let reply = match body {
            Ok(body) => {
                let request = request::assemble(parts, head, body, around);
                match self.site.answer(request, version, &flight) {
                    Answer::Now(reply) => reply,
                    Answer::Later(delivery) => {
                        let delivery = delivery.await;
                        manner = delivery.manner;
                        delivery.reply
                    }
                }
            }
            Err(error) => {
                let request = request::assemble(parts, head, bytes::Bytes::new(), around);
                let reason = error.to_string();
                let reply = reply::refusal(error.status(), &reason);
                let mut trace = Trace::default();
                trace.note("http", reason);
                self.site.keep(&request, version, &trace, &reply);
                reply
            }
        };
        if manner.reset {
            self.breaking.now();
            return Err(Broken);
        }
        let faulty = delivery::faulty(&reply, &manner, &method);
        let response = reply::write(reply, &method);
        drop(flight);
        Ok(match faulty {
            Some(body) => response.map(|_| Either::Right(body)),
            None => response,
        })
    }
}

fn is_control(path: &str) -> bool {
    path.strip_prefix(CONTROL_PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
