//! A page without elements, whose next link leads to what was asked for.

use bytes::Bytes;

use super::{Effect, Scene, Settings, page};
use crate::exchange::Reply;

/// The parameter that makes the address a new one. Okta's lists take no such parameter, and ignore it.
const FRESH: &str = "pageState";

#[derive(Debug)]
struct EmptyPageWithNext;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Effect>, String> {
    Ok(Box::new(EmptyPageWithNext))
}

impl Effect for EmptyPageWithNext {
    fn transform(&self, scene: &Scene<'_>, reply: &mut Reply) {
        if page::is_page(reply) {
            reply.body = Bytes::from_static(b"[]");
            page::set_next(reply, &fresh(&page::own(scene.request), scene.random));
        }
    }
}

/// The same address with a mark that it did not have before.
fn fresh(address: &str, random: u64) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with(FRESH));
    let mark = format!("{FRESH}={random:016x}");
    let pairs: Vec<&str> = kept.chain([mark.as_str()]).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::fresh;

    #[test]
    fn an_address_is_new_each_time_and_does_not_grow() {
        assert_eq!(fresh("http://o/a", 1), "http://o/a?pageState=0000000000000001");
        assert_eq!(
            fresh("http://o/a?limit=2&pageState=1", 2),
            "http://o/a?limit=2&pageState=0000000000000002"
        );
    }
}
