//! Two lines say when the bucket resets, and not the same.

use http::HeaderValue;

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;

const RESET: &str = "x-rate-limit-reset";

#[derive(Debug)]
struct DuplicateResetHeader {
    seconds_later: i64,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(DuplicateResetHeader { seconds_later: settings.integer("seconds_later") }))
}

impl Effect for DuplicateResetHeader {
    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        let Some(at) = reply.headers.iter().position(|(name, _)| name == RESET) else { return };
        let (name, value) = reply.headers[at].clone();
        let reset = value.to_str().ok().and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
        reply.headers.insert(at + 1, (name, HeaderValue::from(reset.saturating_add(self.seconds_later))));
    }
}
