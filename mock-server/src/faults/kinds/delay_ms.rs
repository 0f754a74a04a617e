//! The answer waits.

use std::time::Duration;

use super::{Effect, Settings};
use crate::exchange::{Manner, Reply};

#[derive(Debug)]
struct Delay(Duration);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(Delay(Duration::from_millis(settings.integer("ms").unsigned_abs()))))
}

impl Effect for Delay {
    fn deliver(&self, _: &Reply, manner: &mut Manner) {
        manner.delay = manner.delay.saturating_add(self.0);
    }
}
