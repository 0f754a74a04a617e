//! The headers that Okta puts on its answers, by how far a request came (mgmt-facts §5, token-facts §1.2).

use std::ops::Range;
use std::time::{Duration, SystemTime};

use http::{HeaderName, HeaderValue, header};
use jiff::Timestamp;

use crate::exchange::Reply;
use crate::exchange::usual::{NO_SESSION, USUAL};
use crate::limits::Charge;
use crate::org::ids::Ids;

/// How far a request came. The further, the more headers the answer has.
#[derive(Debug, Clone, Copy)]
pub enum Layer {
    /// Answered before the application: 405 and unknown paths.
    Edge,
    /// Answered by the limiter: 429 has no cache headers and one cookie less.
    Limiter(Charge),
    /// Answered by the gate of a feature that the org lacks: neither rate headers nor cache headers (RL-8).
    Gate,
    /// Answered by the application.
    App(Option<Charge>),
}

const LIMIT: HeaderName = HeaderName::from_static("x-rate-limit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-rate-limit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-rate-limit-reset");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-okta-request-id");

/// On every answer.
const ALWAYS: Range<usize> = 0..2;
/// On every answer with a body.
const WITH_BODY: usize = 2;
/// On every answer without one.
const WITHOUT_BODY: usize = 3;
/// On every answer that the application or the limiter gives.
const APPLICATION: Range<usize> = 4..12;
/// On every answer that the application gives.
const CACHE: Range<usize> = 12..16;

const HEX_LOWER: &[u8; 16] = b"0123456789abcdef";
const HEX_UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// A new `X-Okta-Request-Id`: 32 hexadecimal digits.
pub fn request_id(ids: &Ids) -> String {
    let mut random = [0; 16];
    ids.fill(&mut random);
    let mut id = String::with_capacity(32);
    for byte in random {
        id.push(char::from(HEX_LOWER[usize::from(byte >> 4)]));
        id.push(char::from(HEX_LOWER[usize::from(byte & 15)]));
    }
    id
}

/// Adds the headers. `now` is the org's time: `Date` and the windows of the limits come from one clock.
pub fn complete(mut reply: Reply, layer: Layer, ids: &Ids, request_id: &str, now: Timestamp) -> Reply {
    let headers = &mut reply.headers;
    let given = headers.len();
    headers.reserve(24);
    headers.push((header::DATE, date(now)));
    headers.extend_from_slice(&USUAL[ALWAYS]);
    headers.push(USUAL[if reply.body.is_empty() { WITHOUT_BODY } else { WITH_BODY }].clone());
    let charge = match layer {
        Layer::Edge => return reply,
        Layer::Limiter(charge) => Some(charge),
        Layer::Gate => None,
        Layer::App(charge) => charge,
    };
    headers.push((REQUEST_ID, HeaderValue::from_str(request_id).unwrap_or(HeaderValue::from_static(""))));
    headers.extend_from_slice(&USUAL[APPLICATION]);
    // A limit about somebody has refused: its numbers stand.
    let too_soon = headers[..given].iter().any(|(name, _)| *name == LIMIT);
    if let Some(charge) = charge.filter(|_| !too_soon) {
        headers.extend(rate_headers(charge));
    }
    if matches!(layer, Layer::App(_)) && !too_soon {
        let mut random = [0; 16];
        ids.fill(&mut random);
        headers
            .push((header::SET_COOKIE, hex(&random, HEX_UPPER, "JSESSIONID=", "; Path=/; Secure; HttpOnly")));
        // Metadata and keys say themselves how long they may be kept.
        let own = headers.iter().any(|(name, _)| *name == header::CACHE_CONTROL);
        let cache = if own { CACHE.end - 1..CACHE.end } else { CACHE };
        headers.extend_from_slice(&USUAL[cache]);
    }
    prefer_own(headers, given);
    reply
}

fn rate_headers(charge: Charge) -> [(HeaderName, HeaderValue); 3] {
    let number = |number: i64| {
        // Half the pieces of memory of `HeaderValue::from`.
        HeaderValue::from_str(itoa::Buffer::new().format(number)).unwrap_or(HeaderValue::from_static("0"))
    };
    let Charge { limit, remaining, reset, .. } = charge;
    [(LIMIT, number(limit.into())), (REMAINING, number(remaining.into())), (RESET, number(reset))]
}

