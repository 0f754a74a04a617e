//! The body stays, its type is another.

use http::{HeaderValue, header};

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;

#[derive(Debug)]
struct WrongContentType(HeaderValue);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let text = settings.text("type");
    let value = HeaderValue::try_from(text)
        .map_err(|_| format!("{text:?} is no header value; write one like \"text/html\""))?;
    Ok(Box::new(WrongContentType(value)))
}

impl Effect for WrongContentType {
    fn transform(&self, _: &Scene<'_>, reply: &mut Reply) {
        if reply.body.is_empty() {
            return;
        }
        reply.headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
        reply.headers.insert(0, (header::CONTENT_TYPE, self.0.clone()));
    }
}
