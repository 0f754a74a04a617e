//! What the kinds about pages share: what a page is, and its next link.

use http::{HeaderValue, StatusCode, header};

use crate::exchange::{Reply, Request};

const NEXT: &str = "rel=\"next\"";

/// Whether a reply is a page of a list.
pub(super) fn is_page(reply: &Reply) -> bool {
    reply.status == StatusCode::OK && reply.body.trim_ascii_start().starts_with(b"[")
}

/// The address of the next page.
pub(super) fn next(reply: &Reply) -> Option<String> {
    let lines = reply.headers.iter().filter(|(name, _)| *name == header::LINK);
    let line = lines.filter_map(|(_, value)| value.to_str().ok()).find(|line| line.contains(NEXT))?;
    let (target, _) = line.strip_prefix('<')?.split_once('>')?;
    Some(target.to_owned())
}

/// The address of the request itself.
pub(super) fn own(request: &Request) -> String {
    format!("{}{}", request.base_url, request.target)
}

/// Lets the next link lead elsewhere; a page without one gets one.
pub(super) fn set_next(reply: &mut Reply, target: &str) {
    reply.headers.retain(|(name, value)| {
        *name != header::LINK || !value.to_str().is_ok_and(|line| line.contains(NEXT))
    });
    if let Ok(value) = HeaderValue::try_from(format!("<{target}>; {NEXT}")) {
        let after = reply
            .headers
            .iter()
            .rposition(|(name, _)| *name == header::LINK)
            .map_or(reply.headers.len(), |at| at + 1);
        reply.headers.insert(after, (header::LINK, value));
    }
}
