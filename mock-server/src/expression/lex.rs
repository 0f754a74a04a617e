//! An expression cut into words.

use super::ExpressionError;

/// A word of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A text in quotes.
    Text(String),
    Number(f64),
    /// `user.firstName`, `String.len`, `AND`.
    Name(String),
    /// What comes behind something that is no name: `.size` of `[…].size()`.
    Member(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// The longer ones first.
const SIGNS: [&str; 20] = [
    ".?[", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "{", "}", ",", "+", "?", ":", "[",
    "]",
];

/// Cuts a text into words.
pub(super) fn words(text: &str) -> Result<Vec<Word>, ExpressionError> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken;
        if first == '"' || first == '\'' {
            let (word, length) = quoted(rest, first)?;
            words.push(Word::Text(word));
            taken = length;
        } else if first.is_ascii_digit() {
            taken = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let number = rest[..taken].parse();
            words.push(Word::Number(number.map_err(|_| unexpected(&rest[..taken]))?));
        } else if starts_name(first) {
            taken = name(rest);
            words.push(Word::Name(rest[..taken].to_owned()));
        } else if first == '.' && rest[1..].starts_with(starts_name) {
            taken = 1 + name(&rest[1..]);
            words.push(Word::Member(rest[1..taken].to_owned()));
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            words.push(Word::Sign(sign));
            taken = sign.len();
        } else {
            return Err(unexpected(&first.to_string()));
        }
        rest = rest[taken..].trim_start();
    }
    Ok(words)
}

fn starts_name(first: char) -> bool {
    first.is_alphabetic() || first == '_'
}

/// How long the name is that a text begins with, with its dots; one before `?[` belongs to that.
fn name(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len());
    match text[..end].strip_suffix('.') {
        Some(name) if text[end..].starts_with("?[") => name.len(),
        _ => end,
    }
}

/// A quoted text and its length with the quotes; `\` takes the next character as it is.
fn quoted(text: &str, quote: char) -> Result<(String, usize), ExpressionError> {
    let mut word = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => word.extend(characters.next().map(|(_, escaped)| escaped)),
            _ if character == quote => return Ok((word, at + 1)),
            _ => word.push(character),
        }
    }
    Err(ExpressionError("a text has no end".to_owned()))
}

/// The error for something that cannot stand where it stands.
pub(super) fn unexpected(what: &str) -> ExpressionError {
    ExpressionError(format!("{what} is not expected"))
}
