//! The Link lines are one line.

use http::{HeaderValue, header};

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;

#[derive(Debug)]
struct CombineLinkLines;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(CombineLinkLines))
}

impl Effect for CombineLinkLines {
    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        let lines = reply.headers.iter().filter(|(name, _)| *name == header::LINK);
        let joined = lines.map(|(_, value)| value.as_bytes()).collect::<Vec<_>>().join(&b", "[..]);
        let (Some(first), Ok(value)) = (
            reply.headers.iter().position(|(name, _)| *name == header::LINK),
            HeaderValue::from_bytes(&joined),
        ) else {
            return;
        };
        reply.headers.retain(|(name, _)| *name != header::LINK);
        reply.headers.insert(first, (header::LINK, value));
    }
}
