//! The body's last character is missing.

use bytes::Bytes;

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;

#[derive(Debug)]
struct MalformedJson;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(MalformedJson))
}

impl Effect for MalformedJson {
    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        let whole = reply.body.trim_ascii_end();
        // A lone digit or an empty body would be none the worse for a missing character.
        reply.body = match whole.last() {
            Some(b'}' | b']' | b'"') => reply.body.slice(..whole.len() - 1),
            Some(_) => Bytes::from([whole, b","].concat()),
            None => return,
        };
    }
}