/// Says the numbers of a limit that is about somebody.
pub(super) fn charged(reply: &mut Reply, charge: Charge) {
    reply.headers.extend(rate_headers(charge));
}

/// Pages have a policy of their own, and some replies begin or end a session: what the reply gave (the first `given`
/// lines) stands instead of the usual line.
fn prefer_own(headers: &mut Vec<(HeaderName, HeaderValue)>, given: usize) {
    for at in 0..given {
        let (name, value) = headers[at].clone();
        if name == header::CONTENT_SECURITY_POLICY || name == header::REFERRER_POLICY {
            let mut nth = 0;
            headers.retain(|(other, _)| {
                nth += 1;
                *other != name || nth <= given
            });
        } else if name == header::SET_COOKIE && value.as_bytes().starts_with(b"sid=") {
            headers.retain(|(_, other)| *other != NO_SESSION);
        }
    }
}

/// Leaves the session's cookie alone: the browser has a session, and an answer that says nothing of it does not end it.
pub fn keep_session(mut reply: Reply) -> Reply {
    reply.headers.retain(|(_, value)| *value != NO_SESSION);
    reply
}

/// The org's time in the form of HTTP; in years that no header can name, the epoch.
pub fn date(now: Timestamp) -> HeaderValue {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0).min(253_402_300_799);
    let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

fn hex(bytes: &[u8], digits: &[u8; 16], before: &str, after: &str) -> HeaderValue {
    let mut text = Vec::with_capacity(before.len() + 2 * bytes.len() + after.len());
    text.extend_from_slice(before.as_bytes());
    for byte in bytes {
        text.push(digits[usize::from(byte >> 4)]);
        text.push(digits[usize::from(byte & 15)]);
    }
    text.extend_from_slice(after.as_bytes());
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http::StatusCode;

    use super::*;

    fn names(reply: &Reply) -> Vec<&str> {
        reply.headers.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// mgmt-facts §5, the columns 200, 204, 405 and 429.
    #[test]
    fn the_further_a_request_came_the_more_headers_it_has() {
        let ids = Ids::new(Some(1));
        let charge = Charge { limit: 50, remaining: 49, reset: 60, exceeded: false };
        let ok = complete(
            Reply::json(StatusCode::OK, "[]"),
            Layer::App(Some(charge)),
            &ids,
            "r1",
            Timestamp::UNIX_EPOCH,
        );
        for name in ["date", "server", "x-okta-request-id", "x-rate-limit-limit", "cache-control", "p3p"] {
            assert!(names(&ok).contains(&name), "{name}");
        }
        assert_eq!(names(&ok).iter().filter(|name| **name == "set-cookie").count(), 5);
        let not_offered = crate::wire::ApiError::MethodNotAllowed.reply(&ids);
        let edge = complete(not_offered, Layer::Edge, &ids, "r1", Timestamp::UNIX_EPOCH);
        for name in ["x-okta-request-id", "set-cookie", "cache-control", "x-rate-limit-limit", "p3p"] {
            assert!(!names(&edge).contains(&name), "{name}");
        }
        let limited = Reply::json(StatusCode::TOO_MANY_REQUESTS, "{}");
        let limited = complete(limited, Layer::Limiter(charge), &ids, "r1", Timestamp::UNIX_EPOCH);
        assert!(!names(&limited).contains(&"cache-control") && !names(&limited).contains(&"retry-after"));
        assert_eq!(names(&limited).iter().filter(|name| **name == "set-cookie").count(), 4);
        let empty = complete(
            Reply::empty(StatusCode::NO_CONTENT),
            Layer::App(None),
            &ids,
            "r1",
            Timestamp::UNIX_EPOCH,
        );
        assert!(
            names(&empty).contains(&"x-frame-options") && !names(&empty).contains(&"x-content-type-options")
        );
    }

    #[test]
    fn the_date_is_the_org_s() {
        let at: Timestamp = "2026-11-24T10:00:41.5Z".parse().unwrap();
        assert_eq!(date(at), "Tue, 24 Nov 2026 10:00:41 GMT");
        date(Timestamp::MIN);
        date(Timestamp::MAX);
    }
}
