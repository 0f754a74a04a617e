//! The body comes in pieces.

use std::time::Duration;

use super::{Effect, Settings};
use crate::exchange::{Manner, Pace, Reply};

#[derive(Debug)]
struct SlowBody(Pace);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let pause = Duration::from_millis(settings.integer("pause_ms").unsigned_abs());
    Ok(Box::new(SlowBody(Pace { bytes: settings.size("bytes").unwrap_or(1).max(1), pause })))
}

impl Effect for SlowBody {
    fn deliver(&self, _: &Reply, manner: &mut Manner) {
        manner.pace = Some(self.0);
    }
}
