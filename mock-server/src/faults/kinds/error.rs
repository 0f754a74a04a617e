//! An error of the catalogues in the org's place.

use super::{Answering, Effect, Scene, Settings};
use crate::exchange::Reply;
use crate::facts::errors::fill;
use crate::facts::facts;
use crate::facts::nearest;
use crate::org::ids::Ids;
use crate::wire::headers::Layer;
use crate::wire::{envelope, oauth_error};

#[derive(Debug)]
struct CataloguedError {
    code: String,
    about: String,
    cause: String,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let code = settings.text("code").to_owned();
    if !is_known(&code) {
        let near = nearest(&code, facts().errors.codes().chain(facts().oauth_errors.ids()));
        let hint = near.map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default();
        return Err(format!(
            "neither catalogue has {code:?}{hint}; give a code like \"E0000009\", or an OAuth error like \"server_error\" \
             (`orgtwin coverage --errors` prints them)"
        ));
    }
    let (about, cause) = (settings.text("about").to_owned(), settings.text("cause").to_owned());
    Ok(Box::new(CataloguedError { code, about, cause }))
}

fn is_known(code: &str) -> bool {
    facts().errors.get(code).is_some() || facts().oauth_errors.get(code).is_some()
}

/// The reply of an error: by code in the envelope, else in the JSON of OAuth.
pub(super) fn reply(ids: &Ids, code: &str, about: &str, cause: &str) -> Option<Reply> {
    if let Some(row) = facts().errors.get(code) {
        let causes: &[&str] = if cause.is_empty() { &[] } else { &[cause] };
        return Some(envelope(ids, row.status, code, &fill(&row.summary, &[about]), causes));
    }
    let row = facts().oauth_errors.get(code)?;
    Some(oauth_error(row.status, &row.error, &fill(&row.description, &[about])))
}

impl Effect for CataloguedError {
    fn answers(&self) -> bool {
        true
    }

    fn answer(&self, scene: &Scene<'_>, given: Option<Answering>) -> Option<Answering> {
        let reply = || reply(scene.org.ids(), &self.code, &self.about, &self.cause);
        given.or_else(|| Some(Answering { reply: reply()?, layer: Layer::App(None) }))
    }
}
