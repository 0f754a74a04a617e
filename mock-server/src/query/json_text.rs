//! Values out of JSON text without a tree: one pass that jumps over what the path does not name.

use std::borrow::Cow;

use super::ast::{Number, Path};
use super::lookup::{Lookup, Scalar};

/// A document as JSON text, with or without white space, whose names are written without needless escapes. Of a name
/// that occurs twice the first counts; in text that is no JSON, what can still be found is found.
#[derive(Debug, Clone, Copy)]
pub struct JsonText<'d>(pub &'d str);

/// How deep arrays may stand in each other; as deep as a tree can be read.
const DEEPEST: usize = 128;

impl Lookup for JsonText<'_> {
    fn any(&self, path: &Path, see: &mut dyn FnMut(Scalar<'_>) -> bool) -> bool {
        Scan { text: self.0 }.find(0, path.parts(), 0, see).unwrap_or(false)
    }
}

impl<'d> JsonText<'d> {
    /// The value at a JSON pointer: members by name, elements by number.
    pub fn at(self, pointer: &str) -> Option<Scalar<'d>> {
        let scan = Scan { text: self.0 };
        let mut at = scan.space(0);
        for part in pointer.split('/').skip(1) {
            at = match scan.byte(at)? {
                b'{' => scan.member(at, part)??,
                b'[' => scan.element(at, part.parse().ok()?)?,
                _ => return None,
            };
        }
        scan.scalar(at)
    }
}

struct Scan<'d> {
    text: &'d str,
}

/// Every function takes and gives places in the text; none means that the text has ended or is no JSON.
impl<'d> Scan<'d> {
    fn find(
        &self,
        at: usize,
        parts: &[Box<str>],
        depth: usize,
        see: &mut dyn FnMut(Scalar<'_>) -> bool,
    ) -> Option<bool> {
        let at = self.space(at);
        match (self.byte(at)?, parts.split_first()) {
            (b'[', _) if depth < DEEPEST => self.elements(at, parts, depth, see),
            (b'{', Some((name, rest))) => match self.member(at, name)? {
                Some(value) => self.find(value, rest, depth, see),
                None => Some(false),
            },
            (_, Some(_)) => Some(false),
            (_, None) => Some(see(self.scalar(at)?)),
        }
    }

    fn elements(
        &self,
        open: usize,
        parts: &[Box<str>],
        depth: usize,
        see: &mut dyn FnMut(Scalar<'_>) -> bool,
    ) -> Option<bool> {
        let mut at = self.space(open + 1);
        if self.byte(at)? == b']' {
            return Some(parts.is_empty() && see(Scalar::Empty));
        }
        loop {
            if self.find(at, parts, depth + 1, see)? {
                return Some(true);
            }
            at = self.space(self.skip(at)?);
            match self.byte(at)? {
                b',' => at = self.space(at + 1),
                _ => return Some(false),
            }
        }
    }

    /// Where the value of a member begins.
    fn member(&self, open: usize, name: &str) -> Option<Option<usize>> {
        let bytes = self.text.as_bytes();
        let mut at = self.space(open + 1);
        while self.byte(at)? == b'"' {
            let key = bytes.get(at + 1..)?;
            let same = key.starts_with(name.as_bytes()) && key.get(name.len()) == Some(&b'"');
            let colon = self.space(if same { at + name.len() + 2 } else { self.string_end(at + 1)? + 1 });
            if self.byte(colon)? != b':' {
                return None;
            }
            let value = self.space(colon + 1);
            if same {
                return Some(Some(value));
            }
            let behind = self.space(self.skip(value)?);
            match self.byte(behind)? {
                b',' => at = self.space(behind + 1),
                _ => return Some(None),
            }
        }
        Some(None)
    }

    /// Where an element of an array begins.
    fn element(&self, open: usize, nth: usize) -> Option<usize> {
        let mut at = self.space(open + 1);
        for _ in 0..nth {
            at = self.space(self.skip(at)?);
            if self.byte(at)? != b',' {
                return None;
            }
            at = self.space(at + 1);
        }
        (self.byte(at)? != b']').then_some(at)
    }

    fn scalar(&self, at: usize) -> Option<Scalar<'d>> {
        Some(match self.byte(at)? {
            b'"' => {
                let end = self.string_end(at + 1)?;
                let raw = self.text.get(at + 1..end)?;
                if raw.contains('\\') {
                    Scalar::Text(Cow::Owned(unescape(self.text.get(at..=end)?)?))
                } else {
                    Scalar::Text(Cow::Borrowed(raw))
                }
            }
            b'{' if self.byte(self.space(at + 1))? == b'}' => Scalar::Empty,
            b'{' | b'[' => Scalar::Filled,
            b't' => Scalar::Bool(true),
            b'f' => Scalar::Bool(false),
            b'n' => Scalar::Null,
            _ => Scalar::Number(Number::parse(self.text.get(at..self.word_end(at))?)?),
        })
    }

    /// The place behind a value.
    fn skip(&self, at: usize) -> Option<usize> {
        match self.byte(at)? {
            b'"' => Some(self.string_end(at + 1)? + 1),
            b'{' | b'[' => self.skip_nested(at),
            _ => Some(self.word_end(at)),
        }
    }

    fn skip_nested(&self, mut at: usize) -> Option<usize> {
        let mut open = 0_usize;
        loop {
            match self.byte(at)? {
                b'"' => at = self.string_end(at + 1)?,
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The place behind a number or a bare word.
    fn word_end(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(rest.len())
    }

    /// The place of the quote that ends a string, from its first character.
    fn string_end(&self, mut at: usize) -> Option<usize> {
        loop {
            at += quote_or_escape(self.text.as_bytes().get(at..)?)?;
            if self.byte(at)? == b'"' {
                return Some(at);
            }
            at += 2;
        }
    }

    #[inline]
    fn space(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        match rest.first() {
            Some(byte) if *byte <= b' ' => {
                at + rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count()
            }
            _ => at,
        }
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }
}

/// Where the first quote or backslash is, eight bytes at a time.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (words, rest) = bytes.as_chunks::<8>();
    for (nth, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = has_zero(word ^ (ONES * u64::from(b'"'))) | has_zero(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            // The lowest mark is always a true one; only those above it may be false.
            return Some(nth * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let tail = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some(words.len() * 8 + tail)
}

/// A string with its quotes, without its escapes.
fn unescape(quoted: &str) -> Option<String> {
    serde_json::from_str(quoted).ok()
}
