//! The header lines that most answers have, by number: what the ledger keeps of them.

use http::{HeaderName, HeaderValue, header};

/// What tells a browser without a session that it has none.
pub(crate) const NO_SESSION: HeaderValue = HeaderValue::from_static("sid=\"\";Version=1;Path=/;Max-Age=0");

/// The lines that most answers have, in the order in which an answer has them.
pub(crate) static USUAL: [(HeaderName, HeaderValue); 16] = [
    (header::SERVER, HeaderValue::from_static("nginx")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=315360000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    (HeaderName::from_static("accept-ch"), HeaderValue::from_static("Sec-CH-UA-Platform-Version")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'self'")),
    (HeaderName::from_static("p3p"), HeaderValue::from_static("CP=\"HONK\"")),
    (header::X_XSS_PROTECTION, HeaderValue::from_static("0")),
    (header::SET_COOKIE, NO_SESSION),
    (header::SET_COOKIE, HeaderValue::from_static("xids=\"\";Version=1;Path=/;Max-Age=0")),
    (
        header::SET_COOKIE,
        HeaderValue::from_static("autolaunch_triggered=\"\"; Expires=Thu, 01 Jan 1970 00:00:10 GMT; Path=/"),
    ),
    (
        header::SET_COOKIE,
        HeaderValue::from_static(
            "activate_ca_modal_triggered=\"\"; Expires=Thu, 01 Jan 1970 00:00:10 GMT; Path=/",
        ),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (header::EXPIRES, HeaderValue::from_static("0")),
    (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
];

/// The number by which a line is known, if it is `next` or the one behind: the numbers of an answer ascend.
pub(crate) fn number(line: &(HeaderName, HeaderValue), next: usize) -> Option<usize> {
    (next..next + 2).find(|number| USUAL.get(*number) == Some(line))
}

/// The line with a number.
pub(crate) fn line(number: usize) -> Option<&'static (HeaderName, HeaderValue)> {
    USUAL.get(number)
}
