//! The answer lacks some headers.

use http::HeaderName;

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;
use crate::exchange::framing::is_framing;
use crate::facts::fault_kinds::header_names;

#[derive(Debug)]
struct DropHeaders(Vec<HeaderName>);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let names = header_names(settings.value("names"));
    match names.iter().find(|name| is_framing(name.as_str())) {
        Some(name) => Err(format!("{name} frames the body and stays; see truncate_body")),
        None => Ok(Box::new(DropHeaders(names))),
    }
}

impl Effect for DropHeaders {
    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        reply.headers.retain(|(name, _)| !self.0.contains(name));
    }
}
