//! An expression as a value, and its text.

use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::str::FromStr;

use jiff::Timestamp;
use serde::Deserialize;

use super::eval::Case;

/// A whole expression. `and` binds closer than `or`.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// One attribute against one value.
    Compare(Comparison),
    /// All of them; two or more.
    And(Vec<Expr>),
    /// Any of them; two or more.
    Or(Vec<Expr>),
    /// Not this one.
    Not(Box<Expr>),
}

/// One attribute against one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The attribute as it was named.
    pub attribute: Path,
    /// How.
    pub operator: Operator,
    /// With what; none for `pr`.
    pub value: Option<Literal>,
    /// Where the document has it, when a kind's table says that it is elsewhere.
    pub(super) reads: Option<Path>,
    /// How strings compare, when a kind's table says so.
    pub(super) case: Option<Case>,
}

/// The operators of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Contains.
    Co,
    /// Is present.
    Pr,
    /// Greater, later.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less, earlier.
    Lt,
    /// Less or equal.
    Le,
}

/// Where a value is: `profile.firstName`, `type.id`, `target.id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Path(Box<[Box<str>]>);

/// A value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`: no value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A quoted string, which may be a date.
    Text(Text),
}

/// A number; one that fits an integer is one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// Any other; finite.
    Float(f64),
}

/// A quoted string with what comparing needs, made once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    raw: Box<str>,
    folded: Box<str>,
    instant: Option<Timestamp>,
}

/// Text without its case, as expressions compare it: indexes keep their keys in this form.
pub fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { folded_chars(text).collect() }
}

pub(super) fn folded_chars(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

impl Comparison {
    /// A comparison of an attribute with a value.
    pub fn new(attribute: Path, operator: Operator, value: Literal) -> Self {
        let value = (operator != Operator::Pr).then_some(value);
        Self { attribute, operator, value, reads: None, case: None }
    }

    /// Whether the attribute is there.
    pub fn present(attribute: Path) -> Self {
        Self { attribute, operator: Operator::Pr, value: None, reads: None, case: None }
    }
}

impl Expr {
    /// All comparisons in it, from left to right.
    pub fn comparisons(&self) -> Vec<&Comparison> {
        let mut found = Vec::new();
        self.each(&mut |comparison| found.push(comparison));
        found
    }

    fn each<'e>(&'e self, see: &mut impl FnMut(&'e Comparison)) {
        match self {
            Self::Compare(comparison) => see(comparison),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.each(see)),
            Self::Not(one) => one.each(see),
        }
    }

    pub(super) fn each_mut(&mut self, see: &mut impl FnMut(&mut Comparison)) {
        match self {
            Self::Compare(comparison) => see(comparison),
            Self::And(all) | Self::Or(all) => all.iter_mut().for_each(|one| one.each_mut(see)),
            Self::Not(one) => one.each_mut(see),
        }
    }
}

impl Operator {
    /// All of them, in Okta's order.
    pub const ALL: [Self; 10] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Pr, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// Its two letters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Co => "co",
            Self::Pr => "pr",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator with this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.name().eq_ignore_ascii_case(name))
    }
}

impl Path {
    /// Reads a path; none when a part is empty or has a character that names of attributes do not have.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-:$".contains(&b))
        };
        text.split('.').all(fits).then(|| Self(text.split('.').map(Box::from).collect()))
    }

    /// Its parts, from the outside in.
    pub fn parts(&self) -> &[Box<str>] {
        &self.0
    }

    /// Whether it is written like this.
    pub fn is(&self, text: &str) -> bool {
        let mut parts = text.split('.');
        self.0.iter().all(|part| parts.next() == Some(part)) && parts.next().is_none()
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = match text.strip_prefix('/') {
            Some(pointer) => Self::parse(&pointer.replace('/', ".")),
            None => Self::parse(&text),
        };
        path.ok_or_else(|| format!("{text:?} is no path; write it as `profile.login` or `/profile/login`"))
    }
}

impl Number {
    /// Reads a number as JSON writes it, more leniently: `007` and `+1` too.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(whole) = text.parse() {
            return Some(Self::Int(whole));
        }
        let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        Self::from_f64(text.parse().ok().filter(|_| numeric)?)
    }

    /// A finite number.
    pub fn from_f64(number: f64) -> Option<Self> {
        // Two to the 63rd: every whole number below it is exactly an integer.
        if number.fract() == 0.0 && (i64::MIN as f64..-(i64::MIN as f64)).contains(&number) {
            return Some(Self::Int(number as i64));
        }
        number.is_finite().then_some(Self::Float(number))
    }

    /// Which is greater.
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Int(one), Self::Int(other)) => one.cmp(&other),
            _ => self.as_f64().total_cmp(&other.as_f64()),
        }
    }

    fn as_f64(self) -> f64 {
        match self {
            Self::Int(whole) => whole as f64,
            Self::Float(number) => number,
        }
    }
}

impl Text {
    /// A string; one with date, time and offset is an instant too.
    pub fn new(raw: &str) -> Self {
        Self { raw: raw.into(), folded: fold(raw).into(), instant: instant(raw) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// In the form of [`fold`].
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The instant, when it is one.
    pub fn instant(&self) -> Option<Timestamp> {
        self.instant
    }
}

/// The instant that a text names, if it is a date with time and offset (mgmt-facts §4: ISO 8601).
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    // Nearly all strings fail here, before the parser is asked.
    if bytes.len() < 17 || !bytes[0].is_ascii_digit() || bytes[4] != b'-' {
        return None;
    }
    Timestamp::from_str(text).ok()
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |out: &mut fmt::Formatter<'_>, all: &[Expr], word: &str, within_and: bool| {
            for (nth, one) in all.iter().enumerate() {
                if nth > 0 {
                    write!(out, " {word} ")?;
                }
                let bare = match one {
                    Self::Compare(_) | Self::Not(_) => true,
                    Self::And(_) => !within_and,
                    Self::Or(_) => false,
                };
                if bare { write!(out, "{one}")? } else { write!(out, "({one})")? }
            }
            Ok(())
        };
        match self {
            Self::Compare(comparison) => write!(out, "{comparison}"),
            Self::And(all) => joined(out, all, "and", true),
            Self::Or(all) => joined(out, all, "or", false),
            Self::Not(one) => write!(out, "not ({one})"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.attribute, self.operator.name())?;
        self.value.as_ref().map_or(Ok(()), |value| write!(out, " {value}"))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join("."))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(Number::Int(whole)) => write!(out, "{whole}"),
            Self::Number(Number::Float(number)) => write!(out, "{number}"),
            Self::Text(text) => {
                out.write_char('"')?;
                for one in text.raw.chars() {
                    if one == '"' || one == '\\' {
                        out.write_char('\\')?;
                    }
                    out.write_char(one)?;
                }
                out.write_char('"')
            }
        }
    }
}
