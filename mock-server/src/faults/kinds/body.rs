//! Another body.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::{Answering, Effect, Scene, Settings};
use crate::exchange::Reply;

#[derive(Debug)]
struct Body {
    bytes: Bytes,
    /// None where the text may be of the type that the reply has.
    content_type: &'static str,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let (bytes, is_json) = match settings.value("value") {
        Value::String(text) => {
            let is_json =
                serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object() || value.is_array());
            (text.clone(), is_json)
        }
        value => (value.to_string(), true),
    };
    let content_type = match bytes.trim_start() {
        _ if is_json => "application/json",
        text if text.starts_with('<') => "text/html; charset=UTF-8",
        _ => "text/plain; charset=UTF-8",
    };
    Ok(Box::new(Body { bytes: bytes.into(), content_type }))
}

impl Effect for Body {
    fn answer(&self, _: &Scene<'_>, given: Option<Answering>) -> Option<Answering> {
        // The headers of an answer depend on whether it has a body.
        given.map(|mut answering| {
            self.put(&mut answering.reply);
            answering
        })
    }

    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        self.put(reply);
    }
}

impl Body {
    fn put(&self, reply: &mut Reply) {
        if reply.status == StatusCode::NO_CONTENT {
            return;
        }
        reply.body = self.bytes.clone();
        reply.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
        if !self.bytes.is_empty() {
            reply.headers.insert(0, (header::CONTENT_TYPE, HeaderValue::from_static(self.content_type)));
        }
    }
}
