//! The parser: words, as Okta's SCIM library cuts them, into an [`Expr`].

use super::Dialect;
use super::ast::{Comparison, Expr, Literal, Number, Operator, Path, Text};
use super::error::{Fault, QueryError};

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 16_384;
/// How deep parentheses may stand in each other.
pub const MAX_DEPTH: usize = 50;
/// How many comparisons an expression may have.
pub const MAX_COMPARISONS: usize = 500;

/// Reads an expression.
///
/// # Errors
/// [`QueryError::Syntax`], with what is wrong and where.
pub fn parse(text: &str, dialect: Dialect) -> Result<Expr, QueryError> {
    let refuse = |fault| QueryError::Syntax { dialect, query: text.to_owned(), fault };
    if text.len() > MAX_LENGTH {
        return Err(refuse(Fault::TooMuch("long")));
    }
    let mut parser = Parser { text, at: 0, comparisons: 0 };
    let expr = parser.any_of(0).map_err(refuse)?;
    match parser.word() {
        None => Ok(expr),
        Some(word) => {
            Err(refuse(Fault::Trailing { position: parser.position(word.at), word: word.text.to_owned() }))
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    /// The byte where reading goes on.
    at: usize,
    comparisons: usize,
}

/// A run of characters without space, or one parenthesis.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn any_of(&mut self, depth: usize) -> Result<Expr, Fault> {
        self.series(depth, "or", |parser, depth| parser.series(depth, "and", Self::one, Expr::And), Expr::Or)
    }

    /// One or more, joined by a word.
    fn series(
        &mut self,
        depth: usize,
        joined_by: &str,
        read: impl Fn(&mut Self, usize) -> Result<Expr, Fault>,
        all: fn(Vec<Expr>) -> Expr,
    ) -> Result<Expr, Fault> {
        let first = read(self, depth)?;
        if !self.take(joined_by) {
            return Ok(first);
        }
        let mut found = vec![first, read(self, depth)?];
        while self.take(joined_by) {
            found.push(read(self, depth)?);
        }
        Ok(all(found))
    }

    /// A comparison, or an expression in parentheses, with or without `not`.
    fn one(&mut self, depth: usize) -> Result<Expr, Fault> {
        let Some(word) = self.word() else { return Err(Fault::NoExpression(self.end())) };
        if word.text == "(" {
            return self.group(word, depth);
        }
        let behind = self.at;
        if word.text.eq_ignore_ascii_case("not")
            && let Some(open) = self.word().filter(|next| next.text == "(")
        {
            return Ok(Expr::Not(Box::new(self.group(open, depth)?)));
        }
        self.at = behind;
        self.comparison(word).map(Expr::Compare)
    }

    /// The inside of parentheses, and the closing one.
    fn group(&mut self, open: Word<'_>, depth: usize) -> Result<Expr, Fault> {
        if depth == MAX_DEPTH {
            return Err(Fault::TooMuch("deep"));
        }
        let inside = self.any_of(depth + 1)?;
        self.skip_space();
        let position = self.at;
        match self.word() {
            Some(word) if word.text == ")" => Ok(inside),
            _ => Err(Fault::Unclosed { position: self.position(position), opened: self.position(open.at) }),
        }
    }

    fn comparison(&mut self, word: Word<'t>) -> Result<Comparison, Fault> {
        let attribute = Path::parse(word.text).ok_or_else(|| Fault::Attribute(self.position(word.at)))?;
        let Some(word) = self.word() else { return Err(Fault::NoOperator(self.end())) };
        let operator = Operator::named(word.text).ok_or_else(|| Fault::Operator {
            operator: word.text.to_owned(),
            position: self.position(word.at),
        })?;
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(Fault::TooMuch("complex"));
        }
        if operator == Operator::Pr {
            return Ok(Comparison::present(attribute));
        }
        self.skip_space();
        if self.at == self.text.len() {
            return Err(Fault::NoValue { operator: word.text.to_owned(), position: self.end() });
        }
        Ok(Comparison::new(attribute, operator, self.value()?))
    }

    fn value(&mut self) -> Result<Literal, Fault> {
        if self.text.as_bytes().get(self.at) == Some(&b'"') {
            return self.string();
        }
        let at = self.at;
        let word = self.word().map_or("", |word| word.text);
        let known = [("true", Literal::Bool(true)), ("false", Literal::Bool(false)), ("null", Literal::Null)];
        if let Some((_, literal)) = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)) {
            return Ok(literal);
        }
        Number::parse(word)
            .map(Literal::Number)
            .ok_or_else(|| Fault::Value { value: word.to_owned(), position: self.position(at) })
    }

    /// A string in quotes, from its opening one.
    fn string(&mut self) -> Result<Literal, Fault> {
        let opened = self.at;
        let open = |parser: &Self| Fault::OpenString(parser.position(opened));
        let mut value = String::new();
        let mut chars = self.text[opened + 1..].char_indices();
        while let Some((nth, one)) = chars.next() {
            match one {
                '"' => {
                    self.at = opened + 1 + nth + 1;
                    return Ok(Literal::Text(Text::new(&value)));
                }
                '\\' => {
                    let (_, escape) = chars.next().ok_or_else(|| open(self))?;
                    let bad = Fault::Escape { escape, position: self.position(opened + 1 + nth) };
                    value.push(match escape {
                        '"' | '\\' | '/' => escape,
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'u' => {
                            let rest = chars.as_str();
                            let (decoded, length) = unicode_escape(rest).ok_or(bad)?;
                            chars.nth(length - 1);
                            decoded
                        }
                        _ => return Err(bad),
                    });
                }
                _ => value.push(one),
            }
        }
        Err(open(self))
    }

    /// Whether the next word is this one, in any case; if it is, it is taken.
    fn take(&mut self, wanted: &str) -> bool {
        let before = self.at;
        let taken = self.word().is_some_and(|word| word.text.eq_ignore_ascii_case(wanted));
        if !taken {
            self.at = before;
        }
        taken
    }

    fn word(&mut self) -> Option<Word<'t>> {
        self.skip_space();
        let (at, rest) = (self.at, &self.text[self.at..]);
        let length = match rest.bytes().next()? {
            b'(' | b')' => 1,
            _ => rest.bytes().position(|b| is_space(b) || b == b'(' || b == b')').unwrap_or(rest.len()),
        };
        self.at += length;
        Some(Word { text: &rest[..length], at })
    }

    fn skip_space(&mut self) {
        self.at += self.text[self.at..].bytes().take_while(|&byte| is_space(byte)).count();
    }

    /// A place in UTF-16 units.
    fn position(&self, at: usize) -> usize {
        self.text[..at].encode_utf16().count()
    }

    fn end(&self) -> usize {
        self.position(self.text.len())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// What follows `\u`: the character, and how many bytes say so (two escapes for one outside the basic plane).
fn unicode_escape(rest: &str) -> Option<(char, usize)> {
    let unit = |text: &str, from: usize| {
        let digits =
            text.get(from..from + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(rest, 0)?;
    if let Some(Ok(one)) = char::decode_utf16([first]).next() {
        return Some((one, 4));
    }
    let second = rest.get(4..6).filter(|mark| *mark == "\\u").and_then(|_| unit(rest, 6))?;
    let one = char::decode_utf16([first, second]).next()?.ok()?;
    Some((one, 10))
}
