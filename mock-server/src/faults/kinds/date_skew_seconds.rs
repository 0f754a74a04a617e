//! The Date header alone is off.

use http::header;
use jiff::SignedDuration;

use super::{Effect, Scene, Settings};
use crate::exchange::Reply;
use crate::wire::headers::date;

#[derive(Debug)]
struct DateSkew {
    seconds: i64,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(DateSkew { seconds: settings.integer("seconds") }))
}

impl Effect for DateSkew {
    fn transform(&self, scene: &Scene<'_>, reply: &mut Reply) {
        let skewed = scene.request.now.saturating_add(SignedDuration::from_secs(self.seconds));
        let Ok(skewed) = skewed else { return };
        for (name, value) in &mut reply.headers {
            if *name == header::DATE {
                *value = date(skewed);
            }
        }
    }
}
