//! Answers that are not of Okta's form: the mutations that concern nothing but the wire.

use bytes::Bytes;
use http::{StatusCode, header};

use crate::exchange::Reply;
use crate::org::mutation::{Mutation, Mutations};

/// A reply as an org with these mutations gives it.
pub fn unlike(mut reply: Reply, mutations: Mutations) -> Reply {
    if mutations.is_empty() {
        return reply;
    }
    let link = |rel: &'static str| move |value: &[u8]| value.ends_with(rel.as_bytes());
    let next = link("rel=\"next\"");
    let own = link("rel=\"self\"");
    reply.headers.retain(|(name, value)| {
        let dropped = match name.as_str() {
            "link" => {
                mutations.has(Mutation::NextLink) && next(value.as_bytes())
                    || mutations.has(Mutation::SelfLink) && own(value.as_bytes())
            }
            "www-authenticate" => mutations.has(Mutation::Challenge),
            "date" => mutations.has(Mutation::Date),
            "x-okta-request-id" => mutations.has(Mutation::RequestId),
            name => mutations.has(Mutation::RateHeaders) && name.starts_with("x-rate-limit-"),
        };
        !dropped
    });
    if mutations.has(Mutation::Status) && reply.status.is_success() {
        reply.status = StatusCode::OK;
    }
    if mutations.has(Mutation::ErrorShape) && reply.body.starts_with(br#"{"errorCode""#) {
        reply.body = Bytes::from_static(br#"{"title":"Something went wrong"}"#);
        reply.headers.retain(|(name, _)| *name != header::CONTENT_LENGTH);
    }
    reply
}
