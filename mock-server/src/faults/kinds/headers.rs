//! Other header lines.

use http::{HeaderName, HeaderValue};

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;
use crate::exchange::framing::is_framing;
use crate::facts::fault_kinds::header_lines;

#[derive(Debug)]
struct Headers(Vec<(HeaderName, HeaderValue)>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let lines = header_lines(settings.value("lines")).ok_or("no header lines")?;
    match lines.iter().find(|(name, _)| is_framing(name.as_str())) {
        Some((name, _)) => Err(format!("{name} frames the body; see truncate_body and malformed_json")),
        None => Ok(Box::new(Headers(lines))),
    }
}

impl Effect for Headers {
    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        reply.headers.retain(|(name, _)| !self.0.iter().any(|(other, _)| other == name));
        reply.headers.extend_from_slice(&self.0);
    }
}
