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

/// The number by which a line is known, if it is `next` or the one behind: the numbers of an answer ascend. Known is a
/// copy of the line, whose value lies where the usual one's does: values are not read.
pub(crate) fn number((name, value): &(HeaderName, HeaderValue), next: usize) -> Option<usize> {
    let known = |number: &usize| {
        USUAL
            .get(*number)
            .is_some_and(|usual| std::ptr::eq(value.as_bytes(), usual.1.as_bytes()) && *name == usual.0)
    };
    (next..next + 2).find(known)
}

/// The line with a number.
pub(crate) fn line(number: usize) -> Option<&'static (HeaderName, HeaderValue)> {
    USUAL.get(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_a_usual_line_is_known_by_its_number() {
        for (at, line) in USUAL.iter().enumerate() {
            for next in [at.saturating_sub(1), at] {
                assert_eq!(number(&line.clone(), next), Some(at), "{line:?}");
            }
            assert_eq!(number(line, at + 1), None);
            assert_eq!(number(&(HeaderName::from_static("x-other"), line.1.clone()), at), None);
        }
    }
}
