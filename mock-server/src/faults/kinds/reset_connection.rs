//! The connection is reset instead of an answer.

use http::StatusCode;

use super::{Answering, Effect, Scene, Settings};
use crate::exchange::{Manner, Reply};
use crate::wire::headers::Layer;

#[derive(Debug)]
struct ResetConnection {
    executed: bool,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(ResetConnection { executed: settings.value("executed").as_bool().unwrap_or(true) }))
}

impl Effect for ResetConnection {
    fn answers(&self) -> bool {
        !self.executed
    }

    /// The reply of a request that is not executed; nobody gets it.
    fn answer(&self, _: &Scene<'_>, given: Option<Answering>) -> Option<Answering> {
        let unsent =
            || Answering { reply: Reply::empty(StatusCode::SERVICE_UNAVAILABLE), layer: Layer::Edge };
        given.or_else(|| (!self.executed).then(unsent))
    }

    fn deliver(&self, _: &Reply, manner: &mut Manner) {
        manner.reset = true;
    }
}
