//! The `Link` lines of a list: one line a relation, self first, absolute, on the host of the request (mgmt-facts §3).

use http::{HeaderValue, header};

use super::page::Wanted;
use crate::exchange::{Reply, Request};

/// Adds the lines. `known` are the query parameters, besides limit and cursor, that Okta knows and repeats; `next` is
/// the cursor of the next page.
pub(super) fn add(
    reply: Reply,
    request: &Request,
    wanted: &Wanted,
    known: &[(&str, &str)],
    next: Option<&str>,
) -> Reply {
    let own = line(request, wanted.after.as_deref(), wanted.limit, known, "self");
    let reply = reply.with(header::LINK, own);
    match next {
        Some(cursor) => reply.with(header::LINK, line(request, Some(cursor), wanted.limit, known, "next")),
        None => reply,
    }
}

/// Adds the line of a list that has one page only: its own address with the parameters that Okta knows.
pub(super) fn own(reply: Reply, request: &Request, known: &[(String, String)]) -> Reply {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(known);
    let (path, query) = (request.path().trim_end_matches('/'), query.finish());
    let mark = if query.is_empty() { "" } else { "?" };
    reply.with_text(header::LINK, &format!("<{}{path}{mark}{query}>; rel=\"self\"", request.base_url))
}

/// `<base/path?after=…&limit=…&others>; rel="…"`, form-encoded.
fn line(
    request: &Request,
    after: Option<&str>,
    limit: usize,
    known: &[(&str, &str)],
    rel: &str,
) -> HeaderValue {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(after) = after {
        query.append_pair("after", after);
    }
    query.append_pair("limit", &limit.to_string()).extend_pairs(known);
    let path = request.path().trim_end_matches('/');
    let text = format!("<{}{path}?{}>; rel=\"{rel}\"", request.base_url, query.finish());
    // A path with bytes that no header takes cannot come here: it would not have been routed.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
