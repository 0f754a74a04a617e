//! The connection ends in the middle of the body.

use super::{Effect, Settings};
use crate::exchange::{Manner, Reply};

#[derive(Debug)]
struct TruncateBody {
    /// Half of the body if none.
    after_bytes: Option<usize>,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(TruncateBody { after_bytes: settings.size("after_bytes") }))
}

impl Effect for TruncateBody {
    /// A body that is shorter than what is let through goes whole.
    fn deliver(&self, reply: &Reply, manner: &mut Manner) {
        let length = reply.body.len();
        manner.cut = Some(self.after_bytes.unwrap_or(length / 2)).filter(|cut| *cut < length).or(manner.cut);
    }
}
