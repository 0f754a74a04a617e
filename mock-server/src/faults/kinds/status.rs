//! A status in the org's place.

use http::StatusCode;

use super::{Answering, Effect, Scene, Settings, error};
use crate::exchange::Reply;
use crate::facts::fault_kinds::fault_kinds;
use crate::wire::headers::Layer;

#[derive(Debug)]
struct Status(StatusCode);

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let code = u16::try_from(settings.integer("code")).ok().and_then(|code| StatusCode::from_u16(code).ok());
    Ok(Box::new(Status(code.ok_or("no status of HTTP")?)))
}

impl Effect for Status {
    fn answers(&self) -> bool {
        true
    }

    fn answer(&self, scene: &Scene<'_>, given: Option<Answering>) -> Option<Answering> {
        let usual = || {
            let code = fault_kinds().usual_error(self.0.as_u16())?;
            error::reply(scene.org.ids(), code, "", "")
        };
        let mut answering = given.unwrap_or_else(|| {
            let reply = usual().unwrap_or_else(|| Reply::empty(self.0));
            Answering { reply, layer: Layer::App(None) }
        });
        answering.reply.status = self.0;
        Some(answering)
    }
}
