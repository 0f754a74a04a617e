//! The next link of a page leads to that page again.

use super::{Effect, Scene, Settings, page};
use crate::exchange::Reply;

#[derive(Debug)]
struct RepeatPage;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(RepeatPage))
}

impl Effect for RepeatPage {
    fn transform(&self, scene: &Scene<'_>, reply: &mut Reply) {
        if page::is_page(reply) {
            page::set_next(reply, &page::own(scene.request));
        }
    }
}
