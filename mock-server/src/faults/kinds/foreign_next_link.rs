//! The next link leads to another origin.

use super::{Effect, Scene, Settings, page};
use crate::exchange::Reply;

#[derive(Debug)]
struct ForeignNextLink {
    origin: String,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Effect>, String> {
    let origin = settings.text("origin").trim_end_matches('/');
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let is_host = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    if !host.is_some_and(is_host) {
        return Err(format!("{origin:?} is no origin; write one like \"https://attacker.example\""));
    }
    Ok(Box::new(ForeignNextLink { origin: origin.to_owned() }))
}

impl Effect for ForeignNextLink {
    fn transform(&self, scene: &Scene<'_>, reply: &mut Reply) {
        if !page::is_page(reply) {
            return;
        }
        let own = page::own(scene.request);
        let next = page::next(reply).unwrap_or(own);
        let after_scheme = next.split_once("://").map_or(next.as_str(), |(_, rest)| rest);
        let path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
        page::set_next(reply, &format!("{}{path}", self.origin));
    }
}
