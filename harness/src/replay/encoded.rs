//! Percent-encoding, as recorded requests have it.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What a path segment keeps.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'@')
    .remove(b':')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');
/// What a whole path keeps: what is encoded already stays as it is.
const PATH: &AsciiSet = &SEGMENT.remove(b'/').remove(b'%');
/// What a whole query keeps.
const QUERY: &AsciiSet = &PATH.remove(b'?');

/// A segment, decoded.
pub(crate) fn unquote(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// A query or a value of one, decoded.
pub(crate) fn unquote_plus(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A segment, encoded.
pub(crate) fn quote(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The value of a query, encoded.
pub(crate) fn quote_plus(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A request target of a path and a query that may be encoded or not.
pub(crate) fn target(path: &str, query: &str) -> String {
    let path = utf8_percent_encode(path, PATH);
    if query.is_empty() { path.to_string() } else { format!("{path}?{}", utf8_percent_encode(query, QUERY)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_stays_so() {
        assert_eq!(target("/a b/c%20d", "q=x y&z=%22"), "/a%20b/c%20d?q=x%20y&z=%22");
        assert_eq!((unquote("a%40b+c"), unquote_plus("a%40b+c")), ("a@b+c".into(), "a@b c".to_owned()));
        assert_eq!((quote("a@b/c d"), quote_plus("a b&c")), ("a@b%2Fc%20d".to_owned(), "a+b%26c".to_owned()));
    }
}
