//! Skipping a chunked body (RFC 9112 §7.1).

/// How far a chunked body has been skipped.
#[derive(Debug, Default)]
pub(super) struct Chunks(Place);

/// The bytes are no chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotChunked;

#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the size, so far this much; whether it has a digit.
    Size(u64, bool),
    /// Behind the size, before its line ends.
    Extension(u64),
    /// In the data, with so much to come.
    Data(u64),
    /// In the line end behind the data.
    DataEnd,
    /// In the trailer; whether its line has a character.
    Trailer(bool),
}

impl Default for Place {
    fn default() -> Self {
        Self::Size(0, false)
    }
}

impl Chunks {
    /// Skips; returns what follows the body once it has ended.
    ///
    /// # Errors
    /// [`NotChunked`] when a chunk has no size.
    pub(super) fn skip<'a>(&mut self, mut bytes: &'a [u8]) -> Result<Option<&'a [u8]>, NotChunked> {
        while let Some((&byte, rest)) = bytes.split_first() {
            bytes = rest;
            self.0 = match (self.0, byte) {
                (Place::Size(size, _), digit) if digit.is_ascii_hexdigit() => {
                    let digit = char::from(digit).to_digit(16).unwrap_or_default();
                    let size = size.checked_mul(16).and_then(|size| size.checked_add(u64::from(digit)));
                    Place::Size(size.ok_or(NotChunked)?, true)
                }
                (Place::Size(0, true) | Place::Extension(0), b'\n') => Place::Trailer(false),
                (Place::Size(size, true) | Place::Extension(size), b'\n') => Place::Data(size),
                (Place::Size(size, true), b'\r' | b';' | b' ' | b'\t') => Place::Extension(size),
                (Place::Size(..), _) => return Err(NotChunked),
                (Place::Extension(size), _) => Place::Extension(size),
                (Place::Data(left), _) => {
                    let more = usize::try_from(left - 1).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = &bytes[more..];
                    match left - 1 - more as u64 {
                        0 => Place::DataEnd,
                        left => Place::Data(left),
                    }
                }
                (Place::DataEnd, b'\r') => Place::DataEnd,
                (Place::DataEnd, b'\n') => Place::default(),
                (Place::DataEnd, _) => return Err(NotChunked),
                (Place::Trailer(false), b'\n') => return Ok(Some(bytes)),
                (Place::Trailer(_), b'\n') => Place::Trailer(false),
                (Place::Trailer(begun), b'\r') => Place::Trailer(begun),
                (Place::Trailer(_), _) => Place::Trailer(true),
            };
        }
        Ok(None)
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn bodies_end_where_they_end() {
        let cases: [(&str, Result<Option<&str>, NotChunked>); 8] = [
            ("0\r\n\r\nGET", Ok(Some("GET"))),
            ("3\r\nabc\r\n0\r\n\r\n", Ok(Some(""))),
            ("3;a=b\r\n\r\n\r\r\n0\r\nA: b\r\n\r\nrest", Ok(Some("rest"))),
            ("a\r\n0123456789\r\n", Ok(None)),
            ("\r\n", Err(NotChunked)),
            ("fffffffffffffffff\r\n", Err(NotChunked)),
            ("1\r\nab", Err(NotChunked)),
            ("-1\r\n", Err(NotChunked)),
        ];
        for (body, expected) in cases {
            let got = Chunks::default().skip(body.as_bytes()).map(|rest| rest.map(<[u8]>::to_vec));
            assert_eq!(got, expected.map(|rest| rest.map(|rest| rest.as_bytes().to_vec())), "{body:?}");
        }
    }
}
